"""What is stored is found again, in both scripts, and nothing else is."""

from __future__ import annotations

import pytest

from portal.registry.terms import MOST_TERMS, asked_terms, stored_terms


@pytest.mark.parametrize(
    ("question", "terms"),
    [
        ("Digit Reader", ["digit", "reader"]),
        ("TAI-2026-000123-C", ["tai", "2026", "000123", "c"]),
        ("数", ["数"]),
        ("数字", ["数字"]),
        ("手写数字", ["手写", "写数", "数字"]),
        ("AI手写 v2", ["ai", "手写", "v2"]),
        ("ＡＩ　系统", ["ai", "系统"]),
        ("Straße", ["strasse"]),
        ("reader reader", ["reader"]),
        ("' & | !", []),
        ("snake_case", ["snake", "case"]),
    ],
)
def test_asked_terms(question: str, terms: list[str]) -> None:
    assert asked_terms(question) == terms


@pytest.mark.parametrize("part", ["手", "识别", "写数字", "手写数字识别系统", "OCR", "ocr 系统"])
def test_every_part_of_a_stored_text_is_found(part: str) -> None:
    assert set(asked_terms(part)) <= set(stored_terms(["OCR 手写数字识别系统"]))


@pytest.mark.parametrize("other", ["写手", "数手", "oc", "识系"])
def test_what_is_not_in_the_text_is_not_found(other: str) -> None:
    assert not set(asked_terms(other)) <= set(stored_terms(["OCR 手写数字识别系统"]))


def test_a_long_question_is_cut() -> None:
    assert len(asked_terms(" ".join(str(n) for n in range(100)))) == MOST_TERMS
