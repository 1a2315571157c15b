"""What a campaign tells: counts that are integers, what was violated with its details, and on which machine."""

from __future__ import annotations

import os
import platform
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

from tests.chaos.inside import WAITS

KINDS = ("lost", "doubled", "broken")


@dataclass
class Report:
    """The campaign on one stack, or on both after `join`."""

    stacks: list[str]
    seed: int
    trials: int = 0
    seconds: float = 0.0
    checks: int = 0
    swept: int = 0
    faults: Counter[str] = field(default_factory=Counter)
    totals: Counter[str] = field(default_factory=Counter)
    acknowledged: Counter[str] = field(default_factory=Counter)
    violations: list[dict[str, str]] = field(default_factory=list)
    ended_by_themselves: list[str] = field(default_factory=list)
    log: list[dict[str, Any]] = field(default_factory=list)
    disks: list[str] = field(default_factory=list)

    def count(self, kind: str) -> int:
        return sum(violation["kind"] == kind for violation in self.violations)

    def violated(self, found: list[dict[str, str]]) -> None:
        """Add what was not told before."""
        self.violations += [violation for violation in found if violation not in self.violations]

    @property
    def holds(self) -> bool:
        """Nothing was violated, and work went on."""
        return not self.violations and self.totals["runs_completed"] > 0 and self.totals["cases_completed"] > 0

    def join(self, other: Report) -> None:
        for name in ("trials", "checks", "swept"):
            setattr(self, name, getattr(self, name) + getattr(other, name))
        for name in ("stacks", "violations", "ended_by_themselves", "log", "disks"):
            getattr(self, name).extend(getattr(other, name))
        for name in ("faults", "totals", "acknowledged"):
            getattr(self, name).update(getattr(other, name))
        self.seconds = max(self.seconds, other.seconds)

    def as_json(self) -> dict[str, Any]:
        return {
            "trials": self.trials,
            "cases_completed": self.totals["cases_completed"],
            "runs_completed": self.totals["runs_completed"],
            **{kind: self.count(kind) for kind in KINDS},
            "holds": self.holds,
            "seed": self.seed,
            "stacks": self.stacks,
            "seconds": round(self.seconds, 1),
            "checks": self.checks,
            "faults": dict(sorted(self.faults.items())),
            "totals": dict(sorted(self.totals.items())),
            "acknowledged": dict(sorted(self.acknowledged.items())),
            "unnamed_files_swept": self.swept,
            "violations": self.violations,
            "ended_by_themselves": dict(Counter(self.ended_by_themselves)),
            "shortened_waits": {f"{module}.{name}": seconds for module, name, seconds in WAITS},
            "disks": sorted(set(self.disks)),
            "machine": machine(),
            "log": self.log,
        }


def read(told: dict[str, Any]) -> Report:
    """The report of a campaign that ran in a process of its own."""
    report = Report(told["stacks"], told["seed"], told["trials"], told["seconds"], told["checks"])
    report.swept = told["unnamed_files_swept"]
    for name in ("faults", "totals", "acknowledged"):
        setattr(report, name, Counter(told[name]))
    for name in ("violations", "log", "disks"):
        setattr(report, name, told[name])
    report.ended_by_themselves = list(Counter(told["ended_by_themselves"]).elements())
    return report


def machine() -> dict[str, Any]:
    return {
        "cores": os.cpu_count(),
        "system": platform.platform(),
        "python": platform.python_version(),
        "load_at_the_end": round(os.getloadavg()[0], 2),
    }
