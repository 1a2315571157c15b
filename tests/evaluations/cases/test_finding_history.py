"""A finding tells who said what to it and who must act by when; to the client in the body's name."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone

from evaluations.cases import findings, scoring_sheet, settling
from evaluations.cases.finding_history import histories, next_act
from evaluations.cases.models import Case, Finding
from tests.factories import cases, evaluated

pytestmark = pytest.mark.django_db


def page_of(person: Any, address: str) -> str:
    client = Client()
    client.force_login(person)
    return " ".join(re.sub(r"<[^>]+>", " ", client.get(address).content.decode()).split())


def answered(case: Case, row: Finding, who: Any, text: str) -> Finding:
    row.refresh_from_db()
    day = timezone.now().date() + timedelta(days=30)
    findings.answer_finding(row, actor=who.applicant, answer=text, due_on=day, revision=row.revision)
    return row


def test_from_the_first_word_to_its_closing() -> None:
    who = cases.people()
    case = evaluated.told_case(who, points={"RC-10": 1})
    erik = who.evaluators[0]
    row = case.findings.get(criterion="RC-10")
    days = findings.days_allowed(case)
    by = timezone.now().date() + timedelta(days=days)
    assert next_act(case, row) == (f"{who.vendor.name} answers", by, False)
    Finding.objects.filter(pk=row.pk).update(told_at=timezone.now() - timedelta(days=days + 3))
    client_page, body_page = f"/cases/{case.pk}/client/", f"/cases/{case.pk}/findings/"
    assert f"{who.vendor.name} answers by" in page_of(who.applicant, client_page)
    assert "overdue" in page_of(who.lead, body_page)

    answered(case, row, who, "We will rehearse.")
    act, day, _late = next_act(case, row) or ("", None, False)
    assert (act, day) == (f"{who.body.name} accepts the answer or asks for another", case.due_on)
    findings.return_answer(row, actor=erik, remark="When will you?", revision=row.revision)
    answered(case, row, who, "In May and in November.")
    findings.accept_answer(row, actor=erik, remark="Twice a year is enough.", revision=row.revision)
    assert next_act(case, row) == (f"{who.vendor.name} carries out the action", row.due_on, False)

    scoring_sheet.reopen_scores(case, actor=who.lead, reason="The action was carried out.")
    for evaluator in who.evaluators:
        score = case.scores.get(criterion="RC-10", evaluator=evaluator)
        given = {"points": 3 if evaluator == erik else 4, "rationale": "Rehearsed.", "revision": score.revision}
        scoring_sheet.save_score(case, "RC-10", actor=evaluator, **given)
        scoring_sheet.hand_in(case, actor=evaluator)
    held = case.settlements.get(criterion="RC-10")
    given = {"examined": settling.Given(3), "rationale": "Both rehearsals are on record.", "revision": held.revision}
    settling.settle(case, "RC-10", actor=who.lead, **given)
    row.refresh_from_db()
    assert (row.status, next_act(case, row)) == ("closed", None)

    inside = [(event["who"], event["text"]) for event in histories(case, inside=True)[row.pk]]
    assert inside[-6:] == [
        (str(who.lead), ""),
        (str(who.applicant), "We will rehearse."),
        (str(erik), "When will you?"),
        (str(who.applicant), "In May and in November."),
        (str(erik), "Twice a year is enough."),
        (str(who.lead), "Both rehearsals are on record."),
    ]
    told = page_of(who.applicant, client_page)
    assert "When will you?" in told
    assert "Closed: the settled score carries it no longer" in told
    assert "Both rehearsals are on record." not in told  # a settlement may speak of scores
    assert who.body.name in told
    assert str(erik) not in told
    assert "When will you?" in page_of(who.lead, body_page)
