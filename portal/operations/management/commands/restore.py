"""`manage.py restore FILE`: bring an empty installation to the state of a backup."""

from __future__ import annotations

from argparse import ArgumentParser
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from portal.environment import text
from portal.operations.backup.archive import DamagedBackupError
from portal.operations.backup.private_keys import WrongPassphraseError
from portal.operations.backup.reading import NotRestorableError, restore


class Command(BaseCommand):
    help = "Restore a backup into an empty installation of the same release, on either database."
    requires_migrations_checks = False

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("file", type=Path)

    def handle(self, *args: Any, **options: Any) -> None:
        passphrase = text("PORTAL_BACKUP_PASSPHRASE")
        try:
            manifest = restore(options["file"], passphrase=passphrase, tell=self.stdout.write)
        except (OSError, DamagedBackupError, NotRestorableError, WrongPassphraseError) as error:
            raise CommandError(f"Nothing was restored. {error}") from error
        self.stdout.write(
            f"Restored: {sum(manifest.rows.values())} rows; the ledger holds {manifest.ledger_entries} entries "
            f"and ends in {manifest.ledger_hash}."
        )
        if manifest.damaged:
            self.stderr.write(f"The backup was made without these files: {', '.join(manifest.damaged)}")
        if not passphrase:
            self.stderr.write("Private keys were not restored: put the key folder back yourself (docs/operate.md).")
