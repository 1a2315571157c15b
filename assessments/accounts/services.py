"""Changes to organisations, memberships and grants."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.ledger.services import append

from .models import ROLE_KINDS, AccessGrant, Membership, Organisation, Person, Role


@transaction.atomic
def found_vendor(person: Person, name_en: str, name_zh: str = "") -> Organisation:
    """Found a vendor organisation with the person as its first member."""
    organisation = Organisation.objects.create(kind=Organisation.Kind.VENDOR, name_en=name_en, name_zh=name_zh)
    add_member(person, organisation, Role.VENDOR_MEMBER, actor=person)
    return organisation


@transaction.atomic
def add_member(person: Person, organisation: Organisation, role: str, *, actor: Any) -> Membership:
    """Give a person a role. Raises ValidationError if the organisation's kind does not fit the role or the person."""
    if ROLE_KINDS[role] != organisation.kind:
        raise ValidationError(_("This role does not exist in an organisation of this kind."))
    if person.memberships.exclude(organisation__kind=organisation.kind).exists():
        raise ValidationError(_("All organisations of a person are of one kind."))
    membership, made = Membership.objects.get_or_create(person=person, organisation=organisation, role=role)
    if made:
        append(organisation, "member_added", actor=actor, details={"person": str(person.pk), "role": role})
    if hasattr(person, "roles_read"):
        del person.roles_read
    return membership


def open_object(person: Person, object_type: str, object_id: Any, purpose: str) -> None:
    """Open an object of a lower room to a person, until `close_objects`."""
    AccessGrant.objects.update_or_create(
        person=person, object_type=object_type, object_id=object_id, purpose=purpose, defaults={"until": None}
    )


def close_objects(person: Person, purpose: str) -> None:
    """End all grants that were made to a person for a purpose."""
    AccessGrant.objects.active().filter(person=person, purpose=purpose).update(until=timezone.now())
