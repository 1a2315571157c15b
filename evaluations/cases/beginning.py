"""From an approved plan to its runs: the portal draws the seeds, and only now."""

from __future__ import annotations

import logging
import secrets
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction

from assessments.applications.terms import due_after
from assessments.ledger.workflow import Conflict, move
from evaluations.runs.services import LARGEST_SEED, request_run

from .models import Case, PlanItem, PlannedRun, PlanRevision
from .planning import approved_plan
from .workflow import WORKFLOW

log = logging.getLogger(__name__)


def begin_approved() -> int:
    """Begin the evaluation of each case with an approved plan. Returns how many."""
    waiting = Case.objects.filter(status=Case.Status.PLAN_APPROVED).order_by("opened_at").values_list("pk", flat=True)
    return sum(begin_evaluation(pk) for pk in waiting[:100])


def begin_evaluation(case_id: Any) -> bool:
    """Draw the seeds of an approved plan and ask for its runs, once; False when there was nothing to begin.

    Seeds are drawn by the portal, and only now: nobody could choose data, parameters or a model to suit them.
    """
    case = Case.objects.filter(pk=case_id, status=Case.Status.PLAN_APPROVED).first()
    plan = approved_plan(case) if case is not None else None
    if case is None or plan is None:
        return False
    try:
        with transaction.atomic():
            # The case's row first, then the ledger's head, as everywhere: so two workers cannot block each other.
            changes = {"due_on": due_after("evaluation")}
            move(case, WORKFLOW, "begin", actor=None, details={"plan": plan.number}, changes=changes)
            for item in plan.items.all():
                _request(case, plan, item)
    except Conflict:
        return False
    except ValidationError:
        log.exception("an approved plan cannot begin", extra={"case": case.number})
        return False
    return True


def _request(case: Case, plan: PlanRevision, item: PlanItem) -> None:
    item.seed = secrets.randbelow(LARGEST_SEED + 1)
    item.save(update_fields=["seed"])
    run = request_run(
        method=item.method,
        parameters=item.parameters,
        seed=item.seed,
        manifest=plan.manifest,
        inputs=plan.inputs,
        scope=case.pk,
        organisation=case.body,
        requested_by=plan.approved_by,
    )
    PlannedRun.objects.create(item=item, run=run)
