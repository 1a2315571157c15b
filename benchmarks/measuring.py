"""Two ways of doing one thing, measured in turn in one run, and what their ratio is worth."""

from __future__ import annotations

import os
import platform
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import asdict, dataclass, field
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

from threadpoolctl import threadpool_limits

LIBRARIES = (
    "django", "celery", "psycopg", "redis", "numpy", "onnxruntime", "scikit-learn", "weasyprint", "pyhanko",
    "fairlearn", "adversarial-robustness-toolbox", "torch",
)  # fmt: skip


@dataclass
class Row:
    """One line of the report.

    `ratio` is the median of `ours` over the median of `theirs` (both in `unit`); `spread` holds the quartiles of the
    ratios of pairs that were measured one after the other. `not_run` says why there is no figure.
    """

    topic: str
    name: str
    over: str
    ours: float | None = None
    theirs: float | None = None
    unit: str = "s"
    ratio: float | None = None
    spread: tuple[float, float] | None = None
    pairs: int = 0
    note: str = ""
    not_run: str = ""

    def as_json(self) -> dict[str, Any]:
        return {name: value for name, value in asdict(self).items() if value not in (None, "")}


@dataclass(frozen=True)
class Setting:
    """How a benchmark is run: `quick` for a look only; `folder` is its own; servers are named by the environment."""

    folder: Path
    quick: bool = False
    open: ExitStack = field(default_factory=ExitStack)  # what is stopped when all is measured
    shared: dict[str, Any] = field(default_factory=dict)

    def pairs(self, whole: int) -> int:
        return 2 if self.quick else whole


def timed(act: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Seconds that one call takes, by that clock."""
    began = clock()
    act()
    return clock() - began


def alternate(
    ours: Callable[[], float], theirs: Callable[[], float], pairs: int, *, warm: bool = True
) -> tuple[list[float], list[float]]:
    """What both give, in turn, each going first every second time; one unmeasured call of each before."""
    if warm:
        ours(), theirs()
    found: tuple[list[float], list[float]] = ([], [])
    for turn in range(pairs):
        for side in (0, 1) if turn % 2 == 0 else (1, 0):
            found[side].append((ours, theirs)[side]())
    return found


def compared(row: Row, ours: list[float], theirs: list[float]) -> Row:
    """The row with medians, their ratio and the quartiles of the ratios of pairs."""
    row.ours, row.theirs = round(statistics.median(ours), 6), round(statistics.median(theirs), 6)
    row.pairs = len(ours)
    if row.theirs:
        row.ratio = round(row.ours / row.theirs, 3)
        each = sorted(one / other for one, other in zip(ours, theirs, strict=True) if other)
        low, _, high = statistics.quantiles(each, n=4, method="inclusive") if len(each) > 1 else (each[0],) * 3
        row.spread = (round(low, 3), round(high, 3))
    return row


def measured(row: Row, ours: Callable[[], object], theirs: Callable[[], object], pairs: int) -> Row:
    """The row filled by timing both calls in turn, in seconds of processor: they compute in this process alone."""
    row.unit = "s of CPU"
    clock = time.process_time
    return compared(row, *alternate(lambda: timed(ours, clock), lambda: timed(theirs, clock), pairs))


def machine() -> dict[str, Any]:
    """What the figures depend on."""
    lines = Path("/proc/cpuinfo").read_text().splitlines()
    model = next((line.split(":", 1)[1].strip() for line in lines if "model name" in line), platform.machine())
    found: dict[str, Any] = {"processor": model, "cores": os.cpu_count(), "kernel": platform.release()}
    found |= {"python": platform.python_version(), "load_before": round(os.getloadavg()[0], 1)}
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found


@contextmanager
def one_thread() -> Iterator[None]:
    """Both sides compute with one thread, as a run does."""
    with threadpool_limits(1):
        yield
