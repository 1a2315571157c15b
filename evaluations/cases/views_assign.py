"""Pages on who takes which part, and on the statement that each signs."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.core.exceptions import ValidationError
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods, require_POST

from assessments.accounts.models import Person
from assessments.ledger.workflow import Conflict

from . import assignment as parts
from .access import case_for
from .candidates import EVALUATING_PARTS, UNDER_WAY, Candidate, candidates, staff_for
from .forms_case import AssignForm, RecusalForm
from .models import Assignment, Case

CONFLICT = "presentation/conflict.html"


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def assign(request: HttpRequest, pk: str) -> HttpResponse:
    """Who holds which part, and who could; a POST gives one part to one person."""
    case = case_for(request.user, pk, "cases.assign_case" if request.method == "POST" else "cases.view_case")
    may_assign = request.user.has_perm("cases.assign_case", case)
    refused: dict[str, AssignForm] = {}
    if request.method == "POST":
        form = _form(case, request.POST.get("part", ""), request.POST)
        if form.is_valid():
            try:
                person = get_object_or_404(Person, pk=form.cleaned_data["person"])
                parts.assign(case, person, form.cleaned_data["part"], actor=request.user)
            except ValidationError as error:
                form.add_error("person", error)
            except Conflict:
                return render(request, CONFLICT, {"back_url": request.path}, status=409)
            else:
                messages.success(request, _("Assigned. The case opens to them when they have signed their statement."))
                return redirect("cases:assign", pk=pk)
        refused[form.data["part"]] = form
    context = {"case": case, "may_assign": may_assign, "sections": _sections(case, refused, may_assign=may_assign)}
    return render(request, "cases/assign.html", context, status=422 if refused else 200)


def _form(case: Case, part: str, data: Any = None) -> AssignForm:
    if part not in Assignment.Part.values:
        raise Http404
    return _form_of(candidates(case, part), part, data)


def _form_of(proposed: Sequence[Candidate], part: str, data: Any = None) -> AssignForm:
    return AssignForm(proposed, data, initial={"part": part}, auto_id=f"id_{part}_%s")


def _sections(case: Case, refused: dict[str, AssignForm], *, may_assign: bool) -> list[dict[str, Any]]:
    held = list(parts.open_parts(case))
    at_work = {row.person_id for row in held}  # they stand on this page with their part
    sections: list[dict[str, Any]] = []
    for part in Assignment.Part:
        rows = [row for row in held if row.part == part]
        free = parts.places(case, part) - len(rows)
        closed = case.status not in UNDER_WAY or (part in EVALUATING_PARTS and case.status in parts.REVIEW_STATUSES)
        section = {"part": part, "title": part.label, "rows": rows, "free": max(free, 0), "form": None, "against": []}
        if may_assign and free > 0 and not closed:
            staff = staff_for(case, part)
            section["against"] = [each for each in staff if each.against and each.person.pk not in at_work]
            section["form"] = _form_of([each for each in staff if not each.against], part)
        section["form"] = refused.get(part) or section["form"]
        sections.append(section)
    open_ones = [section for section in sections if section["form"] and section["form"].fields["person"].choices]
    for section in sections:
        section["is_next"] = section in open_ones[:1]
    return sections


def _own_assignment(person: Any, pk: int) -> Assignment:
    """An open assignment of the person's own; before they sign, this page is all they see of the case."""
    rows = Assignment.objects.filter(person=person, ended_at=None)
    return get_object_or_404(
        rows.select_related("case__application__organisation", "case__application__version__system", "case__body"),
        pk=pk,
    )


@login_required
@require_http_methods(["GET", "HEAD", "POST"])
def statement(request: HttpRequest, pk: int) -> HttpResponse:
    """Read the statement on interests and sign it."""
    row = _own_assignment(request.user, pk)
    errors: list[str] = []
    if request.method == "POST":
        try:
            parts.sign_statement(row, actor=request.user)
        except ValidationError as error:
            errors = error.messages
        except Conflict:
            return render(request, CONFLICT, {"back_url": request.path}, status=409)
        else:
            messages.success(request, _("Signed. What your part needs is open to you now."))
            return _to_case(row.case, request)
    context = {"assignment": row, "text": parts.STATEMENT, "errors": errors, "recusal": RecusalForm()}
    return render(request, "cases/statement.html", context, status=422 if errors else 200)


def _to_case(case: Case, request: HttpRequest) -> HttpResponse:
    """The case if it is open to the person by now (to a reviewer from review on), else the board."""
    if Case.objects.visible_to(request.user).filter(pk=case.pk).exists():
        return redirect("cases:case", pk=case.pk)
    return redirect("cases:board")


@login_required
@require_POST
def recuse(request: HttpRequest, pk: int) -> HttpResponse:
    row = _own_assignment(request.user, pk)
    form = RecusalForm(request.POST)
    if form.is_valid():
        try:
            parts.recuse_oneself(row, actor=request.user, nature=form.cleaned_data["nature"])
        except Conflict:
            return render(request, CONFLICT, {"back_url": "/cases/"}, status=409)
        messages.success(request, _("You are recused. The lead of the body has to assign somebody else."))
        return redirect("cases:board")
    context = {"assignment": row, "text": parts.STATEMENT, "errors": [], "recusal": form}
    return render(request, "cases/statement.html", context, status=422)


@login_required
@require_POST
def end(request: HttpRequest, pk: int) -> HttpResponse:
    """End somebody's part with a reason."""
    row = get_object_or_404(Assignment.objects.select_related("case", "person"), pk=pk)
    case_for(request.user, row.case_id, "cases.assign_case")
    try:
        parts.end_assignment(row, actor=request.user, reason=request.POST.get("reason", ""))
    except ValidationError as error:
        messages.error(request, error.messages[0])
    except Conflict:
        return render(request, CONFLICT, {"back_url": f"/cases/{row.case_id}/people/"}, status=409)
    return redirect("cases:assign", pk=row.case_id)
