"""Pages of the plan: the draft as it is laid out now, approval, older revisions, a corrected version."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.ledger.workflow import Conflict, may_move
from assessments.standards.models import in_current_language

from . import planning, revising
from .access import case_for, client_case
from .answering import conflict, said
from .forms_plan import OfferForm, ParametersForm, RevisionForm
from .layout import explain
from .models import Case, PlanRevision
from .workflow import WORKFLOW

CONFLICT = "presentation/conflict.html"


@login_required
@require_safe
def plan(request: HttpRequest, pk: str) -> HttpResponse:
    """The approved plan; before that, the draft as the files and the standard say now."""
    case = case_for(request.user, pk)
    return _plan_page(request, case, planning.current_plan(case))


@login_required
@require_safe
def revision(request: HttpRequest, pk: str, number: int) -> HttpResponse:
    """One revision of the plan, also a superseded one."""
    case = case_for(request.user, pk)
    return _plan_page(request, case, get_object_or_404(case.plans.select_related("version__system"), number=number))


def _plan_page(request: HttpRequest, case: Case, shown: PlanRevision | None, **more: Any) -> HttpResponse:
    if shown is None:
        raise Http404
    draft = shown.status == PlanRevision.Status.DRAFT
    layout = planning.draft_layout(case, shown) if draft else None
    tests = planning.planned_tests(shown, layout)
    applicability = layout.applicability if layout is not None else shown.applicability
    profile = layout.profile if layout is not None else shown.profile
    files = planning.files_of(shown) if draft else shown.basis["files"]
    seen = planning.digest_of(layout, tests) if layout is not None else ""
    context = {
        "case": case,
        "plan": shown,
        "draft": draft,
        "tests": tests,
        "seconds": sum(test.seconds for test in tests),
        "groups": _groups(case, applicability),
        "facts": _facts(case, profile),
        "files": files,
        "blockers": planning.blockers(case, layout) if layout is not None else [],
        "seen": seen,
        "hidden": [("seen", seen)],
        "may_edit": draft and request.user.has_perm("cases.evaluate_case", case),
        "may_approve": draft and may_move(WORKFLOW, "approve_plan", case, request.user),
        "may_revise": not draft and may_move(WORKFLOW, "revise_plan", case, request.user),
        "revisions": case.plans.all(),
        **more,
    }
    return render(request, "cases/plan.html", context, status=422 if more.get("refused") else 200)


def _groups(case: Case, applicability: dict[str, Any]) -> list[dict[str, Any]]:
    """The criteria with their entries, by characteristic."""
    edition = case.application.edition
    if edition is None:
        return []
    titles = {each["code"]: in_current_language(each["title"]) for each in edition.content["characteristics"]}
    groups: dict[str, dict[str, Any]] = {}
    for criterion in edition.criteria.all():
        code = criterion.characteristic
        group = groups.setdefault(code, {"code": code, "title": titles.get(code, code), "rows": []})
        group["rows"].append({"criterion": criterion, "entry": applicability[criterion.code]})
    for group in groups.values():
        group["applicable"] = sum(row["entry"]["applies"] for row in group["rows"])
    return list(groups.values())


def _facts(case: Case, profile: dict[str, Any]) -> list[str]:
    """The facts of the profile in words, each as "title: value"."""
    titles = planning.frame_of(case).fact_titles
    return [in_current_language(explain({"fact": n, "is": True}, profile, {n: t}).as_json()) for n, t in titles.items()]


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def item(request: HttpRequest, pk: str, method: str) -> HttpResponse:
    """The parameters of one planned test."""
    case = case_for(request.user, pk, "cases.evaluate_case")
    draft = planning.current_plan(case)
    if draft is None or draft.status != PlanRevision.Status.DRAFT:
        raise Http404
    test = _planned(draft, case, method)
    if test is None:
        raise Http404
    form = ParametersForm(test, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            planning.edit_test(
                case,
                test,
                form.values,
                rationale=form.cleaned_data["rationale"],
                actor=request.user,
                revision=form.cleaned_data["revision"],
            )
        except ValidationError as error:
            form.add_error("rationale" if hasattr(error, "error_dict") else None, error.messages)
        except Conflict:
            present = said(ParametersForm(_planned(draft, case, method) or test))
            return conflict(request, "cases:plan-item", pk, method, typed=said(form), present=present)
        else:
            messages.success(request, _("Saved."))
            return redirect(f"{reverse('cases:plan', args=[pk])}#tests")
    context = {"case": case, "test": test, "form": form}
    return render(request, "cases/plan_item.html", context, status=422 if form.errors else 200)


def _planned(draft: PlanRevision, case: Case, method: str) -> planning.PlannedTest | None:
    """The test of a method in the draft as it stands now."""
    tests = planning.planned_tests(draft, planning.draft_layout(case, draft))
    return next((each for each in tests if each.method.id == method), None)


@login_required
@require_POST
def approve(request: HttpRequest, pk: str) -> HttpResponse:
    case = case_for(request.user, pk, "cases.lead_case")
    try:
        planning.approve_plan(case, actor=request.user, seen=request.POST.get("seen", ""))
    except ValidationError as error:
        return _plan_page(request, case, planning.current_plan(case), refused=error.messages)
    except Conflict:
        reason = _("Files, people or parameters changed since you opened the page. Look through the plan once more.")
        back = reverse("cases:plan", args=[pk])
        return render(request, CONFLICT, {"back_url": back, "reason": reason}, status=409)
    messages.success(request, _("Approved and frozen. The portal now draws the seeds and requests the test runs."))
    return redirect("cases:runs", pk=pk)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def revise(request: HttpRequest, pk: str) -> HttpResponse:
    """Back to planning, with the reason; perhaps on a corrected version."""
    case = case_for(request.user, pk, "cases.lead_case")
    present = planning.approved_plan(case)
    if present is None or not may_move(WORKFLOW, "revise_plan", case, request.user):
        raise Http404
    offered = [offer.version for offer in case.offered_versions.select_related("version__system")]
    form = RevisionForm(present.version, offered, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        version = form.versions[form.cleaned_data["version"]]
        given = {"reason": form.cleaned_data["reason"], "impact": form.cleaned_data["impact"]}
        try:
            revising.revise_plan(case, actor=request.user, version=version, **given)
        except ValidationError as error:
            form.add_error(None, error)
        except Conflict:
            return render(request, CONFLICT, {"back_url": reverse("cases:case", args=[pk])}, status=409)
        else:
            messages.success(request, _("The plan is open again. Test scores fell with the old plan."))
            return redirect("cases:plan", pk=pk)
    context = {"case": case, "form": form, "plan": present}
    return render(request, "cases/plan_revise.html", context, status=422 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def offer(request: HttpRequest, pk: str) -> HttpResponse:
    """The client offers a corrected version."""
    case = client_case(request.user, pk, "cases.answer_finding")
    plan_now = planning.current_plan(case)
    taken = {case.application.version_id, plan_now.version_id if plan_now else None}
    versions = [
        version
        for version in case.application.version.system.versions.select_related("system").order_by("created_at")
        if version.pk not in taken
    ]
    form = OfferForm(versions, request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        try:
            revising.offer_version(case, form.versions[form.cleaned_data["version"]], actor=request.user)
        except ValidationError as error:
            form.add_error("version", error)
        else:
            messages.success(request, _("Offered. The lead evaluator decides on the new plan."))
            return redirect("cases:offer-version", pk=pk)
    context = {
        "case": case,
        "form": form if versions else None,
        "offers": case.offered_versions.select_related("version__system"),
        "open": case.status == Case.Status.EVALUATING,
    }
    return render(request, "cases/offer.html", context, status=422 if form.errors else 200)
