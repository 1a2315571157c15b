"""The public pages and the open interface: readable by anyone, with anchors, in both languages."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments.standards.loading import DATA
from assessments.standards.models import Criterion, Edition, Scheme, Standard
from assessments.standards.services import load_scheme, load_standard

pytestmark = pytest.mark.django_db


@pytest.fixture
def edition() -> Edition:
    loaded = load_standard(DATA / "TAI-0.9.yaml")
    load_scheme(DATA / "TAI-scheme.yaml")
    return loaded


@pytest.fixture
def draft() -> Edition:
    content: dict[str, Any] = {"title": {"en": "Draft", "zh": "草案"}}
    standard = Standard.objects.create(code="NEW", title_en="New", title_zh="新")
    return Edition.objects.create(standard=standard, edition="1", content=content, digest="0" * 64)


def chinese(client: Client, url: str) -> str:
    return client.get(url, headers={"accept-language": "zh-hans"}).content.decode()


def test_list_shows_what_is_published_and_no_draft(client: Client, edition: Edition, draft: Edition) -> None:
    page = client.get("/standards/").content.decode()
    assert "Trustworthy AI evaluation specification" in page
    assert "/standards/TAI/0.9/" in page
    assert "/standards/schemes/TAI/1/" in page
    assert "Draft" not in page
    assert "可信人工智能评估规范" in chinese(client, "/standards/")


def test_list_without_standards_says_what_will_be_here(client: Client) -> None:
    assert "No standard has been published yet" in client.get("/standards/").content.decode()


def test_each_criterion_has_its_anchor_once_and_its_thresholds(client: Client, edition: Edition) -> None:
    page = client.get(edition.get_absolute_url()).content.decode()
    for criterion in edition.criteria.all():
        assert len(re.findall(f'id="{criterion.code}"', page)) == 1
        assert criterion.get_absolute_url() == f"/standards/TAI/0.9/#{criterion.code}"
    assert ">claim_difference<" in page
    assert "-0.12" in page
    assert "Exposure to attack: white-box (the model can be obtained); and" in page
    assert edition.digest in page


def test_edition_page_in_chinese(client: Client, edition: Edition) -> None:
    page = chinese(client, edition.get_absolute_url())
    assert "群体公平性" in page
    assert "决策影响个人：是" in page
    assert "Group fairness" not in page


def test_scheme_page_shows_levels_and_validity(client: Client, edition: Edition) -> None:
    page = client.get("/standards/schemes/TAI/1/").content.decode()
    for words in ("Enhanced", "M ≥ 3.0", "(high risk)", "ISO/IEC 17025:2017", "TAI-YYYY-NNNNNN-C"):
        assert words in page
    assert "卓越级" in chinese(client, "/standards/schemes/TAI/1/")


@pytest.mark.parametrize("url", ["/standards/TAI/9.9/", "/standards/schemes/TAI/9/", "/standards/NEW/1/",
                                 "/api/standards/NEW/1/", "/api/schemes/TAI/9/"])  # fmt: skip
def test_unknown_and_draft_are_not_found(client: Client, edition: Edition, draft: Edition, url: str) -> None:
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("url", ["/standards/", "/standards/TAI/0.9/", "/standards/schemes/TAI/1/"])
def test_pages_are_only_read(client: Client, edition: Edition, url: str) -> None:
    assert client.post(url).status_code == 405


def test_interface_gives_content_that_hashes_to_the_digest(client: Client, edition: Edition) -> None:
    from assessments.standards.services import digest_of

    listed = client.get("/api/standards/").json()
    assert [row["edition"] for row in listed] == ["0.9"]
    row = client.get("/api/standards/TAI/0.9/").json()
    assert digest_of(row["content"]) == row["digest"] == edition.digest
    scheme = client.get("/api/schemes/TAI/1/").json()
    assert digest_of(scheme["content"]) == scheme["digest"]
    assert scheme["standard_edition"] == "TAI 0.9"


def test_page_of_79_criteria_takes_few_queries(
    client: Client, edition: Edition, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    with django_assert_max_num_queries(6):
        client.get(edition.get_absolute_url())
    assert Criterion.objects.count() == 79


def test_list_of_many_editions_takes_as_few_queries_as_of_one(
    client: Client, edition: Edition, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    for number in range(30):
        Edition.objects.create(
            standard=edition.standard, edition=f"c{number}", status="consultation", content=edition.content,
            digest="0" * 64,
        )  # fmt: skip
    with django_assert_max_num_queries(4):
        assert client.get(reverse("standards:list")).content.count(b'class="record"') == 31
    assert Scheme.objects.count() == 1
