"""The vendor's pages: list, start, where an application stands, check your answers, submit, withdraw, agreement."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.accounts.models import Role
from assessments.accounts.rules import organisations_of
from assessments.ledger.workflow import Conflict, may_move
from assessments.presentation.paging import keyset_page
from assessments.systems.models import Reading, SystemVersion
from assessments.systems.services import current_artifacts

from . import services
from .access import application_for
from .agreement import agreement_text
from .answers import answers_of
from .completeness import missing_parts
from .drafts import earlier_applications
from .forms import StartForm
from .models import Application
from .readings import note_reading
from .standing import WAITING, events_of, standing_of
from .tasklist import task_list
from .tiers import described_path
from .workflow import WORKFLOW


@login_required
@require_safe
def application_list(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("accounts.use_vendor_pages"):
        raise Http404
    own = Application.objects.filter(organisation__in=organisations_of(request.user, Role.VENDOR_MEMBER))
    rows = own.select_related("version__system", "body")
    page = keyset_page(rows, order="-created_at", cursor=request.GET.get("page", ""))
    return render(request, "applications/list.html", {"page": page, "waiting": WAITING})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def start(request: HttpRequest) -> HttpResponse:
    if not request.user.has_perm("accounts.use_vendor_pages"):
        raise Http404
    organisations = organisations_of(request.user, Role.VENDOR_MEMBER)
    versions = SystemVersion.objects.filter(system__organisation__in=organisations).select_related("system")
    form = StartForm(
        versions.order_by("-created_at"), request.POST or None, initial={"version": request.GET.get("version")}
    )
    if request.method == "POST" and form.is_valid():
        application = services.start_application(form.cleaned_data["version"], actor=request.user)
        return redirect("applications:application", pk=application.pk)
    context = {"form": form, "has_versions": versions.exists()}
    return render(request, "applications/start.html", context, status=422 if form.errors else 200)


@never_cache
@login_required
@require_safe
def application_page(request: HttpRequest, pk: Any) -> HttpResponse:
    """The task list while it is filled in; afterwards where it stands."""
    application = application_for(request.user, pk)
    may_edit = request.user.has_perm("applications.edit_application", application) and application.is_editable
    context = {
        "application": application,
        "standing": standing_of(application),
        "events": events_of(application, request.user),
        "may_edit": may_edit,
        "may_withdraw": may_move(WORKFLOW, "withdraw", application, request.user),
        "may_admit": may_move(WORKFLOW, "admit", application, request.user),
        "is_applicant": request.user.has_perm("applications.edit_application", application),
        "hidden": [("revision", application.revision)],
    }
    if may_edit:
        tasks = task_list(application)
        context |= {"tasks": tasks, "missing": missing_parts(application), "tasks_total": len(tasks) - 1}
        context["tasks_done"] = sum(task["state"] == "done" for task in tasks)
        context["is_draft"] = application.status == Application.Status.DRAFT
        context["earlier"] = earlier_applications(application) if context["is_draft"] else ()
    return render(request, "applications/application.html", context)


@never_cache
@login_required
@require_safe
def answers(request: HttpRequest, pk: Any) -> HttpResponse:
    """Check your answers; afterwards, what was submitted."""
    application = application_for(request.user, pk)
    note_reading(request.user, Reading.Kind.EVIDENCE, application)
    may_submit = may_move(WORKFLOW, "submit", application, request.user)
    context = {
        "application": application,
        "sections": answers_of(application),
        "files": current_artifacts(application.version),
        "may_read_files": request.user.has_perm("systems.view_version", application.version),
        "may_submit": may_submit,
        "missing": missing_parts(application) if may_submit else [],
    }
    return render(request, "applications/answers.html", context)


@login_required
@require_POST
def submit(request: HttpRequest, pk: Any) -> HttpResponse:
    application = application_for(request.user, pk, "applications.submit_application")
    application.revision = seen_revision(request, application)
    try:
        services.submit(application, actor=request.user)
    except Conflict:
        return conflict(request, application)
    except ValidationError as error:
        for message in error.messages:
            messages.error(request, message)
        return redirect("applications:answers", pk=pk)
    messages.success(request, _("Submitted. The evaluation body has it now."))
    return redirect("applications:application", pk=pk)


@login_required
@require_POST
def withdraw(request: HttpRequest, pk: Any) -> HttpResponse:
    application = application_for(request.user, pk, "applications.withdraw_application")
    application.revision = seen_revision(request, application)
    try:
        services.withdraw(application, actor=request.user, reason=request.POST.get("reason", "")[:4000])
    except Conflict:
        return conflict(request, application)
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("applications:application", pk=pk)
    messages.success(request, _("The application was withdrawn."))
    return redirect("applications:application", pk=pk)


@never_cache
@login_required
@require_safe
def agreement(request: HttpRequest, pk: Any) -> HttpResponse:
    application = application_for(request.user, pk)
    signed = getattr(application, "agreement", None)
    if signed is None:
        raise Http404
    note_reading(request.user, Reading.Kind.AGREEMENT, application)
    text = agreement_text(signed.text_version)
    admitted = application.status == Application.Status.ADMITTED
    may_sign = admitted and request.user.has_perm("applications.sign_agreement", application)
    context = {
        "application": application,
        "agreement": signed,
        "blocks": text.zh if (get_language() or "").startswith("zh") else text.en,
        "path": described_path(application.tier_path),
        "may_sign": may_sign and signed.vendor_signed_at is None,
        "may_countersign": may_move(WORKFLOW, "agree", application, request.user) and signed.vendor_signed_at,
    }
    return render(request, "applications/agreement.html", context)


@login_required
@require_POST
def sign(request: HttpRequest, pk: Any) -> HttpResponse:
    """The vendor's signature, or the body's after it, by whoever may give it."""
    application = application_for(request.user, pk)
    is_applicant = request.user.has_perm("applications.sign_agreement", application)
    if not is_applicant and not request.user.has_perm("applications.countersign_agreement", application):
        raise Http404
    application.revision = seen_revision(request, application)
    if request.POST.get("agreed") != "yes":
        messages.error(request, _("Confirm that you have read the agreement and may sign it."))
        return redirect("applications:agreement", pk=pk)
    act = services.sign_agreement if is_applicant else services.countersign
    try:
        act(application, actor=request.user)
    except Conflict:
        return conflict(request, application)
    except PermissionDenied:
        raise Http404 from None
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("applications:agreement", pk=pk)
    messages.success(request, _("Signed."))
    return redirect("applications:application", pk=pk)


def conflict(
    request: HttpRequest, application: Application, texts: Any = (), back: str = "", present: Any = ()
) -> HttpResponse:
    """Somebody was faster: nothing was overwritten, and nothing typed is lost."""
    context = {
        "back": back or reverse("applications:application", args=[application.pk]),
        "texts": texts,
        "present": present,
    }
    return render(request, "presentation/conflict.html", context, status=409)


def seen_revision(request: HttpRequest, application: Application) -> int:
    """The revision that the page showed; a request without one acts on what stands now."""
    value = request.POST.get("revision", "")
    return int(value) if value.isdecimal() and len(value) < 10 else application.revision
