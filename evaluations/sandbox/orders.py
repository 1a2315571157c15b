"""What a job is started with: the command line, the environment, and the orders on its standard input."""

from __future__ import annotations

import os
import sys
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from evaluations.sandbox import bubblewrap
from evaluations.sandbox.confinement import DEVICES_WRITABLE, SYSTEM_READABLE
from evaluations.sandbox.job import Job, Level
from evaluations.sandbox.processes import tasks_of_this_user
from evaluations.sandbox.workspace import Workspace

# These change what BLAS computes with on a given machine; an operator who sets them means the runs too.
_PASSED_ON = ("OPENBLAS_CORETYPE", "OPENBLAS_L2_SIZE")


@dataclass(frozen=True)
class Means:
    """How a level is reached on this host: see `confinement.Confinement`."""

    own_user: bool
    reads_regardless: bool


def environment(job: Job, space: Workspace) -> dict[str, str]:
    """The whole environment of a job: nothing of the portal's own gets in."""
    threads = str(job.threads)
    names = ("OMP", "OPENBLAS", "MKL", "NUMEXPR", "VECLIB_MAXIMUM")
    return {
        **{name: os.environ[name] for name in _PASSED_ON if name in os.environ},
        **job.environment,
        **{f"{name}_NUM_THREADS": threads for name in names},
        "PATH": "/usr/bin:/bin", "LANG": "C.UTF-8", "TZ": "UTC",
        "HOME": str(space.temporary), "TMPDIR": str(space.temporary),
        "ORT_DISABLE_TELEMETRY": "1", "MALLOC_ARENA_MAX": "4",
        "PYTHONHASHSEED": "0", "PYTHONDONTWRITEBYTECODE": "1", "PYTHONNOUSERSITE": "1", "PYTHONUNBUFFERED": "1",
    }  # fmt: skip


def readable(job: Job) -> tuple[Path, ...]:
    """What is shown beside the system's own: the interpreter, its libraries, the named sources, the launcher."""
    own = [job.root / source for source in job.sources]
    launcher = [Path(__file__).parent, Path(__file__).parents[1] / "__init__.py"]
    shown = [Path(sys.base_prefix), Path(sys.prefix), *launcher, *own, *job.readable]
    return tuple(dict.fromkeys(path for path in shown if path not in SYSTEM_READABLE))


def command_line(job: Job, level: Level, means: Means, space: Workspace) -> list[str]:
    """The program to start: our launcher, inside bubblewrap at S3."""
    command = [sys.executable, "-s", "-P", "-S", "-B", str(Path(__file__).with_name("launch.py"))]
    if level < Level.S3:
        return command
    bwrap = bubblewrap.program() or "bwrap"
    return bubblewrap.command(bwrap, space, readable(job), reads_regardless=means.reads_regardless) + command


def orders_of_the_sandbox(job: Job, level: Level, means: Means, space: Workspace, *, control: int) -> dict[str, Any]:
    """What `launch.py` is told when it starts, as plain JSON; `control` is the descriptor it answers on.

    Nothing in it depends on the job's inputs or arguments: a sandbox may be started before they are known.
    """
    own_processes = level >= Level.S3
    return {
        "root": str(job.root),
        "sources": list(job.sources),
        "search": [str(path) for path in job.readable],
        "preload": list(job.preload),
        "folder": str(space.folder),
        "control": control,
        # Inside a process namespace the supervisor has no number; there bubblewrap watches it.
        "supervisor": None if own_processes else os.getpid(),
        "own_processes": own_processes,
        "confinement": {
            "user": space.user,
            "reads_regardless": means.reads_regardless,
            "own_network": level == Level.S2,
            "readable": [str(path) for path in (*SYSTEM_READABLE, *readable(job), space.folder)],
            "writable": [str(path) for path in (*DEVICES_WRITABLE, space.output, space.temporary)],
            "limits": asdict(job.limits),
        },
    }


def orders_of_the_job(job: Job, level: Level, means: Means) -> dict[str, Any]:
    """What `launch.py` is told when the inputs lie ready: what to run, and how many tasks its user may then have.

    A user shared with the portal has tasks of its own, which the kernel counts too; at S3 its namespace starts anew.
    """
    shared = not means.own_user and level < Level.S3
    return {
        "module": job.module,
        "arguments": list(job.arguments),
        "tasks": job.limits.tasks + (tasks_of_this_user() if shared else 0),
    }
