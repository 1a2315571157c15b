"""Who is told what: decided from the ledger, once, and by the preferences of each person."""

from __future__ import annotations

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from assessments.accounts.models import InterestDeclaration
from assessments.applications.workflow import WORKFLOW as APPLICATION
from assessments.ledger.models import Entry
from assessments.ledger.workflow import move
from assessments.standards.workflow import COMMENT_WORKFLOW as COMMENT
from assessments.standards.workflow import WORKFLOW as EDITION
from evaluations.cases import findings, scoring_sheet
from evaluations.cases.models import PlannedRun
from evaluations.cases.workflow import WORKFLOW as CASE
from evaluations.runs import failures, leases
from portal.assurance.services import change_status
from portal.assurance.workflow import ORDERS
from portal.certificates.workflow import WORKFLOW as CERTIFICATE
from portal.notifications import reading
from portal.notifications.concerned import ROLES, RULES
from portal.notifications.models import Cursor, Delivery, Kind, Letter, Notification, Preference
from portal.notifications.wording import PAGES, REACH, shown_to
from tests.factories import cases, evaluated
from tests.factories.people import person

pytestmark = pytest.mark.django_db


def read_all() -> None:
    while reading.read_ledger():
        pass


def told(who: Any) -> list[str]:
    """The kinds of what a person was told, oldest first."""
    rows = Notification.objects.filter(person=who).order_by("entry_sequence")
    return list(rows.values_list("kind", flat=True))


def test_a_submission_concerns_the_leads_of_that_body(
    application: Any, alice: Any, lead: Any, other_lead: Any, evaluator1: Any, body: Any
) -> None:
    interested = person("Ingrid", body, "lead_evaluator")
    InterestDeclaration.objects.create(
        person=interested, organisation=application.organisation, nature="Advised it.", since="2026-01-01"
    )
    read_all()
    assert told(lead) == ["submitted"]
    assert [told(who) for who in (interested, other_lead, evaluator1, alice)] == [[], [], [], []]


@pytest.mark.parametrize(("step", "kind"), [("return", "returned"), ("admit", "admitted"), ("decline", "declined")])
def test_the_answer_concerns_all_members_of_the_vendor(
    application: Any, alice: Any, bob: Any, charlie: Any, lead: Any, step: str, kind: str
) -> None:
    move(application, APPLICATION, step, actor=lead, reason="See the checklist.")
    read_all()
    assert told(alice) == told(bob) == [kind]
    assert told(charlie) == []
    assert told(lead) == ["submitted"]


def test_a_case_from_agreement_to_decision() -> None:
    who = cases.people()
    colleague = person("Viola", who.vendor, "vendor_member")
    evaluated.decided_case(who)
    read_all()

    def of_the_case(one: Any) -> list[str]:
        """Without the standard itself, which is published while these people are there."""
        return [kind for kind in told(one) if kind != "edition_published"]

    assert of_the_case(colleague) == of_the_case(who.applicant) == ["admitted", "begun", "decided"]
    assert of_the_case(who.lead) == ["submitted", "assigned"]
    assert [of_the_case(evaluator) for evaluator in who.evaluators] == [["assigned", "plan_approved"]] * 2
    assert of_the_case(who.reviewer) == ["in_review", "assigned"]


def test_scores_that_differ_concern_the_lead_once_all_are_handed_in() -> None:
    who = cases.people()
    case = cases.planned_case(who)
    evaluated.finish_runs(case)
    first, second = who.evaluators
    evaluated.give_scores(case, first)
    evaluated.give_scores(case, second, {"GM-1": 2})
    scoring_sheet.hand_in(case, actor=first)
    read_all()
    assert "scores_differ" not in told(who.lead)
    scoring_sheet.hand_in(case, actor=second)
    read_all()
    assert told(who.lead).count("scores_differ") == 1
    assert "scores_differ" not in told(first) + told(second)


def test_findings_and_answers_go_back_and_forth() -> None:
    who = cases.people()
    case = evaluated.told_case(who, points={"RC-10": 1})
    finding = case.findings.filter(status="open", kind="nonconformity").first()
    read_all()
    assert told(who.applicant).count("findings_told") == 1
    due = timezone.now().date() + timedelta(days=10)
    findings.answer_finding(finding, actor=who.applicant, answer="Corrected.", due_on=due, revision=finding.revision)
    read_all()
    assert [told(p).count("finding_answered") for p in (who.lead, *who.evaluators)] == [1, 1, 1]
    finding.refresh_from_db()
    findings.return_answer(finding, actor=who.lead, remark="Name the cause.", revision=finding.revision)
    read_all()
    assert told(who.applicant).count("answer_returned") == 1


@pytest.mark.parametrize(("kind", "expected"), [("platform", 1), ("vendor", 0)])
def test_a_run_that_failed_by_the_portal_concerns_the_lead(kind: str, expected: int) -> None:
    who = cases.people()
    case = cases.planned_case(who)
    run = PlannedRun.objects.filter(item__plan__case=case).select_related("run").first().run  # type: ignore[union-attr]
    claimed = leases.claim_run(run.pk)
    assert claimed is not None
    broken = replace(failures.of_broken_result("no result"), kind=failures.Kind(kind))
    assert leases.fail_run(claimed, broken)
    assert Entry.objects.filter(transition="fail").exists()
    read_all()
    assert told(who.lead).count("run_failed") == expected


def test_a_certificate_concerns_holder_body_and_authority(
    certificate: Any, alice: Any, lead: Any, reviewer: Any, regulator: Any, other_lead: Any
) -> None:
    move(certificate, CERTIFICATE, "issue", actor=None, changes={"pdf_sha256": "0" * 64})
    read_all()
    assert told(alice) == ["certified"]
    change_status(certificate, "suspend", actor=reviewer, reason="An incident is being looked into.")
    read_all()
    assert told(alice) == ["certified", "status_changed"]
    assert told(regulator) == ["status_changed"]
    assert told(lead) == ["submitted", "status_changed"]
    assert told(reviewer) == told(other_lead) == []
    (item,) = shown_to(regulator, Notification.objects.filter(person=regulator))
    assert item.title == "A certificate has a new status: suspended"
    assert item.about == "TAI-2026-000123-6 · Digit reader 1.2.0"
    assert item.url == "/certificates/TAI-2026-000123-6/"


def test_reading_the_same_entries_again_tells_nobody_twice(application: Any, lead: Any) -> None:
    read_all()
    Cursor.objects.update(sequence=0)
    read_all()
    assert told(lead) == ["submitted"]
    assert Letter.objects.count() == 1


def test_two_sweepers_with_the_same_batch_conclude_it_once(application: Any, lead: Any) -> None:
    entry = Entry.objects.get(transition="submit")
    read_all()
    stale = [(entry, Kind.WITHDRAWN, {lead})]
    assert not reading._conclude(0, entry.sequence, stale)
    assert told(lead) == ["submitted"]


def test_an_object_that_is_gone_concerns_nobody_and_stops_nothing(application: Any, lead: Any, alice: Any) -> None:
    type(application).objects.filter(pk=application.pk).delete()
    read_all()
    assert told(lead) == []
    assert Cursor.objects.get().sequence == Entry.objects.order_by("-sequence").first().sequence  # type: ignore[union-attr]


@pytest.mark.parametrize(
    ("delivery", "notified", "letters"),
    [(Delivery.AT_ONCE, 1, 1), (Delivery.DAILY, 1, 0), (Delivery.INBOX, 1, 0), (Delivery.OFF, 0, 0)],
)
def test_each_kind_is_told_as_the_person_chose(
    application: Any, lead: Any, delivery: str, notified: int, letters: int
) -> None:
    Preference.objects.create(person=lead, kind=Kind.SUBMITTED, delivery=delivery)
    Preference.objects.create(person=lead, kind=Kind.WITHDRAWN, delivery=Delivery.OFF)
    read_all()
    assert (len(told(lead)), Letter.objects.count()) == (notified, letters)


def test_what_is_old_when_it_is_read_brings_no_mail(application: Any, lead: Any, monkeypatch: Any) -> None:
    later = timezone.now() + timedelta(days=2)
    monkeypatch.setattr("portal.notifications.reading.timezone.now", lambda: later)
    read_all()
    assert told(lead) == ["submitted"]
    assert not Letter.objects.exists()


def test_what_was_taken_away_is_not_named(application: Any, lead: Any) -> None:
    read_all()
    lead.memberships.all().delete()
    (item,) = shown_to(type(lead).objects.get(pk=lead.pk), Notification.objects.filter(person=lead))
    assert not item.is_open
    assert application.number not in item.title + item.about
    assert "Digit reader" not in item.title + item.about


def test_the_tables_are_complete() -> None:
    assert {rule.kind for rule in RULES.values()} == set(Kind) == set(ROLES) == set(PAGES)
    assert {object_type for object_type, _step in RULES} == set(REACH)
    moves = {"applications.application": APPLICATION, "cases.case": CASE, "certificates.certificate": CERTIFICATE}
    moves |= {"assurance.surveillanceorder": ORDERS, "standards.edition": EDITION, "standards.comment": COMMENT}
    others = {
        "comment",
        "sign",
        "open",
        "order",
        "assign",
        "hand_in_scores",
        "tell_findings",
        "answer_finding",
        "return_answer",
    }
    for object_type, step in RULES:
        assert object_type == "runs.run" or step in moves[object_type] or step in others
