"""Pages about runs: one run with its progress and result, cancelled or run again."""

from __future__ import annotations

import json
from typing import Any

import structlog
from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from assessments.ledger.services import history
from assessments.ledger.workflow import Conflict
from assessments.presentation.figures import in_language
from assessments.systems.models import SystemVersion
from evaluations.methods import registry
from evaluations.methods.words import interval_words, unit_words

from . import services
from .drawings import draw_all, draw_pictures, tables_of
from .models import Run
from .retrying import told
from .sealing import is_seal_intact
from .self_testing import NO_CERTIFICATE


def visible_run(request: HttpRequest, pk: Any, permission: str = "runs.view_run") -> Run:
    """The run, if the person may do this with it; else 404."""
    run = get_object_or_404(Run.objects.visible_to(request.user).select_related("requested_by", "supersedes"), pk=pk)
    if not request.user.has_perm(permission, run):
        raise Http404
    if run.purpose != Run.Purpose.SELF_TEST:
        structlog.contextvars.bind_contextvars(case=str(run.scope))
    return run


def own_version(request: HttpRequest, pk: Any) -> SystemVersion:
    """The version, if it is the person's own to test; else 404."""
    version = get_object_or_404(SystemVersion.objects.visible_to(request.user).select_related("system"), pk=pk)
    if not request.user.has_perm("systems.edit_version", version):
        raise Http404
    return version


def method_title(run: Run) -> str:
    """The method's title in the reader's language; its id when it is no longer installed."""
    declared = registry.declared().get(run.method)
    return in_language(declared.title) if declared else run.method


def named_parameters(run: Run) -> list[tuple[str, Any]]:
    """The run's parameters by their titles in the reader's language, as far as the method is installed."""
    known = registry.get(run.method).parameters if registry.is_installed(run.method) else ()
    titles = {parameter.name: in_language(parameter.title) for parameter in known}
    return [(titles.get(name, name), value) for name, value in run.parameters.items()]


def explained_metrics(run: Run) -> list[dict[str, Any]]:
    """The metrics of a result, each with its title; the first of each name with its meaning."""
    known, told, rows = registry.meanings(run.method), set(), []
    for metric in run.result["metrics"] if run.result else ():
        name = metric["name"]
        meaning = known.get(name)
        rows.append(
            {
                **metric,
                "title": in_language(meaning.title) if meaning else name,
                "unit": in_language(unit_words(metric["unit"])),
                "interval": in_language(interval_words(metric["interval"])),
                "meaning": meaning if name not in told else None,
            }
        )
        told.add(name)
    return rows


def as_card(run: Run, *, may_steer: bool) -> dict[str, Any]:
    """What the run card shows (see assessments/presentation)."""
    unfinished = run.status in (Run.Status.QUEUED, Run.Status.RUNNING)
    end = run.ended_at or timezone.now()
    return {
        "id": run.pk,
        "title": method_title(run),
        "subtitle": run.method,
        "url": reverse("runs:run", args=[run.pk]),
        "state": run.status,
        "state_label": run.get_status_display(),
        "percent": round(run.progress * 100) if run.status == Run.Status.RUNNING else None,
        "doing": _("Stopping") if run.cancel_requested else run.message,
        "seconds": (end - run.started_at).total_seconds() if run.started_at else None,
        "reason": told(run),
        "poll_url": reverse("runs:progress", args=[run.pk]) if unfinished else "",
        "cancel_url": reverse("runs:cancel", args=[run.pk])
        if unfinished and may_steer and not run.cancel_requested
        else "",
    }


@login_required
@require_safe
def run_page(request: HttpRequest, pk: Any) -> HttpResponse:
    run = visible_run(request, pk)
    may_steer = request.user.has_perm("runs.steer_run", run)
    ended = run.status not in (Run.Status.QUEUED, Run.Status.RUNNING)
    again = getattr(run, "superseded_by", None)
    return render(
        request,
        "runs/run.html",
        {
            "run": run,
            "title": method_title(run),
            "notice": NO_CERTIFICATE if run.purpose == Run.Purpose.SELF_TEST else None,
            "card": as_card(run, may_steer=may_steer),
            "charts": draw_all(run.result) if run.result else [],
            "pictures": draw_pictures(run.result) if run.result else [],
            "metrics": explained_metrics(run),
            "tables": tables_of(run.result) if run.result else [],
            "parameters": named_parameters(run),
            "sealed": run.result is not None and is_seal_intact(run),
            "superseded_by": again,
            "may_run_again": may_steer and ended and again is None,
            "events": history(run),
            "may_compare": Run.objects.visible_to(request.user)
            .filter(scope=run.scope, method=run.method, result__isnull=False)
            .exclude(pk=run.pk)
            .exists(),
        },
    )


@login_required
@require_safe
def run_progress(request: HttpRequest, pk: Any) -> HttpResponse:
    """The run card alone, for the page that follows a run; a run that has ended brings the whole page."""
    run = visible_run(request, pk)
    card = as_card(run, may_steer=request.user.has_perm("runs.steer_run", run))
    response = render(request, "presentation/components/run_card.html", {"run": card})
    response["Cache-Control"] = "no-store"
    if not card["poll_url"]:
        response["HX-Refresh"] = "true"
    return response


@login_required
@require_safe
def run_result(request: HttpRequest, pk: Any) -> HttpResponse:
    """The sealed result as it was written down."""
    run = visible_run(request, pk)
    if run.result is None:
        raise Http404
    told = {"run": str(run.pk), "purpose": run.purpose, "attempt": run.attempt, "sandbox": run.sandbox}
    if run.purpose == Run.Purpose.SELF_TEST:
        told["notice"] = NO_CERTIFICATE.as_json()
    text = json.dumps({**told, "seal": run.seal, "result": run.result}, ensure_ascii=False, indent=1)
    response = HttpResponse(text, content_type="application/json; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="run-{run.pk}.json"'
    return response


def _conflict(request: HttpRequest, run: Run, **texts: str) -> HttpResponse:
    page = reverse("runs:run", args=[run.pk])
    return render(request, "presentation/conflict.html", {"back_url": page, "texts": list(texts.items())}, status=409)


@login_required
@require_POST
def run_cancel(request: HttpRequest, pk: Any) -> HttpResponse:
    run = visible_run(request, pk, "runs.steer_run")
    try:
        services.cancel_run(run, actor=request.user)
    except PermissionDenied as error:
        raise Http404 from error
    except Conflict:
        return _conflict(request, run)
    return redirect("runs:run", pk=run.pk)


@login_required
@require_POST
def run_again(request: HttpRequest, pk: Any) -> HttpResponse:
    run = visible_run(request, pk, "runs.steer_run")
    reason = request.POST.get("reason", "")
    try:
        again = services.rerun_with_reason(run, actor=request.user, reason=reason)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("runs:run", pk=run.pk)
    except Conflict:
        return _conflict(request, run, **{_("Reason"): reason})
    return redirect("runs:run", pk=again.pk)
