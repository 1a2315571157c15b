"""A writer of its own process: `python -m tests.assessments.ledger.writing DATABASE PERSON TIMES`."""

from __future__ import annotations

import sys

import django

django.setup()

from django.conf import settings  # noqa: E402
from django.db import connection, transaction  # noqa: E402

from assessments.accounts.models import Person  # noqa: E402
from assessments.ledger.services import append  # noqa: E402


class Thrown(Exception):
    """The change fails after its entry was written."""


def write(name: str, times: int) -> None:
    """As many entries, and every fourth time a change that fails and must leave none."""
    person = Person.objects.get(pk=name)
    for number in range(times):
        with transaction.atomic():
            append(person, "step", actor=person, details={"n": number}, texts={"reason": f"because {number}"})
        if number % 4 == 0:
            try:
                with transaction.atomic():
                    append(person, "failed", actor=person)
                    raise Thrown
            except Thrown:
                continue


settings.DATABASES["default"]["NAME"] = connection.settings_dict["NAME"] = sys.argv[1]
write(sys.argv[2], int(sys.argv[3]))
