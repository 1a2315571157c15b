"""What each part of the stack holds in memory while it works, and whether that grows."""

from __future__ import annotations

import contextlib
import statistics
import threading
import time
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Self

from evaluations.sandbox.processes import descendants
from scripts.lib.topology import Topology

EVERY = 5.0
# Until then caches fill and workers import what they need.
WARMING = 0.3
# More than this from warm to end, and more than a tenth, is growth.
TOLERATED = 48e6


@dataclass
class Memory:
    """Reads the proportional set size (bytes) of each part now and then, in a thread of its own."""

    stack: Topology
    samples: dict[str, list[tuple[float, int]]] = field(default_factory=dict)
    _over: threading.Event = field(default_factory=threading.Event)

    def __enter__(self) -> Self:
        self._thread = threading.Thread(target=self._watch)
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._over.set()
        self._thread.join()

    def _watch(self) -> None:
        began = time.monotonic()
        while True:
            for part in self.stack.parts:
                held = sum(proportional(process) for process in self._processes(part))
                self.samples.setdefault(part, []).append((time.monotonic() - began, held))
            if self._over.wait(EVERY):
                return

    def _processes(self, part: str) -> list[int]:
        """Servers that name their children anew cannot be found by their environment: the tree is walked."""
        leaders = [process.pid for _, process in self.stack.groups[part].members]
        return [found for leader in leaders for found in (leader, *descendants(leader))]

    def told(self) -> dict[str, dict[str, Any]]:
        """For each part: MB at the start, when warm and at the end, the slope since then, and whether it is flat."""
        found = {}
        for part, samples in self.samples.items():
            warm = [sample for sample in samples if sample[0] >= WARMING * samples[-1][0]]
            early, late = (statistics.median(held for _, held in some) for some in (warm[:4], warm[-4:]))
            slope = statistics.linear_regression(*zip(*warm, strict=True)).slope if len(warm) > 1 else 0.0
            found[part] = {
                "start_mb": round(samples[0][1] / 1e6, 1),
                "warm_mb": round(early / 1e6, 1),
                "end_mb": round(late / 1e6, 1),
                "mb_per_minute": round(slope * 60 / 1e6, 2),
                "flat": late - early <= max(TOLERATED, early / 10),
            }
        return found


def proportional(process: int) -> int:
    """Bytes of a process, what it shares counted in proportion; 0 when it is gone."""
    with contextlib.suppress(OSError):
        for line in (Path("/proc") / str(process) / "smaps_rollup").read_text().splitlines():
            if line.startswith("Pss:"):
                return int(line.split()[1]) * 1024
    return 0
