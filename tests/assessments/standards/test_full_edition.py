"""Edition 1.0: whole in both languages, its obligations worded by gate, its bones those of the pilot edition."""

from __future__ import annotations

import re
from collections.abc import Iterator
from copy import deepcopy
from dataclasses import replace
from typing import Any

import pytest

from assessments.standards.completeness import full_edition, not_self_published
from assessments.standards.documents import Problem
from assessments.standards.loading import DATA, load_document, load_scheme_document, register

DOCUMENT = load_document(DATA / "TAI-1.0.yaml")
FULL = DOCUMENT.content
PILOT = load_document(DATA / "TAI-0.9.yaml").content
CRITERIA: list[dict[str, Any]] = FULL["criteria"]
BONES = ("code", "title", "kind", "methods", "gate", "weight", "phases", "applies_when", "belongs_to", "extension")
HAN = "\u4e00-\u9fff"


def texts(value: Any, place: str) -> Iterator[tuple[str, dict[str, str]]]:
    """Every text of two languages below a value, with its place."""
    if isinstance(value, dict) and set(value) == {"en", "zh"}:
        yield place, value
    elif isinstance(value, dict):
        for key, inner in value.items():
            yield from texts(inner, f"{place}.{key}")
    elif isinstance(value, list):
        for index, inner in enumerate(value):
            yield from texts(inner, f"{place}[{index}]")


TEXTS = [found for criterion in CRITERIA for found in texts(criterion, criterion["code"])]


def test_the_full_text_keeps_what_the_pilot_asked() -> None:
    for criterion, before in zip(CRITERIA, PILOT["criteria"], strict=True):
        assert {key: criterion.get(key) for key in BONES} == {key: before.get(key) for key in BONES}
    assert FULL["facts"] == PILOT["facts"]


@pytest.mark.parametrize("criterion", CRITERIA, ids=lambda criterion: criterion["code"])
def test_modal_verbs_follow_the_gate(criterion: dict[str, Any]) -> None:
    english, chinese = criterion["statement"]["en"], criterion["statement"]["zh"]
    words = set(re.findall(r"\b(shall|should)\b", english))
    expected = {"M": {"shall"}, "M+": {"shall", "should"}, "none": {"should"}}[criterion["gate"]]
    assert words >= expected
    # A gate may add a recommendation; what is no gate never says "shall".
    assert "shall" in expected or "shall" not in words
    assert ("高风险" in chinese) == (criterion["gate"] == "M+")
    assert ("宜" in chinese) >= ("should" in expected)
    assert ("应" in chinese) >= ("shall" in expected)


def test_no_sentence_stands_twice() -> None:
    # Short notes on a reference may: two criteria can rest on the same sentence of a source.
    places: dict[str, str] = {}
    for place, text in TEXTS:
        for words in text.values():
            if ".references" in place or len(words) < 12:
                continue
            assert words not in places, f"{place} repeats {places[words]}"
            places[words] = place


def test_chinese_is_set_as_chinese_and_english_as_english() -> None:
    half_width = re.compile(rf"[{HAN}][,;:!?()]|[,;:!?()][{HAN}]")
    unspaced = re.compile(rf"[{HAN}][A-Za-z0-9]|[A-Za-z0-9][{HAN}]")
    for place, text in TEXTS:
        assert re.search(f"[{HAN}]", text["zh"]), place
        assert not half_width.search(text["zh"]), place
        assert not unspaced.search(text["zh"]), place
        if ".references" not in place:
            assert not re.search(f"[{HAN}]", text["en"]), place


def test_anchors_leave_the_thresholds_to_the_scheme() -> None:
    scheme = load_scheme_document(DATA / "TAI-scheme-2.yaml", FULL).content
    for criterion in CRITERIA:
        for method in criterion.get("methods", ()):
            tables = scheme["thresholds"].get(method["id"], {}).get("tables", ())
            points = {f"{abs(point):.2f}" for table in tables for point in table["points"] if abs(point) < 1}
            shown = {
                f"{float(figure):.2f}"
                for anchor in criterion["anchors"]
                for figure in re.findall(r"0?\.\d+", anchor["en"])
            }
            assert not points & shown, criterion["code"]


def test_second_scheme_edition_has_the_rules_of_the_first() -> None:
    first = load_scheme_document(DATA / "TAI-scheme.yaml", PILOT).content
    second = load_scheme_document(DATA / "TAI-scheme-2.yaml", FULL).content
    changed = {key for key in first if first[key] != second[key]} | (set(second) - set(first))
    # `published` names characteristics by the term of the glossary now; what is published stays the same.
    assert changed <= {"edition", "status", "standard", "thresholds", "published"}
    assert first["thresholds"].items() <= second["thresholds"].items()


INCOMPLETE = {
    "no anchors": ("anchors", "RC-1: no written anchors"),
    "no evidence": ("evidence", "RC-1: no evidence"),
    "no guidance": ("guidance", "RC-1: no guidance"),
    "no rationale": ("rationale", "RC-1: no rationale"),
    "no references": ("references", "RC-1: no relation"),
}


def changed(content: dict[str, Any]) -> list[Problem]:
    """What the check says of other content in the place of edition 1.0."""
    return list(full_edition(replace(DOCUMENT, content=content), register()))


@pytest.mark.parametrize("case", INCOMPLETE)
def test_full_edition_with_a_hole_is_refused(case: str) -> None:
    key, words = INCOMPLETE[case]
    content = deepcopy(FULL)
    del content["criteria"][0][key]
    (problem,) = changed(content)
    assert problem.text.en.startswith(words)
    assert problem.place == ("criteria", 0, key)
    assert problem.line > 1


@pytest.mark.parametrize(
    ("cited", "words"),
    [
        ("ISO/IEC TS 4214", "no framework is on record for ISO/IEC TS 4214"),
        ("EU 2024/1689 Art. 99", "EU 2024/1689 has no part Art. 99 on record"),
        (CRITERIA[0]["references"][1]["to"], f"{CRITERIA[0]['references'][1]['to']} is referred to twice"),
    ],
)
def test_reference_that_leads_nowhere_or_stands_twice_is_refused(cited: str, words: str) -> None:
    content = deepcopy(FULL)
    content["criteria"][0]["references"][3]["to"] = cited
    (problem,) = changed(content)
    assert problem.text.en == words
    assert problem.place == ("criteria", 0, "references", 3, "to")


@pytest.mark.parametrize("stage", [{"stage": "full"}, {}])
def test_only_a_pilot_edition_publishes_itself(stage: dict[str, str]) -> None:
    without = {key: value for key, value in FULL.items() if key != "stage"}
    content = {**without, **stage, "status": "published"}
    (problem,) = not_self_published(replace(DOCUMENT, content=content))
    assert "a committee's resolution" in problem.text.en
    assert not list(not_self_published(replace(DOCUMENT, content={**content, "stage": "pilot"})))
    assert not list(not_self_published(DOCUMENT))
    assert changed(FULL) == []


def test_pilot_edition_may_be_short_of_texts() -> None:
    assert PILOT["stage"] == "pilot"
    assert not any("rationale" in criterion for criterion in PILOT["criteria"])
