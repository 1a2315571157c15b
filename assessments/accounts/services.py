"""Changes to organisations, people, memberships and grants."""

from __future__ import annotations

import hashlib
import json
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.ledger.services import append
from assessments.ledger.workflow import Conflict

from . import sign_ins
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


@transaction.atomic
def found_organisation(
    kind: str, name_en: str, name_zh: str = "", address_en: str = "", address_zh: str = "", *, actor: Any
) -> Organisation:
    """Found an organisation of any kind; its first member comes by invitation. ValidationError: the name is taken."""
    if Organisation.objects.filter(kind=kind, name_en__iexact=name_en).exists():
        raise ValidationError(_("An organisation of this kind and name is here already."))
    organisation = Organisation.objects.create(
        kind=kind, name_en=name_en, name_zh=name_zh, address_en=address_en, address_zh=address_zh
    )
    append(organisation, "founded", actor=actor, details={"kind": kind})
    return organisation


@transaction.atomic
def describe_organisation(
    organisation: Organisation, words: dict[str, str], *, actor: Any, seen: str | None = None
) -> None:
    """Change names and addresses; what certificates say already stays as it was printed.

    `seen` is the fingerprint of what the person saw (`description_seen`). Raises Conflict when other words stand there.
    """
    before = Organisation.objects.get(pk=organisation.pk)
    if seen is not None and seen != description_seen(before):
        raise Conflict
    changed = [name for name, text in words.items() if getattr(before, name) != text]
    if changed:
        standing = Organisation.objects.filter(pk=organisation.pk, **{name: getattr(before, name) for name in changed})
        if not standing.update(**{name: words[name] for name in changed}):
            raise Conflict
        append(organisation, "described", actor=actor, details={"fields": sorted(changed)})


def description_seen(organisation: Organisation) -> str:
    """Names what an organisation says of itself, so that a save can tell whether it was made on sight of it."""
    words = [organisation.name_en, organisation.name_zh, organisation.address_en, organisation.address_zh]
    return hashlib.sha256(json.dumps(words).encode()).hexdigest()[:32]


@transaction.atomic
def end_membership(membership: Membership, *, actor: Any) -> None:
    """Take a role from a person; what was opened to them ends with their last one.

    ValidationError: a vendor keeps one member, the portal one administrator.
    """
    person, organisation, role = membership.person, membership.organisation, membership.role
    if role in (Role.VENDOR_MEMBER, Role.ADMINISTRATOR) and not _others(membership).exists():
        raise ValidationError(_("This is the last person with this role here. Invite somebody else first."))
    if not Membership.objects.filter(pk=membership.pk).delete()[0]:
        return
    if not person.memberships.exists():
        AccessGrant.objects.active().filter(person=person).update(until=timezone.now())
    append(organisation, "member_removed", actor=actor, details={"person": str(person.pk), "role": role})


def _others(membership: Membership) -> Any:
    """Who else could act in this role: everywhere for administrators, in the same organisation for the others."""
    others = Membership.objects.filter(role=membership.role, person__is_active=True).exclude(person=membership.person)
    everywhere = membership.role == Role.ADMINISTRATOR
    return others if everywhere else others.filter(organisation=membership.organisation)


@transaction.atomic
def deactivate(person: Person, *, actor: Any) -> None:
    """Close an account at once: no session, no token, no sign-in. What the person did stays on record.

    ValidationError: oneself, or the last administrator.
    """
    if actor is not None and person.pk == actor.pk:
        raise ValidationError(_("You cannot close your own account here."))
    own = person.memberships.filter(role=Role.ADMINISTRATOR).first()
    if own is not None and not _others(own).exists():
        raise ValidationError(_("This is the last person with this role here. Invite somebody else first."))
    if not Person.objects.filter(pk=person.pk, is_active=True).update(is_active=False):
        return
    tokens, _rows = person.tokens.all().delete()
    sign_ins.end(sign_ins.current(person), person, actor=actor)
    append(person, "deactivated", actor=actor, details={"tokens": tokens})


@transaction.atomic
def reactivate(person: Person, *, actor: Any) -> None:
    """Open a closed account again, with the roles that it still has; tokens are made anew. Never an erased one."""
    if Person.objects.filter(pk=person.pk, is_active=False, erased_at=None).update(is_active=True):
        append(person, "reactivated", actor=actor)


def open_object(person: Person, object_type: str, object_id: Any, purpose: str) -> None:
    """Open an object of a lower room to a person, until `close_objects`."""
    AccessGrant.objects.update_or_create(
        person=person, object_type=object_type, object_id=object_id, purpose=purpose, defaults={"until": None}
    )


def close_objects(person: Person, purpose: str) -> None:
    """End all grants that were made to a person for a purpose."""
    AccessGrant.objects.active().filter(person=person, purpose=purpose).update(until=timezone.now())
