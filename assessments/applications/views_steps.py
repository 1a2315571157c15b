"""The steps: each a page with a form, saved as it is typed and by its button, in any order and in two tabs."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from assessments.ledger.workflow import Conflict
from assessments.standards.services import kind_for
from assessments.systems.services import current_artifacts

from .access import application_for
from .completeness import evidence_given, missing_parts
from .forms import STEP_FORMS, EvidenceForm
from .models import Application
from .steps import STEPS, criteria_asking_evidence, fingerprint, profile_of
from .views import conflict


@dataclass(frozen=True)
class StepPage:
    """What a step's page is made of: its name among the fingerprints, its template, and where saving leads."""

    name: str
    template: str
    context: dict[str, Any] = field(default_factory=dict)
    done: str = ""


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def step(request: HttpRequest, pk: Any, name: str) -> HttpResponse:
    """One step of the application."""
    application = application_for(request.user, pk, "applications.edit_application")
    if name not in STEP_FORMS:
        raise Http404
    if not application.is_editable:
        return _handed_in(request, application)
    form = STEP_FORMS[name](application, request.POST if request.method == "POST" else None)
    page = StepPage(name, f"applications/{name}.html", done=reverse("applications:application", args=[pk]))
    if request.method == "POST":
        return _save(request, application, form, page)
    return _show(request, application, form, page)


@never_cache
@login_required
@require_safe
def evidence_list(request: HttpRequest, pk: Any) -> HttpResponse:
    """The criteria that ask for evidence, by characteristic."""
    application = application_for(request.user, pk, "applications.edit_application")
    if not application.is_editable:
        return _handed_in(request, application)
    context = {
        "application": application,
        "groups": grouped(application),
        "profile_open": [part.text for part in missing_parts(application) if part.step == "profile"],
    }
    return render(request, "applications/evidence.html", context)


def grouped(application: Application) -> list[dict[str, Any]]:
    """Criteria that ask for evidence under their characteristics, each with whether some is given."""
    if application.edition is None:
        return []
    given = evidence_given(application)
    asked = criteria_asking_evidence(application)
    groups = []
    for characteristic in application.edition.content["characteristics"]:
        rows = [
            {"criterion": criterion, "given": criterion.code in given, "required": criterion.gate == "M"}
            for criterion in asked
            if criterion.characteristic == characteristic["code"]
        ]
        if rows:
            groups.append({"code": characteristic["code"], "title": characteristic["title"], "rows": rows})
    return groups


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def evidence(request: HttpRequest, pk: Any, code: str) -> HttpResponse:
    """Evidence for one criterion."""
    application = application_for(request.user, pk, "applications.edit_application")
    if not application.is_editable:
        return _handed_in(request, application)
    profile = profile_of(application)
    asked = criteria_asking_evidence(application, profile)
    codes = [criterion.code for criterion in asked]
    if code not in codes:
        raise Http404
    position = codes.index(code)
    following = codes[position + 1] if position + 1 < len(codes) else ""
    context = {
        "criterion": asked[position],
        "kind": kind_for(asked[position], profile),
        "position": position + 1,
        "total": len(codes),
        "previous": codes[position - 1] if position else "",
        "following": following,
    }
    form = EvidenceForm(application, asked[position], request.POST if request.method == "POST" else None)
    page = StepPage(f"evidence/{code}", "applications/criterion.html", context)
    if request.method == "POST":
        onward = reverse("applications:criterion", args=[pk, following]) if following else ""
        page = replace(page, done=onward or reverse("applications:evidence", args=[pk]))
        return _save(request, application, form, page)
    return _show(request, application, form, page)


def _show(request: HttpRequest, application: Application, form: Any, page: StepPage) -> HttpResponse:
    seen = request.POST.get("seen") or fingerprint(application, page.name)
    shown = {
        **page.context,
        "application": application,
        "form": form,
        "step": page.name,
        "title": STEPS.get(page.name, ""),
        "seen": seen,
        "files": current_artifacts(application.version) if page.name == "model" else (),
    }
    return render(request, page.template, shown, status=422 if form.is_bound and form.errors else 200)


def _save(request: HttpRequest, application: Application, form: Any, page: StepPage) -> HttpResponse:
    """Save and go on; as autosave, answer with the fingerprint of what stands now and no page."""
    autosave = request.headers.get("X-Autosave") == "1"
    if form.is_valid():
        try:
            form.save(request.user, request.POST.get("seen", ""))
        except Conflict:
            if autosave:
                return HttpResponse(status=409)
            return conflict(request, application, form.typed(), request.path, form.renewed().typed())
        except ValidationError as error:
            form.add_error(None, error)
        else:
            if autosave:
                return HttpResponse(status=204, headers={"X-Seen": fingerprint(application, page.name)})
            messages.success(request, _("Saved."))
            return redirect(page.done)
    if autosave:
        return HttpResponse(status=422)
    return _show(request, application, form, page)


def _handed_in(request: HttpRequest, application: Application) -> HttpResponse:
    """A step of an application that is not open any more: shown where it stands; a save is a conflict."""
    if request.method == "POST":
        if request.headers.get("X-Autosave") == "1":
            return HttpResponse(status=409)
        return conflict(request, application, [(_("Explanation"), request.POST.get("explanation", ""))])
    return redirect("applications:application", pk=application.pk)
