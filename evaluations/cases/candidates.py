"""Who of a body may take a part in a case, with the work that each has already; and who may not, and why."""

from __future__ import annotations

from collections import defaultdict
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy

from assessments.accounts.models import Person, Role
from assessments.accounts.rules import people_interested_in
from assessments.applications.access import admitted_by

from .models import Assignment, Case

Part = Assignment.Part

ROLE_OF_PART: dict[str, str] = {
    Part.LEAD: Role.LEAD_EVALUATOR,
    Part.EVALUATOR: Role.EVALUATOR,
    Part.REVIEWER: Role.REVIEWER,
}
# Nobody reviews what they evaluated (ISO/IEC 17065, 7.5.1), and who settles differing scores gave none of them.
EVALUATING_PARTS = (Part.LEAD, Part.EVALUATOR)
UNDER_WAY = (
    Case.Status.PLANNING,
    Case.Status.PLAN_APPROVED,
    Case.Status.EVALUATING,
    Case.Status.IN_REVIEW,
    Case.Status.RECOMMENDED,
)

HOLDING = gettext_lazy("takes part in this case already")
EVALUATED = gettext_lazy("took part in the evaluation, which nobody reviews themselves")
ADMITTED = gettext_lazy("admitted the application, which nobody reviews themselves")
REVIEWED = gettext_lazy("reviewed this case")
INTERESTED = gettext_lazy("an interest in the client is on record")


@dataclass(frozen=True)
class Candidate:
    """Somebody who holds the role of a part: the days on which their open cases are due, and what stands against it."""

    person: Person
    due: tuple[date | None, ...]
    against: str | Promise = ""

    @property
    def workload(self) -> int:
        """On how many cases they are at work."""
        return len(self.due)

    @property
    def next_due(self) -> date | None:
        return min((day for day in self.due if day is not None), default=None)


def staff_for(case: Case, part: str) -> list[Candidate]:
    """Everybody of the body who holds the role of the part, the least at work first, with what stands against it."""
    people = Person.objects.filter(
        is_active=True, memberships__organisation=case.body, memberships__role=ROLE_OF_PART[part]
    )
    due, interested = _due_days(case), people_interested_in(case.application.organisation_id)
    holding, excluded = _excluded(case, part)
    admitting = admitted_by(case.application_id) if part == Part.REVIEWER else set()
    found = []
    for person in people.order_by("name").distinct():
        against: str | Promise = ""
        if person.pk in holding:
            against = HOLDING
        elif person.pk in excluded:
            against = EVALUATED if part == Part.REVIEWER else REVIEWED
        elif person.pk in admitting:
            against = ADMITTED
        elif person.pk in interested:
            against = INTERESTED
        found.append(Candidate(person, tuple(due.get(person.pk, ())), against))
    return sorted(found, key=lambda each: each.workload)


def candidates(case: Case, part: str) -> list[Candidate]:
    """Who of the body may take the part: role held, no interest in the client, no part that excludes it."""
    return [each for each in staff_for(case, part) if not each.against]


def _due_days(case: Case) -> dict[Any, list[date | None]]:
    """By person, the days on which the open cases of the body's people are due."""
    rows = Assignment.objects.filter(ended_at=None, case__status__in=UNDER_WAY, case__body=case.body)
    found: dict[Any, dict[Any, date | None]] = defaultdict(dict)
    for person, case_id, day in rows.values_list("person_id", "case_id", "case__due_on"):
        found[person][case_id] = day
    return {person: list(days.values()) for person, days in found.items()}


def _excluded(case: Case, part: str) -> tuple[set[Any], set[Any]]:
    """People who hold a part now, and those who held one that excludes this; an ended assignment still counts."""
    rows = list(case.assignments.values_list("person_id", "part", "ended_at"))
    holding = {person for person, _held, ended in rows if ended is None}
    excluding = EVALUATING_PARTS if part == Part.REVIEWER else (Part.REVIEWER,)
    return holding, {person for person, held, _ended in rows if held in excluding}
