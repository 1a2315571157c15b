"""One clock: `django.utils.timezone.now`, the server's, in UTC. Nothing of the product reads another."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from pathlib import Path

from django.conf import settings

ROOT = Path(settings.BASE_DIR)
# What reads a clock, by module or class and name; `timezone.now` is the one that is meant.
OTHERS = {
    *(("date", "today"), ("datetime", "today"), ("datetime", "now"), ("datetime", "utcnow")),
    *(("datetime", "utcfromtimestamp"), ("time", "time"), ("time", "time_ns"), ("time", "localtime")),
    *(("time", "gmtime"), ("timezone", "localdate"), ("timezone", "localtime"), ("functions", "Now")),
}
BARE = {"Now", "localdate", "localtime", "CurrentTimestamp"}
ALLOWED = {
    # Instruments are plain Python and say when they measured; no deadline comes from it.
    "evaluations/methods/results.py": {"datetime.now"},
    # The age of a file is told by the clock of the file system.
    "evaluations/sandbox/workspace.py": {"time.time"},
    "assessments/systems/storekeeping.py": {"time.time"},
    "assessments/systems/local_copies.py": {"time.time"},
}


def clocks_read_in(source: str) -> Iterator[tuple[int, str]]:
    """Line and name of each call that reads another clock."""
    for node in ast.walk(ast.parse(source)):
        if not isinstance(node, ast.Call):
            continue
        called = node.func
        if isinstance(called, ast.Name) and called.id in BARE:
            yield node.lineno, called.id
        elif isinstance(called, ast.Attribute):
            owner = called.value
            name = owner.attr if isinstance(owner, ast.Attribute) else owner.id if isinstance(owner, ast.Name) else ""
            if (name, called.attr) in OTHERS:
                yield node.lineno, f"{name}.{called.attr}"


def test_the_product_reads_one_clock() -> None:
    found, used = [], set()
    for path in (path for floor in ("portal", "evaluations", "assessments") for path in (ROOT / floor).rglob("*.py")):
        place = path.relative_to(ROOT).as_posix()
        for line, name in clocks_read_in(path.read_text(encoding="utf-8")):
            if name in ALLOWED.get(place, ()):
                used.add((place, name))
            else:
                found.append(f"{place}:{line} {name}")
    assert found == []
    assert used == {(place, name) for place, names in ALLOWED.items() for name in names}


def test_another_clock_would_be_found() -> None:
    source = "import datetime as dt\ndt.date.today()\ndt.datetime.now(dt.UTC)\ntime.time()\nNow()\ntimezone.now()\n"
    assert list(clocks_read_in(source)) == [(2, "date.today"), (3, "datetime.now"), (4, "time.time"), (5, "Now")]


def test_the_clock_is_in_utc() -> None:
    assert (settings.USE_TZ, settings.TIME_ZONE) == (True, "UTC")
