"""`manage.py ledger verify`: check that the chain is whole."""

from __future__ import annotations

from argparse import ArgumentParser
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments.ledger.models import Entry
from assessments.ledger.services import verify


class Command(BaseCommand):
    help = "Check the ledger: `ledger verify` walks the whole chain and names each place where it does not hold."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("action", choices=["verify"])

    def handle(self, *args: Any, **options: Any) -> None:
        faults = list(verify())
        for fault in faults:
            self.stderr.write(f"entry {fault.sequence}: {fault.reason}")
        if faults:
            raise CommandError(f"The ledger does not hold: {len(faults)} places.")
        self.stdout.write(f"The ledger holds: {Entry.objects.count()} entries.")
