"""How a file part of a form is received: straight into quarantine, digested on the way, cut off at the limit."""

from __future__ import annotations

import hashlib
import uuid
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.files.uploadhandler import FileUploadHandler, StopUpload


class QuarantinedFile(UploadedFile):
    """A received file that lies in quarantine; `too_large` when it was cut off at the limit."""

    def __init__(self, path: Path, *, name: str, size: int, sha256: str, too_large: bool) -> None:
        self.path, self.sha256, self.too_large = path, sha256, too_large
        super().__init__(file=path.open("rb"), name=name, size=size, content_type="application/octet-stream")

    def close(self) -> None:
        """Close and, if nobody took the file out of quarantine, remove it."""
        super().close()
        self.path.unlink(missing_ok=True)


class QuarantineHandler(FileUploadHandler):
    """Writes each chunk to quarantine as it arrives, so that a large file never stands in memory.

    Visitors may send what the verification page takes; people who are signed in, what an artifact may have.
    """

    def new_file(self, *args: Any, **kwargs: Any) -> None:
        super().new_file(*args, **kwargs)
        folder = Path(settings.UPLOAD_ROOT)
        folder.mkdir(parents=True, exist_ok=True)
        self.path = folder / f"form-{uuid.uuid4().hex}"
        self.sink = self.path.open("wb")
        self.digest = hashlib.sha256()
        self.received = 0
        self.too_large = False
        user = getattr(self.request, "user", None)
        signed_in = bool(user and user.is_authenticated)
        self.limit = settings.UPLOAD_MAX_BYTES if signed_in else settings.VERIFICATION_MAX_BYTES

    def receive_data_chunk(self, raw_data: bytes, start: int) -> None:
        self.received += len(raw_data)
        if self.received > self.limit:
            self.too_large = True
            if self.received > 2 * self.limit:
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
        )

    def upload_interrupted(self) -> None:
        if hasattr(self, "sink"):
            self.sink.close()
            self.path.unlink(missing_ok=True)
