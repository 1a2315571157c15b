"""The dashboard of each person follows an application from its draft to the certificate."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from assessments.applications import services as applications
from assessments.applications.models import Application
from assessments.applications.workflow import WORKFLOW
from assessments.ledger.workflow import move
from evaluations.cases import assignment, findings, reporting, scoring_sheet, settling
from evaluations.cases.models import Assignment, Case, Finding
from evaluations.cases.proposing import grounds
from portal.dashboards.casework import facts_of
from tests.factories import cases, evaluated
from tests.factories.cases import People

from .conftest import Look, tasks

pytestmark = pytest.mark.django_db


@pytest.fixture
def who() -> People:
    return cases.people()


def standing_row(answer: Any, anchor: str = "applications") -> list[str]:
    """The first row of a section, in words."""
    section = next(section for section in answer.context["sections"] if section.anchor == anchor)
    return [str(cell.text) for cell in section.rows[0]]


def facts(case: Case) -> Any:
    related = ("application__organisation", "application__version__system", "application__scheme", "body")
    return facts_of(Case.objects.filter(pk=case.pk).select_related(*related))[0]


def test_draft_returned_and_agreement_wait_for_the_applicant(who: People, look: Look) -> None:
    edition, scheme = cases.shipped_standard()
    version = cases.submitted_version(who)
    application = Application.objects.create(
        number="A-2026-0001", organisation=who.vendor, version=version, edition=edition, scheme=scheme, body=who.body
    )
    assert tasks(look(who.applicant)) == ["An application is not submitted yet"]
    assert tasks(look(who.lead)) == []

    move(application, WORKFLOW, "submit", actor=who.applicant, changes={"submitted_at": timezone.now()})
    answer = look(who.applicant)
    assert tasks(answer) == []
    assert standing_row(answer)[3:5] == ["Parallel Evaluation Body", "Check that it is complete, and admit it"]
    answer = look(who.lead)
    assert tasks(answer) == ["An application waits for admission"]
    assert standing_row(answer)[3:5] == ["You", "Check that it is complete, and admit it"]

    changes = {"admission_reason": "The population is missing."}
    move(application, WORKFLOW, "return", actor=who.lead, reason="The population is missing.", changes=changes)
    answer = look(who.applicant)
    assert tasks(answer) == ["An application came back for completion"]
    assert "The population is missing." in answer.content.decode()
    assert tasks(look(who.lead)) == []


def test_signatures_wait_for_the_applicant_and_then_for_the_body(who: People, look: Look) -> None:
    application = cases.admitted_application(who)
    text = applications.agreement_text()
    applications.Agreement.objects.create(application=application, text_version=text.version, text_sha256=text.sha256)
    assert tasks(look(who.applicant)) == ["The agreement needs your signature"]
    assert tasks(look(who.lead)) == []
    applications.sign_agreement(application, actor=who.applicant)
    assert tasks(look(who.applicant)) == []
    assert tasks(look(who.lead)) == ["An agreement waits for your countersignature"]


def test_staffing_waits_for_the_lead_and_statements_for_those_assigned(who: People, look: Look) -> None:
    case = cases.opened_case(who)
    assert tasks(look(who.lead)) == ["Your statement on interests is needed (lead evaluator)"]
    cases.sign(case, who.lead)
    assert tasks(look(who.lead)) == ["2 evaluators to assign"]
    erik, eva = who.evaluators
    assignment.assign(case, erik, Assignment.Part.EVALUATOR, actor=who.lead)
    assert tasks(look(who.lead)) == ["1 evaluator to assign"]
    answer = look(erik)
    assert tasks(answer) == ["Your statement on interests is needed (evaluator)"]
    assert not answer.context["sections"][0].rows, "the case is closed to him until he has signed"
    assignment.assign(case, eva, Assignment.Part.EVALUATOR, actor=who.lead)
    answer = look(who.lead)
    assert tasks(answer) == []
    assert "To sign the statement on interests:" in answer.content.decode()
    cases.sign(case, erik)
    cases.sign(case, eva)
    assert tasks(look(who.lead)) == ["A plan is ready for your approval"]


def test_scores_wait_for_each_evaluator_until_they_hand_in(who: People, look: Look) -> None:
    case = cases.planned_case(who)
    erik, eva = who.evaluators
    known = grounds(case)
    codes = scoring_sheet.examined_codes(known)
    assert tasks(look(erik)) == [f"{len(codes)} criteria need your score"]
    scoring_sheet.save_score(case, codes[0], actor=erik, points=3, rationale="Seen.", known=known)
    scoring_sheet.save_score(case, codes[1], actor=erik, points=3, rationale="", known=known)
    missing = scoring_sheet.missing_scores(case, erik, known)
    assert tasks(look(erik)) == [f"{len(missing)} criteria need your score"]
    assert facts(case).scores_missing(erik) == len(missing) == len(codes) - 1
    assert tasks(look(eva)) == [f"{len(codes)} criteria need your score"], "the other's scores do not count here"

    evaluated.give_scores(case, erik)
    assert tasks(look(erik)) == ["All criteria are scored: hand in your scores"]
    scoring_sheet.hand_in(case, actor=erik)
    assert tasks(look(erik)) == []
    assert tasks(look(who.lead)) == [], "nothing to settle before both have handed in"


def test_runs_in_progress_are_listed_for_the_case_and_nobody_else(who: People, look: Look, evaluator1: Any) -> None:
    case = cases.planned_case(who)
    runs = next(s for s in look(who.evaluators[0]).context["sections"] if s.anchor == "runs")
    assert len(runs.rows) == case.plans.get(status="approved").items.count()
    assert str(runs.rows[0][1].text) == case.number
    others = next(s for s in look(evaluator1).context["sections"] if s.anchor == "runs")
    assert not others.rows


def test_differences_wait_for_the_lead_until_they_are_settled(who: People, look: Look) -> None:
    case = cases.planned_case(who)
    erik, eva = who.evaluators
    codes = scoring_sheet.examined_codes(grounds(case))[:2]
    evaluated.give_scores(case, erik, otherwise=3)
    evaluated.give_scores(case, eva, {codes[0]: 2, codes[1]: None}, otherwise=3)
    for evaluator in (erik, eva):
        scoring_sheet.hand_in(case, actor=evaluator)
    evaluated.finish_runs(case)
    assert tasks(look(who.lead)) == ["Scores differ on 2 criteria"]
    assert facts(case).differing == [row.ground.code for row in settling.differing(settling.rows_of(case, who.lead))]

    for code in codes:
        settling.settle(case, code, actor=who.lead, rationale="The record shows it.", examined=settling.Given(2))
    left = len(settling.unsettled(settling.rows_of(case, who.lead)))
    assert facts(case).unsettled == left > 0
    assert tasks(look(who.lead)) == [f"{left} criteria can be settled"]
    settling.settle_agreed(case, actor=who.lead)
    assert tasks(look(who.lead)) == ["All criteria are settled: check findings and report, then hand over"]


def test_findings_wait_for_the_client_and_the_answers_for_the_body(who: People, look: Look) -> None:
    case = evaluated.told_case(who, otherwise=2)
    waiting = list(findings.told(case).filter(status=Finding.Status.OPEN))
    answer = look(who.applicant)
    assert tasks(answer) == [f"{len(waiting)} findings need your answer"]
    assert standing_row(answer)[3:5] == ["You", f"Answer {len(waiting)} findings"]
    due = timezone.now().date() + timedelta(days=30)
    findings.answer_finding(
        waiting[0], actor=who.applicant, answer="We do it.", due_on=due, revision=waiting[0].revision
    )
    assert tasks(look(who.applicant)) == [f"{len(waiting) - 1} findings need your answer"]
    for person in (who.lead, who.evaluators[0]):
        assert "1 answer of the client to look at" in tasks(look(person))


def test_review_and_decision_wait_for_the_reviewer_alone(who: People, look: Look) -> None:
    case = evaluated.told_case(who, otherwise=5)
    reporting.hand_to_review(case, actor=who.lead)
    assert tasks(look(who.lead)) == ["A case needs a reviewer"]
    assert tasks(look(who.reviewer)) == []
    assignment.assign(case, who.reviewer, Assignment.Part.REVIEWER, actor=who.lead)
    cases.sign(case, who.reviewer)
    assert tasks(look(who.lead)) == []
    assert tasks(look(who.reviewer)) == ["A case waits for your review"]
    checklist = dict.fromkeys(evaluated.reviewing.CHECKLIST, True)
    evaluated.reviewing.record_review(
        case, actor=who.reviewer, checklist=checklist, recommendation="grant", reasons="The report holds."
    )
    assert tasks(look(who.reviewer)) == ["A case waits for your decision"]
    evaluated.reviewing.decide(case, actor=who.reviewer, outcome="refused", reasons="Not as things are.")
    assert tasks(look(who.reviewer)) == []
    assert standing_row(look(who.applicant))[4] == "The level was refused; the reasons are on the page of the case."


def test_everything_on_the_page_leads_somewhere_the_reader_may_go(who: People, look: Look, client: Any) -> None:
    evaluated.told_case(who, otherwise=2)
    for person in (who.applicant, who.lead, *who.evaluators):
        answer = look(person)
        sections = answer.context["sections"]
        urls = {task.url for task in answer.context["tasks"]}
        urls |= {cell.url for section in sections for row in section.rows for cell in row}
        urls |= {section.more[0] for section in sections if section.more}
        urls |= {figure.url for section in sections for figure in section.figures}
        for url in sorted(urls - {""}):
            assert client.get(url).status_code == 200, (person, url)
