"""What the client itself may change in a case: the level it applies for, downwards, before the review."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from assessments.ledger.services import append
from assessments.ledger.workflow import Conflict, revise

from .assessing import standard_of
from .models import Case

BEFORE_REVIEW = (Case.Status.PLANNING, Case.Status.PLAN_APPROVED, Case.Status.EVALUATING)


def lower_targets(case: Case) -> list[str]:
    """The levels below the one applied for, lowest first."""
    scheme = standard_of(case)[1].rules
    rank = scheme.rank(case.application.target_level)
    return [level.code for level in scheme.levels[: rank - 1]]


@transaction.atomic
def lower_target(case: Case, target: str, *, actor: Any) -> None:
    """Apply for a lower level. Raises PermissionDenied, ValidationError (not lower), Conflict (in review already)."""
    if not actor.has_perm("cases.view_as_client", case):
        raise PermissionDenied
    if case.status not in BEFORE_REVIEW:
        raise Conflict
    if target not in lower_targets(case):
        raise ValidationError({"target": _("Choose a level below the one applied for.")})
    before = case.application.target_level
    revise(case.application, {"target_level": target})
    append(case, "lower_target", actor=actor, details={"from": before, "to": target})
