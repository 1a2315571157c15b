"""The file store kept in order: what nobody names is removed, what was changed or lost is found."""

from __future__ import annotations

import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path

import structlog
from django.conf import settings
from django.db.models import F, Min, Q
from django.utils import timezone

from . import storage, uploads
from .models import Blob, Upload

log = structlog.get_logger(__name__)

# A form may take long to arrive, and a row is written after its file: nothing younger is anybody's orphan.
GRACE = timedelta(days=1)
_UPLOAD = re.compile(r"upload-([0-9a-f-]{36})")


@dataclass(frozen=True)
class Swept:
    """How many uploads were given up, and files removed that nothing names."""

    abandoned: int
    quarantine: int
    store: int


@dataclass(frozen=True)
class Found:
    """A stored file that is not what its row says; `names` are the files of versions that it is behind."""

    sha256: str
    place: str
    fault: Blob.Fault
    names: tuple[str, ...]


@dataclass(frozen=True)
class Standing:
    """What is known of the store: when the file was checked that was checked longest ago, and what was found."""

    files: int
    unchecked: int
    oldest_check: datetime | None
    faults: int


def sweep(grace: timedelta = GRACE) -> Swept:
    """Give up stale uploads; remove files older than `grace` in quarantine and store that no row names."""
    before = time.time() - grace.total_seconds()
    storage.backing().tidy(before)
    swept = Swept(uploads.abandon_stale(), _sweep_quarantine(before), _sweep_store(before))
    if any((swept.abandoned, swept.quarantine, swept.store)):
        log.info("store_swept", **vars(swept))
    return swept


def _sweep_quarantine(before: float) -> int:
    """Files of forms that never ended, and of uploads without an open row."""
    removed = 0
    for path in _files(Path(settings.UPLOAD_ROOT).glob("*"), before):
        upload = _UPLOAD.fullmatch(path.name)
        if upload and Upload.objects.filter(pk=upload[1], status=Upload.Status.OPEN).exists():
            continue
        if upload or path.name.startswith(("form-", "made-")):
            path.unlink(missing_ok=True)
            removed += 1
    return removed


def _sweep_store(before: float) -> int:
    removed, store = 0, storage.backing()
    for stored in store.stored():
        if stored.brought < before and not Blob.objects.filter(pk=stored.sha256).exists():
            removed += store.remove(stored.sha256, before)
    return removed


def _files(paths: Iterable[Path], before: float) -> Iterator[Path]:
    """Plain files last written before a moment; what goes meanwhile is left out."""
    for path in paths:
        try:
            about = path.lstat()
        except FileNotFoundError:
            continue
        if path.is_file() and not path.is_symlink() and about.st_mtime < before:
            yield path


def verify(*, seconds: float | None = None) -> Iterator[Found]:
    """Read stored files again, those checked longest ago first, and yield each that is missing or has changed.

    With `seconds` it stops at the first file after that time; the next call goes on there. What was found is kept in
    the rows, and taken back when a file is whole again.
    """
    began, end = timezone.now(), None if seconds is None else time.monotonic() + seconds
    due = Blob.objects.filter(Q(checked_at=None) | Q(checked_at__lt=began))
    while end is None or time.monotonic() < end:
        blob = due.order_by(F("checked_at").asc(nulls_first=True), "pk").first()
        if blob is None:
            return
        fault = _fault_of(blob)
        Blob.objects.filter(pk=blob.pk).update(checked_at=timezone.now(), fault=fault)
        if fault:
            names = blob.artifacts.values_list("version__system__name_en", "version__label", "role", "filename")
            found = tuple(sorted({" / ".join(parts) for parts in names}))
            log.error("stored_file_fault", sha256=blob.pk, fault=fault, files=found)
            yield Found(blob.pk, storage.backing().where(blob.pk), Blob.Fault(fault), found)


def _fault_of(blob: Blob) -> str:
    try:
        whole = storage.backing().size_of(blob.pk) == blob.size and storage.digest_of(blob.pk) == blob.pk
    except FileNotFoundError:
        return Blob.Fault.MISSING
    return "" if whole else Blob.Fault.CHANGED


def standing() -> Standing:
    """What the checks so far have shown."""
    return Standing(
        files=Blob.objects.count(),
        unchecked=Blob.objects.filter(checked_at=None).count(),
        oldest_check=Blob.objects.aggregate(oldest=Min("checked_at"))["oldest"],
        faults=Blob.objects.exclude(fault="").count(),
    )
