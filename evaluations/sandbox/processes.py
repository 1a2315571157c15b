"""Processes beneath another, and what they use, read from /proc."""

from __future__ import annotations

import os
from collections import defaultdict
from dataclasses import dataclass
from pathlib import Path

_PAGE = os.sysconf("SC_PAGE_SIZE")


@dataclass(frozen=True)
class Usage:
    """What a tree of processes uses: resident bytes, and processes and threads together."""

    memory: int
    tasks: int


def _parents() -> dict[int, list[int]]:
    """Children of every process on the machine (zombies included)."""
    children: dict[int, list[int]] = defaultdict(list)
    for process in Path("/proc").iterdir():
        if not process.name.isdigit():
            continue
        try:
            # The command's name may contain blanks and brackets; what follows the last one is fixed.
            fields = (process / "stat").read_bytes().rpartition(b")")[2].split()
        except OSError:
            continue
        children[int(fields[1])].append(int(process.name))
    return children


def descendants(pid: int) -> list[int]:
    """Every process beneath `pid`, nearest first, without `pid` itself; empty where /proc is missing."""
    try:
        children = _parents()
    except OSError:
        return []
    found: list[int] = []
    pending = [pid]
    while pending:
        below = children.get(pending.pop(), [])
        found += below
        pending += below
    return found


def usage(pids: list[int]) -> Usage:
    """Memory and tasks of `pids` together; a process that has just ended counts nothing."""
    memory = tasks = 0
    for pid in pids:
        process = Path("/proc", str(pid))
        try:
            memory += int((process / "statm").read_bytes().split()[1]) * _PAGE
            tasks += len(list((process / "task").iterdir()))
        except (OSError, IndexError):
            continue
    return Usage(memory, tasks)
