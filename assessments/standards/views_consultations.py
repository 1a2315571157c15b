"""Public consultation: the page that everybody reads and comments on, and the scheme owner's page beside it."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.ledger.workflow import Conflict
from assessments.presentation.spreadsheets import csv_line

from . import consulting
from .documents import DocumentRefused
from .forms_life import AnswerForm, CommentForm, ConsultationForm
from .models import Comment, Consultation, Edition, Status, in_current_language
from .standing import running_consultation
from .views_drafts import conflict, kept_edition

COLUMNS = (
    "number", "criterion", "name", "organisation", "submitted", "comment", "proposal", "outcome", "answer", "answered",
)  # fmt: skip


def consulted(code: str, edition: str) -> tuple[Edition, list[Consultation]]:
    """An edition that was put to the public, with its rounds, newest first; 404 for all others."""
    rows = Edition.objects.filter(consultations__isnull=False).select_related("standard").distinct()
    row = get_object_or_404(rows, standard__code=code, edition=edition)
    return row, list(row.consultations.all())


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def consultation(request: HttpRequest, code: str, edition: str) -> HttpResponse:
    """What was said about the draft and what was answered; while the round is open, the place to say it."""
    row, rounds = consulted(code, edition)
    current = rounds[0]
    titles = _titles(current)
    form = None
    if current.stage == "open":
        data = request.POST if request.method == "POST" else None
        asked = request.GET.get("criterion", "")
        form = CommentForm(current, titles.items(), request.user, data, asked if asked in titles else "")
    elif request.method == "POST":
        return conflict(request, request.path)
    if form is not None and form.is_valid():
        given = {**form.cleaned_data}
        person = request.user if request.user.is_authenticated else None
        email = given.pop("email", None) or getattr(request.user, "email", "")
        try:
            consulting.comment(current, person=person, email=email, **given)
        except ValidationError as refused:
            form.add_error(None, refused.messages)
        else:
            messages.success(request, _("Thank you. The comment appears here when the scheme owner has read it."))
            return redirect(f"{request.path}#comments")
    comments = Comment.objects.filter(consultation__in=rounds)
    context = {
        "edition": row,
        "readable": row.status != Status.DRAFT,
        "consultation": current,
        "rounds": rounds,
        "form": form,
        "comments": [_shown(item, titles) for item in comments.public().order_by("pk")],
        "withheld": comments.filter(status=Comment.Status.WITHHELD).count(),
    }
    return render(request, "standards/consultation.html", context, status=400 if form and form.errors else 200)


def _titles(consultation: Consultation) -> dict[str, str]:
    titles = {
        item["code"]: f"{item['code']} {in_current_language(item['title'])}"
        for item in consultation.content["criteria"]
    }
    return (
        {Comment.SCHEME: _("The scheme: thresholds, levels, decision rule"), **titles}
        if consultation.schemes
        else titles
    )


def _shown(item: Comment, titles: dict[str, str]) -> dict[str, Any]:
    return {"row": item, "about": titles.get(item.criterion, item.criterion) or _("The draft as a whole")}


@require_safe
def comments_file(request: HttpRequest, code: str, edition: str) -> HttpResponse:
    """The public comments with their answers as CSV (RFC 4180); no cell acts as a formula, no address is in it."""
    _row, rounds = consulted(code, edition)
    response = HttpResponse(content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = f'attachment; filename="{code}-{edition}-comments.csv"'
    response.write("\ufeff" + csv_line(COLUMNS))
    for item in Comment.objects.filter(consultation__in=rounds).public().order_by("pk"):
        answered = item.answered_at.date().isoformat() if item.answered_at else ""
        cells: list[Any] = [item.pk, item.criterion, item.name, item.affiliation]
        cells += [item.submitted_at.date().isoformat(), item.text, item.proposal, item.outcome, item.answer, answered]
        response.write(csv_line(cells))
    return response


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def owners_page(request: HttpRequest, pk: int) -> HttpResponse:
    """Open a round; read, let through and answer what came in."""
    edition = kept_edition(request, pk)
    form = ConsultationForm(request.POST if request.method == "POST" else None)
    refused: list[str] = []
    if form.is_valid():
        try:
            consulting.open_consultation(edition, actor=request.user, **form.cleaned_data)
        except ValidationError as wrong:
            form.add_error(None, wrong)
        except DocumentRefused as refusal:
            refused = [problem.in_language(get_language() or "en") for problem in refusal.problems]
        except Conflict:
            return conflict(request, request.path)
        else:
            messages.success(request, _("The consultation is announced; the draft is public now."))
            return redirect("drafts:consultation", pk=pk)
    running = running_consultation(edition)
    rounds = list(edition.consultations.all())
    titles = _titles(rounds[0]) if rounds else {}
    comments = Comment.objects.filter(consultation__in=rounds).order_by("pk")
    context = {
        "edition": edition,
        "running": running,
        "rounds": rounds,
        "form": form if edition.status == Status.DRAFT else None,
        "refused": refused,
        "received": [_shown(item, titles) for item in comments if item.status == Comment.Status.RECEIVED],
        "unanswered": [_answering(item, titles) for item in comments if item.status == Comment.Status.PUBLIC],
        "done": [_shown(item, titles) for item in comments if item.status in ("answered", "withheld")],
    }
    wrong_input = bool(form.errors or refused)
    return render(request, "standards/drafts/consultation.html", context, status=400 if wrong_input else 200)


def _answering(item: Comment, titles: dict[str, str], data: Any = None) -> dict[str, Any]:
    return {**_shown(item, titles), "form": AnswerForm(data, prefix=f"comment-{item.pk}")}


@login_required
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """Take the text back for revision."""
    edition = kept_edition(request, pk)
    running = running_consultation(edition)
    if running is None:
        raise Http404
    try:
        consulting.end_consultation(running, actor=request.user)
    except Conflict:
        return conflict(request, reverse("drafts:consultation", args=[pk]))
    messages.success(request, _("The text is a draft again; the comments stay public."))
    return redirect("drafts:draft", pk=pk)


@login_required
@require_POST
def comment(request: HttpRequest, pk: int, comment_pk: int) -> HttpResponse:
    """Let a comment through, withhold it with a reason, or answer it."""
    edition = kept_edition(request, pk)
    row = get_object_or_404(
        Comment.objects.filter(consultation__edition=edition).select_related("consultation__edition__standard"),
        pk=comment_pk,
    )
    back = reverse("drafts:consultation", args=[pk])
    try:
        _carry_out(request, row)
    except ValidationError as refused:
        for text in refused.messages:
            messages.error(request, text)
    except Conflict:
        texts = [(_("Reason"), request.POST.get("reason") or request.POST.get(f"comment-{row.pk}-answer", ""))]
        return conflict(request, back, [pair for pair in texts if pair[1]])
    return redirect(back)


def _carry_out(request: HttpRequest, row: Comment) -> None:
    act = request.POST.get("act")
    if act == "release":
        consulting.release(row, actor=request.user)
    elif act == "withhold":
        consulting.withhold(row, actor=request.user, reason=request.POST.get("reason", ""))
    elif act == "answer":
        prefix = f"comment-{row.pk}"
        consulting.answer(
            row,
            actor=request.user,
            outcome=request.POST.get(f"{prefix}-outcome", ""),
            text=request.POST.get(f"{prefix}-answer", "")[:5000],
        )
    else:
        raise Http404
