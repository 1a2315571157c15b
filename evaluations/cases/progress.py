"""The runs of a case as they go: which count, cancelling, running again, and whether all that was planned has ended."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.db.models import Q
from django.utils.translation import gettext as _

from assessments.ledger.workflow import Conflict
from evaluations.runs import services as runs
from evaluations.runs.models import Run

from .models import Case, PlannedRun, PlanRevision

ENDED = (Run.Status.FINISHED, Run.Status.FAILED, Run.Status.CANCELLED)


@dataclass(frozen=True)
class Tally:
    """How the counted runs of a plan stand."""

    planned: int
    finished: int
    failed: int
    under_way: int

    @property
    def complete(self) -> bool:
        """Whether every planned test has a counted run that ended, well or not."""
        return self.under_way == 0


def planned_runs(case: Case) -> list[PlannedRun]:
    """Every run of a case, counted or not, the newest plan and attempt first."""
    return list(
        PlannedRun.objects.filter(item__plan__case=case)
        .select_related("run", "run__requested_by", "item__plan")
        .order_by("-item__plan__number", "item__method", "-run__requested_at")
    )


def counted_runs(plan: PlanRevision) -> dict[str, Run]:
    """The run that counts for each method of a plan."""
    rows = PlannedRun.objects.filter(item__plan=plan, counted=True).select_related("run", "item")
    return {row.item.method: row.run for row in rows}


def tally(plan: PlanRevision | None) -> Tally:
    """The counted runs of a plan in figures. Before the runs are asked for, all of them are under way."""
    if plan is None:
        return Tally(0, 0, 0, 0)
    states = list(PlannedRun.objects.filter(item__plan=plan, counted=True).values_list("run__status", flat=True))
    planned = plan.items.count()
    finished = states.count(Run.Status.FINISHED)
    ended = sum(state in ENDED for state in states)
    return Tally(planned, finished, ended - finished, planned - ended)


def planned_run(case: Case, run_id: Any) -> PlannedRun | None:
    """The run as part of this case."""
    return PlannedRun.objects.filter(item__plan__case=case, run_id=run_id).select_related("run", "item__plan").first()


def cancel(case: Case, planned: PlannedRun, *, actor: Any) -> None:
    """Cancel a run of the case. Raises PermissionDenied, or Conflict when it has ended."""
    if not actor.has_perm("cases.evaluate_case", case):
        raise PermissionDenied
    if planned.run.status in ENDED:
        raise Conflict
    runs.cancel_run(planned.run, actor=actor)


@transaction.atomic
def run_again(case: Case, planned: PlannedRun, *, actor: Any, reason: str) -> PlannedRun:
    """Run a planned test again: the new run counts, the attempt before stays in the report with the reason.

    Raises PermissionDenied; ValidationError (no reason, or not the time); Conflict (it is under way, or another run
    counts already).
    """
    if not actor.has_perm("cases.evaluate_case", case):
        raise PermissionDenied
    if case.status != Case.Status.EVALUATING:
        raise ValidationError(_("Runs can be repeated while the evaluation is under way."))
    if not PlannedRun.objects.filter(pk=planned.pk, counted=True).update(counted=False):
        raise Conflict
    again = runs.rerun_with_reason(planned.run, actor=actor, reason=reason)
    return PlannedRun.objects.create(item=planned.item, run=again)


def cancel_stray() -> int:
    """Cancel runs that count for nothing any more: of a plan that was revised, or of a case that was closed."""
    stray = Q(planned__counted=False) | Q(planned__item__plan__case__status=Case.Status.CLOSED)
    cancelled = 0
    for run in Run.objects.unfinished().filter(stray, cancel_requested=False)[:100]:
        try:
            runs.cancel_run(run, actor=None)
        except Conflict:  # it ended by itself
            continue
        cancelled += 1
    return cancelled
