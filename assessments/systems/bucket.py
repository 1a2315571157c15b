"""Stored files in a bucket that speaks S3, shared by all hosts; jobs read copies on their own computer."""

from __future__ import annotations

import errno
import fcntl
import io
import os
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any, BinaryIO, cast

from django.db import connection, transaction

from .keeping import Stored, is_digest
from .local_copies import BLOCK, LocalCopies

# One number for all holders of the store: "store" in ASCII.
_ADVISORY_LOCK = 0x73746F7265
_NOT_FOUND = {"404", "NoSuchKey", "NotFound"}
_FULL = {"507", "InsufficientStorage", "XMinioStorageFull", "QuotaExceeded"}


@dataclass(frozen=True)
class Access:
    """Where the bucket is and who asks; `endpoint` "" for the service of Amazon itself."""

    bucket: str
    prefix: str
    endpoint: str
    region: str
    key_id: str
    secret: str


class Bucket:
    """The store in a bucket; see `keeping.Backing`. Names in it are those of a folder, so either can be copied over."""

    def __init__(self, access: Access, copies: LocalCopies) -> None:
        self.access, self.copies = access, copies

    def name_of(self, sha256: str) -> str:
        return f"{self.access.prefix}{sha256[:2]}/{sha256[2:4]}/{sha256}"

    def where(self, sha256: str) -> str:
        return f"s3://{self.access.bucket}/{self.name_of(sha256)}"

    def size_of(self, sha256: str) -> int:
        with _as_os_errors():
            return int(self._client.head_object(**self._object(sha256))["ContentLength"])

    def open(self, sha256: str) -> BinaryIO:
        with _as_os_errors():
            body = self._client.get_object(**self._object(sha256))["Body"]
        return cast("BinaryIO", io.BufferedReader(_Body(body), BLOCK))

    def local(self, sha256: str) -> AbstractContextManager[Path]:
        return self.copies.hold(sha256, self)

    def take(self, path: Path, sha256: str) -> None:
        """See `Backing`. Equal bytes are sent again: that makes them young, and mends what had been spoiled there."""
        from boto3.s3.transfer import TransferConfig  # noqa: PLC0415 - only where a bucket is used

        few = TransferConfig(max_concurrency=4)
        with self._held(alone=False), _as_os_errors():
            self._client.upload_file(str(path), self.access.bucket, self.name_of(sha256), Config=few)
        path.unlink()

    def remove(self, sha256: str, before: float) -> bool:
        with self._held(alone=True) as held, _as_os_errors():
            if not held:
                return False
            for stored in self._listed(self.name_of(sha256)):
                if stored.brought < before:
                    self._client.delete_object(**self._object(sha256))
                    return True
        return False

    def stored(self) -> Iterator[Stored]:
        return self._listed(self.access.prefix)

    def _listed(self, beginning: str) -> Iterator[Stored]:
        with _as_os_errors():
            pages = self._client.get_paginator("list_objects_v2")
            for page in pages.paginate(Bucket=self.access.bucket, Prefix=beginning):
                for one in page.get("Contents", ()):
                    sha256 = one["Key"].rpartition("/")[2]
                    if is_digest(sha256) and one["Key"] == self.name_of(sha256):
                        yield Stored(sha256, one["Size"], one["LastModified"].timestamp())

    def tidy(self, before: float) -> None:
        """Parts of transfers that were cut off are kept, and paid for, until somebody gives them up."""
        with _as_os_errors():
            pages = self._client.get_paginator("list_multipart_uploads")
            for page in pages.paginate(Bucket=self.access.bucket, Prefix=self.access.prefix):
                for one in page.get("Uploads", ()):
                    if one["Initiated"].timestamp() < before:
                        self._client.abort_multipart_upload(
                            Bucket=self.access.bucket, Key=one["Key"], UploadId=one["UploadId"]
                        )

    def try_out(self) -> None:
        with _as_os_errors():
            client = _client(self.access, os.getpid(), patient=False)
            client.put_object(Bucket=self.access.bucket, Key=f"{self.access.prefix}.tried", Body=b"")

    @property
    def _client(self) -> Any:
        return _client(self.access, os.getpid(), patient=True)

    def _object(self, sha256: str) -> dict[str, str]:
        return {"Bucket": self.access.bucket, "Key": self.name_of(sha256)}

    @contextmanager
    def _held(self, *, alone: bool) -> Iterator[bool]:
        """Hold the store on all hosts: any number may bring files at once, one removes `alone`. Gives whether it holds.

        Whoever would be alone does not wait, for everybody who brings a file would wait behind it. PostgreSQL, which
        the hosts share, keeps the lock to the end of the transaction; an SQLite database has one host, and a file does.
        """
        if connection.vendor == "postgresql":
            with transaction.atomic(), connection.cursor() as cursor:
                function = "pg_try_advisory_xact_lock" if alone else "pg_advisory_xact_lock_shared"
                cursor.execute(f"SELECT {function}(%s)", [_ADVISORY_LOCK])
                yield not alone or bool(cursor.fetchone()[0])
            return
        self.copies.root.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.copies.root.parent / f".{self.copies.root.name}.lock").open("ab") as lock:
            try:
                fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB if alone else fcntl.LOCK_SH)
            except BlockingIOError:
                yield False
            else:
                yield True


class _Body(io.RawIOBase):
    """What the service sends, as a file to be read once."""

    def __init__(self, body: Any) -> None:
        self._body = body

    def readable(self) -> bool:
        return True

    def readinto(self, buffer: Any) -> int:
        with _as_os_errors():
            content = self._body.read(len(buffer))
        buffer[: len(content)] = content
        return len(content)

    def close(self) -> None:
        if not self.closed:
            self._body.close()
        super().close()


@cache
def _client(access: Access, process: int, *, patient: bool) -> Any:
    """A client for one process: a forked one must not share its parent's connections.

    Digests beside SHA-256 are sent only where the protocol asks: not every service that speaks S3 knows the others.
    """
    from boto3.session import Session  # noqa: PLC0415 - only where a bucket is used
    from botocore.config import Config  # noqa: PLC0415

    return Session().client(
        "s3",
        endpoint_url=access.endpoint or None,
        region_name=access.region,
        aws_access_key_id=access.key_id,
        aws_secret_access_key=access.secret,
        config=Config(
            connect_timeout=5 if patient else 2,
            read_timeout=60 if patient else 3,
            retries={"mode": "standard", "total_max_attempts": 4 if patient else 1},
            s3={"addressing_style": "path" if access.endpoint else "auto"},
            request_checksum_calculation="when_required",
            response_checksum_validation="when_required",
        ),
    )


@contextmanager
def _as_os_errors() -> Iterator[None]:
    """What the service or the way to it refuses, as the error that a file system would give."""
    from boto3.exceptions import Boto3Error  # noqa: PLC0415 - only where a bucket is used
    from botocore.exceptions import BotoCoreError, ClientError  # noqa: PLC0415

    try:
        yield
    except ClientError as error:
        raise _of_code(str(error.response.get("Error", {}).get("Code", "")), str(error)) from error
    except (BotoCoreError, Boto3Error) as error:
        cause = error.__context__  # of a transfer in parts
        if isinstance(cause, ClientError):
            raise _of_code(str(cause.response.get("Error", {}).get("Code", "")), str(cause)) from error
        raise OSError(errno.EIO, f"the file store does not answer: {error}") from error


def _of_code(code: str, said: str) -> OSError:
    if code in _NOT_FOUND:
        return FileNotFoundError(errno.ENOENT, said)
    if code in _FULL:
        return OSError(errno.ENOSPC, said)
    return OSError(errno.EIO, said)
