"""How a certificate is kept true after it was issued (ISO/IEC 17065, 7.11): suspension, reinstatement, withdrawal."""

from __future__ import annotations

from typing import Any

from django.db import transaction

from assessments.accounts.models import Organisation, Role
from assessments.accounts.rules import organisations_of
from assessments.ledger.workflow import move
from portal.certificates.models import Certificate, StatusEvent
from portal.certificates.workflow import WORKFLOW

ACTIONS = ("suspend", "reinstate", "withdraw", "cancel")


@transaction.atomic
def change_status(certificate: Certificate, action: str, *, actor: Any, reason: str) -> StatusEvent:
    """Change the status, with its public reason, in one transaction with the ledger entry and the public event.

    Raises PermissionDenied, ValidationError (no reason), or Conflict when the certificate is not, or no longer,
    in a state from which this step leads.
    """
    imposed_by = acting_organisation(certificate, actor)
    changes: dict[str, Any] = {}
    if action == "suspend":
        changes = {"suspended_by": imposed_by}
    elif action == "reinstate":
        changes = {"suspended_by": None}
    move(certificate, WORKFLOW, action, actor=actor, reason=reason, changes=changes)
    return StatusEvent.objects.create(
        certificate=certificate, status=certificate.status, reason=reason.strip(), imposed_by=imposed_by, actor=actor
    )


def acting_organisation(certificate: Certificate, actor: Any) -> Organisation | None:
    """For whom the person acts: the issuing body, the authority, or the holder."""
    mine = organisations_of(actor, Role.REVIEWER, Role.REGULATOR, Role.VENDOR_MEMBER)
    if certificate.body_id in mine:
        return certificate.body
    if certificate.holder_id in mine:
        return certificate.holder
    return Organisation.objects.filter(pk__in=mine).first()
