"""Invitations: offered to an address, sent by mail in both languages, used once."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Collection
from datetime import timedelta
from smtplib import SMTPException
from typing import Any

import structlog
from allauth.account.models import EmailAddress
from django.conf import settings
from django.core.exceptions import ValidationError
from django.core.mail import EmailMultiAlternatives
from django.db import IntegrityError, transaction
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils import timezone, translation
from django.utils.translation import gettext_lazy as _

from assessments.ledger.services import append
from assessments.ledger.workflow import Conflict

from .models import ROLE_KINDS, Invitation, Organisation, Person
from .services import add_member

log = structlog.get_logger(__name__)
VALID = timedelta(days=14)
LETTER_LANGUAGES = ("en", "zh-hans")


def digest(secret: str) -> str:
    """SHA-256 of the secret in a link. It has 256 random bits, so no slow hash is needed."""
    return hashlib.sha256(secret.encode()).hexdigest()


def find(secret: str) -> Invitation | None:
    """The open invitation of this link; None when it is unknown, used, withdrawn or expired."""
    rows = Invitation.objects.open().select_related("organisation", "invited_by")
    return rows.filter(digest=digest(secret)).first()


@transaction.atomic
def invite(organisation: Organisation, email: str, roles: Collection[str], *, actor: Any) -> tuple[Invitation, str]:
    """Offer roles to an address. Gives the invitation and the secret of its link, which cannot be read again.

    ValidationError: no role, a role of another kind of organisation, all roles held already, an invitation is open.
    """
    email = email.strip().lower()
    if not roles or any(ROLE_KINDS.get(role) != organisation.kind for role in roles):
        raise ValidationError(_("Choose roles that exist in an organisation of this kind."))
    held = organisation.memberships.filter(person__emailaddress__email__iexact=email, person__is_active=True)
    if set(roles) <= set(held.values_list("role", flat=True)):
        raise ValidationError(_("Somebody with this address holds these roles already."))
    secret = secrets.token_urlsafe(32)
    try:
        with transaction.atomic():
            invitation = Invitation.objects.create(
                organisation=organisation,
                email=email,
                roles=sorted(roles),
                invited_by=actor,
                digest=digest(secret),
                expires_at=timezone.now() + VALID,
            )
    except IntegrityError as error:
        waiting = _("This address is invited already. Send that invitation again, or withdraw it.")
        raise ValidationError(waiting) from error
    append(organisation, "invited", actor=actor, details={"invitation": str(invitation.pk), "roles": sorted(roles)})
    return invitation, secret


@transaction.atomic
def renew(invitation: Invitation, *, actor: Any) -> str:
    """A fresh link and a fresh time; the old link ends. Raises Conflict when it was accepted or withdrawn."""
    secret = secrets.token_urlsafe(32)
    renewed = Invitation.objects.waiting().filter(pk=invitation.pk)
    if not renewed.update(digest=digest(secret), expires_at=timezone.now() + VALID):
        raise Conflict
    append(invitation.organisation, "invitation_renewed", actor=actor, details={"invitation": str(invitation.pk)})
    return secret


@transaction.atomic
def withdraw(invitation: Invitation, *, actor: Any) -> None:
    """End the link. Raises Conflict when it was accepted or withdrawn."""
    if not Invitation.objects.waiting().filter(pk=invitation.pk).update(withdrawn_at=timezone.now()):
        raise Conflict
    append(invitation.organisation, "invitation_withdrawn", actor=actor, details={"invitation": str(invitation.pk)})


@transaction.atomic
def accept(invitation: Invitation, person: Person) -> None:
    """Take the roles. Raises Conflict when the link ended meanwhile, ValidationError when the roles do not fit."""
    taken = Invitation.objects.open().filter(pk=invitation.pk)
    if not taken.update(accepted_at=timezone.now(), accepted_by=person):
        raise Conflict
    for role in invitation.roles:
        add_member(person, invitation.organisation, role, actor=person)
    append(invitation.organisation, "invitation_accepted", actor=person, details={"invitation": str(invitation.pk)})


@transaction.atomic
def join(invitation: Invitation, *, name: str, language: str, password: str | None) -> Person:
    """Make an account for the invited address, which the link has proved, and take the roles."""
    person = Person.objects.create_user(invitation.email, password, name=name, language=language)
    EmailAddress.objects.create(user=person, email=invitation.email, verified=True, primary=True)
    append(person, "joined", actor=person, details={"invitation": str(invitation.pk)})
    accept(invitation, person)
    return person


def is_addressed_to(invitation: Invitation, person: Any) -> bool:
    """Whether the invited address is a confirmed one of the person."""
    return EmailAddress.objects.filter(user_id=person.pk, email__iexact=invitation.email, verified=True).exists()


def account_of(invitation: Invitation) -> Person | None:
    """Who has the invited address already."""
    return Person.objects.filter(email__iexact=invitation.email).first()


def link_of(secret: str) -> str:
    return settings.SITE_URL + reverse("accounts:invitation", args=[secret])


def send(invitation: Invitation, secret: str) -> bool:
    """Send the letter, in both languages as nobody knows the reader's. Says whether a mail server took it."""
    link = link_of(secret)
    parts, subjects = [], []
    for language in LETTER_LANGUAGES:
        with translation.override(language):
            about = {"invitation": invitation, "link": link, "language": language}
            parts.append(render_to_string("accounts/email/invitation.txt", about).strip())
            subjects.append(str(_("Invitation to the Trust Assessment Portal")))
    letter = EmailMultiAlternatives(" · ".join(subjects), "\n\n".join(parts) + "\n", None, [invitation.email])
    letter.attach_alternative(render_to_string("accounts/email/invitation.html", {"parts": parts}), "text/html")
    try:
        letter.send()
    except (OSError, SMTPException) as error:
        log.warning("invitation_not_sent", invitation=str(invitation.pk), error=type(error).__name__)
        return False
    return True
