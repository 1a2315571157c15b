"""The file store in figures: what is kept, what is on its way, and how much room is left."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from django.conf import settings
from django.db.models import Count, Q, Sum

from assessments.systems import storage, storekeeping
from assessments.systems.models import Artifact, Blob, Upload

LOW = 0.10  # of the file system
LEAST = 2 << 30  # bytes


@dataclass(frozen=True)
class Room:
    """A folder and the file system that it is on, in bytes; `size` 0 when it cannot be read."""

    size: int
    free: int

    @property
    def is_low(self) -> bool:
        return self.size > 0 and (self.free < LEAST or self.free < LOW * self.size)


@dataclass(frozen=True)
class Store:
    """Bytes are those of the files themselves; equal files are kept once, so `artifacts` may exceed `blobs`.

    `checked` is what reading the files again has shown so far (assessments/systems/storekeeping).
    """

    blobs: int
    blob_bytes: int
    artifacts: int
    refused: int
    uploads: int
    quarantine_files: int
    quarantine_bytes: int
    room: Room
    checked: storekeeping.Standing


def store() -> Store:
    """The figures as of now."""
    kept = Blob.objects.aggregate(count=Count("pk"), size=Sum("size"))
    refused = Q(inspection=Artifact.Inspection.REFUSED)
    current = Artifact.objects.filter(replaced_at=None).aggregate(all=Count("pk"), no=Count("pk", filter=refused))
    sizes = list(_sizes(Path(settings.UPLOAD_ROOT)))
    return Store(
        blobs=kept["count"],
        blob_bytes=kept["size"] or 0,
        artifacts=current["all"],
        refused=current["no"],
        uploads=Upload.objects.filter(status=Upload.Status.OPEN).count(),
        quarantine_files=len(sizes),
        quarantine_bytes=sum(sizes),
        room=room(),
        checked=storekeeping.standing(),
    )


def fault_count() -> int:
    """How many stored files were found missing or changed when they were last read again."""
    return Blob.objects.exclude(fault="").count()


def room() -> Room:
    """The room on the file system of the store, or that uploads pass through; its folder may not be made yet."""
    folder = storage.local_folder()
    for place in (folder, *folder.parents):
        try:
            usage = shutil.disk_usage(place)
        except OSError:
            continue
        return Room(usage.total, usage.free)
    return Room(0, 0)


def _sizes(folder: Path) -> Iterator[int]:
    """The sizes of all files below a folder; what goes meanwhile is left out."""
    for place in folder.rglob("*"):
        try:
            if place.is_file():
                yield place.stat().st_size
        except OSError:
            continue
