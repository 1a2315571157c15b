"""One home page for everybody who signs in, made of what their roles contribute."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from assessments.accounts.models import Membership, Role
from assessments.accounts.rules import has_role, is_body_staff
from evaluations.cases.models import Case

from . import authority, body, evaluator, lead, operator, reviewer, scheme_owner, vendor
from .casework import facts_of
from .sections import READ_AT_MOST, Board, in_order

TASKS_SHOWN = 12


@never_cache
@login_required
@require_safe
def dashboard(request: HttpRequest) -> HttpResponse:
    """What waits for the reader first, then each role's sections."""
    boards = boards_of(request.user)
    tasks = in_order(task for board in boards for task in board.tasks)
    context = {
        "memberships": _memberships(request.user),
        "has_work": bool(boards),
        "tasks": tasks[:TASKS_SHOWN],
        "further_tasks": tasks[TASKS_SHOWN:],
        "task_count": len(tasks),
        "sections": [section for board in boards for section in board.sections],
        "action": next((board.action for board in boards if board.action), None),
    }
    return render(request, "dashboards/dashboard.html", context)


def boards_of(person: Any) -> list[Board]:
    """What each role of the person contributes to the page."""
    boards = []
    if has_role(person, Role.VENDOR_MEMBER):
        boards.append(vendor.board(person))
    if is_body_staff(person):
        boards += _body_boards(person)
    if has_role(person, Role.SCHEME_OWNER):
        boards.append(scheme_owner.board(person))
    if has_role(person, Role.REGULATOR):
        boards.append(authority.board(person))
    if has_role(person, Role.ADMINISTRATOR):
        boards.append(operator.board(person))
    return boards


def _body_boards(person: Any) -> list[Board]:
    cases: list[Case] = list(body.cases_of(person)[:READ_AT_MOST])
    facts = facts_of(cases)
    evaluates = has_role(person, Role.EVALUATOR) or has_role(person, Role.LEAD_EVALUATOR)
    boards = [Board(tasks=[*body.statements(person), *body.orders(person)])]
    if evaluates:
        boards.append(evaluator.board(person, facts))
    if has_role(person, Role.LEAD_EVALUATOR):
        boards.append(lead.board(person, facts))
    boards.append(Board(sections=[body.cases_section(facts)]))
    if evaluates:
        boards.append(Board(sections=[body.runs_section(person)]))
    if has_role(person, Role.REVIEWER):
        boards.append(reviewer.board(person, facts))
    return boards


def _memberships(person: Any) -> list[str]:
    """The reader's roles by organisation: "Meridian Evaluation Body: lead evaluator, reviewer"."""
    found: dict[str, list[str]] = {}
    for row in Membership.objects.filter(person=person).select_related("organisation").order_by("since", "pk"):
        found.setdefault(row.organisation.name, []).append(str(row.get_role_display()))
    return [f"{name} · {' · '.join(roles)}" for name, roles in found.items()]
