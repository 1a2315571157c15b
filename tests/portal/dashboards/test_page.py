"""The page itself: who sees which part, empty states, order, languages, and a fixed number of queries."""

from __future__ import annotations

import re
from datetime import timedelta
from html.parser import HTMLParser
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.accounts.models import Membership
from assessments.applications.models import Agreement, Application
from assessments.systems.models import System, SystemVersion
from evaluations.cases.assignment import sync_grants
from evaluations.cases.models import Assignment, Case, Finding
from portal.assurance.services import change_status
from portal.certificates.models import Certificate
from portal.dashboards.sections import Task, in_order
from tests.factories.certificates import snapshot
from tests.factories.people import person

from .conftest import Look, tasks

pytestmark = pytest.mark.django_db


Staff = tuple[Any, dict[str, Any]]


@pytest.fixture
def staff(body: Any, evaluator1: Any, reviewer: Any, lead: Any) -> Staff:
    """A body, and one of its people for each part of a case."""
    return body, {"evaluator": evaluator1, "reviewer": reviewer, "lead": lead}


def anchors(answer: Any) -> list[str]:
    return [section.anchor for section in answer.context["sections"]]


def test_anonymous_goes_to_the_sign_in_page(client: Any) -> None:
    answer = client.get("/dashboard/")
    assert answer.status_code == 302
    assert answer.url.startswith("/accounts/login/")


def test_only_reading_is_possible(client: Any, alice: Any) -> None:
    client.force_login(alice)
    assert client.post("/dashboard/").status_code == 405


@pytest.mark.parametrize(
    ("role", "expected"),
    [
        ("alice", "applications certificates systems"),
        ("lead", "states applications cases runs"),
        ("evaluator1", "cases runs"),
        ("reviewer", "cases certificates"),
        ("regulator", "by-status by-tier by-level orders overdue suspended newest"),
        ("administrator", "health queue people organisations"),
    ],
)
def test_each_role_has_its_sections_and_no_others(role: str, expected: str, request: Any, look: Look) -> None:
    assert anchors(look(request.getfixturevalue(role))) == expected.split()


def test_several_roles_share_one_page(look: Look, lead: Any, body: Any) -> None:
    Membership.objects.create(person=lead, organisation=body, role="reviewer")
    found = anchors(look(lead))
    assert found == ["states", "applications", "cases", "runs", "certificates"]
    assert len(found) == len(set(found)), "each section once, so that its anchor is unique"


def test_empty_states_say_what_comes(look: Look, alice: Any, charlie: Any) -> None:
    page = look(alice).content.decode()
    for words in ("Nothing waits for you", "No application yet", "No certificate yet", "No system yet"):
        assert words in page


def test_person_without_organisation_and_role_without_pages_are_told_so(look: Look, authority: Any) -> None:
    assert "You belong to no organisation yet" in look(person("Nemo", authority)).content.decode()
    insurer = person("Ines", authority, "insurer")
    assert "Your role has no pages of its own yet" in look(insurer).content.decode()


def test_header_leads_to_the_dashboard_only_when_signed_in(client: Any, alice: Any) -> None:
    assert 'href="/dashboard/"' not in client.get("/").content.decode()
    client.force_login(alice)
    assert 'href="/dashboard/"' in client.get("/").content.decode()


def test_administration_is_linked_only_for_staff(look: Look, administrator: Any) -> None:
    assert reverse("admin:index") not in look(administrator).content.decode()
    administrator.is_staff = True
    administrator.save()
    assert reverse("admin:index") in look(administrator).content.decode()


def test_administrator_sees_counts_and_no_case_content(look: Look, administrator: Any, vendor: Any, body: Any) -> None:
    many_courses(2, vendor, body)
    page = look(administrator).content.decode()
    assert "C-2026-0001" not in page
    assert "System 1" not in page
    assert "Test runs" in page


def test_broken_queue_shows_on_the_administrators_page(
    look: Look, administrator: Any, settings: Any, tmp_path: Any
) -> None:
    assert "cannot be sent" not in look(administrator).content.decode()
    gone = str(tmp_path / "gone")
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_in": gone, "data_folder_out": gone}
    if not settings.CELERY_BROKER_URL.startswith("filesystem"):
        settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": gone}
    assert "cannot be sent" in look(administrator).content.decode()


def test_lead_with_an_interest_in_the_vendor_is_not_asked_to_admit(
    look: Look, lead: Any, vendor: Any, body: Any
) -> None:
    from assessments.accounts.models import InterestDeclaration

    many_courses(1, vendor, body, status="submitted")
    assert tasks(look(lead)) == ["An application waits for admission"]
    InterestDeclaration.objects.create(
        person=lead, organisation=vendor, nature="Shares.", since=timezone.now().date() - timedelta(days=400)
    )
    assert tasks(look(lead)) == []


def test_nothing_of_another_organisation_shows(
    look: Look, charlie: Any, other_lead: Any, vendor: Any, body: Any
) -> None:
    many_courses(2, vendor, body)
    many_certificates(2, vendor, body)
    for outsider in (charlie, other_lead):
        page = look(outsider).content.decode()
        assert "System 1" not in page
        assert "TAI-2026-" not in page


def test_certificates_near_their_end_wait_for_the_holder(look: Look, alice: Any, vendor: Any, body: Any) -> None:
    many_certificates(2, vendor, body)
    Certificate.objects.filter(number="TAI-2026-000001-C").update(
        valid_until=timezone.now().date() + timedelta(days=20)
    )
    found = tasks(look(alice))
    assert len(found) == 1
    assert "A certificate ends on" in found[0]
    page = look(alice).content.decode()
    assert "in 20 days" in page


def test_regulator_counts_expiry_and_sees_why_something_is_suspended(
    look: Look, regulator: Any, reviewer: Any, vendor: Any, body: Any
) -> None:
    many_certificates(4, vendor, body)
    Certificate.objects.filter(number="TAI-2026-000002-C").update(valid_until=timezone.now().date() - timedelta(days=1))
    look(regulator)  # the index takes new certificates up
    from portal.registry.models import SearchEntry

    SearchEntry.objects.filter(number="TAI-2026-000002-C").update(valid_until=timezone.now().date() - timedelta(days=1))
    first = Certificate.objects.get(number="TAI-2026-000001-C")
    change_status(first, "suspend", actor=regulator, reason="An incident was reported.")
    answer = look(regulator)
    by_status = {figure.label: figure.value for figure in answer.context["sections"][0].figures}
    assert by_status["in force"] == 2
    assert by_status["suspended"] == 1
    assert by_status["expired"] == 1
    page = answer.content.decode()
    assert "An incident was reported." in page
    assert reverse("assurance:suspend", args=["TAI-2026-000003-C"]) in page
    assert reverse("assurance:suspend", args=["TAI-2026-000001-C"]) not in page


def test_reviewer_may_suspend_but_not_lift_what_the_authority_imposed(
    look: Look, regulator: Any, reviewer: Any, vendor: Any, body: Any
) -> None:
    many_certificates(2, vendor, body)
    for place, actor in ((1, regulator), (2, reviewer)):
        certificate = Certificate.objects.get(number=f"TAI-2026-{place:06}-C")
        change_status(certificate, "suspend", actor=actor, reason="Found at surveillance.")
    page = look(reviewer).content.decode()
    assert reverse("assurance:reinstate", args=["TAI-2026-000002-C"]) in page
    assert reverse("assurance:reinstate", args=["TAI-2026-000001-C"]) not in page


def test_order_is_by_due_day_then_by_age() -> None:
    now = timezone.now()
    late = Task("late", "", "", "", due=now.date() - timedelta(days=1))
    soon = Task("soon", "", "", "", due=now.date() + timedelta(days=3))
    old = Task("old", "", "", "", since=now - timedelta(days=9))
    young = Task("young", "", "", "", since=now)
    assert [task.text for task in in_order([young, old, soon, late])] == ["late", "soon", "old", "young"]
    assert late.is_late
    assert not soon.is_late


def test_many_tasks_are_folded_after_the_first(look: Look, alice: Any, vendor: Any, body: Any) -> None:
    many_courses(30, vendor, body, status="draft")
    answer = look(alice)
    assert answer.context["task_count"] == 30
    assert "18 more" in answer.content.decode()


@pytest.mark.parametrize("role", ["alice", "lead", "evaluator1", "reviewer", "regulator", "administrator"])
def test_queries_do_not_grow_with_rows(role: str, request: Any, look: Look, vendor: Any, staff: Staff) -> None:
    reader = request.getfixturevalue(role)
    many_rows(1, vendor, staff)
    few = counted(look, reader)
    many_rows(10, vendor, staff)  # eleven in each state by now: one more than a list shows
    many = counted(look, reader)
    assert few == many < 45


def counted(look: Look, reader: Any) -> int:
    look(reader)  # what a first request reads once (the registry's index) is not counted
    reader = type(reader).objects.get(pk=reader.pk)
    with CaptureQueriesContext(connection) as queries:
        look(reader)
    return len(queries)


ENGLISH = re.compile(r"[A-Za-z]{3,}(?: [A-Za-z]{2,}){2,}")


@pytest.mark.parametrize("role", ["alice", "lead", "evaluator1", "reviewer", "regulator", "administrator"])
def test_chinese_page_has_no_english_sentence(role: str, request: Any, look: Look, vendor: Any, staff: Staff) -> None:
    reader = request.getfixturevalue(role)
    many_rows(3, vendor, staff)
    words = Words()
    words.feed(look(reader, "zh-hans").content.decode())
    assert "工作台" in words.text
    assert ENGLISH.findall(words.text) == []


class Words(HTMLParser):
    """The text of a page, without what no reader sees."""

    def __init__(self) -> None:
        super().__init__()
        self.text, self.hidden = "", 0

    def handle_starttag(self, tag: str, attrs: Any) -> None:
        self.hidden += tag in ("script", "style")

    def handle_endtag(self, tag: str) -> None:
        self.hidden -= tag in ("script", "style")

    def handle_data(self, data: str) -> None:
        if not self.hidden:
            self.text += data


def many_courses(count: int, vendor: Any, body: Any, status: str = "agreed") -> list[Application]:
    """Applications as rows, each for a system of its own."""
    first, made = Application.objects.count(), []
    for place in range(first + 1, first + count + 1):
        system = System.objects.create(organisation=vendor, name_en=f"System {place}", name_zh=f"系统{place}")
        version = SystemVersion.objects.create(system=system, label="1.0", status="frozen")
        made.append(
            Application.objects.create(
                number=f"A-2026-{place:04}",
                organisation=vendor,
                version=version,
                body=body,
                status=status,
                submitted_at=timezone.now() - timedelta(days=place),
            )
        )
    return made


def many_rows(count: int, vendor: Any, staff: Staff) -> None:
    """Applications in several states, cases with people, findings and certificates."""
    body, people = staff
    for status in ("draft", "returned", "submitted"):
        many_courses(count, vendor, body, status)
    now = timezone.now()
    for application in many_courses(count, vendor, body, "admitted"):
        Agreement.objects.create(application=application, text_version="1", text_sha256="0" * 64, vendor_signed_at=now)
    for status in ("planning", "evaluating", "in_review", "recommended"):
        for application in many_courses(count, vendor, body):
            case = Case.objects.create(
                number=f"C{application.number[1:]}", application=application, body=body, status=status
            )
            for part, who in people.items():
                Assignment.objects.create(case=case, person=who, part=part, declared_at=now)
            sync_grants(case)
            Finding.objects.create(case=case, criterion="RC-1", kind="nonconformity", text="不足。", told_at=now)
    many_certificates(count, vendor, body)


def many_certificates(count: int, vendor: Any, body: Any) -> None:
    today = timezone.now().date()
    for application in many_courses(count, vendor, body, "concluded"):
        place = Certificate.objects.count() + 1
        case = Case.objects.create(number=f"D-{place}", application=application, body=body, status="decided")
        number = f"TAI-2026-{place:06}-C"
        Certificate.objects.create(
            number=number,
            case=case,
            holder=vendor,
            body=body,
            level="enhanced",
            tier="limited",
            status="in_force",
            granted_on=today,
            valid_until=today + timedelta(days=700),
            surveillance_due=today + timedelta(days=300),
            pdf_sha256="ab" * 32,
            issued_at=timezone.now(),
            snapshot=snapshot(number=number),
        )
