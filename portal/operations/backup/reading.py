"""Restoring: the file is checked whole before anything is written, and written in one transaction or not at all."""

from __future__ import annotations

import shutil
import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import IO

from django.apps import apps
from django.conf import settings
from django.core.management import call_command
from django.db import transaction

from assessments.ledger.models import Head
from assessments.ledger.services import verify
from assessments.systems import storage
from portal.registry.indexing import index_terms
from portal.registry.models import SearchEntry

from . import archive, private_keys, rows
from .archive import MANIFEST, PRIVATE_KEYS, Manifest

Tell = Callable[[str], None]


class NotRestorableError(ValueError):
    """This installation cannot take this backup; the reason says why and what to do."""


def restore(path: Path, *, passphrase: str = "", tell: Tell = lambda _text: None) -> Manifest:
    """Bring an empty installation to the state of the backup.

    Raises DamagedBackupError, NotRestorableError or WrongPassphraseError; then nothing was written but files of the
    store that no row names, which the portal removes by itself.
    """
    tell("Reading the backup and comparing every digest ...")
    manifest = archive.check(path)
    keys = _keys(path, manifest, passphrase)
    _prepare(manifest)
    with transaction.atomic():
        rows.clear()
        for name, content in archive.members(path):
            _take(name, content, manifest, tell)
        rows.set_counters_on()
        _is_the_same(manifest)
        index_terms(list(SearchEntry.objects.all()))
    private_keys.put_back(keys)
    return manifest


def _keys(path: Path, manifest: Manifest, passphrase: str) -> dict[str, str]:
    """The private keys, opened before anything is written."""
    if PRIVATE_KEYS not in manifest.members or not passphrase:
        return {}
    content = next(content.read() for name, content in archive.members(path) if name == PRIVATE_KEYS)
    return private_keys.opened(content, passphrase)


def _prepare(manifest: Manifest) -> None:
    """Make the tables, and refuse where something is already, or another release wrote the backup."""
    if not rows.is_new() and (filled := rows.filled()):
        raise NotRestorableError(
            f"This installation is not empty: there are rows in {', '.join(filled[:5])}. "
            "Restore into a new database, before anything else is started."
        )
    call_command("migrate", interactive=False, verbosity=0)
    here, there = set(rows.migrations()), set(manifest.migrations)
    if here != there:
        raise NotRestorableError(
            "The backup is of another release: it differs in the migrations "
            f"{', '.join(sorted(here ^ there)[:5])}. Restore it with its own release, then upgrade."
        )


def _take(name: str, content: IO[bytes], manifest: Manifest, tell: Tell) -> None:
    """Put one member where it belongs."""
    kind, _, rest = name.partition("/")
    if kind == "tables":
        table = rest.removesuffix(".jsonl")
        model = apps.get_model(table)
        number = rows.load(model, manifest.columns[table], content)
        if number:
            tell(f"  {table}: {number} rows")
    elif kind == "artifacts" and rest not in manifest.damaged:
        _keep(rest, content)
    elif kind == "known":
        folder = Path(settings.KEY_ROOT) / "known"
        folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        (folder / rest).write_bytes(content.read())
    elif name not in (MANIFEST, PRIVATE_KEYS) and kind != "artifacts":
        raise NotRestorableError(f"There is no place for “{name}”.")


def _keep(digest: str, content: IO[bytes]) -> None:
    """Bring a file into the store, whose row is there by now: tables stand before files."""
    folder = Path(settings.UPLOAD_ROOT)
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.NamedTemporaryFile(dir=folder, prefix="restored-", delete=False) as file:
        shutil.copyfileobj(content, file, 1 << 20)
    storage.keep(Path(file.name), digest)


def _is_the_same(manifest: Manifest) -> None:
    """The ledger holds, and ends where the backup's did. Raises NotRestorableError, which undoes everything."""
    fault = next(iter(verify()), None)
    if fault is not None:
        raise NotRestorableError(f"The ledger does not hold at entry {fault.sequence}: {fault.reason}")
    head = Head.objects.filter(pk=1).values_list("sequence", "hash").first() or (0, "0" * 64)
    if head != (manifest.ledger_entries, manifest.ledger_hash):
        raise NotRestorableError(f"The ledger ends at {head[0]}, the backup's at {manifest.ledger_entries}.")
