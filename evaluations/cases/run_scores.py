"""On the page of a planned run: its metrics on the thresholds of the plan, and the score that they propose."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from evaluations.runs.models import Run

from .models import PlannedRun
from .proposing import proposal_of, thresholds_of
from .sheet_page import CONCLUSIONS, test_view


def scores_of_run(request: HttpRequest, run: Any = None, **_context: Any) -> SafeString | None:
    """The section for the slot of the run page; nothing for a run that belongs to no plan or has no result."""
    planned = PlannedRun.objects.filter(run=run).select_related("item__plan__case__application__scheme").first()
    if planned is None or run.status != Run.Status.FINISHED:
        return None
    plan = planned.item.plan
    if not request.user.has_perm("cases.view_case", plan.case):
        return None
    thresholds = thresholds_of(plan.case, plan)
    proposal = proposal_of(run, thresholds)
    view = test_view(run, thresholds.get(run.method, {}))
    # What the numbers mean stands above, beside the figures of the run.
    view["metrics"] = [{**metric, "meaning": None} for metric in view["metrics"]]
    context = {
        "case": plan.case,
        "view": view,
        "proposal": proposal,
        "conclusion": CONCLUSIONS[proposal.conclusion],
        "criteria": planned.item.criteria,
        "counted": planned.counted,
    }
    return render_to_string("cases/_run_scores.html", context, request)
