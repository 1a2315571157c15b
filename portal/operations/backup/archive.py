"""The file of a backup: a tar, its members' digests in `manifest.json` at the end; written and read as a stream.

tables/<table>.jsonl   artifacts/<sha256>   known/<key>.pem   private-keys   manifest.json
"""

from __future__ import annotations

import hashlib
import io
import json
import re
import tarfile
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import IO, Any, BinaryIO

FORMAT = "trust-assessment-backup/1"
MANIFEST = "manifest.json"
PRIVATE_KEYS = "private-keys"
NAMES = re.compile(r"tables/[a-z_]+\.[a-z_]+\.jsonl|artifacts/[0-9a-f]{64}|known/[0-9a-f]{16,64}\.pem|private-keys")
MANIFEST_MOST = 512 << 20


class DamagedBackupError(ValueError):
    """The file is no backup, or not the one that was written."""


@dataclass
class Manifest:
    """What a backup holds. `members`: name → size in bytes, SHA-256; `columns`: table → names as ordered in lines."""

    made_at: str
    database: str
    migrations: list[str]
    ledger_entries: int
    ledger_hash: str
    format: str = FORMAT
    columns: dict[str, list[str]] = field(default_factory=dict)
    rows: dict[str, int] = field(default_factory=dict)
    members: dict[str, tuple[int, str]] = field(default_factory=dict)
    # Files that rows name and that were missing or altered when the backup was made.
    damaged: list[str] = field(default_factory=list)


class Hashing:
    """Reads from a file and takes the digest of what passes."""

    def __init__(self, file: IO[bytes]) -> None:
        self.file, self.digest, self.size = file, hashlib.sha256(), 0

    def read(self, size: int = -1) -> bytes:
        block = self.file.read(size)
        self.digest.update(block)
        self.size += len(block)
        return block


class Writer:
    """Adds members to a backup one after the other; `close` writes the manifest."""

    def __init__(self, stream: BinaryIO, manifest: Manifest) -> None:
        self.manifest = manifest
        self.tar = tarfile.open(fileobj=stream, mode="w|", format=tarfile.PAX_FORMAT)  # noqa: SIM115 - see close

    def add(self, name: str, file: IO[bytes], size: int) -> str:
        """Add `size` bytes of a file; gives their SHA-256. Raises OSError when the file is shorter."""
        passing = Hashing(file)
        self.tar.addfile(_info(name, size), passing)  # type: ignore[arg-type]
        self.tar.members.clear()  # type: ignore[attr-defined]  # the list would only grow
        self.manifest.members[name] = (size, passing.digest.hexdigest())
        return passing.digest.hexdigest()

    def close(self) -> None:
        content = json.dumps(asdict(self.manifest), ensure_ascii=False, indent=1).encode()
        self.tar.addfile(_info(MANIFEST, len(content)), io.BytesIO(content))
        self.tar.close()


def _info(name: str, size: int) -> tarfile.TarInfo:
    info = tarfile.TarInfo(name)
    info.size, info.mode = size, 0o600
    return info


def members(path: Path) -> Iterator[tuple[str, IO[bytes]]]:
    """Each member with its content, in the order they were written. Raises DamagedBackupError."""
    try:
        with tarfile.open(path, mode="r|") as tar:
            for info in tar:
                content = tar.extractfile(info) if info.isreg() else None
                if content is None or not (info.name == MANIFEST or NAMES.fullmatch(info.name)):
                    raise DamagedBackupError(f"a backup has no member “{info.name}”")
                yield info.name, content
                tar.members.clear()  # type: ignore[attr-defined]
    except (tarfile.TarError, EOFError) as error:
        raise DamagedBackupError(f"{path.name} is no whole backup: {error}") from error


def check(path: Path) -> Manifest:
    """Read the whole file and compare every member with the manifest. Raises DamagedBackupError with the place."""
    found: dict[str, tuple[int, str]] = {}
    manifest: Manifest | None = None
    for name, content in members(path):
        if name == MANIFEST:
            manifest = _parse(content.read(MANIFEST_MOST))
            continue
        passing = Hashing(content)
        while passing.read(1 << 20):
            pass
        found[name] = (passing.size, passing.digest.hexdigest())
    if manifest is None:
        raise DamagedBackupError(f"{path.name} has no manifest: it was not written to its end")
    wrong = sorted(name for name in {*found, *manifest.members} if found.get(name) != manifest.members.get(name))
    if wrong:
        raise DamagedBackupError(f"altered, missing or not named in the manifest: {', '.join(wrong[:5])}")
    return manifest


def _parse(content: bytes) -> Manifest:
    try:
        values: dict[str, Any] = json.loads(content)
        if values["format"] != FORMAT:
            raise DamagedBackupError(f"the format is {values['format']}, known is {FORMAT}")
        values["members"] = {name: (size, digest) for name, (size, digest) in values["members"].items()}
        return Manifest(**values)
    except (ValueError, KeyError, TypeError, AttributeError) as error:
        if isinstance(error, DamagedBackupError):
            raise
        raise DamagedBackupError(f"the manifest cannot be read: {error}") from error
