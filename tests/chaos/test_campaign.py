"""A short campaign on both stacks, and that it finds what it is there to find."""

from __future__ import annotations

import json
import random
import subprocess
import sys
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from assessments.ledger.services import append
from assessments.systems import storage
from evaluations.runs.models import Run
from tests.chaos import campaign, invariants, report
from tests.chaos.campaign import PROJECT, on_stack
from tests.chaos.faults import ON_BOTH, ON_SERVERS, faults_for, in_turn
from tests.factories import cases, evaluated

pytestmark = pytest.mark.chaos
TRIALS, SEED = 12, 20_260_101


@pytest.mark.timeout(1200)
def test_nothing_is_lost_or_done_twice(open_folder: Path) -> None:
    out = open_folder / "report.json"
    command = [sys.executable, "-m", "tests.chaos", "--trials", str(TRIALS), "--seed", str(SEED), "--out", str(out)]
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False, timeout=1100)
    assert out.exists(), done.stderr[-5000:]
    told = json.loads(out.read_text())
    assert told["violations"] == []
    assert (told["trials"], told["lost"], told["doubled"], told["broken"]) == (TRIALS, 0, 0, 0)
    assert told["cases_completed"] >= 2
    assert told["runs_completed"] >= 16
    assert done.returncode == 0


@pytest.mark.timeout(1200)
def test_without_the_fence_runs_end_twice(open_folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Any worker may claim what another works on, and write the end of what has ended; quiet need not come."""
    monkeypatch.setattr(campaign, "QUIET", 30.0)
    told = on_stack(open_folder, "embedded", 2, SEED, only=["delivered twice"], broken=True)
    assert told.count("doubled") > 0
    assert not told.holds


@pytest.mark.django_db
def test_every_invariant_can_be_violated() -> None:
    case = cases.planned_case()
    evaluated.finish_runs(case)
    assert invariants.check([])[0] == []
    first, second, third = Run.objects.all()[:3]
    append(first, "finish", details={"attempt": 1})
    Run.objects.filter(pk=second.pk).update(status="queued", result=None)
    Run.objects.filter(pk=third.pk).update(seed=third.seed + 1, inputs=[])
    storage.path_of(third.inputs[0]["sha256"]).unlink()
    half = storage.path_of("ab" * 32)
    half.parent.mkdir(parents=True)
    half.write_bytes(b"half")
    found = invariants.check([{"kind": "run", "id": "none"}, {"kind": "bytes lost", "upload": "one"}])[0]
    counted = Counter(violation["kind"] for violation in found)
    assert {(violation["kind"], violation["of"]) for violation in found} >= {
        ("doubled", str(first.pk)),
        ("lost", str(second.pk)),
        ("broken", str(third.pk)),
        ("lost", third.inputs[0]["sha256"]),
        ("broken", "ab" * 32),
        ("lost", "none"),
    }
    assert counted["lost"] >= 4
    assert invariants.unfinished() == [f"run {second.pk}"]


@pytest.mark.parametrize("kind", ["embedded", "production"])
def test_every_fault_has_its_turn_and_a_seed_says_which(kind: str) -> None:
    known = faults_for(kind)
    assert set(known) == set(ON_BOTH) | (set(ON_SERVERS) if kind == "production" else set())
    turn = in_turn(kind, 3 * len(known), random.Random(7))
    assert Counter(turn) == dict.fromkeys(known, 3)
    assert turn == in_turn(kind, 3 * len(known), random.Random(7))
    assert turn != in_turn(kind, 3 * len(known), random.Random(8))


def test_reports_of_two_stacks_add_up() -> None:
    def one(stack: str, **totals: int) -> report.Report:
        made = report.Report([stack], 1, trials=3, seconds=2.0)
        made.totals.update(totals)
        return made

    sound, idle = one("embedded", runs_completed=5, cases_completed=1), one("production")
    assert sound.holds
    assert not idle.holds
    for _ in range(2):
        idle.violated([{"kind": "lost", "what": "a run", "of": "1"}])
    sound.join(report.read(json.loads(json.dumps(idle.as_json()))))
    told: dict[str, Any] = sound.as_json()
    assert (told["trials"], told["runs_completed"], told["lost"], told["holds"]) == (6, 5, 1, False)
