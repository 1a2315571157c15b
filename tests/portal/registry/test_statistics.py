"""The registry in figures: each certificate counted once in each chart, medians only of enough cases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from assessments.applications.models import Application
from evaluations.cases.models import Decision
from portal.registry import indexing
from portal.registry.statistics import MONTHS, Duration, gather, page_context

from .conftest import Publish

pytestmark = pytest.mark.django_db
ADDRESS = "/registry/statistics/"


def decided(certificate: Any, reviewer: Any, days: int, tier: str = "limited", at: datetime | None = None) -> None:
    """Gives the certificate's case a decision that came so many days after the submission."""
    moment = at or timezone.now()
    case = certificate.case
    Application.objects.filter(pk=case.application_id).update(submitted_at=moment - timedelta(days=days), tier=tier)
    Decision.objects.create(case=case, outcome="granted", reasons="Held.", decided_by=reviewer, decided_at=moment)


def test_each_certificate_is_counted_once_in_each_chart(publish: Publish) -> None:
    publish(level="basic", tier="high", sector="health", status="withdrawn")
    publish(sector="health")
    publish(sector="", valid_until=date(2020, 1, 1))
    publish(status="preparing", pdf_sha256="", issued_at=None)
    indexing.sweep()
    figures = gather()
    assert figures.counts["status"] == {"in_force": 1, "suspended": 0, "withdrawn": 1, "cancelled": 0, "expired": 1}
    assert figures.counts["level"] == {"basic": 1, "enhanced": 2, "excellent": 0}
    assert figures.counts["tier"] == {"minimal": 0, "limited": 2, "high": 1}
    assert figures.counts["sector"] == {"health": 2, "": 1}
    assert figures.counts["standard"] == {"TAI 0.9": 3}
    assert {sum(counts.values()) for counts in figures.counts.values()} == {3}
    assert figures.total == 3


def test_months_are_the_last_twelve_with_the_empty_ones(publish: Publish) -> None:
    for granted in (date(2026, 11, 1), date(2026, 11, 24), date(2025, 12, 1), date(2025, 11, 30)):
        publish(granted_on=granted)
    indexing.sweep()
    months = gather(date(2026, 11, 24)).months
    assert len(months) == MONTHS
    assert next(iter(months)) == "2025-12"
    assert {month: count for month, count in months.items() if count} == {"2025-12": 1, "2026-11": 2}


def test_median_is_of_whole_days_and_only_of_three_cases_or_more(publish: Publish, reviewer: Any) -> None:
    for days, tier in ((10, "limited"), (40, "limited"), (20, "limited"), (99, "high"), (31, "high")):
        decided(publish(), reviewer, days, tier)
    found = gather().durations
    assert found["all"][""] == Duration(5, 31)
    assert found["tier"] == {"limited": Duration(3, 20), "high": Duration(2, None)}
    assert [one.days for one in found["body"].values()] == [31]


def test_old_decisions_are_left_out(publish: Publish, reviewer: Any) -> None:
    for _n in range(3):
        decided(publish(), reviewer, 5, at=datetime(2020, 1, 1, tzinfo=UTC))
    assert gather().durations["all"][""] == Duration(0, None)


def test_too_few_is_said_and_the_number_is_not_told(client: Client, publish: Publish, reviewer: Any) -> None:
    for days in (17, 18):
        decided(publish(), reviewer, days, "high")
    text = client.get(ADDRESS).content.decode()
    assert "too few" in text
    assert "fewer than 3" in text
    answer = client.get("/registry/statistics.json").json()
    assert answer["median_days_to_decision"]["all"] == {"": None}
    assert answer["median_days_to_decision"]["tier"] == {"high": None}


def test_page_and_json_say_the_same(client: Client, publish: Publish, reviewer: Any, body: Any) -> None:
    for days in (17, 18, 26):
        decided(publish(sector="health"), reviewer, days)
    text = client.get(ADDRESS).content.decode()
    for title in ("by status", "by level", "by risk tier", "by sector", "by standard", "by evaluation body"):
        assert f"Certificates {title}" in text
    assert text.count("<svg") >= 7
    assert text.count('<details class="chart-data">') == 7
    assert '<td class="number" data-label="Median, days">18</td>' in text
    answer = client.get("/registry/statistics.json").json()
    assert answer["certificates"] == 3
    assert answer["by_sector"] == {"health": 3}
    assert answer["by_body"] == [{"en": body.name_en, "zh": body.name_zh, "value": 3}]
    assert answer["median_days_to_decision"]["all"] == {"": {"cases": 3, "days": 18}}


def test_many_sectors_are_added_up(publish: Publish) -> None:
    for place in range(15):
        publish(sector=f"sector {place:02}")
    indexing.sweep()
    chart = next(c for c in page_context(gather())["charts"] if c.data_table.headings[0] == "Sector")
    assert len(chart.data_table.rows) == 12
    assert chart.data_table.rows[-1] == ("all others", "4")


def test_empty_registry_has_a_page(client: Client) -> None:
    assert "No certificate has been issued yet" in client.get(ADDRESS).content.decode()


def test_as_many_queries_for_thirty_as_for_one(client: Client, publish: Publish, reviewer: Any) -> None:
    counts = []
    for more in (1, 29):
        for _n in range(more):
            decided(publish(), reviewer, 5)
        client.get(ADDRESS)
        with CaptureQueriesContext(connection) as queries:
            client.get(ADDRESS)
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 12


def test_statistics_in_chinese(client: Client, publish: Publish) -> None:
    publish(sector="")
    client.cookies["django_language"] = "zh-hans"
    text = client.get(ADDRESS).content.decode()
    for words in ("登记库统计", "证书（按状态）", "未说明", "案件过少", "有限风险", "子午评估中心"):
        assert words in text


@pytest.mark.parametrize("address", [ADDRESS, "/registry/statistics.json"])
def test_nobody_can_post(client: Client, address: str) -> None:
    assert client.post(address).status_code == 405
