"""What is run in a sandbox, within which limits, and what came of it."""

from __future__ import annotations

import signal
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from enum import IntEnum, StrEnum
from pathlib import Path

MEBIBYTE = 1 << 20
PROJECT = Path(__file__).resolve().parents[2]


class Level(IntEnum):
    """How strongly a job is confined; each level includes the ones below it (see README)."""

    S1 = 1
    S2 = 2
    S3 = 3

    @property
    def label(self) -> str:
        return self.name


class Ended(StrEnum):
    """Why a job was stopped from outside or by a limit."""

    CANCELLED = "cancelled"
    WALL_TIME = "wall_time"
    CPU_TIME = "cpu_time"
    MEMORY = "memory"
    DISK = "disk"
    TASKS = "tasks"


class Reservation(StrEnum):
    """What a host cannot give although the level was reached; recorded with the outcome."""

    SHARED_USER = "shared_user"  # the job runs as the portal's own user
    NO_LANDLOCK = "no_landlock"  # files outside are guarded by their permissions only


@dataclass(frozen=True)
class Limits:
    """Upper bounds of one job. Seconds and bytes; `processes` 1 means: it may start no other."""

    cpu_seconds: int = 600
    wall_seconds: float = 900
    memory: int = 4096 * MEBIBYTE
    processes: int = 1
    tasks: int = 64  # processes and threads together
    file_size: int = 256 * MEBIBYTE
    disk: int = 512 * MEBIBYTE
    disk_entries: int = 5000
    open_files: int = 256
    output: int = 64 * MEBIBYTE  # of one declared output
    heard: int = 256 * 1024  # of standard output and of standard error, the last of each


@dataclass(frozen=True)
class Job:
    """One Python module to run (`python -m module arguments`) on copies of named inputs.

    The job starts in a folder of its own with `input/` (read-only), `output/` and `tmp/`; arguments name
    files relative to it. `inputs` are (path on this machine, name under `input/`); a name may contain
    folders. `outputs` are names of plain files under `output/` that are brought to `destination`.
    `sources` are the parts of the project that the module imports, relative to `root`; `readable` are
    further folders it may read and import from (an editable plug-in, for example). `preload` names modules
    to import before the inputs are there, which a warm sandbox has done already. Each line that the job
    writes to its standard output goes to `on_line` at once (500 bytes at most, the rest is dropped);
    `cancelled` is asked twice a second and must be quick.
    """

    module: str
    arguments: Sequence[str] = ()
    inputs: Sequence[tuple[Path, str]] = ()
    outputs: Sequence[str] = ()
    destination: Path | None = None
    limits: Limits = field(default_factory=Limits)
    minimum: Level = Level.S1
    threads: int = 1
    on_line: Callable[[str], None] | None = None
    cancelled: Callable[[], bool] | None = None
    sources: Sequence[str] = ("evaluations/__init__.py", "evaluations/methods", "evaluations/readers")
    readable: Sequence[Path] = ()
    root: Path = PROJECT
    environment: Mapping[str, str] = field(default_factory=dict)
    preload: Sequence[str] = ()


@dataclass(frozen=True)
class Outcome:
    """What came of a job.

    `exit_code` is the module's own, or 128 plus the number of the signal that ended it. `outputs` maps the
    declared names that were written, as plain files within the limits, to where they are now; `refused`
    says why another declared output was not taken. `start_seconds` is the time from asking for the job, its
    inputs not yet copied, until the module's first line could run; `warm` says that the sandbox was waiting
    for it. `peak_memory` is in bytes.
    """

    exit_code: int
    level: Level
    ended: Ended | None
    stdout: str
    stderr: str
    outputs: Mapping[str, Path]
    refused: Mapping[str, str]
    seconds: float
    start_seconds: float | None
    cpu_seconds: float
    peak_memory: int
    reservations: tuple[Reservation, ...]
    warm: bool = False

    @property
    def succeeded(self) -> bool:
        return self.exit_code == 0 and self.ended is None

    @property
    def was_killed(self) -> bool:
        """Ended by SIGKILL, and not by us: the kernel short of memory, or an operator. It says nothing of the job."""
        return self.exit_code == 128 + signal.SIGKILL and self.ended is None


class SandboxError(Exception):
    """The sandbox itself failed: nothing is known about the job. The platform's fault, never the vendor's."""


class NotConfined(SandboxError):
    """The host refused a step of the confinement, or the sandbox ended before the job's module was run."""


class LevelUnavailable(SandboxError):
    """This host cannot give the level that the operator demands."""
