"""The transition table of a case over all pairs of state and action, and who may make which move."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from assessments.ledger.models import Entry
from assessments.ledger.workflow import Conflict, move
from evaluations.cases.models import Assignment, Case
from evaluations.cases.workflow import WORKFLOW
from tests.factories import cases

pytestmark = pytest.mark.django_db

# What the table must say, written down a second time: action → (from, to, who, whether a reason is needed).
EXPECTED = {
    "approve_plan": ({"planning"}, "plan_approved", "lead", False),
    "begin": ({"plan_approved"}, "evaluating", "portal", False),
    "revise_plan": ({"evaluating"}, "planning", "lead", True),
    "hand_to_review": ({"evaluating"}, "in_review", "lead", False),
    "return_for_rework": ({"in_review"}, "evaluating", "reviewer", True),
    "recommend": ({"in_review"}, "recommended", "reviewer", True),
    "decide": ({"recommended"}, "decided", "reviewer", True),
    "close": ({"planning", "plan_approved", "evaluating", "in_review", "recommended"}, "closed", "portal", False),
}


def test_every_pair_of_state_and_action(alice: Any, regulator: Any) -> None:
    who = cases.people()
    case = cases.staffed_case(who)
    reviewing = case.assignments.create(person=who.reviewer, part=Assignment.Part.REVIEWER)
    cases.sign(case, reviewing.person)
    people = {"lead": who.lead, "reviewer": who.reviewer, "portal": None}
    assert set(WORKFLOW) == set(EXPECTED)
    for state in Case.Status.values:
        for action, (sources, target, part, needs_reason) in EXPECTED.items():
            Case.objects.filter(pk=case.pk).update(status=state)
            for person in (alice, regulator, who.applicant, *who.evaluators):
                if part != "portal":
                    with pytest.raises(PermissionDenied):
                        move(Case.objects.get(pk=case.pk), WORKFLOW, action, actor=person, reason="Because.")
            present, before = Case.objects.get(pk=case.pk), Entry.objects.count()
            if state in sources:
                if needs_reason:
                    with pytest.raises(ValidationError):
                        move(present, WORKFLOW, action, actor=people[part], reason=" ")
                move(present, WORKFLOW, action, actor=people[part], reason="Because.")
                assert (Case.objects.get(pk=case.pk).status, Entry.objects.count()) == (target, before + 1)
                with pytest.raises((Conflict, PermissionDenied)):
                    move(
                        Case(pk=case.pk, status=state, application=case.application, body=case.body),
                        WORKFLOW,
                        action,
                        actor=people[part],
                        reason="Because.",
                    )
            else:
                with pytest.raises((Conflict, PermissionDenied)):
                    move(present, WORKFLOW, action, actor=people[part], reason="Because.")
                assert (Case.objects.get(pk=case.pk).status, Entry.objects.count()) == (state, before)
