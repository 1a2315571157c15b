"""The board of a case's test runs; each run has a page of its own in the room of runs."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from evaluations.runs.views import as_card

from .access import case_for
from .models import PlannedRun
from .planning import current_plan
from .progress import adopt_repeats, planned_runs, tally


@login_required
@require_safe
def runs(request: HttpRequest, pk: str) -> HttpResponse:
    """The counted runs with live progress, and below them every attempt that counts no more."""
    case = case_for(request.user, pk)
    adopt_repeats()
    may_steer = request.user.has_perm("cases.evaluate_case", case)
    rows = planned_runs(case)
    plan = current_plan(case)
    context = {
        "case": case,
        "tally": tally(plan),
        "counted": [_shown(row, may_steer=may_steer) for row in rows if row.counted],
        "earlier": [row for row in rows if not row.counted],
    }
    return render(request, "cases/runs.html", context)


def _shown(row: PlannedRun, *, may_steer: bool) -> dict[str, Any]:
    return {"card": as_card(row.run, may_steer=may_steer), "criteria": row.item.criteria}
