"""The runs of a case as they go: which count, and whether all that was planned has ended."""

from __future__ import annotations

from dataclasses import dataclass

from django.db import transaction
from django.db.models import Q

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
        .select_related("run__superseded_by", "item__plan")
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


def adopt_repeats() -> int:
    """Take runs that somebody asked for again into their plan: the new run counts, the attempt before stays beside it.

    The room below repeats a run without knowing what it belongs to; the plan finds it. Safe to call at any time.
    """
    adopted = 0
    repeats = (
        Run.objects.filter(planned=None, supersedes__planned__isnull=False)
        .select_related("supersedes")
        .order_by("requested_at")
    )
    while found := list(repeats[:100]):
        for run in found:
            _adopt(run)
        adopted += len(found)
    return adopted


@transaction.atomic
def _adopt(run: Run) -> None:
    before = PlannedRun.objects.get(run=run.supersedes)
    # Of a plan that was superseded, no run counts any more.
    counts = bool(PlannedRun.objects.filter(pk=before.pk, counted=True).update(counted=False))
    PlannedRun.objects.get_or_create(run=run, defaults={"item": before.item, "counted": counts})


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
