"""Search across what one may see: each reader finds their own, and nobody finds what is not open to them."""

from __future__ import annotations

import re
from typing import Any
from urllib.parse import quote

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from assessments.accounts.models import Membership
from assessments.applications.models import Application
from assessments.standards.models import Criterion
from evaluations.cases.assignment import sync_grants
from evaluations.cases.models import Assignment, Case
from tests.factories.cases import shipped_standard
from tests.factories.people import organisation, person
from tests.portal.dashboards.test_page import ENGLISH, Staff, Words, many_certificates, many_courses, many_rows

pytestmark = pytest.mark.django_db
ADDRESS = "/search/"


@pytest.fixture
def staff(body: Any, evaluator1: Any, reviewer: Any, lead: Any) -> Staff:
    return body, {"evaluator": evaluator1, "reviewer": reviewer, "lead": lead}


# What is found in the help is open to everybody, and is tested in its own room.
HELP = {"guides", "terms"}


def found(client: Client, words: str, reader: Any = None, language: str = "en") -> dict[str, list[str]]:
    """What a reader finds: the numbers (or names) by group."""
    answer = asked(client, words, reader, language)
    groups = answer.context["groups"]
    return {
        group.anchor: [hit.number or hit.name for hit in group.hits] for group in groups if group.anchor not in HELP
    }


def asked(client: Client, words: str, reader: Any = None, language: str = "en") -> Any:
    if reader is not None:
        client.force_login(reader)
    client.cookies["django_language"] = language
    answer = client.get(ADDRESS, {"q": words})
    assert answer.status_code == 200
    return answer


def one_case(vendor: Any, body: Any, staff: Staff | None = None) -> Case:
    """A case in planning with its people, for the system that was made for it."""
    application = many_courses(1, vendor, body)[0]
    case = Case.objects.create(number=f"C{application.number[1:]}", application=application, body=body)
    for part, who in (staff[1] if staff else {}).items():
        Assignment.objects.create(case=case, person=who, part=part, declared_at=application.submitted_at)
    sync_grants(case)
    return case


def test_a_visitor_finds_certificates_and_criteria_and_nothing_else(client: Client, vendor: Any, body: Any) -> None:
    shipped_standard()
    many_certificates(1, vendor, body)
    many_courses(2, vendor, body, "submitted")
    assert found(client, "digit") == {"certificates": ["TAI-2026-000001-C"]}
    assert set(found(client, "System")) <= {"criteria"}
    assert found(client, "Aurora") == {"certificates": ["TAI-2026-000001-C"]}
    assert found(client, "A-2026-0002") == {}


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_criteria_are_found_by_code_and_by_words_of_both_languages(client: Client, language: str) -> None:
    edition, _scheme = shipped_standard()
    wanted = Criterion.objects.get(edition=edition, code="RC-1")
    for words in (wanted.title_en, wanted.title_zh, wanted.title_en.upper()):
        assert wanted.code in found(client, words, language=language)["criteria"]
    assert all("GM" in code for code in found(client, "gm-", language=language)["criteria"])


def test_criteria_of_drafts_are_not_found(client: Client) -> None:
    edition, _scheme = shipped_standard()
    title = Criterion.objects.get(edition=edition, code="RC-1").title_en
    type(edition).objects.update(status="draft")
    assert found(client, title) == {}


@pytest.mark.parametrize(("typed", "target"), [("tai-2026-000001-c", "/certificates/TAI-2026-000001-C/")])
def test_a_whole_number_leads_to_its_page(client: Client, vendor: Any, body: Any, typed: str, target: str) -> None:
    many_certificates(1, vendor, body)
    answer = client.get(ADDRESS, {"q": typed})
    assert (answer.status_code, answer["Location"]) == (302, target)


def test_a_code_leads_to_its_criterion_though_longer_ones_begin_alike(client: Client) -> None:
    edition, _scheme = shipped_standard()
    type(edition).objects.exclude(pk=edition.pk).update(status="superseded")
    answer = client.get(ADDRESS, {"q": "rc-1"})
    assert (answer.status_code, answer["Location"]) == (302, f"{edition.get_absolute_url()}#RC-1")


def test_a_vendor_finds_their_own_and_not_another_vendors(
    client: Client, alice: Any, bob: Any, charlie: Any, vendor: Any, other_vendor: Any, body: Any
) -> None:
    mine, others = many_courses(1, vendor, body, "draft")[0], many_courses(1, other_vendor, body, "submitted")[0]
    assert found(client, "System", alice) == {"applications": [mine.number], "systems": ["System 1"]}
    assert found(client, "系统", charlie) == {"applications": [others.number], "systems": ["System 2"]}
    assert found(client, "Bob", alice) == {"people": ["Bob"]}
    assert found(client, "Bob", charlie) == {}, "colleagues are found by colleagues only"
    assert found(client, "Borealis", alice) == {}, "a vendor without certificate is known to nobody outside"
    assert found(client, others.number, alice) == {}, "the whole number helps nobody whom it does not concern"
    client.force_login(charlie)
    assert client.get(ADDRESS, {"q": others.number})["Location"] == f"/applications/{others.pk}/"


def test_a_client_is_led_to_the_case_through_the_application(
    client: Client, alice: Any, vendor: Any, body: Any
) -> None:
    case = one_case(vendor, body)
    assert found(client, case.number, alice) == {"applications": [case.application.number]}


def test_inside_a_body_only_those_with_a_part_find_the_case(
    client: Client, vendor: Any, body: Any, staff: Staff, other_lead: Any, evaluator2: Any
) -> None:
    case = one_case(vendor, body, staff)
    for part in ("evaluator", "lead"):
        assert found(client, "System 1", staff[1][part])["cases"] == [case.number]
    for outsider in (evaluator2, other_lead):
        assert found(client, "System 1", outsider) == {}
    assert found(client, "System 1", staff[1]["reviewer"]) == {}, "before review the reviewer sees nothing"
    Case.objects.filter(pk=case.pk).update(status="in_review")
    case.refresh_from_db()
    sync_grants(case)
    assert found(client, "System 1", staff[1]["reviewer"])["cases"] == [case.number]


def test_an_evaluator_finds_the_version_that_was_opened(client: Client, vendor: Any, body: Any, staff: Staff) -> None:
    one_case(vendor, body, staff)
    assert found(client, "System 1", staff[1]["evaluator"])["versions"] == ["System 1 1.0"]
    assert "versions" not in found(client, "System 1", person("Vera", vendor, "vendor_member"))


def test_drafts_are_not_found_by_the_body(client: Client, vendor: Any, body: Any, lead: Any) -> None:
    many_courses(1, vendor, body, "draft")
    assert found(client, "System", lead) == {}
    Application.objects.update(status="submitted")
    assert list(found(client, "System", lead)) == ["applications"]


def test_the_administrator_finds_organisations_and_no_case_content(
    client: Client, administrator: Any, vendor: Any, other_vendor: Any, body: Any
) -> None:
    one_case(vendor, body)
    assert found(client, "System", administrator) == {}
    assert found(client, "Ltd", administrator) == {"organisations": [vendor.name_en, other_vendor.name_en]}


def test_the_regulator_finds_holders_and_certificates_and_no_application(
    client: Client, regulator: Any, vendor: Any, other_vendor: Any, body: Any
) -> None:
    many_certificates(1, vendor, body)
    many_courses(1, other_vendor, body, "submitted")
    assert found(client, "Ltd", regulator) == {
        "certificates": ["TAI-2026-000001-C"],
        "organisations": [vendor.name_en],
    }


def test_an_organisation_leads_to_its_certificates(client: Client, regulator: Any, vendor: Any, body: Any) -> None:
    many_certificates(1, vendor, body)
    page = asked(client, vendor.name_en, regulator).content.decode()
    assert f"/registry/?holder={vendor.pk}" in page
    assert found(client, body.name_zh, regulator)["organisations"] == [body.name_en]


def test_who_left_or_is_inactive_is_not_found(client: Client, alice: Any, bob: Any) -> None:
    bob.is_active = False
    bob.save()
    assert found(client, "Bob", alice) == {}
    bob.is_active = True
    bob.save()
    Membership.objects.filter(person=bob).delete()
    assert found(client, "Bob", alice) == {}


def test_long_lists_are_cut_and_say_so(client: Client, alice: Any, vendor: Any, body: Any) -> None:
    many_courses(9, vendor, body, "submitted")
    answer = asked(client, "System", alice)
    assert [len(group.hits) for group in answer.context["groups"] if group.anchor not in HELP] == [8, 8]
    assert "There are more" in answer.content.decode()


def test_every_word_must_occur_in_any_order(client: Client, alice: Any, vendor: Any, body: Any) -> None:
    many_courses(2, vendor, body, "submitted")
    assert found(client, "aurora A-2026-0002", alice) == {"applications": ["A-2026-0002"]}
    assert found(client, "0002 zebra", alice) == {}


@pytest.mark.parametrize("words", ["%", "_", "\x00", "' OR 1=1 --", "字" * 3000, "   "])
def test_odd_words_find_nothing_and_break_nothing(
    client: Client, alice: Any, vendor: Any, body: Any, words: str
) -> None:
    many_courses(1, vendor, body, "submitted")
    assert found(client, words, alice) == {}


def test_nothing_found_says_so_and_nothing_asked_does_not(client: Client) -> None:
    assert "Nothing fits" in asked(client, "zebra").content.decode()
    assert "Nothing fits" not in asked(client, "").content.decode()


def test_answers_are_kept_by_nobody_and_only_reading_is_possible(client: Client, alice: Any) -> None:
    assert "no-store" in asked(client, "x", alice)["Cache-Control"]
    assert client.post(ADDRESS).status_code == 405


def test_the_header_of_every_page_leads_here(client: Client, alice: Any) -> None:
    box = re.compile(r'<form class="search-box" action="/search/" method="get">.*?name="q"[^>]*data-search', re.DOTALL)
    for address in ("/", "/registry/", "/standards/"):
        assert box.search(client.get(address).content.decode()), address
    page = client.get(ADDRESS).content.decode()
    assert not box.search(page), "the page itself has the large one"
    assert "data-search" in page


@pytest.mark.parametrize("role", ["", "alice", "lead", "evaluator1", "reviewer", "regulator", "administrator"])
def test_queries_do_not_grow_with_rows(role: str, request: Any, client: Client, vendor: Any, staff: Staff) -> None:
    reader = request.getfixturevalue(role) if role else None
    counts = []
    for more in (1, 29):
        many_rows(more, vendor, staff)
        for place in range(more):
            organisation("body", f"System body {more} {place}", "系统机构")
        asked(client, "System", reader)
        with CaptureQueriesContext(connection) as queries:
            client.get(ADDRESS, {"q": "System"})
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 16


@pytest.mark.parametrize("role", ["", "alice", "lead", "regulator"])
def test_chinese_page_has_no_english_sentence(
    role: str, request: Any, client: Client, vendor: Any, staff: Staff
) -> None:
    shipped_standard()
    many_rows(2, vendor, staff)
    reader = request.getfixturevalue(role) if role else None
    for asked_for in ("系统", "", quote("zebra")):
        words = Words()
        words.feed(asked(client, asked_for, reader, "zh-hans").content.decode())
        assert "搜索" in words.text
        assert ENGLISH.findall(words.text) == []
