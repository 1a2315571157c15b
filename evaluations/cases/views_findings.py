"""Findings on the evaluators' side, and the client's page."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.db import transaction
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods, require_POST, require_safe

from assessments.ledger.workflow import Conflict
from assessments.presentation.figures import in_language
from assessments.standards.models import Criterion
from assessments.systems import storage

from . import findings as services
from .access import case_for, client_case
from .answer_files import add_file, files_of, take_back
from .answering import add_errors, conflict, said, say
from .assessing import assess_case, grades, standard_of
from .client import BEFORE_REVIEW, lower_target, lower_targets
from .finding_history import histories, next_act
from .forms_scoring import AnswerFileForm, AnswerForm, FindingForm
from .level_page import level_view
from .models import Case, Finding
from .planning import approved_plan
from .progress import tally
from .views_report import has_client_report


def _criteria(case: Case) -> dict[str, Criterion]:
    edition = case.application.edition
    return {criterion.code: criterion for criterion in edition.criteria.all()} if edition else {}


def finding_views(case: Case, rows: Any, *, inside: bool) -> list[dict[str, Any]]:
    """Findings with their criterion, the grade that follows from its score now, who said what, and who acts next."""
    rows = list(rows)
    criteria, derived, told = _criteria(case), grades(assess_case(case)), histories(case, inside=inside)
    files = files_of(rows, inside=inside)
    return [
        {
            "finding": row,
            "criterion": criteria.get(row.criterion),
            "grade": derived.get(row.criterion) if row.kind == Finding.Kind.NONCONFORMITY else None,
            "events": told.get(row.pk, []),
            "next": next_act(case, row),
            "files": files.get(row.pk, []),
            "accept": [("revision", row.revision), ("step", "accept")],
            "return": [("revision", row.revision), ("step", "return")],
        }
        for row in rows
    ]


@login_required
@require_safe
def findings(request: HttpRequest, pk: Any) -> HttpResponse:
    """What was found, what still needs a text, and what the client answered."""
    case = case_for(request.user, pk)
    derived = services.nonconformities(case)
    criteria = _criteria(case)
    evaluating = case.status == Case.Status.EVALUATING
    bare = services.without_text(case, derived)
    untold = services.untold(case).count()
    context = {
        "case": case,
        "findings": finding_views(case, case.findings.all(), inside=True),
        "bare": [{"criterion": criteria[code], "grade": derived[code]} for code in bare],
        "criteria": criteria.values(),
        "untold": untold,
        "answer_day": services.answer_by(timezone.now(), services.days_allowed(case)),
        "rounds": services.rounds_allowed(case),
        "may_write": evaluating and request.user.has_perm("cases.evaluate_case", case),
        "may_tell": evaluating and bool(untold) and not bare and request.user.has_perm("cases.lead_case", case),
    }
    return render(request, "cases/findings.html", context)


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def write(request: HttpRequest, pk: Any, code: str, finding: int | None = None) -> HttpResponse:
    """Write a finding on a criterion, or change one that the client has not been told."""
    case = case_for(request.user, pk, "cases.evaluate_case")
    criterion = _criteria(case).get(code)
    if criterion is None:
        raise Http404
    row = get_object_or_404(case.findings, pk=finding, criterion=code, told_at=None) if finding else None
    grade = services.nonconformities(case).get(code)
    first = Finding.Kind.NONCONFORMITY if grade else Finding.Kind.OBSERVATION
    initial = {"kind": row.kind, "text": row.text, "revision": row.revision} if row else {"kind": first, "revision": 0}
    form = FindingForm(request.POST or None, initial=initial)
    if request.method == "POST" and form.is_valid():
        given = form.cleaned_data
        try:
            services.write_finding(
                case,
                code,
                kind=given["kind"],
                text=given["text"],
                actor=request.user,
                finding=row,
                revision=given["revision"] or 0,
            )
        except ValidationError as refused:
            add_errors(form, refused)
        except Conflict:
            now = case.findings.filter(pk=row.pk).first() if row else None
            present = said(FindingForm(initial={"kind": now.kind, "text": now.text})) if now else []
            return conflict(request, "cases:findings", pk, typed=said(form), present=present)
        else:
            messages.success(request, _("The finding is written down."))
            if request.POST.get("back") == "sheet":
                return redirect(reverse("cases:sheet-part", args=[pk, criterion.characteristic]) + f"#{code}")
            return redirect("cases:findings", pk=pk)
    context = {"case": case, "criterion": criterion, "grade": grade, "form": form, "finding": row}
    return render(request, "cases/finding_write.html", context, status=400 if form.errors else 200)


@login_required
@require_POST
def tell(request: HttpRequest, pk: Any) -> HttpResponse:
    case = case_for(request.user, pk, "cases.lead_case")
    try:
        count = services.tell_client(case, actor=request.user)
    except ValidationError as refused:
        say(request, refused)
    except Conflict:
        return conflict(request, "cases:findings", pk)
    else:
        told = ngettext(
            "The client was told of %(count)d finding.", "The client was told of %(count)d findings.", count
        )
        messages.success(request, told % {"count": count})
    return redirect("cases:findings", pk=pk)


@login_required
@require_POST
def take_answer(request: HttpRequest, pk: Any, finding: int) -> HttpResponse:
    """Accept the client's answer, or return it with a remark."""
    case = case_for(request.user, pk, "cases.evaluate_case")
    row = get_object_or_404(case.findings, pk=finding)
    remark, revision = request.POST.get("remark", ""), _whole(request.POST.get("revision"))
    step = services.return_answer if request.POST.get("step") == "return" else services.accept_answer
    try:
        step(row, actor=request.user, remark=remark, revision=revision)
    except ValidationError as refused:
        say(request, refused)
    except Conflict:
        now = case.findings.get(pk=finding)
        present = [(_("State"), now.get_status_display()), (_("Remark"), now.remark)]
        return conflict(request, "cases:findings", pk, typed=[(_("Remark"), remark)], present=present)
    else:
        messages.success(request, _("Recorded."))
    return redirect("cases:findings", pk=pk)


def _whole(text: str | None) -> int:
    return int(text) if text and text.isdigit() and len(text) < 10 else -1


@login_required
@require_safe
def client(request: HttpRequest, pk: Any) -> HttpResponse:
    """The client's page: where its case stands, what was found, and, once decided, the result."""
    case = client_case(request.user, pk)
    return _client_page(request, case)


def _client_page(
    request: HttpRequest, case: Case, *, form: AnswerForm | None = None, finding: Finding | None = None
) -> HttpResponse:
    told = list(services.told(case))
    evaluating = case.status == Case.Status.EVALUATING
    rows = finding_views(case, told, inside=False)
    for row in rows:
        answerable = evaluating and row["finding"].status == Finding.Status.OPEN
        if answerable and row["finding"].kind == Finding.Kind.NONCONFORMITY:
            mine = form is not None and finding is not None and finding.pk == row["finding"].pk
            row["form"] = form if mine else _answer_form(row["finding"])
            row["waiting"] = [file for file in row["files"] if file.sent_at is None]
        row["files"] = [file for file in row["files"] if file.sent_at is not None]
    decided = case.status == Case.Status.DECIDED
    context = {
        "case": case,
        "findings": rows,
        "open": sum("form" in row for row in rows),
        "days": services.days_allowed(case),
        "tally": tally(approved_plan(case)),
        "decision": case.decision if decided else None,
        "has_report": has_client_report(case),
        "level": level_view(case) if decided else None,
        "targets": _targets(case) if case.status in BEFORE_REVIEW else [],
    }
    return render(request, "cases/client.html", context, status=400 if form is not None and form.is_bound else 200)


def _answer_form(row: Finding) -> AnswerForm:
    initial = {"answer": row.answer, "due_on": row.due_on, "revision": row.revision}
    return AnswerForm(initial=initial, prefix=f"finding-{row.pk}")


def _targets(case: Case) -> list[tuple[str, str]]:
    rules = standard_of(case)[1].rules
    return [(code, in_language(rules.level(code).title)) for code in lower_targets(case)]


@login_required
@require_POST
def answer(request: HttpRequest, pk: Any, finding: int) -> HttpResponse:
    case = client_case(request.user, pk, "cases.answer_finding")
    row = get_object_or_404(services.told(case), pk=finding)
    form = AnswerForm(request.POST, prefix=f"finding-{row.pk}")
    document = AnswerFileForm(request.POST, request.FILES)
    try:
        kept = _keep_document(row, document, actor=request.user)
    except Conflict:
        return conflict(request, "cases:client", pk, typed=said(form))
    if request.POST.get("step") == "file" and kept:
        return _client_page(request, case, form=_as_typed(form), finding=row)
    if not kept:
        add_errors(form, ValidationError(document.errors["file"].as_data()))
    elif form.is_valid():
        try:
            services.answer_finding(row, actor=request.user, **form.cleaned_data)
        except ValidationError as refused:
            add_errors(form, refused)
        except Conflict:
            present = said(_answer_form(services.told(case).get(pk=finding)))
            return conflict(request, "cases:client", pk, typed=said(form), present=present)
        else:
            messages.success(request, _("Your answer was sent to the evaluators."))
            return redirect("cases:client", pk=pk)
    return _client_page(request, case, form=form, finding=row)


def _keep_document(row: Finding, form: AnswerFileForm, *, actor: Any) -> bool:
    """Put the document that came with the form to the answer; False, with the error in the form, where that failed."""
    if not form.is_valid():
        return False
    file = form.cleaned_data["file"]
    if not file:
        return True
    try:
        with transaction.atomic():
            add_file(row, actor=actor, blob=storage.keep(file.path, file.sha256), filename=file.name)
    except ValidationError as refused:
        form.add_error("file", refused.messages)
    return not form.errors


def _as_typed(form: AnswerForm) -> AnswerForm:
    """The same form as it was typed, not yet judged."""
    initial = {name: form[name].value() for name in form.fields}
    return AnswerForm(initial=initial, prefix=form.prefix)


@login_required
@require_POST
def file_back(request: HttpRequest, pk: Any, finding: int, file: Any) -> HttpResponse:
    """Take a document back that was put to an answer not sent yet; what was typed beside it stays."""
    case = client_case(request.user, pk, "cases.answer_finding")
    row = get_object_or_404(services.told(case), pk=finding)
    held = get_object_or_404(row.files.select_related("finding__case", "artifact"), artifact=file)
    try:
        take_back(held, actor=request.user)
    except Conflict:
        return conflict(request, "cases:client", pk)
    if f"finding-{row.pk}-answer" in request.POST:
        form = _as_typed(AnswerForm(request.POST, prefix=f"finding-{row.pk}"))
        return _client_page(request, case, form=form, finding=row)
    return redirect("cases:client", pk=pk)


@login_required
@require_POST
def target(request: HttpRequest, pk: Any) -> HttpResponse:
    case = client_case(request.user, pk)
    try:
        lower_target(case, request.POST.get("target", ""), actor=request.user)
    except ValidationError as refused:
        say(request, refused)
    except Conflict:
        return conflict(request, "cases:client", pk)
    else:
        messages.success(request, _("The level applied for was lowered."))
    return redirect("cases:client", pk=pk)
