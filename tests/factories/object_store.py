"""A server that speaks S3 (moto), started as a process of its own on a free port."""

from __future__ import annotations

import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from typing import Any
from uuid import uuid4

import boto3

KEY_ID, SECRET = "key", "secret"


@dataclass(frozen=True)
class ObjectStore:
    """The running server; what is done past the portal is done by `client`."""

    address: str
    client: Any

    def new_bucket(self, prefix: str = "") -> dict[str, str]:
        """An empty bucket, as the portal's setting STORE names it."""
        name = f"files-{uuid4().hex[:12]}"
        self.client.create_bucket(Bucket=name)
        return {
            "bucket": name, "prefix": prefix, "endpoint": self.address, "region": "us-east-1",
            "key_id": KEY_ID, "secret": SECRET,
        }  # fmt: skip


@contextmanager
def serving() -> Iterator[ObjectStore]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-W", "ignore", "-m", "moto.server", "-H", "127.0.0.1", "-p", str(port)]
    with subprocess.Popen(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL) as process:
        try:
            address = f"http://127.0.0.1:{port}"
            _wait_for(f"{address}/moto-api/", process)
            client = boto3.client(
                "s3", endpoint_url=address, region_name="us-east-1", aws_access_key_id=KEY_ID,
                aws_secret_access_key=SECRET,
            )  # fmt: skip
            yield ObjectStore(address, client)
            client.close()
        finally:
            process.terminate()


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            with urllib.request.urlopen(address, timeout=5):  # noqa: S310 - our own server
                return
        except (urllib.error.URLError, ConnectionError, TimeoutError):
            if process.poll() is not None:
                raise RuntimeError("the S3 server ended at once") from None
            time.sleep(0.1)
    raise RuntimeError("the S3 server does not answer")
