"""Processes beneath another, and what they use, read from /proc."""

from __future__ import annotations

import contextlib
import os
import stat
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


def tasks_of_this_user() -> int:
    """Processes and threads that this process's user runs now."""
    count = 0
    for tasks in Path("/proc").glob("[0-9]*/task"):
        with contextlib.suppress(OSError):
            if tasks.stat().st_uid == os.getuid():
                count += len(list(tasks.iterdir()))
    return count


def nameless_bytes(pids: list[int]) -> int:
    """Bytes on disk of files that `pids` hold open or mapped although no folder names them any more.

    Only root may look at the descriptors of a confined process; for anybody else this is 0.
    """
    found: dict[tuple[int, int], int] = {}
    for pid in pids:
        with contextlib.suppress(OSError):
            for descriptor in Path("/proc", str(pid), "fd").iterdir():
                with contextlib.suppress(OSError):
                    about = descriptor.stat()
                    if stat.S_ISREG(about.st_mode) and about.st_nlink == 0:
                        found[about.st_dev, about.st_ino] = about.st_blocks * 512
            for line in Path("/proc", str(pid), "maps").read_bytes().splitlines():
                if line.endswith(b" (deleted)"):
                    bounds, _, _, device, inode = line.split(None, 5)[:5]
                    begin, end = (int(bound, 16) for bound in bounds.split(b"-"))
                    major, minor = (int(part, 16) for part in device.split(b":"))
                    found.setdefault((os.makedev(major, minor), int(inode)), end - begin)
    return sum(found.values())


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
