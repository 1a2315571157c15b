"""How much sooner a run begins in a waiting sandbox: `scripts/benchmark --only warm_start`; all levels as a program.

Both are measured in turn in one process, from asking for the job until its first line, with the libraries of a run
imported, which is where a method begins. Prints JSON: seconds (median) and the ratio, for each level of this host.
"""

from __future__ import annotations

import argparse
import json
import platform
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from importlib.metadata import version
from pathlib import Path
from typing import Any

PROJECT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(PROJECT))

# ruff: noqa: E402 - started as a file, from anywhere: the project is found first
from benchmarks.measuring import Row, Setting, compared
from evaluations.sandbox import processes
from evaluations.sandbox.job import Job, Level
from evaluations.sandbox.levels import detect_levels
from evaluations.sandbox.pool import Pool
from evaluations.sandbox.running import run

SUBJECT = "import time\nimport evaluations.methods.warm\nprint(time.monotonic(), flush=True)\n"
PAUSE = 0.5


def settle(pool: Pool) -> None:
    """The time that a worker has between two runs to make the next sandbox ready, and a little rest."""
    while not pool.ready():
        time.sleep(0.05)
    time.sleep(PAUSE)


def starts(level: Level, job: Job, trials: int) -> tuple[dict[str, list[float]], int]:
    """Seconds to the first line, cold and warm, taken in turn, and the bytes that one waiting sandbox holds."""
    pool = Pool(1)
    pool.warm(job, level=level)
    seconds: dict[str, list[float]] = {"cold": [], "warm": []}
    try:
        for _ in range(trials):
            for kind, way in (("cold", run), ("warm", pool.run)):
                settle(pool)
                asked = time.monotonic()
                outcome = way(job, level=level)
                assert outcome.succeeded, outcome.stderr
                assert outcome.warm == (kind == "warm")
                seconds[kind].append(float(outcome.stdout.split()[-1]) - asked)
        settle(pool)
        (waiting,) = pool.waiting()
        held = processes.usage([waiting, *processes.descendants(waiting)]).memory
    finally:
        pool.close()
    return seconds, held


def measure(level: Level, job: Job, trials: int) -> dict[str, Any]:
    """The medians of one level, with what one waiting sandbox holds."""
    seconds, held = starts(level, job, trials)
    cold, warm = (statistics.median(seconds[kind]) for kind in ("cold", "warm"))
    return {
        "cold_seconds": round(cold, 4),
        "warm_seconds": round(warm, 4),
        "worst_warm_seconds": round(max(seconds["warm"]), 4),
        "ratio": round(cold / warm, 1),
        "waiting_resident_bytes": held,
    }


def prepared(root: Path) -> Job:
    """A job that tells when its first line ran, with its sources below `root`."""
    root.chmod(0o755)
    (root / "evaluations").symlink_to(PROJECT / "evaluations")
    (root / "subject.py").write_text(SUBJECT, encoding="utf-8")
    sources = ("evaluations/__init__.py", "evaluations/methods", "evaluations/readers", "subject.py")
    return Job(module="subject", root=root, sources=sources, preload=("evaluations.methods.warm",))


def rows(setting: Setting) -> Iterator[Row]:
    """The strongest level that this host gives."""
    strongest = max(level for level, reason in detect_levels().items() if not reason)
    with tempfile.TemporaryDirectory(dir=setting.folder) as place:
        seconds, held = starts(strongest, prepared(Path(place)), setting.pairs(15))
    note = f"level {strongest.label}, until the method's first line; one that waits holds {held / 1e6:.0f} MB"
    row = Row("warm_start", "start in a waiting sandbox", "start in a fresh one", note=note)
    yield compared(row, seconds["warm"], seconds["cold"])


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--trials", type=int, default=7)
    trials = parser.parse_args().trials
    with tempfile.TemporaryDirectory() as place:
        job = prepared(Path(place))
        levels = {
            level.label: {"unavailable": reason} if reason else measure(level, job, trials)
            for level, reason in detect_levels().items()
        }
    libraries = {name: version(name) for name in ("numpy", "onnxruntime")}
    machine = {"python": platform.python_version(), "kernel": platform.release(), "machine": platform.machine()}
    print(json.dumps({"warm_start": levels, "trials": trials, **machine, **libraries}, indent=1))
    return 0


if __name__ == "__main__":
    sys.exit(main())
