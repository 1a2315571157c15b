"""Figures, times and lists are written one way."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta, timezone

import pytest
from django.utils import translation
from django.utils.safestring import mark_safe

from assessments.presentation import figures


@pytest.mark.parametrize(
    ("value", "text"), [(34, "3.4"), (50, "5.0"), (0, "0.0"), (784, "78.4"), (None, "–"), (-5, "-0.5")]
)
def test_tenths(value: int | None, text: str) -> None:
    assert figures.tenths(value) == text


@pytest.mark.parametrize(
    ("value", "digits", "text"),
    [
        (0.9123, 3, "0.912"),
        (0.00001, 3, "1.0e-05"),
        (0, 3, "0.000"),
        (float("nan"), 3, "–"),
        (None, 3, "–"),
        (1234.5, 1, "1234.5"),
    ],
)
def test_number(value: float | None, digits: int, text: str) -> None:
    assert figures.number(value, digits) == text


def test_interval_leaves_an_open_end_open() -> None:
    assert figures.interval(0.5191, 0.6084) == "0.519 – 0.608"
    assert figures.interval(0.9, None) == "≥ 0.900"
    assert figures.interval(None, 0.1) == "≤ 0.100"
    assert figures.interval(None, None) == "–"


@pytest.mark.parametrize(
    ("count", "text"),
    [
        (0, "0 bytes"),
        (1, "1 byte"),
        (999, "999 bytes"),
        (1000, "1.0 kB"),
        (26_312, "26.3 kB"),
        (512_000_000, "512 MB"),
        (4 * 10**15, "4000 TB"),
    ],
)
def test_size(count: int, text: str) -> None:
    assert figures.size(count) == text


def test_duration_names_the_two_largest_units() -> None:
    assert [figures.duration(s) for s in (2.34, 45, 83, 7300)] == ["2.3 s", "45 s", "1 min 23 s", "2 h 1 min"]


def test_moment_is_utc_in_the_markup() -> None:
    elsewhere = datetime(2026, 11, 24, 14, 16, tzinfo=timezone(timedelta(hours=8)))
    assert figures.moment(elsewhere) == '<time datetime="2026-11-24T06:16:00Z" data-local>2026-11-24 06:16 UTC</time>'
    assert figures.moment(datetime(2026, 1, 2, tzinfo=UTC)).startswith('<time datetime="2026-01-02T00:00:00Z"')


def test_day_is_written_as_its_language_writes_it() -> None:
    with translation.override("en"):
        assert ">24 November 2026<" in figures.day(date(2026, 11, 24))
    with translation.override("zh-hans"):
        assert ">2026年11月24日<" in figures.day(date(2026, 11, 24))


def test_joined_escapes_what_is_not_safe() -> None:
    with translation.override("en"):
        assert figures.joined(["a", "b", "<c>"]) == "a, b and &lt;c&gt;"
        assert figures.joined([mark_safe("<b>x</b>")]) == "<b>x</b>"
        assert figures.joined([]) == ""
    with translation.override("zh-hans"):
        assert figures.joined(["甲", "乙", "丙"]) == "甲、乙和丙"
        assert figures.joined(["TE", "CR"]) == "TE 和 CR"
        assert figures.joined([mark_safe("<b>TE</b>"), "（丙）"]) == "<b>TE</b> 和（丙）"


def test_in_language_takes_texts_and_mappings() -> None:
    with translation.override("zh-hans"):
        assert figures.in_language({"en": "a", "zh": "甲"}) == "甲"
        assert figures.in_language({"en": "a", "zh": ""}) == "a"
        assert figures.in_language("plain") == "plain"


def test_digest_shows_the_head_and_keeps_the_whole() -> None:
    shown = figures.digest("ab" * 32)
    assert f'title="{"ab" * 32}"' in shown
    assert ">abababababab…<" in shown
