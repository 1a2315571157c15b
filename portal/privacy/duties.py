"""What stands in the way of an erasure: what the person has still to do, or what nobody else could do."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django.db.models import Prefetch, Q
from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.accounts.models import Membership, Organisation, Person, Role
from assessments.applications.models import Application
from evaluations.cases.models import Assignment, Case
from portal.certificates.models import Certificate

from .holds import holds_on

UNDER_WAY = (
    Application.Status.SUBMITTED,
    Application.Status.RETURNED,
    Application.Status.ADMITTED,
    Application.Status.AGREED,
)


@dataclass(frozen=True)
class Duty:
    """One reason, in the reader's language, and where it can be settled (empty: no page of the reader's)."""

    text: str
    url: str = ""


def duties_of(person: Person, viewer: Any) -> list[Duty]:
    """Everything that has to be settled first; empty when the person's data can be erased."""
    return [
        *_cases(person, viewer),
        *_last_administrator(person),
        *_last_members(person),
        *_unprinted(person),
        *_held(person),
    ]


def _cases(person: Person, viewer: Any) -> Iterator[Duty]:
    """Who ever took a part in a case that is still open: its report is not frozen for good, and it names them."""
    held = Case.objects.under_way().filter(assignments__person=person).distinct().order_by("number")
    parts = Assignment.objects.filter(person=person).order_by("ended_at", "pk")
    mine = Prefetch("assignments", queryset=parts, to_attr="parts_of_person")
    open_to_viewer = set(Case.objects.visible_to(viewer).values_list("pk", flat=True)) if viewer == person else set()
    for case in held.prefetch_related(mine):
        text = _("Took part in case %(number)s, which is open (%(part)s).")
        named = text % {"number": case.number, "part": case.parts_of_person[0].get_part_display()}
        yield Duty(named, reverse("cases:case", args=[case.pk]) if case.pk in open_to_viewer else "")


def _last_administrator(person: Person) -> Iterator[Duty]:
    own = person.memberships.filter(role=Role.ADMINISTRATOR)
    others = Membership.objects.filter(role=Role.ADMINISTRATOR, person__is_active=True).exclude(person=person)
    for membership in own if not others.exists() else ():
        where = reverse("organisations:organisation", args=[membership.organisation_id])
        yield Duty(_("Is the last administrator of this portal."), where)


def _last_members(person: Person) -> Iterator[Duty]:
    for organisation in Organisation.objects.filter(memberships__person=person).distinct():
        members = organisation.memberships.filter(person__is_active=True).exclude(person=person)
        if members.exists() or not _has_work(organisation):
            continue
        text = _("Is the last member of %(name)s, which has applications or cases under way.")
        yield Duty(text % {"name": organisation.name}, reverse("organisations:organisation", args=[organisation.pk]))


def _has_work(organisation: Organisation) -> bool:
    parties = Q(organisation=organisation) | Q(body=organisation)
    applied = Application.objects.filter(parties, status__in=UNDER_WAY)
    parties = Q(application__organisation=organisation) | Q(body=organisation)
    return applied.exists() or Case.objects.under_way().filter(parties).exists()


def _unprinted(person: Person) -> Iterator[Duty]:
    """A certificate that is still to be composed names who decided."""
    granted = Case.objects.filter(outcome=Case.Outcome.GRANTED, decision__decided_by=person)
    for case in granted.exclude(pk__in=Certificate.objects.values("case")):
        yield Duty(_("Decided case %(number)s, whose certificate is still being made.") % {"number": case.number})


def _held(person: Person) -> Iterator[Duty]:
    for hold in holds_on(person):
        yield Duty(_("A legal hold is on %(name)s: nothing of it may be erased.") % {"name": hold})
