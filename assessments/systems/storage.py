"""Content-addressed files: the digest first, the row second. They lie in a folder or in a bucket that speaks S3."""

from __future__ import annotations

import hashlib
import os
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO

from django.conf import settings

from .bucket import Access, Bucket
from .folder import Folder
from .keeping import Backing
from .local_copies import BLOCK, LocalCopies
from .models import Blob


@dataclass(frozen=True)
class Brought:
    """A file that lies in the store and has no row yet; without one it is removed after a day."""

    sha256: str
    size: int


def backing() -> Backing:
    """Where this installation keeps its files."""
    if settings.STORE is None:
        return Folder(Path(settings.ARTIFACT_ROOT))
    return Bucket(Access(**settings.STORE), LocalCopies(Path(settings.COPIES_ROOT), settings.COPIES_MAX_BYTES))


def local_folder() -> Path:
    """The folder of this computer whose room files need: the store itself, or what they pass through on their way."""
    return Path(settings.ARTIFACT_ROOT if settings.STORE is None else settings.UPLOAD_ROOT)


def path_of(sha256: str) -> Path:
    """Where the folder store keeps these bytes; whoever only reads them calls `open_blob` or `local`."""
    return Folder(Path(settings.ARTIFACT_ROOT)).path_of(sha256)


def open_blob(sha256: str) -> BinaryIO:
    """Open the bytes with this digest to read them once, from their beginning. Raises FileNotFoundError, OSError."""
    return backing().open(sha256)


def read_blob(sha256: str) -> bytes:
    """All bytes with this digest, of a file that the portal made itself. Raises FileNotFoundError, OSError."""
    with open_blob(sha256) as file:
        return file.read()


def local(sha256: str) -> AbstractContextManager[Path]:
    """A whole file on this computer with these bytes, while the context lasts. Raises FileNotFoundError, OSError."""
    return backing().local(sha256)


def digest_file(path: Path) -> str:
    """SHA-256 over the whole file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def digest_of(sha256: str) -> str:
    """SHA-256 of the bytes that are stored under this digest, read again. Raises FileNotFoundError, OSError."""
    digest = hashlib.sha256()
    with open_blob(sha256) as file:
        while block := file.read(BLOCK):
            digest.update(block)
    return digest.hexdigest()


def bring(path: Path, sha256: str = "") -> Brought:
    """Move a finished local file into the store; equal bytes are kept once. Raises OSError.

    `path` is gone afterwards. Call it before the transaction that writes the row: a bucket may take its time.
    `sha256` saves the reading when the digest was taken while receiving.
    """
    brought = Brought(sha256 or digest_file(path), path.stat().st_size)
    backing().take(path, brought.sha256)
    return brought


def named(brought: Brought) -> Blob:
    """The row of a file that lies in the store, so that a row never names a file that is not there."""
    return Blob.objects.get_or_create(sha256=brought.sha256, defaults={"size": brought.size})[0]


def keep(path: Path, sha256: str = "") -> Blob:
    """Bring a file in and write its row."""
    return named(bring(path, sha256))


def keep_bytes(content: bytes) -> Blob:
    """Keep bytes that the portal itself made (a signed certificate, a report)."""
    digest = hashlib.sha256(content).hexdigest()
    folder = Path(settings.UPLOAD_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"made-{os.getpid()}-{digest}"
    fresh.write_bytes(content)
    return keep(fresh, digest)
