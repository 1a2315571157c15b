"""The lead evaluator's pages: the queue, and the admission of one application."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import F
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.accounts.models import Role
from assessments.accounts.rules import has_role, organisations_of
from assessments.ledger.workflow import Conflict, may_move
from assessments.systems.models import Reading

from . import services
from .access import application_for
from .answers import answers_of
from .checklist import admission_checks, tier_hint
from .forms import AdmissionForm
from .models import Application
from .readings import note_reading
from .standing import WAITING
from .terms import today
from .views import conflict
from .workflow import WORKFLOW

S = Application.Status
QUEUED = [S.SUBMITTED, S.ADMITTED, S.RETURNED]


@login_required
@require_safe
def queue(request: HttpRequest) -> HttpResponse:
    """What waits for the body: the nearest last day first, then what has none; `show` chooses among them."""
    if not has_role(request.user, Role.LEAD_EVALUATOR):
        raise Http404
    bodies = organisations_of(request.user, Role.LEAD_EVALUATOR)
    rows = Application.objects.filter(body__in=bodies, status__in=QUEUED).select_related(
        "organisation", "version__system", "agreement"
    )
    # As many as one body can have before it at a time; what is agreed has become a case.
    waiting = list(rows.order_by(F("due_on").asc(nulls_last=True), "submitted_at")[:500])
    show = request.GET.get("show", "")
    shown = {code: [row for row in waiting if fits(row)] for code, (_label, fits) in FILTERS.items()}
    context = {
        "rows": shown.get(show, waiting),
        "waiting": WAITING,
        "today": today(),
        "show": show if show in FILTERS else "",
        "filters": [(code, label, len(shown[code])) for code, (label, _fits) in FILTERS.items()],
    }
    return render(request, "applications/queue.html", context)


def _waits_for_body(row: Application) -> bool:
    signed = row.status == S.ADMITTED and row.agreement.vendor_signed_at is not None
    return row.status == S.SUBMITTED or signed


def _is_late(row: Application) -> bool:
    return row.due_on is not None and row.due_on < today()


# What the queue can be narrowed to: its word, and which rows fit.
FILTERS: dict[str, tuple[Any, Callable[[Application], bool]]] = {
    "": (pgettext_lazy("queue", "All"), lambda row: True),
    "body": (gettext_lazy("Waiting for us"), _waits_for_body),
    "late": (gettext_lazy("Overdue"), _is_late),
    "applicant": (gettext_lazy("Waiting for the applicant"), lambda row: not _waits_for_body(row)),
}


@never_cache
@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def admission(request: HttpRequest, pk: Any) -> HttpResponse:
    """Checklist, decision path to the tier, and the three answers that a body can give."""
    application = application_for(request.user, pk, "applications.admit_application")
    form = AdmissionForm(request.POST if request.method == "POST" else None)
    if request.method == "POST" and form.is_valid():
        application.revision = _revision(request, application)
        try:
            services.admit(application, actor=request.user, answers=form.answers(), reason=form.cleaned_data["reason"])
        except Conflict:
            return conflict(request, application, [(_("Reasons for admission"), form.cleaned_data["reason"])])
        except ValidationError as error:
            for field, errors in error.error_dict.items() if hasattr(error, "error_dict") else [(None, [error])]:
                form.add_error(field, errors)
            application.refresh_from_db()
        else:
            messages.success(request, _("Admitted. The applicant signs the agreement next."))
            return redirect("applications:application", pk=pk)
    return _page(request, application, form)


def _page(request: HttpRequest, application: Application, form: AdmissionForm) -> HttpResponse:
    note_reading(request.user, Reading.Kind.EVIDENCE, application)
    for name, answer in tier_hint(application).items():
        form.fields[name].initial = answer
    context = {
        "application": application,
        "form": form,
        "checks": admission_checks(application),
        "sections": answers_of(application),
        "is_open": may_move(WORKFLOW, "admit", application, request.user),
        "generative": application.declarations.get("generative") is True,
        "hidden": [("revision", application.revision)],
    }
    return render(request, "applications/admission.html", context, status=422 if form.errors else 200)


def _answer(request: HttpRequest, pk: Any, act: Callable[..., None], done: str) -> HttpResponse:
    """Return or decline, with the reason that was given."""
    application = application_for(request.user, pk, "applications.admit_application")
    application.revision = _revision(request, application)
    reason = request.POST.get("reason", "")[:4000]
    try:
        act(application, actor=request.user, reason=reason)
    except Conflict:
        return conflict(request, application, [(_("Reason"), reason)])
    except PermissionDenied:
        raise Http404 from None
    except ValidationError as error:
        messages.error(request, error.messages[0])
        return redirect("applications:admission", pk=pk)
    messages.success(request, done)
    return redirect("applications:application", pk=pk)


@login_required
@require_POST
def return_application(request: HttpRequest, pk: Any) -> HttpResponse:
    return _answer(request, pk, services.return_application, _("Returned to the applicant, with your reasons."))


@login_required
@require_POST
def decline(request: HttpRequest, pk: Any) -> HttpResponse:
    return _answer(request, pk, services.decline, _("Declined, with your reasons."))


def _revision(request: HttpRequest, application: Application) -> int:
    value = request.POST.get("revision", "")
    return int(value) if value.isdecimal() and len(value) < 10 else application.revision
