"""Opening, parts, statements on interests, grants, and the transition table."""

from __future__ import annotations

from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.accounts.models import AccessGrant, InterestDeclaration
from assessments.applications.workflow import WORKFLOW as APPLICATION_WORKFLOW
from assessments.ledger import services as ledger
from assessments.ledger.workflow import Conflict, move
from assessments.systems.models import SystemVersion
from evaluations.cases import assignment, opening, progress, tasks
from evaluations.cases.candidates import candidates, staff_for
from evaluations.cases.models import Assignment, Case
from evaluations.cases.workflow import WORKFLOW
from evaluations.runs.models import Run
from tests.factories import cases
from tests.factories.people import person

pytestmark = pytest.mark.django_db
Part = Assignment.Part


@pytest.fixture
def who() -> cases.People:
    return cases.people()


def test_the_sweep_opens_one_case_led_by_who_admitted(who: Any) -> None:
    application = cases.agreed_application(who)
    tasks.sweep()
    tasks.sweep()
    case = Case.objects.get(application=application)
    assert case.number == f"C-{timezone.now().year}-0001"
    assert [(row.person, row.part, row.declared_at) for row in case.assignments.all()] == [(who.lead, "lead", None)]
    assert [plan.version for plan in case.plans.all()] == [application.version]


def test_an_application_that_is_not_agreed_has_no_case(who: Any) -> None:
    cases.admitted_application(who)
    assert opening.open_agreed() == []


def test_a_lead_with_an_interest_by_now_does_not_lead(who: Any) -> None:
    cases.agreed_application(who)
    declare_interest(who.lead, who.vendor, since=date(2020, 1, 1))
    assert not opening.open_agreed()[0].assignments.exists()


def test_a_withdrawn_application_closes_its_case_and_all_that_it_opened(who: Any) -> None:
    case = cases.planned_case(who)
    application = case.application
    move(application, APPLICATION_WORKFLOW, "withdraw", actor=who.applicant)
    tasks.sweep()
    case.refresh_from_db()
    assert case.status == Case.Status.CLOSED
    assert not AccessGrant.objects.active().filter(purpose__startswith=case.number).exists()
    assert not Run.objects.unfinished().filter(scope=case.pk).exists()
    assert progress.cancel_stray() == 0
    assert list(ledger.verify()) == []


def test_nothing_is_open_before_the_statement_is_signed(who: Any) -> None:
    case = cases.opened_case(who)
    evaluator, version = who.evaluators[0], case.application.version
    cases.sign(case, who.lead)
    assignment.assign(case, evaluator, Part.EVALUATOR, actor=who.lead)
    assert not Case.objects.visible_to(evaluator).exists()
    assert not evaluator.has_perm("systems.view_version", version)
    cases.sign(case, evaluator)
    assert list(Case.objects.visible_to(evaluator)) == [case]
    assert evaluator.has_perm("systems.view_version", version)
    assert evaluator.has_perm("applications.view_application", case.application)
    assert SystemVersion.objects.visible_to(evaluator).filter(pk=version.pk).exists()
    with pytest.raises(Conflict):
        assignment.sign_statement(case.assignments.get(person=evaluator), actor=evaluator)


def test_nobody_signs_for_another(who: Any) -> None:
    case = cases.opened_case(who)
    with pytest.raises(PermissionDenied):
        assignment.sign_statement(case.assignments.get(), actor=who.evaluators[0])


def test_a_reviewer_sees_the_case_from_review_on_only(who: Any) -> None:
    case = cases.staffed_case(who)
    assignment.assign(case, who.reviewer, Part.REVIEWER, actor=who.lead)
    cases.sign(case, who.reviewer)
    assert not Case.objects.visible_to(who.reviewer).exists()
    Case.objects.filter(pk=case.pk).update(status="in_review")
    case.refresh_from_db()
    assignment.sync_grants(case)
    assert list(Case.objects.visible_to(who.reviewer)) == [case]
    assert not AccessGrant.objects.active().filter(object_type="runs.steer", object_id=case.pk).exists()
    Case.objects.filter(pk=case.pk).update(status="evaluating")
    case.refresh_from_db()
    assignment.sync_grants(case)
    assert not Case.objects.visible_to(who.reviewer).exists()
    assert AccessGrant.objects.active().filter(object_type="runs.steer", object_id=case.pk).count() == 3


@pytest.mark.parametrize(("had", "wanted"), list(product([None, *Part], Part)))
@pytest.mark.parametrize("ended", [False, True])
def test_parts_exclude_one_another_over_all_pairs(who: Any, had: Any, wanted: Any, ended: bool) -> None:
    case = cases.opened_case(who)
    case.assignments.all().delete()
    all_round = person("Alma", who.body, "lead_evaluator", "evaluator", "reviewer")
    if had is not None:
        Assignment.objects.create(
            case=case,
            person=all_round,
            part=had,
            ended_at=timezone.now() if ended else None,
            declared_at=timezone.now(),
        )
    evaluating = {Part.LEAD, Part.EVALUATOR}
    forbidden = had is not None and (not ended or (had in evaluating) != (wanted in evaluating))
    proposed = {candidate.person for candidate in candidates(case, wanted)}
    assert (all_round in proposed) == (not forbidden)


@pytest.mark.parametrize("part", list(Part))
@pytest.mark.parametrize(("until", "conflicts"), [(None, True), (700, True), (740, False)])
def test_an_interest_of_the_past_two_years_excludes(who: Any, part: Any, until: int | None, conflicts: bool) -> None:
    case = cases.opened_case(who)
    case.assignments.all().delete()
    all_round = person("Alma", who.body, "lead_evaluator", "evaluator", "reviewer")
    ended = timezone.now().date() - timedelta(days=until) if until else None
    declare_interest(all_round, who.vendor, since=date(2015, 1, 1), until=ended)
    proposed = {candidate.person for candidate in candidates(case, part)}
    assert (all_round not in proposed) == conflicts
    if conflicts:
        with pytest.raises(ValidationError):
            assignment.assign(case, all_round, part, actor=who.lead)


def test_people_of_another_body_are_never_proposed(who: Any, other_lead: Any, charlie: Any) -> None:
    case = cases.opened_case(who)
    for part in Part:
        proposed = {candidate.person for candidate in candidates(case, part)}
        assert not proposed & {other_lead, charlie}


def test_a_third_evaluator_finds_no_place(who: Any) -> None:
    case = cases.staffed_case(who)
    third = person("Ella", who.body, "evaluator")
    with pytest.raises(ValidationError, match="taken"):
        assignment.assign(case, third, Part.EVALUATOR, actor=who.lead)


def test_recusal_closes_what_was_open_and_goes_on_record(who: Any) -> None:
    case = cases.staffed_case(who)
    evaluator = who.evaluators[0]
    row = case.assignments.get(person=evaluator)
    assignment.recuse_oneself(row, actor=evaluator, nature="My brother works there.")
    assert not Case.objects.visible_to(evaluator).exists()
    assert InterestDeclaration.objects.get().organisation == who.vendor
    assert evaluator not in {candidate.person for candidate in candidates(case, Part.EVALUATOR)}
    with pytest.raises(Conflict):
        assignment.end_assignment(row, actor=who.lead, reason="Too late.")


def test_an_ended_part_needs_a_reason_and_somebody_who_may(who: Any) -> None:
    case = cases.staffed_case(who)
    row = case.assignments.get(person=who.evaluators[0])
    with pytest.raises(ValidationError):
        assignment.end_assignment(row, actor=who.lead, reason=" ")
    with pytest.raises(PermissionDenied):
        assignment.end_assignment(row, actor=who.evaluators[1], reason="I want it.")


def test_the_workload_is_that_of_cases_under_way(who: Any) -> None:
    cases.staffed_case(who)
    second = cases.opened_case(who, label="2.0.0")
    workload = {c.person: c.workload for c in candidates(second, Part.EVALUATOR)}
    assert workload == {who.evaluators[0]: 1, who.evaluators[1]: 1}


def test_the_page_proposes_the_least_busy_with_their_next_day_and_says_who_cannot_and_why(
    who: Any, client: Any
) -> None:
    first, case = cases.staffed_case(who), cases.opened_case(who, label="2.0.0")
    cases.sign(case, who.lead)
    Case.objects.filter(pk=first.pk).update(due_on=date(2031, 5, 20))
    free, biased = person("Ella", who.body, "evaluator"), person("Enno", who.body, "evaluator")
    declare_interest(biased, who.vendor, since=date(2015, 1, 1))
    gone = person("Edgar", who.body, "evaluator")
    type(gone).objects.filter(pk=gone.pk).update(is_active=False)
    busy, also_busy = who.evaluators
    staff = {each.person: (each.workload, each.next_due, str(each.against)) for each in staff_for(case, Part.EVALUATOR)}
    assert next(iter(staff)) in (free, biased)
    assert staff == {
        free: (0, None, ""),
        biased: (0, None, "an interest in the client is on record"),
        busy: (1, date(2031, 5, 20), ""),
        also_busy: (1, date(2031, 5, 20), ""),
    }
    client.force_login(who.lead)
    page = client.get(f"/cases/{case.pk}/people/").content.decode()
    assert f"{busy} · 1 case under way, the next due 20 May 2031" in page
    assert "1 person is not proposed" in page
    assert "Enno: an interest in the client is on record" in page
    with CaptureQueriesContext(connection) as few:
        client.get(f"/cases/{case.pk}/people/")
    for number in range(20):
        person(f"Ede{number}", who.body, "evaluator")
    with CaptureQueriesContext(connection) as many:
        client.get(f"/cases/{case.pk}/people/")
    assert len(many) == len(few)


ACTORS = ("applicant", "lead", "evaluator", "reviewer", None)


@pytest.mark.parametrize("state", list(Case.Status))
def test_transitions_over_all_pairs_of_state_and_action(who: Any, state: str) -> None:
    case = cases.staffed_case(who)
    assignment.assign(case, who.reviewer, Part.REVIEWER, actor=who.lead)
    cases.sign(case, who.reviewer)
    Case.objects.filter(pk=case.pk).update(status=state)
    may = {
        "cases.lead_case": {"lead"},
        "cases.review_case": {"reviewer"},
        "cases.decide_case": {"reviewer"},
        "": set(ACTORS),
    }
    persons = {"applicant": who.applicant, "lead": who.lead, "evaluator": who.evaluators[0], "reviewer": who.reviewer}
    for (name, step), actor in product(WORKFLOW.items(), ACTORS):
        fresh = Case.objects.get(pk=case.pk)
        permitted = actor in may[step.permission]
        if state in step.sources and permitted:
            move(fresh, WORKFLOW, name, actor=persons.get(actor or ""), reason="Because.")
            assert Case.objects.get(pk=case.pk).status == step.target
            Case.objects.filter(pk=case.pk).update(status=state)
        else:
            with pytest.raises((PermissionDenied, Conflict)):
                move(fresh, WORKFLOW, name, actor=persons.get(actor or ""), reason="Because.")
            assert Case.objects.get(pk=case.pk).status == state


def declare_interest(who: Any, organisation: Any, *, since: date, until: date | None = None) -> None:
    InterestDeclaration.objects.create(
        person=who, organisation=organisation, nature="Was employed.", since=since, until=until
    )
