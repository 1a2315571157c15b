"""Who may do what in a case. Separation of duties (ISO/IEC 17065, 7.5 and 7.6) is written here and nowhere else."""

from __future__ import annotations

from typing import Any

import rules

from assessments.accounts.models import Role
from assessments.accounts.rules import has_interest_in, has_role
from assessments.applications.access import admitted_by

from .models import Assignment, Case


def holds_part(person: Any, case: Case, *parts: str) -> bool:
    """Whether the person has an open, declared assignment in the case, and still belongs to its body."""
    held = case.assignments.filter(person_id=person.pk, part__in=parts, ended_at=None, declared_at__isnull=False)
    return held.filter(person__memberships__organisation=case.body_id).exists()


@rules.predicate
def is_applicant_of_case(person: Any, case: Case) -> bool:
    return has_role(person, Role.VENDOR_MEMBER, case.application.organisation_id)


@rules.predicate
def is_lead_of_body(person: Any, case: Case) -> bool:
    return has_role(person, Role.LEAD_EVALUATOR, case.body_id)


@rules.predicate
def has_no_lead(person: Any, case: Case) -> bool:
    """Nobody leads the case: then, and only then, every lead of the body sees it and may give it one."""
    return not case.assignments.filter(part=Assignment.Part.LEAD, ended_at=None).exists()


@rules.predicate
def is_case_lead(person: Any, case: Case) -> bool:
    return holds_part(person, case, Assignment.Part.LEAD)


@rules.predicate
def is_case_evaluator(person: Any, case: Case) -> bool:
    return holds_part(person, case, Assignment.Part.EVALUATOR)


@rules.predicate
def is_case_reviewer(person: Any, case: Case) -> bool:
    return holds_part(person, case, Assignment.Part.REVIEWER)


@rules.predicate
def is_assigned(person: Any, case: Case) -> bool:
    """Assigned in any part, the statement on interests perhaps not signed yet."""
    return case.assignments.filter(person_id=person.pk, ended_at=None).exists()


@rules.predicate
def has_no_interest_in_client(person: Any, case: Case) -> bool:
    return not has_interest_in(person, case.application.organisation_id)


@rules.predicate
def took_no_part_in_evaluation(person: Any, case: Case) -> bool:
    """Never lead or evaluator in this case, no score, no settlement, whether or not the assignment has ended."""
    evaluated = case.assignments.filter(
        person_id=person.pk, part__in=[Assignment.Part.LEAD, Assignment.Part.EVALUATOR]
    ).exists()
    scored = case.scores.filter(evaluator_id=person.pk).exists()
    settled = case.settlements.filter(settled_by_id=person.pk).exists()
    return not (evaluated or scored or settled)


@rules.predicate
def did_not_admit(person: Any, case: Case) -> bool:
    """Not the one who admitted the application and set its risk tier, which the review looks at again."""
    return person.pk not in admitted_by(case.application_id)


@rules.predicate
def is_reviewer_of_body(person: Any, case: Case) -> bool:
    return has_role(person, Role.REVIEWER, case.body_id)


@rules.predicate
def is_under_review(person: Any, case: Case) -> bool:
    """From review on: before that, a reviewer does not see the case."""
    return case.status in (Case.Status.IN_REVIEW, Case.Status.RECOMMENDED, Case.Status.DECIDED)


independent = is_reviewer_of_body & took_no_part_in_evaluation & did_not_admit & has_no_interest_in_client

rules.add_perm(
    "cases.view_case",
    (is_lead_of_body & has_no_lead) | is_case_lead | is_case_evaluator | (is_case_reviewer & is_under_review),
)
rules.add_perm("cases.view_as_client", is_applicant_of_case)
rules.add_perm("cases.answer_finding", is_applicant_of_case)
rules.add_perm("cases.assign_case", ((is_lead_of_body & has_no_lead) | is_case_lead) & has_no_interest_in_client)
rules.add_perm("cases.declare_interest", is_assigned)
rules.add_perm("cases.lead_case", is_case_lead & has_no_interest_in_client)
rules.add_perm("cases.evaluate_case", (is_case_evaluator | is_case_lead) & has_no_interest_in_client)
rules.add_perm("cases.score_case", is_case_evaluator & has_no_interest_in_client)
rules.add_perm("cases.settle_case", is_case_lead & has_no_interest_in_client)
rules.add_perm("cases.review_case", is_case_reviewer & independent & is_under_review)
rules.add_perm("cases.decide_case", independent & is_under_review & is_case_reviewer)
