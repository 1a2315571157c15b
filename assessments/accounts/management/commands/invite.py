"""Invite somebody from the command line: the way in for the first administrator of a new portal."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.core.management.base import BaseCommand, CommandError, CommandParser
from django.db import transaction

from assessments.accounts import invitations
from assessments.accounts.models import ROLE_KINDS, Organisation, Role
from assessments.accounts.services import found_organisation


class Command(BaseCommand):
    help = "Invites a person to a role in an organisation, which is founded when it is not there; prints the link."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("email")
        parser.add_argument("--role", choices=Role.values, default=Role.ADMINISTRATOR)
        parser.add_argument("--organisation", default="Portal operations", help="its name in English")

    def handle(self, *args: Any, **options: Any) -> None:
        kind = ROLE_KINDS[options["role"]]
        try:
            with transaction.atomic():
                found = Organisation.objects.filter(kind=kind, name_en__iexact=options["organisation"]).first()
                organisation = found or found_organisation(kind, options["organisation"], actor=None)
                invitation, secret = invitations.invite(organisation, options["email"], [options["role"]], actor=None)
        except ValidationError as error:
            raise CommandError(" ".join(error.messages)) from error
        sent = invitations.send(invitation, secret)
        self.stdout.write("Sent." if sent else "The letter could not be sent; give this link to the person yourself:")
        self.stdout.write(invitations.link_of(secret))
