"""Searching, facets, order and pages over published certificates."""

from __future__ import annotations

from datetime import date
from typing import Any

import pytest

from portal.registry import indexing, tasks
from portal.registry.models import SearchEntry
from portal.registry.search import Question, answer, facet_counts

from .conftest import Publish

pytestmark = pytest.mark.django_db


def numbers(**parameters: str) -> list[str]:
    return sorted(answer(Question.read(parameters)).values_list("number", flat=True))


def test_each_published_certificate_is_entered_once(publish: Publish) -> None:
    first, second = publish(), publish()
    assert indexing.catch_up() == 2
    assert indexing.catch_up() == 0
    third = publish(issued_at=first.issued_at.replace(year=2020))
    assert indexing.catch_up() == 0, "an older one is left to the sweeper"
    assert tasks.sweep() == 1
    assert tasks.sweep() == 0
    assert numbers() == sorted([first.number, second.number, third.number])
    assert not indexing.enter(first)


def test_a_certificate_in_preparation_is_not_listed(publish: Publish) -> None:
    publish(status="preparing", pdf_sha256="", issued_at=None)
    assert indexing.sweep() == 0


def test_words_are_found_in_both_languages(publish: Publish) -> None:
    digits = publish("Digit reader", "手写数字识别系统").number
    risk = publish("Diabetes risk", "糖尿病风险评估").number
    indexing.sweep()
    assert numbers(q="digit") == [digits]
    assert numbers(q="DIGIT reader") == [digits]
    assert numbers(q="识别") == [digits]
    assert numbers(q="糖") == [risk]
    assert numbers(q="糖尿病 risk") == [risk]
    assert numbers(q="极光视觉") == sorted([digits, risk])
    assert numbers(q="digit 糖尿病") == []
    assert numbers(q="别识") == []
    assert numbers(q="dig") == []
    assert numbers(q=digits) == [digits]
    assert numbers(q="\"' OR 1=1 *") == []
    assert numbers(q="???") == []


def test_expiry_is_read_from_the_day_not_from_the_row(publish: Publish) -> None:
    lapsed = publish(valid_until=date(2020, 1, 1)).number
    valid = publish().number
    withdrawn = publish(status="withdrawn", valid_until=date(2020, 1, 1)).number
    indexing.sweep()
    assert numbers(status="expired") == [lapsed]
    assert numbers(status="in_force") == [valid]
    assert numbers(status="withdrawn") == [withdrawn]


def test_a_suspension_shows_at_once(publish: Publish) -> None:
    certificate = publish()
    indexing.sweep()
    type(certificate).objects.filter(pk=certificate.pk).update(status="suspended")
    assert numbers(status="suspended") == [certificate.number]
    assert numbers(status="in_force") == []


def test_facets_count_with_the_other_choices_kept(publish: Publish, other_vendor: Any) -> None:
    publish(level="basic", sector="health")
    publish(level="basic", tier="high", sector="health")
    publish(level="enhanced", holder=other_vendor, modality="tabular", sector="")
    indexing.sweep()
    counts = facet_counts(Question.read({"level": "basic"}))
    assert counts["level"] == [("basic", 2), ("enhanced", 1)]
    assert counts["tier"] == [("high", 1), ("limited", 1)]
    assert counts["sector"] == [("health", 2)]
    assert counts["modality"] == [("image", 2)]
    assert dict(facet_counts(Question.read({}))["holder"])[str(other_vendor.pk)] == 1
    assert facet_counts(Question.read({"sector": "none"}))["sector"] == [("health", 2), ("none", 0)]


@pytest.mark.parametrize("facet", ["holder", "body", "year", "level", "status"])
def test_a_value_that_cannot_be_finds_nothing(facet: str, publish: Publish) -> None:
    publish()
    indexing.sweep()
    assert numbers(**{facet: "'; drop table"}) == []


def test_each_facet_value_selects_what_it_counts(publish: Publish, other_vendor: Any) -> None:
    publish(granted_on=date(2024, 5, 1))
    publish(holder=other_vendor, level="basic", tier="high", modality="tabular", sector="health")
    indexing.sweep()
    for facet, pairs in facet_counts(Question.read({})).items():
        for value, count in pairs:
            assert len(numbers(**{facet: value})) == count, (facet, value)


def test_terms_of_a_deleted_entry_find_nothing(publish: Publish) -> None:
    publish()
    indexing.sweep()
    SearchEntry.objects.all().delete()
    assert numbers(q="digit") == []
