"""Content-addressed files: the digest first, the row second; a file is never overwritten."""

from __future__ import annotations

import fcntl
import hashlib
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from .models import Blob

BLOCK = 1024 * 1024


def path_of(sha256: str) -> Path:
    """Where the bytes with this digest are kept."""
    return Path(settings.ARTIFACT_ROOT) / sha256[:2] / sha256[2:4] / sha256


def open_blob(sha256: str) -> BinaryIO:
    """Open the bytes with this digest to read them. Raises FileNotFoundError."""
    return path_of(sha256).open("rb")


def digest_file(path: Path) -> str:
    """SHA-256 over the whole file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def keep(path: Path, sha256: str = "") -> Blob:
    """Move a finished file into the store and return its row; equal bytes are kept once.

    `path` is gone afterwards. The file is complete and on disk before its row exists, so a row never
    names a file that is not there. `sha256` saves the reading when the digest was taken while receiving.
    """
    digest = sha256 or digest_file(path)
    size = path.stat().st_size
    target = path_of(digest)
    target.parent.mkdir(parents=True, exist_ok=True)
    with path.open("rb") as file:
        os.fsync(file.fileno())
    with _store(fcntl.LOCK_SH):
        if target.exists():
            path.unlink()
        else:
            path.chmod(0o444)
            path.replace(target)
        os.utime(target)
    blob, _ = Blob.objects.get_or_create(sha256=digest, defaults={"size": size})
    return blob


def remove_unnamed(path: Path, before: float) -> bool:
    """Remove a file of the store that no row names, unless it was kept (again) since `before` (seconds)."""
    with _store(fcntl.LOCK_EX):
        if path.exists() and path.stat().st_mtime < before:
            path.unlink()
            return True
    return False


@contextmanager
def _store(operation: int) -> Iterator[None]:
    """Hold the store: any number may keep files at once (LOCK_SH), nobody while one is removed (LOCK_EX).

    Who keeps a file makes it young, so that it outlives the time until its row is written.
    """
    with (Path(settings.ARTIFACT_ROOT) / ".lock").open("ab") as lock:
        fcntl.flock(lock, operation)
        yield


def keep_bytes(content: bytes) -> Blob:
    """Keep bytes that the portal itself made (a signed certificate, a report)."""
    digest = hashlib.sha256(content).hexdigest()
    folder = Path(settings.UPLOAD_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"made-{os.getpid()}-{digest}"
    fresh.write_bytes(content)
    return keep(fresh, digest)
