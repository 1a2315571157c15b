"""The scoring sheet: each evaluator's own, one page for each characteristic, saved as it is filled in."""

from __future__ import annotations

from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from assessments.applications.readings import note_reading
from assessments.ledger.workflow import Conflict
from assessments.standards.models import in_current_language
from assessments.systems.models import Reading

from . import scoring_sheet
from .access import case_for
from .answering import Pair, conflict, say
from .assignment import declared_evaluators
from .forms_scoring import NOT_DEMONSTRATED, ScoreForm
from .models import Case, Finding, Score
from .planning import approved_plan
from .proposing import Ground, grounds
from .sheet_page import entries


def characteristics(case: Case, known: dict[str, Ground]) -> list[dict[str, Any]]:
    """The characteristics of the edition with the criteria of each that apply."""
    content = case.application.edition.content if case.application.edition else {"characteristics": []}
    found = []
    for characteristic in content["characteristics"]:
        inside = [g for g in known.values() if g.criterion.characteristic == characteristic["code"]]
        if inside:
            title = in_current_language(characteristic["title"])
            found.append({"code": characteristic["code"], "title": title, "grounds": inside})
    return found


@login_required
@require_safe
def sheet(request: HttpRequest, pk: Any) -> HttpResponse:
    """How far one's own sheet is, and where the others stand, without their scores."""
    case = case_for(request.user, pk, "cases.evaluate_case")
    known = grounds(case)
    missing = set(scoring_sheet.missing_scores(case, request.user, known))
    parts = characteristics(case, known)
    for part in parts:
        examined = [g.code for g in part["grounds"] if g.is_examined]
        part["examined"] = len(examined)
        part["given"] = sum(code not in missing for code in examined)
        part["missing"] = [code for code in examined if code in missing]
        part["tested"] = sum(g.tested is not None for g in part["grounds"])
        part["not_applicable"] = sum(g.route == "none" for g in part["grounds"])
    handed_in = set(case.sheets.exclude(handed_in_at=None).values_list("evaluator_id", flat=True))
    may_score = request.user.has_perm("cases.score_case", case)
    context = {
        "case": case,
        "parts": parts,
        "missing": sorted(missing) if may_score else [],
        "may_score": may_score,
        "handed_in": request.user.pk in handed_in,
        "may_hand_in": may_score and not missing and request.user.pk not in handed_in and _is_open(case),
        "people": [{"person": person, "handed_in": person.pk in handed_in} for person in declared_evaluators(case)],
        "complete": scoring_sheet.are_complete(case, known),
        "may_reopen": request.user.has_perm("cases.settle_case", case) and bool(handed_in) and _is_open(case),
    }
    return render(request, "cases/sheet.html", context)


def _is_open(case: Case) -> bool:
    return case.status == Case.Status.EVALUATING


def _own(case: Case, person: Any) -> dict[str, Score]:
    return {score.criterion: score for score in case.scores.filter(evaluator_id=person.pk)}


@login_required
@require_safe
def sheet_part(request: HttpRequest, pk: Any, characteristic: str) -> HttpResponse:
    """The criteria of one characteristic, with anchors, evidence and test results beside one's own score."""
    case = case_for(request.user, pk, "cases.evaluate_case")
    known = grounds(case)
    parts = characteristics(case, known)
    codes = [part["code"] for part in parts]
    if characteristic not in codes:
        raise Http404
    place = codes.index(characteristic)
    plan = approved_plan(case)
    may_score = request.user.has_perm("cases.score_case", case) and _is_open(case)
    note_reading(request.user, Reading.Kind.EVIDENCE, case.application)
    context = {
        "case": case,
        "part": parts[place],
        "parts": parts,
        "entries": entries(
            case,
            parts[place]["grounds"],
            _own(case, request.user),
            plan,
            case.findings.filter(raised_by_id=request.user.pk),
        ),
        "may_find": _is_open(case),
        "kinds": [kind for kind in Finding.Kind.choices if kind[0] != Finding.Kind.NONCONFORMITY],
        "may_score": may_score and not scoring_sheet.is_handed_in(case, request.user),
        "is_evaluator": request.user.has_perm("cases.score_case", case),
        "following": parts[place + 1] if place + 1 < len(parts) else None,
    }
    return render(request, "cases/sheet_part.html", context)


@login_required
@require_POST
def score(request: HttpRequest, pk: Any, code: str) -> HttpResponse:
    """Save one score. As autosave, the answer is the revision that stands now and no page; else the sheet again."""
    case = case_for(request.user, pk, "cases.score_case")
    known = grounds(case)
    if code not in known:
        raise Http404
    form = ScoreForm(request.POST)
    saved, error, status = None, "", 422
    if not form.is_valid():
        error = _("This could not be saved. Reload the page.")
    else:
        try:
            saved = scoring_sheet.save_score(case, code, actor=request.user, known=known, **form.values())
        except ValidationError as refused:
            error = refused.messages[0]
        except Conflict:
            error, status = _("You changed this score in another window; what you see first stands there now."), 409
    if request.headers.get("X-Autosave") == "1":
        return (
            HttpResponse(status=status)
            if saved is None
            else HttpResponse(status=204, headers={"X-Seen": saved.revision})
        )
    if error:
        page = known[code].criterion.characteristic
        typed, present = _both(case, request, code)
        return conflict(request, "cases:sheet-part", pk, page, reason=error, typed=typed, present=present)
    return redirect(reverse("cases:sheet-part", args=[pk, known[code].criterion.characteristic]) + f"#{code}")


def _both(case: Case, request: HttpRequest, code: str) -> tuple[list[Pair], list[Pair]]:
    """What was typed for a criterion, and what stands there now, with the same names."""
    row = Score.objects.filter(case=case, criterion=code, evaluator_id=request.user.pk).first()
    names = (_("Your score for %(code)s") % {"code": code}, _("Rationale for %(code)s") % {"code": code})
    typed = (_score_in_words(request.POST.get("score", "")), request.POST.get("rationale", ""))
    if row is None:
        return list(zip(names, typed, strict=True)), []
    points = NOT_DEMONSTRATED if row.not_demonstrated else "" if row.points is None else str(row.points)
    present = (_score_in_words(points), row.rationale)
    return list(zip(names, typed, strict=True)), list(zip(names, present, strict=True))


def _score_in_words(value: str) -> str:
    return _("not demonstrated") if value == NOT_DEMONSTRATED else value


@login_required
@require_POST
def hand_in(request: HttpRequest, pk: Any) -> HttpResponse:
    case = case_for(request.user, pk, "cases.score_case")
    try:
        scoring_sheet.hand_in(case, actor=request.user)
    except ValidationError as refused:
        say(request, refused)
    except Conflict:
        return conflict(request, "cases:sheet", pk)
    else:
        messages.success(request, _("Your scores are handed in. They no longer change."))
    return redirect("cases:sheet", pk=pk)


@login_required
@require_POST
def reopen(request: HttpRequest, pk: Any) -> HttpResponse:
    case = case_for(request.user, pk, "cases.settle_case")
    reason = request.POST.get("reason", "")
    try:
        scoring_sheet.reopen_scores(case, actor=request.user, reason=reason)
    except ValidationError as refused:
        say(request, refused)
    except Conflict:
        return conflict(request, "cases:sheet", pk, typed=[(_("Reason"), reason)])
    else:
        messages.success(request, _("The evaluators may change their scores again."))
    return redirect("cases:sheet", pk=pk)
