"""On the page of a planned run: its metrics on the thresholds of the plan, and the score that they propose."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from assessments.applications.models import Application
from assessments.standards.models import Scheme
from evaluations.runs.models import Run

from .models import PlannedRun
from .proposing import proposal_of, thresholds_of
from .sheet_page import CONCLUSIONS, test_view


def scores_of_run(request: HttpRequest, run: Any = None, **_context: Any) -> SafeString | None:
    """The section for the slot of the run page; nothing for a run that belongs to no plan or has no result."""
    if run.status == Run.Status.FINISHED and run.purpose == Run.Purpose.SELF_TEST:
        return scores_of_self_test(request, run)
    planned = PlannedRun.objects.filter(run=run).select_related("item__plan__case__application__scheme").first()
    if planned is None or run.status != Run.Status.FINISHED:
        return None
    plan = planned.item.plan
    if not request.user.has_perm("cases.view_case", plan.case):
        return None
    told = _on_thresholds(run, thresholds_of(plan.case, plan))
    context = {**told, "case": plan.case, "criteria": planned.item.criteria, "counted": planned.counted}
    return render_to_string("cases/_run_scores.html", context, request)


def scores_of_self_test(request: HttpRequest, run: Run) -> SafeString | None:
    """A self-test on the thresholds of a scheme: the chosen one, else the application’s, else the newest."""
    schemes = list(Scheme.objects.open_for_applications().order_by("-pk"))
    applied = Application.objects.visible_to(request.user).filter(version=run.scope).exclude(scheme=None)
    wanted = request.GET.get("scheme") or str(applied.order_by("-created_at").values_list("scheme", flat=True).first())
    scheme = next((each for each in schemes if str(each.pk) == wanted), schemes[0] if schemes else None)
    if scheme is None:
        return None
    told = _on_thresholds(run, scheme.content["thresholds"])
    return render_to_string("cases/_run_scores.html", {**told, "scheme": scheme, "schemes": schemes}, request)


def _on_thresholds(run: Run, thresholds: Mapping[str, Any]) -> dict[str, Any]:
    proposal = proposal_of(run, thresholds)
    view = test_view(run, thresholds.get(run.method, {}))
    # What the numbers mean stands above, beside the figures of the run.
    view["metrics"] = [{**metric, "meaning": None} for metric in view["metrics"]]
    return {"view": view, "proposal": proposal, "conclusion": CONCLUSIONS[proposal.conclusion]}
