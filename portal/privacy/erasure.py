"""A person's data go; what they did stays, under a pseudonym, and the ledger is whole."""

from __future__ import annotations

import secrets
from dataclasses import dataclass
from importlib import import_module
from typing import Any

from django.apps import apps
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.accounts.models import Invitation, Person, Role, SignIn, pseudonym
from assessments.ledger.models import Entry, Text
from assessments.ledger.services import append, object_key
from assessments.standards.models import Comment
from evaluations.cases.models import Assignment, Case
from portal.certificates.models import Certificate

from .duties import duties_of
from .inventory import DELETE, PLACES

# By which role somebody is called afterwards who held several: what they did for others' certificates comes first.
CALLED = (
    Role.REVIEWER,
    Role.LEAD_EVALUATOR,
    Role.EVALUATOR,
    Role.SCHEME_OWNER,
    Role.REGULATOR,
    Role.INSURER,
    Role.ADMINISTRATOR,
    Role.VENDOR_MEMBER,
)
_ROLE_OF_PART = {"reviewer": Role.REVIEWER, "lead": Role.LEAD_EVALUATOR, "evaluator": Role.EVALUATOR}


@dataclass(frozen=True)
class Remaining:
    """Frozen records that go on naming the person as they did when they were made."""

    certificates: int
    reports: int


def remaining(person: Person) -> Remaining:
    decided = Certificate.objects.published().filter(case__decision__decided_by=person)
    reported = Case.objects.filter(frozen_report__isnull=False, assignments__person=person).distinct()
    return Remaining(decided.count(), reported.count())


def role_of(person: Person) -> str:
    """The role that a pseudonym names: of those held, else of a part once taken, else none."""
    held = set(person.memberships.values_list("role", flat=True))
    held |= {_ROLE_OF_PART[part] for part in Assignment.objects.filter(person=person).values_list("part", flat=True)}
    return next((str(role) for role in CALLED if role in held), "")


@transaction.atomic
def erase(person: Person, *, actor: Any) -> str:
    """Erase what the portal keeps about a person, in one transaction with its one ledger entry. Gives the tag.

    ValidationError: something is still to be settled (`duties_of`), or it was done already.
    """
    person = Person.objects.select_for_update().get(pk=person.pk)
    if person.erased_at is not None:
        raise ValidationError(_("The data of this person are erased already."))
    if duties_of(person, person):
        raise ValidationError(_("Something is still to be settled; nothing was erased."))
    role, address = role_of(person), person.email
    tag = _free_tag(role)
    called = pseudonym(role, tag, "en")
    _end_sessions(person)
    _scrub_words(person, called, address)
    for place in PLACES:
        if place.erasure == DELETE:
            place.rows(person).delete()
    _rename(person, role, tag, called)
    append(person, "erased", actor=actor, details={"role": role, "tag": tag})
    return tag


def _free_tag(role: str) -> str:
    """Four hexadecimal digits; six when these are taken."""
    taken = set(Person.objects.filter(erased_role=role).exclude(erased_tag="").values_list("erased_tag", flat=True))
    for length in (2, 2, 2, 2, 3, 3, 4, 8):
        tag = secrets.token_hex(length).upper()
        if tag not in taken:
            return tag
    return secrets.token_hex(8).upper()


def _end_sessions(person: Person) -> None:
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for key in SignIn.objects.filter(person=person).values_list("session_key", flat=True):
        store(key).delete()


def _scrub_words(person: Person, called: str, address: str) -> None:
    """Names and addresses that stand in rows which stay, and texts beside the ledger about the person themselves."""
    Comment.objects.filter(person=person).update(name=called, affiliation="", email=gone(person))
    invited = Invitation.objects.filter(Q(accepted_by=person) | Q(email__iexact=address))
    invited.filter(accepted_at=None, withdrawn_at=None).update(withdrawn_at=timezone.now())
    invited.update(email=gone(person))
    object_type, object_id = object_key(person)
    apps.get_model("admin.LogEntry").objects.filter(content_type__model="person", object_id=object_id).delete()
    about = Q(object_type=object_type, object_id=object_id) | Q(actor=person.pk, transition="recuse")
    Text.objects.filter(entry__in=Entry.objects.filter(about).values("pk"), erased_at=None).update(
        text="", erased_at=timezone.now()
    )


def gone(person: Person) -> str:
    """An address in place of the erased one: nobody's, and nobody can sign up with it (RFC 2606)."""
    return f"{person.pk.hex}@erased.invalid"


def _rename(person: Person, role: str, tag: str, called: str) -> None:
    person.name, person.email, person.language = called, gone(person), "en"
    person.erased_role, person.erased_tag, person.erased_at = role, tag, timezone.now()
    person.is_active = person.is_staff = person.is_superuser = False
    person.last_login = None
    person.set_unusable_password()
    person.save()
    person.groups.clear()
    person.user_permissions.clear()
