"""Making a backup while the portal works: tables from one snapshot, then the files that their rows name."""

from __future__ import annotations

import contextlib
import os
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO

from django.conf import settings
from django.db import connection
from django.utils import timezone

from assessments.ledger.models import Head
from assessments.systems import storage
from assessments.systems.models import Blob

from . import private_keys, rows
from .archive import PRIVATE_KEYS, Manifest, Writer


def write(stream: BinaryIO, spool: Path, *, passphrase: str = "") -> Manifest:
    """Write a backup to `stream`. Tables pass through a temporary file in `spool`, one at a time.

    With a passphrase the private keys are included, closed with it. Files are written once and never change, so what
    the snapshot names can be read after it. `damaged` of the manifest names files that could not be given.
    """
    with rows.snapshot():
        head = Head.objects.filter(pk=1).values_list("sequence", "hash").first() or (0, "0" * 64)
        manifest = Manifest(
            made_at=timezone.now().isoformat(),
            database=connection.vendor,
            migrations=rows.migrations(),
            ledger_entries=head[0],
            ledger_hash=head[1],
        )
        writer = Writer(stream, manifest)
        for model in rows.tables():
            _add_table(writer, model, spool)
        for digest in Blob.objects.order_by("sha256").values_list("sha256", flat=True).iterator(chunk_size=2000):
            _add_file(writer, digest)
    for known in sorted((Path(settings.KEY_ROOT) / "known").glob("*.pem")):
        with known.open("rb") as file:
            writer.add(f"known/{known.name}", file, known.stat().st_size)
    if passphrase:
        closed = private_keys.closed(passphrase)
        writer.add(PRIVATE_KEYS, closed, closed.getbuffer().nbytes)
    writer.close()
    return manifest


def _add_table(writer: Writer, model: rows.Model, spool: Path) -> None:
    name = rows.label(model)
    with tempfile.TemporaryFile(dir=spool) as file:
        number = 0
        for line in rows.dump(model):
            file.write(line)
            number += 1
        size = file.tell()
        file.seek(0)
        writer.add(f"tables/{name}.jsonl", file, size)
    writer.manifest.columns[name] = [field.attname for field in rows.fields_of(model)]
    writer.manifest.rows[name] = number


def _add_file(writer: Writer, digest: str) -> None:
    """Add one file of the store. What is missing or altered is noted, and everything else still saved."""
    try:
        with storage.open_blob(digest) as file:
            found = writer.add(f"artifacts/{digest}", file, storage.backing().size_of(digest))
    except FileNotFoundError:
        found = ""
    if found != digest:
        writer.manifest.damaged.append(digest)


@contextlib.contextmanager
def whole_or_nothing(path: Path) -> Iterator[BinaryIO]:
    """A file that stands under its name only when it was written to its end. Raises FileExistsError."""
    if path.exists():
        raise FileExistsError(f"{path} is there already; a backup is never overwritten")
    fresh = path.with_name(f".{path.name}.part")
    try:
        with os.fdopen(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
            yield file
            file.flush()
            os.fsync(file.fileno())
        fresh.rename(path)
    finally:
        fresh.unlink(missing_ok=True)
