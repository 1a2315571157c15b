"""Whoever leaves a body leaves its cases: at once for the pages, and the part ends so that the place can be filled."""

from __future__ import annotations

from typing import Any

from assessments.accounts import services
from assessments.accounts.models import AccessGrant
from evaluations.cases.leaving import end_parts_of_former_members
from tests.factories import cases


def test_leaving_the_body_ends_the_parts(
    vendor: Any, body: Any, alice: Any, lead: Any, evaluator1: Any, evaluator2: Any, reviewer: Any, administrator: Any
) -> None:
    team = cases.People(
        vendor=vendor, body=body, applicant=alice, lead=lead, evaluators=[evaluator1, evaluator2], reviewer=reviewer
    )
    case = cases.staffed_case(team, label="1.0.0")
    assert end_parts_of_former_members() == 0
    assert evaluator1.has_perm("cases.view_case", case)
    services.end_membership(evaluator1.memberships.get(), actor=administrator)
    assert not evaluator1.has_perm("cases.view_case", case)  # before anything was swept
    services.deactivate(evaluator2, actor=administrator)
    assert end_parts_of_former_members() == 2
    assert end_parts_of_former_members() == 0
    assert not case.assignments.filter(person__in=[evaluator1, evaluator2], ended_at=None).exists()
    assert not AccessGrant.objects.active().filter(person__in=[evaluator1, evaluator2]).exists()
    assert lead.has_perm("cases.lead_case", case)


def test_a_lead_who_leaves_makes_room_for_another(
    vendor: Any, body: Any, alice: Any, lead: Any, evaluator1: Any, evaluator2: Any, reviewer: Any, administrator: Any
) -> None:
    team = cases.People(
        vendor=vendor, body=body, applicant=alice, lead=lead, evaluators=[evaluator1, evaluator2], reviewer=reviewer
    )
    case = cases.opened_case(team, label="1.0.0")
    services.add_member(reviewer, body, "lead_evaluator", actor=administrator)
    assert not reviewer.has_perm("cases.assign_case", case)
    services.end_membership(lead.memberships.get(role="lead_evaluator"), actor=administrator)
    assert end_parts_of_former_members() == 1
    assert reviewer.has_perm("cases.assign_case", case)
