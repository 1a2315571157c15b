"""The scheme owner's pages: which drafts there are, how one stands, what it says as a whole."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Count, Q
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.ledger.workflow import Conflict

from . import drafting
from .documents import DocumentRefused
from .exchange.formats import read_any
from .forms_draft import EditionForm
from .forms_life import BeginForm, ImportForm
from .loading import content_problems
from .models import Comment, Edition, Status
from .problems import found_in
from .standing import steps_of, what_next
from .views_exchange import downloads

CONFLICT = "presentation/conflict.html"


def kept_edition(request: HttpRequest, pk: int, *, draft: bool = False) -> Edition:
    """An edition of a standard that the person keeps; 404 otherwise, and, with `draft`, when it is written no more."""
    rows = Edition.objects.owned_by(request.user).select_related("standard__owner")
    return get_object_or_404(rows.filter(status=Status.DRAFT) if draft else rows, pk=pk)


def owners_only(request: HttpRequest) -> None:
    if not request.user.has_perm("standards.use_drafting_pages"):
        raise Http404


def conflict(request: HttpRequest, back: str, texts: Any = ()) -> HttpResponse:
    return render(request, CONFLICT, {"back_url": back, "texts": list(texts)}, status=409)


@login_required
@require_safe
def listing(request: HttpRequest) -> HttpResponse:
    """All editions of the standards that the person's body keeps, with what each waits for."""
    owners_only(request)
    waiting = Q(consultations__comments__status__in=[Comment.Status.RECEIVED, Comment.Status.PUBLIC])
    rows = (
        Edition.objects.owned_by(request.user)
        .select_related("standard")
        .prefetch_related("consultations")
        .annotate(waiting=Count("consultations__comments", filter=waiting))
        .order_by("standard__code", "-pk")
    )
    editions = [{"row": row, "next": what_next(row, row.waiting)} for row in rows]
    return render(request, "standards/drafts/list.html", {"editions": editions})


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def begin(request: HttpRequest) -> HttpResponse:
    """A new edition with the text of one that exists."""
    owners_only(request)
    form = BeginForm(request.user, request.POST if request.method == "POST" else None)
    if form.is_valid():
        given = form.cleaned_data
        try:
            edition = drafting.begin_edition(given["source"], given["edition"], actor=request.user)
        except ValidationError as refused:
            form.add_error(None, refused)
        else:
            return redirect("drafts:draft", pk=edition.pk)
    return render(request, "standards/drafts/begin.html", {"form": form}, status=400 if form.errors else 200)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def take_file(request: HttpRequest) -> HttpResponse:
    """A standard or a scheme from a file, as a draft; what it could not hold is told, what is wrong refuses it."""
    owners_only(request)
    posted = request.method == "POST"
    form = ImportForm(request.user, request.POST if posted else None, request.FILES if posted else None)
    refused: list[str] = []
    if form.is_valid():
        file = form.cleaned_data["file"]
        language = get_language() or "en"
        try:
            imported = read_any(file.read(), file.name)
            row = drafting.import_draft(imported.content, owner=form.cleaned_data["owner"], actor=request.user)
        except (DocumentRefused, ValidationError, PermissionDenied, Conflict) as refusal:
            refused = _refusals(refusal, language)
        else:
            for line in imported.report.lines(language):
                messages.warning(request, line)
            messages.success(request, _("%(name)s is here as a draft.") % {"name": row})
            return redirect("drafts:draft", pk=row.pk if isinstance(row, Edition) else row.standard_edition_id)
    context = {"form": form, "refused": refused}
    return render(request, "standards/drafts/import.html", context, status=400 if form.errors or refused else 200)


def _refusals(refusal: Exception, language: str) -> list[str]:
    if isinstance(refusal, DocumentRefused):
        return [problem.in_language(language) for problem in refusal.problems]
    if isinstance(refusal, ValidationError):
        return refusal.messages
    return [_("This is not yours to change now.")]


@login_required
@require_safe
def draft(request: HttpRequest, pk: int) -> HttpResponse:
    """How one edition stands: its steps, what the checks find, its criteria."""
    edition = kept_edition(request, pk)
    drafted = edition.status == Status.DRAFT
    problems = found_in(edition, drafting.problems_of(edition)) if drafted else []
    wrong = {item.criterion for item in problems}
    criteria = [
        {
            "code": item["code"],
            "title": item["title"],
            "gate": item["gate"],
            "wrong": item["code"] in wrong,
            "characteristic": item["code"].rpartition("-")[0],
        }
        for item in edition.content["criteria"]
    ]
    titles = {item["code"]: item["title"] for item in edition.content["characteristics"]}
    # A criterion whose characteristic was taken away comes last; the checks name it.
    places = {code: place for place, code in enumerate(titles)}
    ordered = sorted(criteria, key=lambda item: places.get(item["characteristic"], len(places)))
    context = {
        "edition": edition,
        "editable": drafted,
        "problems": problems,
        "steps": steps_of(edition, len(problems)),
        "next": what_next(edition),
        "groups": [
            {"code": code, "title": titles.get(code, {"en": "?", "zh": "？"}), "criteria": list(rows)}
            for code, rows in groupby(ordered, key=lambda item: item["characteristic"])
        ],
        "schemes": edition.schemes.all(),
        "downloads": [] if problems else downloads(edition),
        "discardable": drafted and not edition.consultations.exists(),
    }
    return render(request, "standards/drafts/draft.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def general(request: HttpRequest, pk: int) -> HttpResponse:
    """What the edition says of itself: title, scope, stage, characteristics, facts, the meaning of scores."""
    edition = kept_edition(request, pk, draft=True)
    form = EditionForm(edition.content, request.POST if request.method == "POST" else None)
    problems: Any = None
    if form.is_valid():
        content = form.content()
        if request.POST.get("action") == "check":
            changed = {**edition.content, **content}
            found = found_in(edition, content_problems(changed, str(edition)))
            problems = [problem for problem in found if not problem.criterion]
        else:
            try:
                revision = int(request.POST.get("revision") or -1)
                drafting.change_edition(edition, lambda held: held.update(content), actor=request.user,
                                        revision=revision)  # fmt: skip
            except (Conflict, ValueError):
                texts = [(bound.label, bound.value()) for pair in form.texts for bound in pair]
                return conflict(request, request.path, texts)
            messages.success(request, _("Saved."))
            return redirect("drafts:draft", pk=pk)
    if request.headers.get("HX-Request"):
        return render(request, "standards/drafts/_problems.html", {"problems": problems, "form": form})
    context = {"edition": edition, "form": form, "problems": problems}
    return render(request, "standards/drafts/general.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def discard(request: HttpRequest, pk: int) -> HttpResponse:
    """Delete a draft that nobody but its owner has seen."""
    edition = kept_edition(request, pk, draft=True)
    name = str(edition)
    try:
        drafting.discard(edition, actor=request.user)
    except Conflict:
        return conflict(request, request.path)
    messages.success(request, _("The draft %(name)s is deleted.") % {"name": name})
    return redirect("drafts:list")
