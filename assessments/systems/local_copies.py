"""Copies of stored files on this computer, for jobs: compared with their digest when fetched, the last used stay."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from tempfile import NamedTemporaryFile
from typing import BinaryIO, Protocol

BLOCK = 1024 * 1024
# What a killed process had begun to fetch.
_LEFT_BEHIND = 86_400.0


class Changed(OSError):
    """The store gave other bytes than the digest names."""


class Origin(Protocol):
    def open(self, sha256: str) -> BinaryIO: ...

    def size_of(self, sha256: str) -> int: ...


class LocalCopies:
    """A folder of this computer with at most `limit` bytes of copies; those in use stay, even above it.

    All processes of the computer share it. A copy carries the first moment of 1970 as the time of its last change, so
    one that somebody wrote to is known by that and fetched anew; the time of its last use says which go first.
    """

    def __init__(self, root: Path, limit: int) -> None:
        self.root, self.limit = root, limit

    @contextmanager
    def hold(self, sha256: str, origin: Origin) -> Iterator[Path]:
        """The path of a whole copy, which stays while the context lasts. Raises Changed, FileNotFoundError, OSError."""
        path = self.root / sha256
        held = _held(path)
        while held is None:
            self._fetch(sha256, origin)
            held = _held(path)
        with held:
            yield path

    def _fetch(self, sha256: str, origin: Origin) -> None:
        self.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        self._make_room(origin.size_of(sha256))
        with NamedTemporaryFile(dir=self.root, prefix="coming-", delete=False) as fresh:
            try:
                with origin.open(sha256) as source:
                    shutil.copyfileobj(source, fresh, BLOCK)
                fresh.flush()
                fresh.seek(0)
                if _digest(Path(fresh.name)) != sha256:
                    raise Changed(f"the store gave other bytes for {sha256}")
                os.fchmod(fresh.fileno(), 0o400)
                os.utime(fresh.name, (time.time(), 0))
                Path(fresh.name).replace(self.root / sha256)
            except BaseException:
                Path(fresh.name).unlink(missing_ok=True)
                raise

    def _make_room(self, size: int) -> None:
        """Remove the copies used longest ago until `size` more bytes fit."""
        copies = sorted(self._copies())
        used = sum(bytes_ for _used, bytes_, _path in copies)
        for _used, bytes_, path in copies:
            if used + size <= self.limit:
                return
            if _remove_unheld(path):
                used -= bytes_

    def _copies(self) -> Iterator[tuple[float, int, Path]]:
        """When each was last used, its bytes, and where it is; what a killed process left goes."""
        for path in self.root.iterdir():
            with suppress(FileNotFoundError):
                about = path.stat()
                if path.name.startswith("coming-") and about.st_mtime < time.time() - _LEFT_BEHIND:
                    path.unlink()
                else:
                    yield about.st_atime, about.st_size, path


def _held(path: Path) -> BinaryIO | None:
    """The copy, held so that nobody removes it and counted as used now; None when there is none that is whole."""
    try:
        file = path.open("rb")
    except FileNotFoundError:
        return None
    fcntl.flock(file, fcntl.LOCK_SH)
    try:
        is_this = os.path.samestat(path.stat(), os.fstat(file.fileno()))
    except FileNotFoundError:
        is_this = False
    if not is_this or os.fstat(file.fileno()).st_mtime != 0:
        file.close()
        path.unlink(missing_ok=True) if is_this else None
        return None
    os.utime(path, (time.time(), 0))
    return file


def _remove_unheld(path: Path) -> bool:
    """Remove a copy that nobody holds; one still on its way is nobody's to remove."""
    if path.name.startswith("coming-"):
        return False
    try:
        with path.open("rb") as file:
            fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            path.unlink()
    except (FileNotFoundError, BlockingIOError):
        return False
    return True


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
