"""`manage.py backup --out FILE`: all that the installation knows in one file, while it works."""

from __future__ import annotations

import sys
import tempfile
from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.environment import text
from portal.operations.backup.archive import Manifest
from portal.operations.backup.writing import whole_or_nothing, write


class Command(BaseCommand):
    help = (
        "Write tables, files and public keys to one tar while the portal works. With PORTAL_BACKUP_PASSPHRASE (or "
        "…_FILE) the private keys too, closed with it. Exit code 1 when a file of the store is missing or altered; "
        "the backup then holds all others."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--out", required=True, help="a new file, or - for the standard output")

    def handle(self, *args: Any, **options: Any) -> None:
        passphrase = text("PORTAL_BACKUP_PASSPHRASE")
        try:
            if options["out"] == "-":
                manifest = write(sys.stdout.buffer, Path(tempfile.gettempdir()), passphrase=passphrase)
            else:
                path = Path(options["out"]).absolute()
                with whole_or_nothing(path) as file:
                    manifest = write(file, path.parent, passphrase=passphrase)
        except (OSError, ValueError) as error:
            raise CommandError(str(error)) from error
        self._tell(manifest, with_keys=bool(passphrase))

    def _tell(self, manifest: Manifest, *, with_keys: bool) -> None:
        files = [size for name, (size, _) in manifest.members.items() if name.startswith("artifacts/")]
        self.stderr.write(
            f"{sum(manifest.rows.values())} rows, {len(files)} files ({sum(files) / 2**20:.1f} MB), "
            f"ledger of {manifest.ledger_entries} entries ending in {manifest.ledger_hash}; "
            f"private keys {'included' if with_keys else 'not included'}."
        )
        if manifest.damaged:
            raise CommandError(f"Missing or altered in the store: {', '.join(manifest.damaged)}")
