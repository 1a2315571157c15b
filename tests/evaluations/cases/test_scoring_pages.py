"""The pages of scoring, settlement, findings, report, review and decision: who gets them, and that they do the work."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any
from uuid import uuid4

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.ledger.services import history
from evaluations.cases import findings, reviewing, scoring_sheet
from evaluations.cases.assignment import assign
from evaluations.cases.models import Case, Finding
from evaluations.cases.proposing import grounds
from evaluations.runs.models import Run
from tests.factories import cases, evaluated
from tests.factories.people import person as make_person

pytestmark = pytest.mark.django_db

CODE = {"settle-criterion": ["RC-10"], "sheet-part": ["RC"], "finding-write": ["RC-10"]}
# Who reads each page while the case is evaluated, and who under review: l lead, e evaluators, r reviewer, c client.
PAGES = {
    "sheet": ("le", "le"),
    "sheet-part": ("le", "le"),
    "settle": ("le", "ler"),
    "settle-criterion": ("le", "ler"),
    "level": ("le", "ler"),
    "findings": ("le", "ler"),
    "finding-write": ("le", "le"),
    "report": ("le", "ler"),
    "report-file": ("le", "ler"),
    "review": ("", "r"),
    "decide": ("", "r"),
    "client": ("c", "c"),
}
# Who may take each step, at whatever moment.
STEPS = {
    "score": ("e", ["RC-10"]),
    "hand-in": ("e", []),
    "reopen-scores": ("l", []),
    "settle-agreed": ("l", []),
    "findings-tell": ("l", []),
    "hand-over": ("l", []),
    "lower-target": ("c", []),
}


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


def post(sender: Any, name: str, *arguments: Any, headers: Any = None, **data: Any) -> Any:
    return client_of(sender).post(reverse(f"cases:{name}", args=arguments), data, headers=headers)


def by_letter(who: cases.People) -> dict[str, list[Any]]:
    return {"l": [who.lead], "e": who.evaluators, "r": [who.reviewer], "c": [who.applicant]}


def check_readers(who: cases.People, outsiders: list[Any], case: Case, moment: int) -> None:
    strangers = [*outsiders, make_person("Ella", who.body, "evaluator"), make_person("Rosa", who.body, "reviewer")]
    for page, allowed in PAGES.items():
        arguments = [case.pk, *CODE.get(page, [])]
        for letter, people in by_letter(who).items():
            expected = 200 if letter in allowed[moment] else 404
            for one in people:
                assert (page, letter, get(one, page, *arguments).status_code) == (page, letter, expected)
        for stranger in strangers:
            assert (page, str(stranger), get(stranger, page, *arguments).status_code) == (page, str(stranger), 404)
        for pk in (case.pk, uuid4()):
            answer = get(None, page, pk, *CODE.get(page, []))
            assert (answer.status_code, answer["Location"].split("?")[0]) == (302, "/accounts/login/")
        for one in (who.lead, who.applicant):
            assert get(one, page, uuid4(), *CODE.get(page, [])).status_code == 404


def test_who_reads_which_page_during_the_evaluation(who: Any, outsiders: list[Any]) -> None:
    check_readers(who, outsiders, evaluated.settled_case(who), 0)


def test_who_reads_which_page_during_the_review(who: Any, outsiders: list[Any]) -> None:
    check_readers(who, outsiders, evaluated.evaluated_case(who, points={"RC-10": 1}), 1)


def test_steps_are_taken_by_those_who_may_and_by_post_only(who: Any, outsiders: list[Any]) -> None:
    case = cases.planned_case(who)
    for step, (allowed, more) in STEPS.items():
        for letter, people in by_letter(who).items():
            if letter not in allowed:
                assert (step, letter, post(people[0], step, case.pk, *more).status_code) == (step, letter, 404)
        for stranger in outsiders:
            assert post(stranger, step, case.pk, *more).status_code == 404
        assert post(None, step, case.pk, *more)["Location"].startswith("/accounts/login/")
        rightful = by_letter(who)[allowed][0]
        assert get(rightful, step, case.pk, *more).status_code == 404
        assert post(rightful, step, uuid4(), *more).status_code == 404
    assert case.status == "evaluating"


def test_a_score_is_saved_as_it_is_chosen_and_a_second_window_is_told(who: Any) -> None:
    case, erik = cases.planned_case(who), who.evaluators[0]
    live = {"X-Autosave": "1"}
    first = post(erik, "score", case.pk, "RC-10", headers=live, score="4", rationale="Seen", revision=0)
    assert (first.status_code, first["X-Seen"], first.content) == (204, "1", b"")
    second = post(erik, "score", case.pk, "RC-10", headers=live, score="2", rationale="Other", revision=0)
    assert second.status_code == 409
    assert post(erik, "score", case.pk, "RC-10", headers=live, score="7", revision=1).status_code == 422
    plain = post(erik, "score", case.pk, "RC-10", score="2", rationale="Other words", revision=0)
    assert plain.status_code == 409
    stands, _sep, written = plain.content.decode().partition("What you had written")
    assert ("Seen" in stands, "Other words" in stands, "Other words" in written) == (True, False, True)
    assert case.scores.get().points == 4
    saved = post(erik, "score", case.pk, "RC-10", score="not_demonstrated", rationale="None", revision=1)
    assert saved["Location"].endswith("/sheet/RC/#RC-10")
    assert case.scores.get().not_demonstrated
    assert post(erik, "score", case.pk, "RC-10", score="7", rationale="", revision=2).status_code == 409
    assert post(erik, "score", case.pk, "XX-1", score="3", rationale="", revision=0).status_code == 404


def test_sheet_page_holds_anchors_evidence_tests_and_nothing_of_the_other(who: Any) -> None:
    case = cases.planned_case(who)
    case.application.evidence.create(criterion="RC-10", explanation="Our emergency plan, section 4.")
    evaluated.finish_runs(case)
    erik, edda = who.evaluators
    scoring_sheet.save_score(case, "RC-10", actor=edda, points=1, rationale="A secret thought of Edda.")
    page = get(erik, "sheet-part", case.pk, "RC").content.decode()
    assert "Our emergency plan, section 4." in page
    assert "followed in the samples that were looked at" in page
    assert "A secret thought" not in page
    assert "metric-ruler" in page
    assert 'href="/standards/TAI/0.9/#RC-10"' in page
    examined = [g for g in grounds(case).values() if g.is_examined and g.criterion.characteristic == "RC"]
    assert page.count("data-score") == len(examined)
    assert "style=" not in page
    assert "<script>" not in page


def test_the_sheet_asks_as_often_for_every_part_however_much_is_filled_in(who: Any) -> None:
    case = cases.planned_case(who)
    erik, client = who.evaluators[0], client_of(who.evaluators[0])
    parts = {g.criterion.characteristic: 0 for g in grounds(case).values()}

    def asked() -> set[int]:
        counts = set()
        for part in parts:
            with CaptureQueriesContext(connection) as queries:
                page = client.get(reverse("cases:sheet-part", args=[case.pk, part]))
            counts.add(len(queries))
            parts[part] = page.content.decode().count("data-criterion")
        return counts

    asked()
    bare = asked()
    assert sum(parts.values()) == 79
    assert max(parts.values()) > 1.5 * min(parts.values())
    evaluated.finish_runs(case)
    evaluated.give_scores(case, erik)
    for code in grounds(case):
        case.application.evidence.create(criterion=code, explanation="On record.")
        findings.write_finding(case, code, kind="observation", text="Seen.", actor=erik)
    full = asked()
    assert len(bare) == len(full) == 1
    assert max(full) <= max(bare) + 2  # the runs, and what supersedes them


def test_a_finding_is_written_on_the_sheet_and_only_its_writer_sees_it_there(who: Any) -> None:
    case, (erik, edda) = cases.planned_case(who), who.evaluators
    sent = post(erik, "finding-write", case.pk, "RC-10", kind="observation", text="No date on the plan.", back="sheet")
    assert sent["Location"].endswith("/sheet/RC/#RC-10")
    assert "No date on the plan." in get(erik, "sheet-part", case.pk, "RC").content.decode()
    assert "No date on the plan." not in get(edda, "sheet-part", case.pk, "RC").content.decode()
    refused = post(erik, "finding-write", case.pk, "RC-10", kind="observation", text=" ", back="sheet")
    assert refused.status_code == 400


def test_settlement_hides_scores_until_all_are_handed_in(who: Any) -> None:
    case = cases.planned_case(who)
    evaluated.finish_runs(case)
    evaluated.give_scores(case, who.evaluators[0])
    assert post(who.evaluators[0], "hand-in", case.pk).status_code == 302
    for person in (who.lead, *who.evaluators):
        assert evaluated.GIVEN not in get(person, "settle-criterion", case.pk, "RC-10").content.decode()
    evaluated.give_scores(case, who.evaluators[1])
    post(who.evaluators[1], "hand-in", case.pk)
    assert evaluated.GIVEN in get(who.lead, "settle-criterion", case.pk, "RC-10").content.decode()


def test_the_whole_way_by_the_pages_alone(who: Any) -> None:
    case = cases.planned_case(who)
    evaluated.finish_runs(case)
    for evaluator, points in zip(who.evaluators, ("1", "3"), strict=True):
        client = client_of(evaluator)
        for code in scoring_sheet.examined_codes(grounds(case)):
            given = points if code == "RC-10" else "3"
            data = {"score": given, "rationale": "Seen.", "revision": 0}
            assert client.post(reverse("cases:score", args=[case.pk, code]), data).status_code == 302
        assert post(evaluator, "hand-in", case.pk).status_code == 302
    post(who.lead, "settle-agreed", case.pk)
    page = get(who.lead, "settle", case.pk).content.decode()
    assert "scores differ" in page
    refused = post(who.lead, "settle-criterion", case.pk, "RC-10", examined="1", rationale="", revision=0)
    assert refused.status_code == 400
    data = {"examined": "1", "rationale": "Never rehearsed.", "revision": 0}
    assert post(who.lead, "settle-criterion", case.pk, "RC-10", **data).status_code == 302
    assert post(who.lead, "settle-criterion", case.pk, "RC-10", **{**data, "examined": "2"}).status_code == 409
    assert post(who.lead, "hand-over", case.pk).status_code == 302
    case.refresh_from_db()
    assert case.status == "evaluating"
    text = {"kind": "nonconformity", "text": "No rehearsal is on record."}
    for code in findings.nonconformities(case):
        assert post(who.lead, "finding-write", case.pk, code, **text).status_code == 302
    assert "No rehearsal" not in get(who.applicant, "client", case.pk).content.decode()
    post(who.lead, "findings-tell", case.pk)
    assert "No rehearsal" in get(who.applicant, "client", case.pk).content.decode()
    for finding in Finding.objects.filter(case=case):
        prefix = f"finding-{finding.pk}"
        answer = {f"{prefix}-answer": "We rehearse.", f"{prefix}-revision": finding.revision}
        assert post(who.applicant, "finding-answer", case.pk, finding.pk, **answer).status_code == 400
        answer[f"{prefix}-due_on"] = (timezone.now().date() + timedelta(days=20)).isoformat()
        assert post(who.applicant, "finding-answer", case.pk, finding.pk, **answer).status_code == 302
        finding.refresh_from_db()
        post(who.evaluators[0], "finding-take", case.pk, finding.pk, step="accept", revision=finding.revision)
    post(who.lead, "hand-over", case.pk)
    case.refresh_from_db()
    assert (case.status, case.result) == ("in_review", "basic")
    assign(case, who.reviewer, "reviewer", actor=who.lead)
    cases.sign(case, who.reviewer)
    review = {"checklist": list(reviewing.CHECKLIST), "recommendation": "grant", "reasons": "Sound."}
    assert post(who.reviewer, "review", case.pk, **{**review, "checklist": []}).status_code == 400
    assert post(who.reviewer, "review", case.pk, **review).status_code == 302
    assert post(who.reviewer, "review", case.pk, **review).status_code == 409
    decision = {"outcome": "granted", "level": "excellent", "reasons": "Sound."}
    assert post(who.reviewer, "decide", case.pk, **decision).status_code == 400
    assert post(who.reviewer, "decide", case.pk, **{**decision, "level": "basic"}).status_code == 302
    assert get(who.reviewer, "decide", case.pk).status_code == 200
    assert "Sound." in get(who.applicant, "client", case.pk).content.decode()


def test_a_double_click_does_one_thing(who: Any) -> None:
    case = cases.planned_case(who)
    evaluated.finish_runs(case)
    for evaluator in who.evaluators:
        evaluated.give_scores(case, evaluator)
    clicks = [
        (who.evaluators[0], "hand-in", {}),
        (who.evaluators[1], "hand-in", {}),
        (who.lead, "settle-agreed", {}),
        (who.lead, "findings-tell", {}),
        (who.lead, "hand-over", {}),
    ]
    findings_before = case.findings.count()
    for person, step, data in clicks:
        assert post(person, step, case.pk, **data).status_code == 302
        recorded = [entry.transition for entry in history(case)]
        assert post(person, step, case.pk, **data).status_code in (302, 409)
        assert [entry.transition for entry in history(case)] == recorded, step
    case.refresh_from_db()
    assert (case.status, case.findings.count()) == ("in_review", findings_before)


def test_the_client_sees_no_score_before_the_decision(who: Any) -> None:
    case = evaluated.evaluated_case(who)
    page = get(who.applicant, "client", case.pk).content.decode()
    assert evaluated.GIVEN not in page
    assert "ladder" not in page


@pytest.mark.parametrize("page", ["settle", "report", "level", "findings"])
def test_pages_take_as_many_queries_for_few_rows_as_for_many(who: Any, page: str) -> None:
    case = evaluated.settled_case(who, points={"RC-10": 1})
    findings.write_finding(case, "RC-10", kind="observation", text="Seen.", actor=who.lead)
    client = client_of(who.lead)
    url = reverse(f"cases:{page}", args=[case.pk])
    client.get(url)
    with CaptureQueriesContext(connection) as few:
        client.get(url)
    for number in range(20):
        findings.write_finding(case, "RC-10", kind="observation", text=f"Seen {number}.", actor=who.lead)
    with CaptureQueriesContext(connection) as many:
        client.get(url)
    assert len(many) <= len(few)
    assert len(few) <= 60


def test_pages_speak_chinese(who: Any) -> None:
    case = evaluated.reviewed_case(who)
    pages = {
        who.lead: ["sheet", "sheet-part", "settle", "settle-criterion", "level", "findings", "report"],
        who.reviewer: ["review", "decide"],
        who.applicant: ["client"],
    }
    for person, names in pages.items():
        for name in names:
            answer = get(person, name, case.pk, *CODE.get(name, []), **{"Accept-Language": "zh-hans"})
            text = re.sub(r"<(code|svg|option)[^>]*>.*?</\1>|<[^>]+>", " ", answer.content.decode(), flags=re.DOTALL)
            assert re.search("[\u4e00-\u9fff]{4}", text)
            for data in (evaluated.GIVEN, "Reading forms.", "The report holds.", "Complete.", "Not shown."):
                text = text.replace(data, " ")
            english = re.findall(r"(?:[A-Za-z][a-z’]+[ ,]+){3,}[a-z]{2,}", text)
            english = [words for words in english if "Ltd" not in words and "Body" not in words]
            assert english == [], name


def test_run_page_shows_the_thresholds_and_the_score_that_follows(who: Any) -> None:
    case = cases.planned_case(who)
    evaluated.finish_runs(case, {"robustness.blackbox": 3})
    run = Run.objects.get(scope=case.pk, method="robustness.blackbox")
    page = client_of(who.lead).get(reverse("runs:run", args=[run.pk])).content.decode()
    assert "On the thresholds of the scheme" in page
    assert "metric-ruler" in page
    assert reverse("cases:settle-criterion", args=[case.pk, "RC-6"]) in page
