"""Framework records and what an edition says of them: resolved references, gaps, pages in both languages."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client

from assessments.standards.crosswalk import coverage
from assessments.standards.documents import DocumentRefused
from assessments.standards.frameworks import Register, UnknownReference
from assessments.standards.loading import DATA, FRAMEWORKS, load_document, register
from assessments.standards.models import Edition
from assessments.standards.services import load_standard

CONTENT = load_document(FRAMEWORKS).content
FULL = load_document(DATA / "TAI-1.0.yaml").content
REFERENCES = {criterion["code"]: criterion["references"] for criterion in FULL["criteria"]}


def test_withdrawn_draft_of_the_white_paper_is_on_record_and_carries_no_criterion() -> None:
    withdrawn = register().get("nistir-8332")
    assert (withdrawn.status, withdrawn.dates["withdrawn"]) == ("withdrawn", "2023-01-04")
    (seen,) = [item for item in coverage(REFERENCES, register()) if item.framework.id == "nistir-8332"]
    assert seen.criteria == ()


def test_ai_rmf_has_its_72_subcategories() -> None:
    parts = register().get("nist-ai-rmf").parts
    assert len(parts) == 72
    counts = {name: sum(part.id.startswith(name) for part in parts) for name in ("GOVERN", "MAP", "MEASURE", "MANAGE")}
    assert counts == {"GOVERN": 19, "MAP": 18, "MEASURE": 22, "MANAGE": 13}


@pytest.mark.parametrize(
    ("cited", "framework", "part"),
    [
        ("EU 2024/1689 Art. 15", "eu-2024-1689", "Art. 15"),
        ("NIST AI RMF MEASURE 2.10", "nist-ai-rmf", "MEASURE 2.10"),
        ("BSI AIC4 – Data Quality", "bsi-aic4", "Data Quality"),
        ("CAICT/JD White Paper 2021, 四（一）3（2）", "caict-jd-2021", "四（一）3（2）"),
        ("ISO/IEC TR 24029-1", "iso-iec-tr-24029-1", None),
        ("GB/T 45288.2-2025", "gb-t-45288-2-2025", None),
    ],
)
def test_reference_leads_to_its_record(cited: str, framework: str, part: str | None) -> None:
    found, place = register().find(cited)
    assert (found.id, place.id if place else None) == (framework, part)


@pytest.mark.parametrize(
    "cited", ["ISO/IEC TR 24029", "ISO/IEC TR 24029-12", "EU 2024/1689 Art. 1", "NISTIR 83321", ""]
)
def test_name_that_only_resembles_a_record_leads_nowhere(cited: str) -> None:
    with pytest.raises(UnknownReference):
        register().find(cited)


def test_every_reference_of_the_full_edition_is_counted_once() -> None:
    found = coverage(REFERENCES, register())
    counted = sum(len(row.links) for item in found for row in item.rows)
    assert counted == sum(len(items) for items in REFERENCES.values())
    assert {code for item in found for code in item.criteria} == set(REFERENCES)


def test_gaps_and_order_of_a_small_crosswalk() -> None:
    references: dict[str, list[dict[str, Any]]] = {
        "A-1": [{"to": "G20 AI Principle 1.4", "relation": "intersects"}, {"to": "unknown", "relation": "equal"}],
        "A-2": [{"to": "G20 AI Principle 1.4", "relation": "subset"}, {"to": "G20 AI Principle", "relation": "equal"}],
    }
    (found,) = [item for item in coverage(references, register()) if item.framework.id == "g20-ai"]
    assert [part.id for part in found.gaps] == ["1.1", "1.2", "1.3", "1.5"]
    assert found.rows[0].part is None
    linked = {row.part.id: row.links for row in found.rows if row.part and row.links}
    assert [(link.criterion, link.relation) for link in linked["1.4"]] == [("A-2", "subset"), ("A-1", "intersects")]
    assert (found.count("A"), found.count("B")) == (2, 0)


BROKEN = {
    "id twice": ("id: g20-ai", "id: ai-verify", "ai-verify stands twice"),
    "name twice": ('cited_as: "G20 AI Principle"', 'cited_as: "AI Verify"', "AI Verify stands twice"),
    "part twice": ('{id: "A.3",', '{id: "A.2",', "A.2 stands twice"),
    "withdrawn without a date": (', withdrawn: "2023-01-04"', "", "the date is missing: withdrawn"),
    "unknown status": ("status: withdrawn", "status: asleep", "must be in_force"),
    "a date that is none": ('"2023-01-04"', '"January"', "does not have the form"),
}


@pytest.mark.parametrize("case", BROKEN)
def test_broken_records_are_refused(case: str, tmp_path: Path) -> None:
    old, new, words = BROKEN[case]
    text = FRAMEWORKS.read_text(encoding="utf-8")
    assert old in text
    path = tmp_path / "frameworks.yaml"
    path.write_text(text.replace(old, new, 1), encoding="utf-8")
    with pytest.raises(DocumentRefused) as refusal:
        load_document(path)
    assert words in str(refusal.value)


def test_every_record_is_in_both_languages_and_says_how_well_it_is_known() -> None:
    records = Register.from_content(CONTENT).frameworks
    assert len({record.cited_as for record in records}) == len(records)
    for record in records:
        assert all((record.title.en, record.title.zh, record.issuer.zh))
        assert record.certainty in {"official", "secondary", "general", "unconfirmed"}


@pytest.fixture
def edition() -> Edition:
    """Edition 1.0 under public consultation, which everybody may read."""
    row = load_standard(DATA / "TAI-1.0.yaml")
    Edition.objects.filter(pk=row.pk).update(status="consultation")
    return Edition.objects.get(pk=row.pk)


@pytest.mark.django_db
def test_matrix_and_framework_pages_show_relations_and_gaps(client: Client, edition: Edition) -> None:
    matrix = client.get("/standards/TAI/1.0/crosswalk/").content.decode()
    assert "/standards/TAI/1.0/crosswalk/eu-2024-1689/" in matrix
    assert "NISTIR 8332" in matrix.split('id="untouched"')[1]
    law = client.get("/standards/TAI/1.0/crosswalk/eu-2024-1689/").content.decode()
    assert "no statement that the law is complied with" in law
    assert "/standards/TAI/1.0/#RC-1" in law
    rmf = client.get("/standards/TAI/1.0/crosswalk/nist-ai-rmf/").content.decode()
    assert "GOVERN 1.6" in rmf.split('id="gaps"')[1]
    gone = client.get("/standards/TAI/1.0/crosswalk/nistir-8332/").content.decode()
    assert "Nothing: no criterion refers to it." in gone
    assert "2023-01-04" in gone


@pytest.mark.django_db
def test_pages_are_chinese_for_a_chinese_reader(client: Client, edition: Edition) -> None:
    for url in ("/standards/TAI/1.0/crosswalk/", "/standards/TAI/1.0/crosswalk/pipl/"):
        page = client.get(url, headers={"accept-language": "zh-hans"}).content.decode()
        assert "与其他框架的对应关系" in page
        assert "What a certificate" not in page
    assert "自动化决策" in page


@pytest.mark.django_db
def test_criterion_shows_its_full_text(
    client: Client, edition: Edition, django_assert_max_num_queries: Callable[[int], Any]
) -> None:
    page = client.get("/standards/TAI/1.0/").content.decode()
    for words in ("Evidence to be given", "Guidance and anchors", "/standards/TAI/1.0/crosswalk/iso-iec-ts-4213/"):
        assert words in page
    assert "Test: at the foot of the table; the claim is refuted." in page
    for url in ("/standards/TAI/1.0/crosswalk/", "/standards/TAI/1.0/crosswalk/nist-ai-rmf/"):
        with django_assert_max_num_queries(6):
            client.get(url)
    for url in ("/standards/TAI/2.0/crosswalk/", "/standards/TAI/1.0/crosswalk/unheard-of/"):
        assert client.get(url).status_code == 404
