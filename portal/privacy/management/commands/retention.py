"""Delete what is past its period, as the clock does once a day; or only say what would go."""

from __future__ import annotations

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from portal.privacy import retention


class Command(BaseCommand):
    help = "Deletes what is past its period and under no legal hold; prints a table. --dry-run deletes nothing."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what is due")

    def handle(self, *args: Any, **options: Any) -> None:
        if options["dry_run"]:
            counts = {code: len(rows) for code, rows in retention.found().items()}
        else:
            counts = retention.run().deleted
        self.stdout.write(f"{'kind':<14}{'after days':>12}{'due' if options['dry_run'] else 'deleted':>10}")
        for kind in retention.KINDS:
            self.stdout.write(f"{kind.code:<14}{kind.days:>12}{counts[kind.code]:>10}")
