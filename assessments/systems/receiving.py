"""How a file part of a form is received: straight into quarantine, digested on the way, cut off at the limit."""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload

from .quotas import room_for

# What a form may have beside its file.
_OTHER_FIELDS = 2**20


class QuarantinedFile(UploadedFile):
    """A received file that lies in quarantine; `too_large` when it was cut off at `limit` bytes."""

    def __init__(self, path: Path, *, name: str, size: int, sha256: str, too_large: bool, limit: int) -> None:
        self.path, self.sha256, self.too_large, self.limit = path, sha256, too_large, limit
        super().__init__(file=path.open("rb"), name=name, size=size, content_type="application/octet-stream")

    def close(self) -> None:
        """Close and, if nobody took the file out of quarantine, remove it."""
        super().close()
        self.path.unlink(missing_ok=True)


class QuarantineHandler(FileUploadHandler):
    """Writes each chunk to quarantine as it arrives, so that a large file never stands in memory.

    Visitors may send what the verification page takes; people who are signed in, what an artifact may have and
    what their organisation has room for. Of a file that is announced too large nothing is written.
    """

    announced = 0

    def handle_raw_input(self, input_data: Any, META: Any, content_length: int, *args: Any, **kwargs: Any) -> None:
        self.announced = content_length

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        folder = Path(settings.UPLOAD_ROOT)
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"form-{uuid.uuid4().hex}"
        self.sink = self.path.open("wb")
        self.digest = hashlib.sha256()
        self.received = 0
        self.limit = most = settings.VERIFICATION_MAX_BYTES
        user = getattr(self.request, "user", None)
        if user and user.is_authenticated:
            most = settings.UPLOAD_MAX_BYTES
            self.limit = min(most, max(self.limit, room_for(user)))
        # So long the rest is let go by, so that the sender can be told; then the connection is cut.
        self.patience = 2 * most
        self.too_large = self.announced > self.limit + _OTHER_FIELDS

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        self.too_large = self.too_large or self.received > self.limit
        if self.too_large:
            if self.received > self.patience:
                self.upload_interrupted()
                raise StopUpload(connection_reset=True)
            return
        self.sink.write(raw_data)
        self.digest.update(raw_data)

    def file_complete(self, file_size: int) -> QuarantinedFile:
        self.sink.close()
        return QuarantinedFile(
            self.path,
            name=self.file_name or "",
            size=file_size,
            sha256=self.digest.hexdigest(),
            too_large=self.too_large,
            limit=self.limit,
        )

    def upload_interrupted(self) -> None:
        if hasattr(self, "sink"):
            self.sink.close()
            self.path.unlink(missing_ok=True)
