"""When two people change the same, the later sees what stands there now beside what they wrote, and nothing is lost."""

from __future__ import annotations

from datetime import timedelta
from html import unescape
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from evaluations.cases import findings, reviewing, settling
from evaluations.cases.models import Case
from tests.factories import cases, evaluated

pytestmark = pytest.mark.django_db


@pytest.fixture
def who() -> cases.People:
    return cases.people()


def later(person: Any, name: str, *arguments: Any, **data: Any) -> tuple[str, str]:
    """Send what was written on an older sight; gives what the page says stands there, and what was written."""
    client = Client()
    client.force_login(person)
    answer = client.post(reverse(f"cases:{name}", args=arguments), data)
    assert answer.status_code == 409
    page = unescape(answer.content.decode())
    assert "What stands there now:" in page
    stands, _heading, written = page.partition("What you had written, to copy:")
    return stands, written


def test_parameters_of_a_test(who: Any) -> None:
    case = cases.staffed_case(who)
    client = Client()
    client.force_login(who.lead)
    address = reverse("cases:plan-item", args=[case.pk, "reproducibility.inference"])
    form = client.get(address).context["form"]
    sent = {name: form[name].value() for name in form.fields}
    client.post(address, {**sent, "p_repeats": "6", "rationale": "The lead wants more certainty."})
    mine = {**sent, "p_repeats": "4", "rationale": "Four are enough."}
    stands, written = later(who.evaluators[0], "plan-item", case.pk, "reproducibility.inference", **mine)
    assert ("The lead wants more certainty." in stands, ">6<" in stands) == (True, True)
    assert ("Four are enough." in written, ">4<" in written) == (True, True)


def settle_twice(who: Any, case: Case) -> tuple[str, str]:
    given = {"actor": who.lead, "examined": settling.Given(1)}
    settling.settle(case, "RC-10", rationale="Never rehearsed.", revision=0, **given)
    data = {"examined": "3", "rationale": "Rehearsed once.", "revision": 0}
    return later(who.lead, "settle-criterion", case.pk, "RC-10", **data)


def test_a_settlement(who: Any) -> None:
    case = cases.planned_case(who)
    evaluated.finish_runs(case)
    for evaluator, points in zip(who.evaluators, (1, 3), strict=True):
        evaluated.give_scores(case, evaluator, {"RC-10": points})
        evaluated.scoring_sheet.hand_in(case, actor=evaluator)
    stands, written = settle_twice(who, case)
    assert ("Never rehearsed." in stands, "Rehearsed once." in written) == (True, True)
    assert str(who.lead) in stands


def test_a_finding_its_answer_and_what_is_said_to_it(who: Any) -> None:
    case, (erik, edda) = evaluated.settled_case(who, points={"RC-10": 1}), who.evaluators
    row = findings.write_finding(case, "RC-10", kind="nonconformity", text="First words.", actor=erik)
    findings.write_finding(case, "RC-10", kind="nonconformity", text="Erik's words.", actor=erik, finding=row)
    data = {"kind": "nonconformity", "text": "Edda's words.", "revision": 0}
    stands, written = later(edda, "finding-edit", case.pk, "RC-10", row.pk, **data)
    assert ("Erik's words." in stands, "Edda's words." in written) == (True, True)
    for code in findings.without_text(case, findings.nonconformities(case)):
        findings.write_finding(case, code, kind="nonconformity", text="Not shown.", actor=erik)
    findings.tell_client(case, actor=who.lead)
    row.refresh_from_db()
    seen, day = row.revision, timezone.now().date() + timedelta(days=20)
    findings.answer_finding(row, actor=who.applicant, answer="We rehearse in May.", due_on=day, revision=seen)
    key = f"finding-{row.pk}"
    mine = {f"{key}-answer": "We rehearse in June.", f"{key}-due_on": day.isoformat(), f"{key}-revision": seen}
    stands, written = later(who.applicant, "finding-answer", case.pk, row.pk, **mine)
    assert ("We rehearse in May." in stands, "We rehearse in June." in written) == (True, True)
    row.refresh_from_db()
    seen = row.revision
    findings.accept_answer(row, actor=erik, remark="It fits.", revision=seen)
    mine = {"step": "return", "remark": "No day is named.", "revision": seen}
    stands, written = later(edda, "finding-take", case.pk, row.pk, **mine)
    assert ("It fits." in stands, "No day is named." in written) == (True, True)


def test_review_and_decision(who: Any) -> None:
    case = evaluated.reviewed_case(who)
    review = case.reviews.get()
    mine = {"checklist": ["complete"], "recommendation": "refuse", "reasons": "My own reasons."}
    stands, written = later(who.reviewer, "review", case.pk, **mine)
    assert (review.reasons in stands, "My own reasons." in written) == (True, True)
    assert str(reviewing.CHECKLIST["tier"]) in stands
    assert str(reviewing.CHECKLIST["tier"]) not in written
    client = Client()
    client.force_login(who.reviewer)
    address = reverse("cases:decide", args=[case.pk])
    level = reviewing.grantable_levels(case)[-1]
    decision = {"outcome": "granted", "level": level, "reasons": "All was shown."}
    assert client.post(address, decision).status_code == 302
    stands, written = later(who.reviewer, "decide", case.pk, outcome="refused", reasons="I refuse.")
    assert ("All was shown." in stands, "I refuse." in written) == (True, True)
