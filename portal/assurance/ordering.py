"""Orders for surveillance: made by an authority, answered by the issuing body, accepted, returned or taken back."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.accounts.models import Organisation, Role
from assessments.accounts.rules import organisations_of
from assessments.ledger.services import append
from assessments.ledger.workflow import Conflict, move
from portal.certificates.models import Certificate

from .models import OrderEvent, SurveillanceOrder
from .workflow import ORDERS

LONGEST = timedelta(days=366)
MAY_BE_ORDERED = (Certificate.Status.IN_FORCE, Certificate.Status.SUSPENDED)


def may_be_ordered(certificate: Certificate) -> bool:
    """Whether the certificate still holds, so that surveillance of it makes sense."""
    return certificate.standing() in MAY_BE_ORDERED


@transaction.atomic
def order_surveillance(certificate: Certificate, *, actor: Any, reason: str, due_on: date) -> SurveillanceOrder:
    """Order surveillance of a certificate by a day, with the reason for the body and the holder.

    Raises PermissionDenied, ValidationError (reason, day), or Conflict when the certificate has ended or the authority
    has an unfinished order about it.
    """
    if not actor.has_perm("assurance.order_surveillance", certificate):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError({"reason": _("Give the reason: it is recorded and shown to those concerned.")})
    checked_day(due_on)
    if not may_be_ordered(certificate):
        raise Conflict
    authority = Organisation.objects.get(pk=organisations_of(actor, Role.REGULATOR)[0])
    order = SurveillanceOrder(certificate=certificate, authority=authority, due_on=due_on)
    try:
        with transaction.atomic():
            order.save(force_insert=True)
    except IntegrityError:
        raise Conflict from None
    _told(order, "order", actor, authority, reason, due_on=due_on)
    details = {"certificate": str(certificate.pk), "authority": str(authority.pk), "due_on": due_on.isoformat()}
    append(order, "order", actor=actor, details=details, texts={"reason": reason.strip()})
    return order


@transaction.atomic
def act_on(
    order: SurveillanceOrder, act: str, *, actor: Any, reason: str, outcome: str = "", due_on: date | None = None
) -> None:
    """Answer (with `outcome`), return (with a new day), accept or lift an order, with its words.

    Raises PermissionDenied, ValidationError, or Conflict when the order does not stand where this leads on.
    """
    changes: dict[str, Any] = {}
    if act == "answer":
        if outcome not in SurveillanceOrder.Outcome.values:
            raise ValidationError({"outcome": _("Say whether the requirements are fulfilled.")})
        changes = {"outcome": outcome}
    if act == "return":
        changes = {"due_on": checked_day(due_on)}
    details = {name: value.isoformat() if isinstance(value, date) else value for name, value in changes.items()}
    move(order, ORDERS, act, actor=actor, reason=reason, changes=changes, details=details)
    speaker = order.certificate.body if act == "answer" else order.authority
    _told(order, act, actor, speaker, reason, outcome=outcome if act == "answer" else "", due_on=changes.get("due_on"))


def checked_day(due_on: date | None) -> date:
    """The day, when it is from today on and within a year. Raises ValidationError."""
    today = timezone.now().date()
    if due_on is None or not today <= due_on <= today + LONGEST:
        raise ValidationError({"due_on": _("Name a day from today on, within a year.")})
    return due_on


def _told(order: SurveillanceOrder, act: str, actor: Any, speaker: Organisation, text: str, **more: Any) -> None:
    OrderEvent.objects.create(order=order, act=act, actor=actor, organisation=speaker, text=text.strip(), **more)
