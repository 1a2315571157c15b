"""What every place for stored files can do: a folder (folder.py) and a bucket that speaks S3 (bucket.py)."""

from __future__ import annotations

import re
from collections.abc import Iterator
from contextlib import AbstractContextManager
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Protocol

_DIGEST = re.compile(r"[0-9a-f]{64}")


@dataclass(frozen=True)
class Stored:
    """One stored file: its SHA-256, its size in bytes, and when it was last brought (seconds since 1970)."""

    sha256: str
    size: int
    brought: float


class Backing(Protocol):
    """A place where files lie under their SHA-256. Every act may raise OSError; FileNotFoundError means no such file.

    Who brings a file makes it young, and one is removed only while nobody brings any: so a file outlives the time
    until its row is written, although the row comes second.
    """

    def where(self, sha256: str) -> str:
        """Where an operator finds the bytes."""

    def size_of(self, sha256: str) -> int:
        """How many bytes are stored."""

    def open(self, sha256: str) -> BinaryIO:
        """The bytes, to be read once from their beginning; not compared with the digest."""

    def local(self, sha256: str) -> AbstractContextManager[Path]:
        """A whole file on this computer, to be read while the context lasts."""

    def take(self, path: Path, sha256: str) -> None:
        """Bring a finished local file in. `path` is gone afterwards; equal bytes are kept once."""

    def remove(self, sha256: str, before: float) -> bool:
        """Remove a file, unless it was brought (again) since `before`; whether it was removed."""

    def stored(self) -> Iterator[Stored]:
        """Every stored file, in no order."""

    def tidy(self, before: float) -> None:
        """Give up what was begun before that moment and never became a stored file."""

    def try_out(self) -> None:
        """Write something small, and nothing that remains as a stored file. Raises OSError."""


def is_digest(name: str) -> bool:
    return _DIGEST.fullmatch(name) is not None
