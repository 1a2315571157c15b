"""What the portal adds to a method: a run as a task over the bare call, two workers over one, runs over bare tasks."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from benchmarks.living import inside, portal, worker
from benchmarks.measuring import Row, Setting, compared
from tests.factories.bundles import digits_bundle
from tests.journeys.stack import Portal

TOPIC = "runs"
INSIDE = "benchmarks.runs_inside"
# Some seconds of one core, and about one.
LONG = ("robustness.pgd", {"samples": 300, "steps": 60, "restarts": 3, "queries": 1000})
MIDDLE = ("robustness.pgd", {"samples": 200, "steps": 20, "restarts": 2, "queries": 200})
SMALL = ("performance.claim", {})


def rows(setting: Setting) -> Iterator[Row]:
    folder = setting.folder / "digits"
    digits_bundle(folder, hidden=128)
    served = portal(setting)
    inside(served, f"{INSIDE}.keep_bundle", str(folder))
    with worker(served, "one"):
        inside(served, f"{INSIDE}.batch", *SMALL, 1, 1)
        yield from over_the_call(setting, served, str(folder))
    yield two_over_one(setting, served)
    yield over_tasks(setting, served, str(folder))


def over_the_call(setting: Setting, served: Portal, folder: str) -> Iterator[Row]:
    for method, name, pairs in ((LONG, "a long run through the portal", 3), (SMALL, "the smallest run", 5)):
        chosen = SMALL if setting.quick else method
        found = inside(served, f"{INSIDE}.over_the_call", folder, *chosen, setting.pairs(pairs))
        note = f"{chosen[0]}; method begins {found['start']:.3f} s after a worker took it; level {found['level']}"
        row = Row(TOPIC, f"{name}: asked to sealed", "the method called in one's own process", note=note)
        yield compared(row, found["ours"], found["theirs"])


def two_over_one(setting: Setting, served: Portal) -> Row:
    """Runs per second of two workers over those of one, in turn."""
    number, method = (2, SMALL) if setting.quick else (6, MIDDLE)
    one: list[float] = []
    two: list[float] = []
    for turn in range(setting.pairs(2)):
        with worker(served, "first"):
            inside(served, f"{INSIDE}.batch", *SMALL, 1, 1)
            one.append(number / inside(served, f"{INSIDE}.batch", *method, number, turn))
            with worker(served, "second"):
                inside(served, f"{INSIDE}.until_two")
                two.append(number / inside(served, f"{INSIDE}.batch", *method, number, turn))
    row = Row(TOPIC, "two workers", "one worker", unit="runs/s", note=f"{number} runs of {method[0]}; more is better")
    return compared(row, two, one)


def over_tasks(setting: Setting, served: Portal, folder: str) -> Row:
    """Bare tasks a second over runs a second whose sandbox answers at once: what the portal does around each."""
    document = inside(served, f"{INSIDE}.ready_result", folder, *SMALL)
    environment: dict[str, Any] = {"BENCHMARK_RESULT": document, "PORTAL_SANDBOX_WARM": "0"}
    with worker(served, "empty", app="benchmarks.empty_worker", **environment):
        inside(served, f"{INSIDE}.tasks", 1)
        number = 20 if setting.quick else 200
        found = inside(served, f"{INSIDE}.over_tasks", *SMALL, number, setting.pairs(3))
    note = f"{number} of each; a run is claimed, leased, checked, sealed and entered in the ledger; ours is slower"
    row = Row(TOPIC, "runs with an empty sandbox", "Celery's empty tasks", unit="/s", note=note)
    return compared(row, found["ours"], found["theirs"])
