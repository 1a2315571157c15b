"""Uploads in pieces: create, append at an offset, finish. The quarantine file's length is the truth about progress."""

from __future__ import annotations

import fcntl
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from pathlib import Path
from typing import Any, BinaryIO
from uuid import uuid4

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from .models import Artifact, SystemVersion, Upload
from .quotas import take_room
from .services import add_artifact, clean_filename
from .storage import Brought, bring, digest_file, named

BLOCK = 64 * 1024
ABANDONED_AFTER = timedelta(days=2)


class WrongOffset(Exception):
    """The piece does not begin where the received part ends; `offset` says where to go on."""

    def __init__(self, offset: int) -> None:
        self.offset = offset
        super().__init__(offset)


def quarantine_path(upload: Upload) -> Path:
    return Path(settings.UPLOAD_ROOT) / f"upload-{upload.pk}"


def received(upload: Upload) -> int:
    """How many bytes have arrived and lie on disk."""
    try:
        return quarantine_path(upload).stat().st_size
    except FileNotFoundError:
        return 0


@transaction.atomic
def start_upload(
    version: SystemVersion, *, person: Any, organisation: Any, role: str, filename: str, size: int, origin: str
) -> Upload:
    """Begin an upload; its room is taken now. Raises ValidationError for an empty or too large file."""
    if size <= 0:
        raise ValidationError(_("This file is empty. Choose the file that holds your model or data."))
    if size > settings.UPLOAD_MAX_BYTES:
        raise ValidationError(
            _("This file has %(size)d MB; the limit is %(limit)d MB.")
            % {"size": size // 2**20, "limit": settings.UPLOAD_MAX_BYTES // 2**20}
        )
    take_room(organisation, size)
    return Upload.objects.create(
        version=version,
        person=person,
        organisation=organisation,
        role=role,
        origin=origin,
        filename=clean_filename(filename),
        size=size,
    )


@contextmanager
def _locked(path: Path) -> Iterator[BinaryIO]:
    """The quarantine file, open to append, for one writer at a time (two tabs may send the same upload)."""
    path.parent.mkdir(parents=True, exist_ok=True)
    with path.open("ab") as file:
        fcntl.flock(file, fcntl.LOCK_EX)
        yield file


def append_chunk(upload: Upload, offset: int, stream: Any) -> int:
    """Append what `stream` gives at `offset` and return the new length.

    What arrives before a lost connection stays: the sender asks for the offset and goes on from there.
    Raises WrongOffset, or ValidationError when the upload is over or more arrives than was announced.
    """
    if upload.status != Upload.Status.OPEN:
        raise ValidationError(_("This upload has ended already."))
    with _locked(quarantine_path(upload)) as file:
        length = os.fstat(file.fileno()).st_size
        if offset != length:
            raise WrongOffset(length)
        while block := stream.read(BLOCK):
            if length + len(block) > upload.size:
                raise ValidationError(_("More bytes arrived than the file has. Start the upload again."))
            file.write(block)
            file.flush()
            length += len(block)
        os.fsync(file.fileno())
    Upload.objects.filter(pk=upload.pk).update(touched_at=timezone.now())
    return length


def finish_upload(upload: Upload) -> Artifact:
    """Take the digest over the whole file, put it into the store, and make its artifact. Safe to call twice.

    The quarantine keeps the bytes until the rows are written, so that what was received is never asked for again.
    """
    if upload.artifact is not None:
        return upload.artifact
    path = quarantine_path(upload)
    if received(upload) != upload.size:
        raise WrongOffset(received(upload))
    digest = digest_file(path)
    spare = path.with_name(f"made-{uuid4()}")
    os.link(path, spare)
    try:
        artifact = _become_artifact(upload, bring(spare, digest))
    finally:
        spare.unlink(missing_ok=True)
    path.unlink(missing_ok=True)
    return artifact


def _become_artifact(upload: Upload, brought: Brought) -> Artifact:
    with transaction.atomic():
        if not Upload.objects.filter(pk=upload.pk, status=Upload.Status.OPEN).update(status=Upload.Status.FINISHED):
            upload.refresh_from_db()
            if upload.artifact is not None:
                return upload.artifact
            raise ValidationError(_("This upload has ended already."))
        artifact = add_artifact(
            upload.version,
            blob=named(brought),
            filename=upload.filename,
            role=upload.role,
            origin=upload.origin,
            organisation=upload.organisation,
            person=upload.person,
        )
        Upload.objects.filter(pk=upload.pk).update(artifact=artifact)
    return artifact


def abandon_stale() -> int:
    """Give up uploads that nobody touched for two days, with their quarantine files."""
    stale = Upload.objects.filter(status=Upload.Status.OPEN, touched_at__lt=timezone.now() - ABANDONED_AFTER)
    for upload in stale:
        quarantine_path(upload).unlink(missing_ok=True)
    return stale.update(status=Upload.Status.ABANDONED)
