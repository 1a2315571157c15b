"""The pages of a case: who gets them, before and after the statement is signed, and what they show."""

from __future__ import annotations

import re
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from evaluations.cases import assignment, planning, progress, revising
from evaluations.cases.models import Assignment, Case, PlannedRun
from evaluations.runs.models import Run
from tests.factories import cases, people

pytestmark = pytest.mark.django_db
READ = ("case", "assign", "plan", "runs")


@pytest.fixture
def who() -> cases.People:
    return cases.people()


@pytest.fixture
def outsiders(charlie: Any, other_lead: Any, regulator: Any, administrator: Any) -> list[Any]:
    return [charlie, other_lead, regulator, administrator]


def client_of(person: Any) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client


def get(person: Any, name: str, *arguments: Any, **headers: str) -> Any:
    return client_of(person).get(reverse(f"cases:{name}", args=arguments), headers=headers)


def post(sender: Any, name: str, *arguments: Any, **data: Any) -> Any:
    return client_of(sender).post(reverse(f"cases:{name}", args=arguments), data)


@pytest.mark.parametrize("page", READ)
def test_who_reads_a_case(who: Any, page: str, outsiders: list[Any]) -> None:
    case = cases.staffed_case(who)
    outside = cases.person("Ella", who.body, "evaluator")
    for person in (who.lead, *who.evaluators):
        assert get(person, page, case.pk).status_code == 200
    for person in (who.applicant, who.reviewer, outside, *outsiders):
        assert get(person, page, case.pk).status_code == 404
    for pk in (case.pk, uuid4()):
        answer = get(None, page, pk)
        assert answer.status_code == 302
        assert answer["Location"].startswith("/accounts/login/")
    assert get(who.lead, page, uuid4()).status_code == 404
    assert client_of(who.lead).put(reverse(f"cases:{page}", args=[case.pk])).status_code == 405


def test_an_unsigned_evaluator_finds_only_the_statement(who: Any) -> None:
    case = cases.opened_case(who)
    cases.sign(case, who.lead)
    evaluator = who.evaluators[0]
    row = assignment.assign(case, evaluator, Assignment.Part.EVALUATOR, actor=who.lead)
    for page in READ:
        assert get(evaluator, page, case.pk).status_code == 404
    board = get(evaluator, "board")
    assert reverse("cases:statement", args=[row.pk]) in board.content.decode()
    assert get(evaluator, "statement", row.pk).status_code == 200
    assert get(who.evaluators[1], "statement", row.pk).status_code == 404
    assert get(who.lead, "statement", row.pk).status_code == 404
    assert post(evaluator, "statement", row.pk).status_code == 302
    assert get(evaluator, "case", case.pk).status_code == 200


def test_the_board_is_for_staff_of_bodies(who: Any, charlie: Any, regulator: Any) -> None:
    case = cases.staffed_case(who)
    for person in (who.lead, who.evaluators[0]):
        assert case.number in get(person, "board").content.decode()
    assert case.number not in get(who.reviewer, "board").content.decode()
    for person in (who.applicant, charlie, regulator):
        assert get(person, "board").status_code == 404


def test_the_board_asks_the_database_as_often_for_30_cases_as_for_one(who: Any) -> None:
    application = cases.staffed_case(who).application
    counts = [queries(who.lead, "board")]
    for number in range(29):
        application.pk = None
        application._state.adding = True
        application.number = f"A-2026-9{number:03d}"
        application.save()
        Case.objects.create(number=f"C-2026-9{number:03d}", application=application, body=who.body)
    counts.append(queries(who.lead, "board"))
    assert counts[0] == counts[1]


def queries(person: Any, name: str, *arguments: Any) -> int:
    client = client_of(person)
    with CaptureQueriesContext(connection) as captured:
        assert client.get(reverse(f"cases:{name}", args=arguments)).status_code == 200
    return len(captured)


def test_another_lead_of_the_body_sees_a_case_only_while_nobody_leads_it(who: Any) -> None:
    case = cases.opened_case(who)
    other = people.person("Luca", who.body, "lead_evaluator")
    assert get(other, "case", case.pk).status_code == 404
    assert get(other, "assign", case.pk).status_code == 404
    assignment.recuse_oneself(case.assignments.get(), actor=who.lead, nature="A relative works there.")
    assert get(other, "case", case.pk).status_code == 200
    assert post(other, "assign", case.pk, part="lead", person=other.pk).status_code == 302


def test_people_are_assigned_and_ended_on_the_page(who: Any) -> None:
    case = cases.opened_case(who)
    cases.sign(case, who.lead)
    evaluator = who.evaluators[0]
    assert post(evaluator, "assign", case.pk, part="evaluator", person=evaluator.pk).status_code == 404
    answer = post(who.lead, "assign", case.pk, part="evaluator", person=evaluator.pk)
    assert answer.status_code == 302
    row = case.assignments.get(person=evaluator)
    assert post(who.lead, "assign", case.pk, part="evaluator", person=evaluator.pk).status_code == 422
    assert post(who.lead, "assign", case.pk, part="sponsor", person=evaluator.pk).status_code == 404
    assert post(evaluator, "assignment-end", row.pk, reason="No.").status_code == 404
    assert get(who.lead, "assignment-end", row.pk).status_code == 404
    assert post(who.lead, "assignment-end", row.pk, reason="").status_code == 302
    assert case.assignments.filter(pk=row.pk, ended_at=None).exists()
    assert post(who.lead, "assignment-end", row.pk, reason="On leave.").status_code == 302
    assert post(who.lead, "assignment-end", row.pk, reason="On leave.").status_code == 409


def test_recusal_on_the_page(who: Any) -> None:
    case = cases.staffed_case(who)
    row = case.assignments.get(person=who.evaluators[0])
    assert post(who.evaluators[1], "recuse", row.pk, nature="Mine.").status_code == 404
    assert post(who.evaluators[0], "recuse", row.pk, nature="").status_code == 422
    assert post(who.evaluators[0], "recuse", row.pk, nature="I hold shares.").status_code == 302
    assert get(who.evaluators[0], "case", case.pk).status_code == 404


def seen_by(lead: Any, case: Case) -> str:
    return get(lead, "plan", case.pk).context["seen"]


def test_a_plan_is_changed_and_approved_on_the_pages(who: Any) -> None:
    case = cases.staffed_case(who)
    evaluator = who.evaluators[0]
    page = get(evaluator, "plan", case.pk).content.decode()
    assert "Inference is reproducible" in page or "reproducib" in page
    assert "plan/approve" not in page
    arguments = (case.pk, "reproducibility.inference")
    form = get(evaluator, "plan-item", *arguments)
    data = {name: form.context["form"][name].value() for name in form.context["form"].fields}
    assert get(who.applicant, "plan-item", *arguments).status_code == 404
    assert get(evaluator, "plan-item", case.pk, "no.such").status_code == 404
    assert post(evaluator, "plan-item", *arguments, **{**data, "p_repeats": "many"}).status_code == 422
    assert post(evaluator, "plan-item", *arguments, **{**data, "p_repeats": "6"}).status_code == 422
    changed = {**data, "p_repeats": "6", "rationale": "More certainty."}
    assert post(evaluator, "plan-item", *arguments, **changed).status_code == 302
    conflict = post(who.evaluators[1], "plan-item", *arguments, **{**changed, "rationale": "Mine."})
    assert conflict.status_code == 409
    assert "Mine." in conflict.content.decode()
    assert post(evaluator, "plan-approve", case.pk, seen=seen_by(evaluator, case)).status_code == 404
    assert post(who.lead, "plan-approve", case.pk, seen="stale").status_code == 409
    assert post(who.lead, "plan-approve", case.pk, seen=seen_by(who.lead, case)).status_code == 302
    assert post(who.lead, "plan-approve", case.pk, seen="").status_code == 409
    plan = planning.approved_plan(case)
    assert plan.items.get(method="reproducibility.inference").parameters["repeats"] == 6
    assert get(evaluator, "plan-item", *arguments).status_code == 404
    assert plan.basis["scheme"]["digest"] in get(evaluator, "plan", case.pk).content.decode()


def test_who_must_act_is_one_person_for_every_reader(who: Any) -> None:
    """The evaluator may look at the drafted plan; approving it is the lead's, and the page says so to both."""
    case = cases.staffed_case(who)
    assert who_must_act(who.evaluators[0], case) == str(who.lead)
    assert who_must_act(who.lead, case) == "You"


def who_must_act(person: Any, case: Case) -> str:
    found = re.search(r"<dt>Who must act</dt><dd>([^<]*)</dd>", get(person, "case", case.pk).content.decode())
    return found[1] if found else ""


def test_a_plan_that_is_not_ready_says_why(who: Any) -> None:
    case = cases.opened_case(who)
    cases.sign(case, who.lead)
    page = get(who.lead, "plan", case.pk)
    assert "2 evaluators must be assigned" in page.content.decode()
    assert "plan/approve" not in page.content.decode()
    assert post(who.lead, "plan-approve", case.pk, seen=page.context["seen"]).status_code == 422


def test_runs_are_followed_and_repeated_attempts_listed(who: Any) -> None:
    case = cases.planned_case(who)
    row = PlannedRun.objects.filter(item__plan__case=case).first()
    page = get(who.evaluators[0], "runs", case.pk).content.decode()
    assert reverse("runs:progress", args=[row.run_id]) in page
    Run.objects.filter(pk=row.run_id).update(status="cancelled")
    client_of(who.evaluators[0]).post(reverse("runs:again", args=[row.run_id]), {"reason": "Cancelled by mistake."})
    page = get(who.evaluators[0], "runs", case.pk).content.decode()
    assert "Cancelled by mistake." in page
    assert (
        progress.tally(planning.approved_plan(case)).planned == progress.tally(planning.approved_plan(case)).under_way
    )
    run_page = client_of(who.evaluators[0]).get(reverse("runs:run", args=[row.run_id])).content.decode()
    assert case.number in run_page


def test_a_corrected_version_is_offered_and_adopted_on_the_pages(who: Any, charlie: Any) -> None:
    case = cases.planned_case(who)
    assert "no other version" in get(who.applicant, "offer-version", case.pk).content.decode()
    version = cases.submitted_version(who, label="1.0.1")
    for person in (who.lead, charlie):
        assert get(person, "offer-version", case.pk).status_code == 404
    assert post(who.applicant, "offer-version", case.pk, version=version.pk).status_code == 302
    assert post(who.evaluators[0], "plan-revise", case.pk).status_code == 404
    data = {"version": version.pk, "reason": "The client corrected the model."}
    assert post(who.lead, "plan-revise", case.pk, **data).status_code == 422
    assert post(who.lead, "plan-revise", case.pk, **data, impact="None of the documents changed.").status_code == 302
    assert get(who.lead, "plan-revise", case.pk).status_code == 404
    assert "1.0.1" in get(who.lead, "plan", case.pk).content.decode()
    assert get(who.lead, "plan-revision", case.pk, 1).status_code == 200
    assert get(who.lead, "plan-revision", case.pk, 7).status_code == 404


@pytest.mark.parametrize("stage", ["opened", "staffed", "planned", "revised"])
def test_every_page_is_chinese_in_chinese(who: Any, stage: str) -> None:
    make = {"opened": cases.opened_case, "staffed": cases.staffed_case}.get(stage, cases.planned_case)
    case = make(who)
    if stage == "opened":
        cases.sign(case, who.lead)
    if stage == "revised":
        revising.revise_plan(case, actor=who.lead, reason="调整参数")
    pages = [("board",), *((page, case.pk) for page in READ)]
    pages += [("statement", case.assignments.get(person=who.lead).pk)]
    pages += [("plan-item", case.pk, "reproducibility.inference")] if stage in ("staffed", "revised") else []
    pages += [("plan-revise", case.pk)] if stage == "planned" else []
    for name, *arguments in pages:
        answer = get(who.lead, name, *arguments, **{"accept-language": "zh-hans"})
        assert answer.status_code == 200
        assert english_sentences(answer.content.decode()) == []


def english_sentences(html: str) -> list[str]:
    """Pieces of visible text with five or more English words in a row; titles of systems are shorter."""
    text = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", html, flags=re.DOTALL)
    pieces = [piece.strip() for piece in re.sub(r"<[^>]+>", "\n", text).split("\n")]
    return [piece for piece in pieces if re.search(r"(?:[A-Za-z’']+ ){4}[A-Za-z]+", piece)]


def test_the_client_follows_its_case_by_api_without_scores(who: Any, charlie: Any) -> None:
    case = cases.planned_case(who)
    told = client_of(who.applicant).get(f"/api/applications/{case.application_id}/case/").json()
    assert told["status"] == "evaluating"
    assert {run["method"] for run in told["runs"]} == set(progress.counted_runs(planning.approved_plan(case)))
    assert all(run["title"]["zh"] and run["status"] == "queued" for run in told["runs"])
    assert not {"result", "scores", "settlements", "seed"} & set(told["runs"][0]) | {"scores"} & set(told)
    assert client_of(charlie).get(f"/api/applications/{case.application_id}/case/").status_code == 404
    assert client_of(charlie).get("/api/cases/").json()["results"] == []
    assert [row["number"] for row in client_of(who.evaluators[0]).get("/api/cases/").json()["results"]] == [case.number]
    assert client_of(who.evaluators[0]).get(f"/api/cases/{case.pk}/").status_code == 200
    assert client_of(charlie).get(f"/api/cases/{case.pk}/").status_code == 404
    assert client_of(None).get("/api/cases/").status_code in (401, 403)
