"""How a case begins and how it ends without a decision: both are pulled from the state of the application."""

from __future__ import annotations

import logging

from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone

from assessments.accounts.models import Person, Role
from assessments.accounts.rules import has_interest_in, has_role
from assessments.applications.access import admitted_by
from assessments.applications.models import Application
from assessments.applications.terms import due_after
from assessments.ledger.services import append
from assessments.ledger.workflow import Conflict, move

from .assignment import end_all_assignments, record_assignment
from .models import Assignment, Case, NumberSequence
from .planning import first_draft
from .workflow import WORKFLOW

log = logging.getLogger(__name__)

OPEN_STATUSES = WORKFLOW["close"].sources


def open_agreed() -> list[Case]:
    """Open a case for each application that both parties have signed and that has none yet."""
    waiting = Application.objects.filter(status=Application.Status.AGREED, case=None).order_by("admitted_at")
    cases = []
    for application in waiting.select_related("organisation", "body")[:100]:
        try:
            cases.append(open_case(application))
        except IntegrityError:  # another worker opened it in the same moment
            log.info("case was opened elsewhere", extra={"application": str(application.pk)})
    return cases


@transaction.atomic
def open_case(application: Application) -> Case:
    """Open the case of an agreed application, led by the lead evaluator who admitted it.

    The lead signs the statement on interests like everybody else before the case is open to them. Raises
    IntegrityError when the application has a case already, ValueError when it is not agreed or names no body.
    """
    if application.status != Application.Status.AGREED or application.body is None:
        raise ValueError("only an agreed application has a case")
    case = Case.objects.create(
        number=_next_number(), application=application, body=application.body, due_on=due_after("planning")
    )
    first_draft(case)
    lead = _admitting_lead(application)
    if lead is not None:
        record_assignment(case, lead, Assignment.Part.LEAD, by=None)
    append(
        case,
        "open",
        details={"application": str(application.pk), "number": case.number, "lead": str(lead.pk) if lead else None},
    )
    return case


def _next_number() -> str:
    """C-YYYY-NNNN; the update locks the year's row until the transaction ends."""
    year = timezone.now().year
    NumberSequence.objects.get_or_create(year=year)
    NumberSequence.objects.filter(year=year).update(last=F("last") + 1)
    return f"C-{year}-{NumberSequence.objects.get(year=year).last:04d}"


def _admitting_lead(application: Application) -> Person | None:
    """Who admitted the application, by the ledger, if they may still lead its case."""
    person = Person.objects.filter(pk__in=admitted_by(application.pk), is_active=True).first()
    if person is None or not has_role(person, Role.LEAD_EVALUATOR, application.body_id):
        return None
    return None if has_interest_in(person, application.organisation_id) else person


def close_withdrawn() -> int:
    """Close the cases whose application was withdrawn. Returns how many."""
    waiting = Case.objects.filter(status__in=OPEN_STATUSES, application__status=Application.Status.WITHDRAWN)
    closed = 0
    for case in waiting.select_related("application")[:100]:
        try:
            close_case(case)
        except Conflict:  # somebody moved it in the same moment; the next sweep looks again
            continue
        closed += 1
    return closed


@transaction.atomic
def close_case(case: Case) -> None:
    """Close a case without a decision, and what it opened to people; the sweeper cancels its runs. Raises Conflict."""
    end_all_assignments(case)
    move(case, WORKFLOW, "close", actor=None, changes={"due_on": None})
