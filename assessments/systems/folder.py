"""Stored files in a folder of this computer, or of a network file system with locks: the default."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryFile
from typing import BinaryIO

from .keeping import Stored, is_digest


class Folder:
    """The store below `root`; see `keeping.Backing` for what each act means."""

    def __init__(self, root: Path) -> None:
        self.root = root

    def path_of(self, sha256: str) -> Path:
        return self.root / sha256[:2] / sha256[2:4] / sha256

    def where(self, sha256: str) -> str:
        return str(self.path_of(sha256))

    def size_of(self, sha256: str) -> int:
        return self.path_of(sha256).stat().st_size

    def open(self, sha256: str) -> BinaryIO:
        return self.path_of(sha256).open("rb")

    @contextmanager
    def local(self, sha256: str) -> Iterator[Path]:
        path = self.path_of(sha256)
        path.stat()
        yield path

    def take(self, path: Path, sha256: str) -> None:
        target = self.path_of(sha256)
        target.parent.mkdir(parents=True, exist_ok=True)
        with path.open("rb") as file:
            os.fsync(file.fileno())
        with self._held(fcntl.LOCK_SH):
            if target.exists():
                path.unlink()
            else:
                path.chmod(0o444)
                path.replace(target)
            os.utime(target)

    def remove(self, sha256: str, before: float) -> bool:
        path = self.path_of(sha256)
        with self._held(fcntl.LOCK_EX):
            if path.exists() and path.stat().st_mtime < before:
                path.unlink()
                return True
        return False

    def stored(self) -> Iterator[Stored]:
        for path in self.root.glob("??/??/*"):
            try:
                about = path.lstat()
            except FileNotFoundError:
                continue
            if is_digest(path.name) and path.is_file() and not path.is_symlink():
                yield Stored(path.name, about.st_size, about.st_mtime)

    def tidy(self, before: float) -> None:
        """Nothing is half-stored: a file comes in by one rename."""

    def try_out(self) -> None:
        self.root.mkdir(parents=True, exist_ok=True)
        with TemporaryFile(dir=self.root):
            pass

    @contextmanager
    def _held(self, operation: int) -> Iterator[None]:
        """Hold the store: any number may bring files at once (LOCK_SH), nobody while one is removed (LOCK_EX)."""
        with (self.root / ".lock").open("ab") as lock:
            fcntl.flock(lock, operation)
            yield
