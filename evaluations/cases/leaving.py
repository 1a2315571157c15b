"""Whoever no longer holds the role that a part needs has left the case: the part ends, and the place can be filled."""

from __future__ import annotations

from django.db import transaction
from django.db.models import Exists, OuterRef, Q

from assessments.accounts.models import Membership
from assessments.ledger.services import append
from assessments.ledger.workflow import Conflict

from .assignment import end_part
from .candidates import ROLE_OF_PART, UNDER_WAY
from .models import Assignment


def end_parts_of_former_members() -> int:
    """End the parts of people without the role in the case's body, or whose account is closed. Returns how many.

    Cases pull this from memberships: whoever ends a membership need not know of cases. The assignment's row stays,
    so that who has evaluated still never reviews.
    """
    without_role = Q(person__is_active=False)
    for part, role in ROLE_OF_PART.items():
        held = Membership.objects.filter(person=OuterRef("person"), organisation=OuterRef("case__body"), role=role)
        without_role |= Q(Q(part=part), ~Exists(held))
    ended = 0
    for row in Assignment.objects.filter(without_role, ended_at=None, case__status__in=UNDER_WAY).select_related(
        "case"
    ):
        ended += _end(row)
    return ended


@transaction.atomic
def _end(row: Assignment) -> bool:
    try:
        end_part(row)
    except Conflict:
        return False
    details = {"person": str(row.person_id), "part": row.part, "cause": "membership"}
    append(row.case, "end_assignment", actor=None, details=details)
    return True
