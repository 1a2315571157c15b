"""`manage.py storage verify | sweep | allow`: the store checked, swept, and shared out."""

from __future__ import annotations

from argparse import ArgumentParser
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.management.base import BaseCommand, CommandError

from assessments.accounts.models import Organisation
from assessments.systems import quotas, storekeeping


class Command(BaseCommand):
    help = (
        "The file store: `verify` reads every stored file again and names each that is missing or has changed; "
        "`sweep` removes what no row names; `allow` lets one organisation store another amount than the default."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        actions = parser.add_subparsers(dest="action", required=True)
        actions.add_parser("verify")
        hours = storekeeping.GRACE / timedelta(hours=1)
        actions.add_parser("sweep").add_argument("--older-than", type=float, default=hours, metavar="HOURS")
        allowing = actions.add_parser("allow")
        allowing.add_argument("organisation", help="its name in English, or its identifier")
        allowing.add_argument("megabytes", type=int)

    def handle(self, *args: Any, **options: Any) -> None:
        {"verify": self._verify, "sweep": self._sweep, "allow": self._allow}[options["action"]](options)

    def _sweep(self, options: Mapping[str, Any]) -> None:
        swept = storekeeping.sweep(timedelta(hours=options["older_than"]))
        self.stdout.write(
            f"Removed: {swept.quarantine} files in quarantine, {swept.store} in the store; "
            f"{swept.abandoned} uploads given up."
        )

    def _allow(self, options: Mapping[str, Any]) -> None:
        name = options["organisation"]
        found = [one for one in Organisation.objects.all() if name in (one.name_en, str(one.pk))]
        if len(found) != 1 or options["megabytes"] < 0:
            raise CommandError(f"{len(found)} organisations are called {name}; the amount must not be negative.")
        quotas.allow(found[0], options["megabytes"])
        self.stdout.write(f"{found[0].name_en} may store {options['megabytes']} MB.")

    def _verify(self, options: Mapping[str, Any]) -> None:
        faults = 0
        for found in storekeeping.verify():
            faults += 1
            named = "; ".join(found.names) or "no file of a version"
            self.stderr.write(f"{found.sha256} {found.fault.value} at {found.place}: {named}")
        if faults:
            raise CommandError(f"The store does not hold: {faults} of {storekeeping.standing().files} files.")
        self.stdout.write(f"The store holds: {storekeeping.standing().files} files.")
