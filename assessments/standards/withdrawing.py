"""An edition is withdrawn with its schemes: nobody can apply under it any more; what was attested stays recorded."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction

from assessments.ledger.workflow import move

from .models import Edition, Status
from .workflow import KEEP, WORKFLOW


@transaction.atomic
def withdraw(edition: Edition, *, actor: Any, reason: str) -> None:
    """Withdraw a published or superseded edition. Raises PermissionDenied, ValidationError (no reason), Conflict."""
    if actor is None or not actor.has_perm(KEEP, edition):
        raise PermissionDenied
    for scheme in edition.schemes.filter(status__in=[Status.PUBLISHED, Status.SUPERSEDED]):
        move(scheme, WORKFLOW, "withdraw", actor=actor, reason=reason, details={"edition": str(scheme)})
    move(edition, WORKFLOW, "withdraw", actor=actor, reason=reason, details={"edition": str(edition)})
