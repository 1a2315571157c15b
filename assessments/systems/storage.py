"""Content-addressed files: the digest first, the row second; a file is never overwritten."""

from __future__ import annotations

import hashlib
import os
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
    if target.exists():
        path.unlink()
    else:
        with path.open("rb") as file:
            os.fsync(file.fileno())
        path.chmod(0o444)
        path.replace(target)
    blob, _ = Blob.objects.get_or_create(sha256=digest, defaults={"size": size})
    return blob


def keep_bytes(content: bytes) -> Blob:
    """Keep bytes that the portal itself made (a signed certificate, a report)."""
    digest = hashlib.sha256(content).hexdigest()
    folder = Path(settings.UPLOAD_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    fresh = folder / f"made-{os.getpid()}-{digest}"
    fresh.write_bytes(content)
    return keep(fresh, digest)
