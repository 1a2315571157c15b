"""The evaluator's part: criteria to score, answers to look at, tests to run again."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from evaluations.cases.models import Assignment, Case, Finding

from .body import line_of
from .casework import Facts
from .sections import Board, Task

Part = Assignment.Part


def board(person: Any, facts: list[Facts]) -> Board:
    """What waits for the person in the cases that they evaluate, as evaluator or as lead."""
    tasks: list[Task] = []
    for row in facts:
        if row.case.status == Case.Status.EVALUATING and row.holds(person, Part.EVALUATOR, Part.LEAD):
            tasks += [*_scores(row, person), *_answers(row), *_failed_runs(row)]
    return Board(tasks)


def _scores(row: Facts, person: Any) -> Iterator[Task]:
    if not row.holds(person, Part.EVALUATOR) or person.pk in row.handed_in or row.plan is None:
        return
    url, missing = reverse("cases:sheet", args=[row.case.pk]), row.scores_missing(person)
    if missing:
        text = ngettext("%(count)d criterion needs your score", "%(count)d criteria need your score", missing)
        yield Task(text % {"count": missing}, line_of(row.case), url, _("Open your sheet"), due=row.case.due_on)
    else:
        text = _("All criteria are scored: hand in your scores")
        yield Task(text, line_of(row.case), url, _("Open your sheet"), due=row.case.due_on)


def _answers(row: Facts) -> Iterator[Task]:
    answered = row.told(Finding.Status.ANSWERED)
    if answered:
        text = ngettext(
            "%(count)d answer of the client to look at", "%(count)d answers of the client to look at", answered
        )
        url = reverse("cases:findings", args=[row.case.pk])
        yield Task(text % {"count": answered}, line_of(row.case), url, _("Findings"))


def _failed_runs(row: Facts) -> Iterator[Task]:
    failed = row.runs_to_repeat
    if failed:
        text = ngettext(
            "%(count)d test has no result and can be run again",
            "%(count)d tests have no result and can be run again",
            failed,
        )
        url = reverse("cases:runs", args=[row.case.pk])
        yield Task(text % {"count": failed}, line_of(row.case), url, _("See the runs"))
