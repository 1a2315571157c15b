"""The scheme owner publishes a draft by a committee's resolution, withdraws an edition, sees whom one touches."""

from __future__ import annotations

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_safe

from assessments.ledger.workflow import Conflict

from . import adoption, drafting, withdrawing
from .documents import DocumentRefused
from .forms_life import PARTS, ResolutionForm, WithdrawForm
from .models import FROZEN, Edition, Status
from .problems import found_in
from .views_drafts import conflict, kept_edition


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def publish(request: HttpRequest, pk: int) -> HttpResponse:
    """Record the resolution of a balanced committee; with it the draft and its schemes are published and frozen."""
    edition = kept_edition(request, pk)
    if edition.status in FROZEN:
        raise Http404
    form = ResolutionForm(edition, request.POST if request.method == "POST" else None)
    schemes = list(edition.schemes.filter(status=Status.DRAFT))
    refused: list[str] = []
    if form.is_valid():
        if request.POST.get("digest") != edition.digest:
            return conflict(request, request.path)
        owner = edition.standard.owner
        content = form.content(schemes, owner.name_en if owner else "")
        try:
            adoption.adopt_content(content, actor=request.user)
        except DocumentRefused as refusal:
            refused = [problem.in_language(get_language() or "en") for problem in refusal.problems]
        except Conflict:
            return conflict(request, request.path)
        else:
            messages.success(request, _("%(name)s is published.") % {"name": edition})
            return redirect(edition.get_absolute_url())
    unfinished = adoption.unfinished_consultation(edition)
    context = {
        "edition": edition,
        "schemes": schemes,
        "form": form,
        "parts": list(PARTS.values()),
        "refused": refused,
        "problems": found_in(edition, drafting.problems_of(edition)),
        "unfinished": unfinished,
    }
    return render(request, "standards/drafts/publish.html", context, status=400 if form.errors or refused else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def withdraw(request: HttpRequest, pk: int) -> HttpResponse:
    """Withdraw a published or superseded edition with its schemes, for a reason that is public."""
    edition = kept_edition(request, pk)
    if edition.status not in (Status.PUBLISHED, Status.SUPERSEDED):
        raise Http404
    form = WithdrawForm(request.POST if request.method == "POST" else None)
    if form.is_valid():
        try:
            withdrawing.withdraw(edition, actor=request.user, reason=form.cleaned_data["reason"])
        except ValidationError as refused:
            form.add_error(None, refused)
        except Conflict:
            return conflict(request, reverse("drafts:draft", args=[pk]))
        else:
            messages.success(request, _("%(name)s is withdrawn.") % {"name": edition})
            return redirect("drafts:draft", pk=pk)
    context = {"edition": edition, "form": form}
    return render(request, "standards/drafts/withdraw.html", context, status=400 if form.errors else 200)


@login_required
@require_safe
def transition(request: HttpRequest, pk: int) -> HttpResponse:
    """Whom this edition touches: what is under way or in force under the other editions of the standard."""
    edition = kept_edition(request, pk)
    others = Edition.objects.filter(standard=edition.standard).exclude(pk=edition.pk).public()
    context = {"edition": edition, "others": list(others.select_related("standard"))}
    return render(request, "standards/drafts/transition.html", context)
