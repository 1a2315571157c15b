"""Predicates about people and their organisations, in words that read as English."""

from __future__ import annotations

from datetime import date
from typing import Any

import rules
from django.db.models import Q, QuerySet
from django.utils import timezone

from .models import AccessGrant, InterestDeclaration, Membership, Role

COOLING_OFF_YEARS = 2  # ISO/IEC 17065, 4.2: two years back


def roles_of(person: Any) -> set[tuple[Any, str]]:
    """All (organisation id, role) pairs of a person, read once for each request's person object."""
    if not getattr(person, "is_authenticated", False) or not person.is_active:
        return set()
    if not hasattr(person, "roles_read"):
        person.roles_read = set(Membership.objects.filter(person=person).values_list("organisation_id", "role"))
    return person.roles_read


def has_role(person: Any, role: str, organisation_id: Any = None) -> bool:
    """Whether the person holds the role, in the named organisation or in any."""
    return any(held == role and organisation_id in (None, org) for org, held in roles_of(person))


def organisations_of(person: Any, *roles: str) -> list[Any]:
    """Ids of the organisations in which the person holds one of the roles (any role if none is named)."""
    return [org for org, held in roles_of(person) if not roles or held in roles]


def is_open_to(person: Any, object_type: str, object_id: Any) -> bool:
    """Whether an access grant opens the object to the person now."""
    if not getattr(person, "is_authenticated", False):
        return False
    return AccessGrant.objects.active().filter(person=person, object_type=object_type, object_id=object_id).exists()


def has_interest_in(person: Any, organisation_id: Any, *, on: date | None = None) -> bool:
    """Whether a declared interest in the organisation holds now or ended less than two years ago."""
    member = Membership.objects.filter(person=person, organisation_id=organisation_id).exists()
    return member or _declared(person, on).filter(organisation_id=organisation_id).exists()


def interests_of(person: Any, *, on: date | None = None) -> set[Any]:
    """The ids of all organisations in which the person has an interest, for lists of many organisations."""
    members = Membership.objects.filter(person=person).values_list("organisation_id", flat=True)
    return {*members, *_declared(person, on).values_list("organisation_id", flat=True)}


def people_interested_in(organisation_id: Any, *, on: date | None = None) -> set[Any]:
    """The ids of all people who have an interest in the organisation, for a list of many people."""
    members = Membership.objects.filter(organisation=organisation_id).values_list("person_id", flat=True)
    return {*members, *_standing(on).filter(organisation=organisation_id).values_list("person_id", flat=True)}


def _declared(person: Any, on: date | None) -> QuerySet[InterestDeclaration]:
    return _standing(on).filter(person=person)


def _standing(on: date | None) -> QuerySet[InterestDeclaration]:
    """The declarations that hold on a day (today by default), or ended less than two years before it."""
    day = on or timezone.now().date()
    try:
        horizon = day.replace(year=day.year - COOLING_OFF_YEARS)
    except ValueError:  # 29 February
        horizon = day.replace(year=day.year - COOLING_OFF_YEARS, day=28)
    declared = InterestDeclaration.objects.filter(since__lte=day)
    return declared.filter(Q(until=None) | Q(until__gte=horizon))


@rules.predicate
def is_vendor_member(person: Any) -> bool:
    return has_role(person, Role.VENDOR_MEMBER)


@rules.predicate
def is_body_staff(person: Any) -> bool:
    return any(has_role(person, r) for r in (Role.EVALUATOR, Role.LEAD_EVALUATOR, Role.REVIEWER))


@rules.predicate
def is_regulator(person: Any) -> bool:
    return has_role(person, Role.REGULATOR)


@rules.predicate
def is_administrator(person: Any) -> bool:
    return has_role(person, Role.ADMINISTRATOR)


@rules.predicate
def is_member_of_vendor(person: Any, organisation: Any) -> bool:
    return organisation is not None and has_role(person, Role.VENDOR_MEMBER, organisation.pk)


rules.add_perm("accounts.manage_organisation", is_administrator | is_member_of_vendor)
rules.add_perm("accounts.use_vendor_pages", is_vendor_member)
rules.add_perm("accounts.use_body_pages", is_body_staff)
rules.add_perm("accounts.use_authority_pages", is_regulator)
rules.add_perm("accounts.administer", is_administrator)
