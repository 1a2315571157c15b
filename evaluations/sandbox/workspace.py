"""The folder a job runs in: made, filled with copies, emptied of declared outputs, removed.

What comes back was written by code nobody trusts: an output is taken only if it is a plain file, within
its limit, and no second name of some other file.
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import shutil
import stat
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from evaluations.sandbox.job import Job, SandboxError

# Users without a name and below 65536, so that they exist inside a container's user mapping too.
_FIRST_USER, _USERS = 62000, 512
_PREFIX, _USERS_FOLDER = "sandbox-", "sandbox-users"
# Seconds after which a living job's folder is locked for certain.
_SURELY_LOCKED = 60


@dataclass(frozen=True)
class Workspace:
    """A job's folder; `user` owns what the job may write (None: the present user)."""

    folder: Path
    user: int | None

    @property
    def output(self) -> Path:
        return self.folder / "output"

    @property
    def temporary(self) -> Path:
        return self.folder / "tmp"


@contextlib.contextmanager
def own_user() -> Iterator[int]:
    """A uid that no other job on this machine uses meanwhile. Only for root. Raises `SandboxError`."""
    locks = Path(tempfile.gettempdir()) / _USERS_FOLDER
    locks.mkdir(mode=0o700, exist_ok=True)
    about = locks.lstat()
    if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.geteuid() or about.st_mode & 0o077:
        raise SandboxError(f"{locks} is not a private folder of this user")
    for user in range(_FIRST_USER, _FIRST_USER + _USERS):
        descriptor = os.open(locks / str(user), os.O_CREAT | os.O_RDWR | os.O_CLOEXEC, 0o600)
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            os.close(descriptor)
            continue
        try:
            yield user
        finally:
            os.close(descriptor)
        return
    raise SandboxError("every sandbox user is taken")


def _inside(folder: Path, name: str) -> Path:
    """The place of `name` under `folder`. Raises `SandboxError` for a name that leads elsewhere."""
    parts = PurePosixPath(name).parts
    if not parts or name.startswith("/") or ".." in parts:
        raise SandboxError(f"not a name inside the job's folder: {name!r}")
    return folder.joinpath(*parts)


def fill(space: Workspace, inputs: Sequence[tuple[Path, str]]) -> None:
    """Copy `inputs` (path, name under input/) in from outside and close the folder: from here on nobody changes it."""
    top = space.folder / "input"
    top.chmod(0o700)
    for path, name in inputs:
        target = _inside(top, name)
        target.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(path, target)
    group = -1 if space.user is None else space.user
    # Deepest first: a folder is closed when all in it is done.
    for given in sorted(top.rglob("*"), reverse=True):
        _only_read(given, group)
    _only_read(top, group)


def _only_read(path: Path, group: int) -> None:
    """Let the job, whose user has a group of the same number, read `path` and nobody change it."""
    os.chown(path, -1, group)
    path.chmod(0o550 if path.is_dir() else 0o440)


@contextlib.contextmanager
def workspace(user: int | None, parent: Path | None) -> Iterator[Workspace]:
    """An empty folder for one job beneath `parent` (default: the system's temporary folder), removed at the end."""
    folder = Path(tempfile.mkdtemp(prefix=_PREFIX, dir=parent)).resolve()
    held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    try:
        fcntl.flock(held, fcntl.LOCK_EX)
        space = Workspace(folder, user)
        owner = -1 if user is None else user
        for own in (space.output, space.temporary):
            own.mkdir(mode=0o700)
            os.chown(own, owner, owner)
        for read in (folder / "input", folder):
            read.mkdir(exist_ok=True)
            _only_read(read, owner)
        yield space
    finally:
        _remove(folder)
        os.close(held)


def remove_abandoned(parent: Path | None = None) -> int:
    """Remove the folders of jobs whose supervisor was killed; how many. Each living one holds a lock on its folder."""
    removed = 0
    for folder in (parent or Path(tempfile.gettempdir())).glob(f"{_PREFIX}*"):
        with contextlib.suppress(OSError):
            about = folder.lstat()
            if not stat.S_ISDIR(about.st_mode) or about.st_uid != os.geteuid() or folder.name == _USERS_FOLDER:
                continue
            if time.time() - about.st_ctime < _SURELY_LOCKED:
                continue
            held = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
            try:
                fcntl.flock(held, fcntl.LOCK_EX | fcntl.LOCK_NB)
                _remove(folder)
                removed += 1
            finally:
                os.close(held)
    return removed


def _remove(folder: Path) -> None:
    """Remove a folder whatever the job did to it: rights taken away, or nested deeper than Python can follow."""
    for _ in range(2):
        subprocess.run(["/bin/rm", "-rf", "--one-file-system", "--", folder], check=False, capture_output=True)
        if not folder.exists():
            return
        subprocess.run(["/bin/chmod", "-R", "u+rwx", "--", folder], check=False, capture_output=True)
    shutil.rmtree(folder, ignore_errors=True)


def written(space: Workspace, most_entries: int) -> tuple[int, int]:
    """Bytes and entries that the job has written so far; stops counting past `most_entries`."""
    size = entries = 0
    pending = [space.output, space.temporary]
    while pending and entries <= most_entries:
        try:
            with os.scandir(pending.pop()) as listing:
                for entry in listing:
                    entries += 1
                    if entry.is_dir(follow_symlinks=False):
                        pending.append(Path(entry.path))
                    else:
                        size += entry.stat(follow_symlinks=False).st_blocks * 512
                    if entries > most_entries:
                        break
        except OSError:
            continue
    return size, entries


def collect(space: Workspace, job: Job) -> tuple[dict[str, Path], dict[str, str]]:
    """Bring the declared outputs to the job's destination.

    Returns what was brought (name → path) and what was refused (name → why). A name that was not written is in
    neither. To be called when no process of the job is left.
    """
    brought: dict[str, Path] = {}
    refused: dict[str, str] = {}
    destination = job.destination
    for name in job.outputs if destination else ():
        try:
            descriptor = _open_without_links(space.output, PurePosixPath(name))
        except FileNotFoundError:
            continue
        except OSError as error:
            refused[name] = f"cannot be read: {error.strerror}"
            continue
        with os.fdopen(descriptor, "rb") as source:
            about = os.fstat(descriptor)
            if not stat.S_ISREG(about.st_mode) or about.st_nlink != 1:
                refused[name] = "not a plain file"
            elif about.st_size > job.limits.output:
                refused[name] = f"{about.st_size} bytes, more than {job.limits.output}"
            elif destination:
                target = _inside(destination, name)
                target.parent.mkdir(parents=True, exist_ok=True)
                with target.open("wb") as sink:
                    shutil.copyfileobj(source, sink)
                brought[name] = target
    return brought, refused


def _open_without_links(folder: Path, name: PurePosixPath) -> int:
    """Open `name` beneath `folder`, following no symbolic link on the way."""
    place = os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC)
    try:
        for part in name.parts[:-1]:
            inner = os.open(part, os.O_RDONLY | os.O_DIRECTORY | os.O_NOFOLLOW | os.O_CLOEXEC, dir_fd=place)
            os.close(place)
            place = inner
        return os.open(name.parts[-1], os.O_RDONLY | os.O_NOFOLLOW | os.O_NONBLOCK | os.O_CLOEXEC, dir_fd=place)
    finally:
        os.close(place)
