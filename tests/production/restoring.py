"""Other installations to restore a backup in, and what two installations have in common when nothing was lost."""

from __future__ import annotations

import json
import os
import subprocess
import sys
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg

from scripts.lib.topology import OWN_SETTINGS, PROJECT, Topology
from tests.production.visiting import SecureWire

PASSPHRASE = "a passphrase for the rehearsal"
# What is the same on both: every table, every file, every seal; and what people would ask of it.
FINGERPRINT = """
import hashlib, json
from assessments.ledger.models import Head
from assessments.ledger.services import verify
from assessments.systems.models import Blob
from assessments.systems.storage import digest_of
from django.test import Client
from evaluations.runs.models import Run
from evaluations.runs.sealing import is_seal_intact
from portal.certificates.models import Certificate
from portal.operations.backup import rows

def table(model):
    lines = (json.dumps(json.loads(line), sort_keys=True) for line in rows.dump(model))
    return hashlib.sha256("\\n".join(lines).encode()).hexdigest()

names = sorted(Blob.objects.values_list("sha256", flat=True))
head, certificate = Head.objects.get(), Certificate.objects.get(status="in_force")
client = Client(headers={"host": "localhost", "x-forwarded-proto": "https"})
page = client.get("/registry/?q=digit").content.decode()
print(json.dumps({
    "tables": {rows.label(model): table(model) for model in rows.tables()},
    "ledger": [head.sequence, head.hash, len(list(verify()))],
    "files": [name for name in names if digest_of(name) == name],
    "blobs": len(names),
    "seals": sorted({is_seal_intact(run) for run in Run.objects.filter(status="finished")}),
    "found": certificate.number in page,
    "pdf": hashlib.sha256(client.get(f"/certificates/{certificate.number}/certificate.pdf").getvalue()).hexdigest(),
}))
"""


class Installation:
    """Settings of an embedded portal in a folder of its own, on SQLite or on a database that is named."""

    def __init__(self, folder: Path, database: str = "") -> None:
        kept = {name: value for name, value in os.environ.items() if not name.startswith(OWN_SETTINGS)}
        self.environment = kept | {"PORTAL_VAR": str(folder), "PORTAL_PLAIN_STATIC": "true"}
        self.environment |= {"DATABASE_URL": database} if database else {}

    def manage(self, *arguments: str, **settings: str) -> subprocess.CompletedProcess[str]:
        command = [sys.executable, "manage.py", *arguments]
        return subprocess.run(
            command, cwd=PROJECT, env=self.environment | settings, capture_output=True, text=True, check=False
        )

    def fingerprint(self) -> dict[str, Any]:
        done = self.manage("shell", "--no-imports", "-c", FINGERPRINT)
        assert done.returncode == 0, done.stderr
        found: dict[str, Any] = json.loads(done.stdout.splitlines()[-1])
        return found


@contextmanager
def work_going_on(wire: SecureWire) -> Iterator[list[str]]:
    """A vendor's program that describes one system after the other; gives their ids as they are made."""
    made: list[str] = []
    over = threading.Event()

    def work() -> None:
        while not over.is_set():
            made.append(wire.version(f"Made meanwhile {len(made)}"))

    thread = threading.Thread(target=work)
    thread.start()
    try:
        yield made
    finally:
        over.set()
        thread.join()


def new_database(stack: Topology) -> str:
    """The address of an empty database beside the stack's own."""
    server = (stack.folder / "secrets" / "database-url").read_text()
    with psycopg.connect(server, autocommit=True) as connection:
        connection.execute("CREATE DATABASE restored")
    return urlsplit(server)._replace(path="/restored").geturl()
