"""What is done to a portal: each fault is injected, lasts a drawn while, and is over when its function returns.

A function takes the stack and the trial's own random numbers, and tells in a few words what it did.
"""

from __future__ import annotations

import os
import random
import signal
import time
from collections.abc import Callable
from contextlib import suppress

from tests.chaos.inside import RUN_LEASE
from tests.chaos.stacks import PARTS, WORKERS, Stack

Fault = Callable[[Stack, random.Random], str]
CLOCK_SHIFTS = (-86400, -3600, -30, 30, 3600, 86400)


def _killed(name: str) -> Fault:
    def kill(stack: Stack, draw: random.Random) -> str:
        stack.kill(name)
        time.sleep(draw.uniform(0, 1.5))
        stack.revive()
        return f"{name} killed"

    return kill


def worker_killed(stack: Stack, draw: random.Random) -> str:
    """A host of workers goes with all that it does."""
    return _killed(draw.choice(list(WORKERS)))(stack, draw)


def slot_killed(stack: Stack, draw: random.Random) -> str:
    """One process of a worker's pool goes, as by the kernel when memory is short; its host stays."""
    name = draw.choice(list(WORKERS))
    return _kill_one(stack, draw, name, [number for number, line in stack.descendants(name) if "celery" in line])


def runner_killed(stack: Stack, draw: random.Random) -> str:
    """A process of a sandbox goes, at work or waiting."""
    name = draw.choice(list(WORKERS))
    return _kill_one(stack, draw, name, [number for number, line in stack.descendants(name) if "celery" not in line])


def _kill_one(stack: Stack, draw: random.Random, name: str, numbers: list[int]) -> str:
    if not numbers:
        return f"{name}: none was there"
    with suppress(ProcessLookupError):
        os.kill(draw.choice(sorted(numbers)), signal.SIGKILL)
    time.sleep(draw.uniform(0, 0.5))
    return f"{name}: one of {len(numbers)}"


def everything_killed(stack: Stack, draw: random.Random) -> str:
    """The power of the whole house, but for what keeps the rows."""
    for name in draw.sample(PARTS, len(PARTS)):
        stack.kill(name)
    time.sleep(draw.uniform(0, 1))
    stack.revive()
    return "all parts killed"


def suspended(stack: Stack, draw: random.Random) -> str:
    """A worker stands still beyond its lease and comes back when another may have taken over."""
    name = draw.choice(list(WORKERS))
    leader = stack.parts[name].leader
    if leader is None:
        return f"{name}: not there"
    os.killpg(leader, signal.SIGSTOP)
    seconds = RUN_LEASE.total_seconds() + draw.uniform(0.5, 3)
    time.sleep(seconds)
    with suppress(ProcessLookupError):
        os.killpg(leader, signal.SIGCONT)
    return f"{name} for {seconds:.1f} s"


def queue_emptied(stack: Stack, draw: random.Random) -> str:
    """Every message is lost, some times in a row."""
    times = draw.randint(1, 4)
    for _ in range(times):
        stack.empty_queue()
        time.sleep(draw.uniform(0, 0.5))
    return f"{times} times"


def database_stopped(stack: Stack, draw: random.Random) -> str:
    """PostgreSQL stopped in the middle of everything; it recovers when it starts."""
    if stack.database is None:
        return "no server"
    stack.database.stop_at_once()
    seconds = draw.uniform(0, 2)
    time.sleep(seconds)
    stack.database.start()
    return f"for {seconds:.1f} s"


def broker_killed(stack: Stack, draw: random.Random) -> str:
    """Redis killed, and started again with nothing in it."""
    if stack.broker is None:
        return "no server"
    stack.broker.kill()
    time.sleep(draw.uniform(0, 2))
    stack.broker.start()
    return "empty again"


def disk_full(stack: Stack, draw: random.Random) -> str:
    """No room for the database (SQLite), the queue (files), uploads, stored files and the sandboxes' folders."""
    seconds = draw.uniform(0.5, 3)
    stack.disk.fill(stack.processes())
    time.sleep(seconds)
    stack.disk.empty(stack.processes())
    return f"{stack.disk.kind}, {seconds:.1f} s"


def clock_moved(stack: Stack, draw: random.Random) -> str:
    """Beat's clock goes wrong and is set right; half of the times beat is started anew on both days."""
    seconds, restarted = draw.choice(CLOCK_SHIFTS), draw.random() < 0.5
    shift = stack.folder / "shift"
    for moved in (True, False):
        if moved:
            shift.write_text(str(seconds))
        else:
            shift.unlink()
        if restarted:
            stack.kill("beat")
            stack.revive()
        time.sleep(moved * draw.uniform(3, 5))
    return f"by {seconds} s{' and restarted' if restarted else ''}"


def delivered_twice(stack: Stack, draw: random.Random) -> str:
    """Each task that is published meanwhile comes twice."""
    wanted, seconds = stack.folder / "twice", draw.uniform(2, 4)
    wanted.touch()
    time.sleep(seconds)
    wanted.unlink()
    return f"for {seconds:.1f} s"


ON_BOTH: dict[str, Fault] = {
    "web killed": _killed("web"),
    "worker killed": worker_killed,
    "slot killed": slot_killed,
    "beat killed": _killed("beat"),
    "runner killed": runner_killed,
    "everything killed": everything_killed,
    "worker suspended": suspended,
    "queue emptied": queue_emptied,
    "disk full": disk_full,
    "clock moved": clock_moved,
    "delivered twice": delivered_twice,
}
ON_SERVERS: dict[str, Fault] = {"database stopped": database_stopped, "broker killed": broker_killed}


def faults_for(kind: str) -> dict[str, Fault]:
    """What can happen to a stack of that kind."""
    return ON_BOTH | (ON_SERVERS if kind == "production" else {})


def in_turn(kind: str, trials: int, draw: random.Random, only: list[str] | None = None) -> list[str]:
    """Which fault each trial injects: every kind equally often, in a drawn order."""
    names = [name for name in faults_for(kind) if only is None or name in only]
    found: list[str] = []
    while len(found) < trials:
        found += draw.sample(names, len(names))
    return found[:trials]
