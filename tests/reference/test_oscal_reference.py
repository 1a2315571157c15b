"""Catalogues of NIST as published come in whole, and go out again with all that a standard holds of them."""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from assessments.standards.documents import Document
from assessments.standards.exchange.formats import FORMATS, Exported, read_any
from assessments.standards.exchange.oscal.catalog import write_catalog
from assessments.standards.exchange.oscal.reading import read_catalog, validator
from assessments.standards.loading import schema_problems, standalone_problems
from evaluations.methods.registry import declared
from tests.factories.oscal import independent_faults

pytestmark = pytest.mark.reference

MODIFIED = datetime(2026, 1, 1, tzinfo=UTC)
PRIVACY = "NIST_SP-800-53_rev5_PRIVACY-baseline-resolved-profile_catalog.json"
BASIC = "basic-catalog.json"
# Controls and enhancements, and the groups that hold them, counted in the files by another program.
COUNTS = {PRIVACY: (102, 16), BASIC: (4, 2)}


@pytest.fixture(params=[PRIVACY, BASIC])
def name(request: pytest.FixtureRequest) -> str:
    return str(request.param)


@pytest.fixture
def raw(name: str) -> bytes:
    return (Path(os.environ["REFERENCE_DATA"]) / "documents" / "oscal" / name).read_bytes()


def of(value: Any, key: str) -> Iterator[Any]:
    """Every value of a key, at any depth."""
    if isinstance(value, dict):
        if key in value:
            yield value[key]
        for inner in value.values():
            yield from of(inner, key)
    elif isinstance(value, list):
        for inner in value:
            yield from of(inner, key)


def pieces(prose: str) -> list[str]:
    """What of a prose stands outside of insertions, with every run of white space as one blank."""
    return [piece for part in re.split(r"\{\{.*?\}\}", prose) if (piece := " ".join(part.split()))]


def test_real_catalogue_has_the_shape_that_is_written_down(raw: bytes) -> None:
    assert list(validator().iter_errors(json.loads(raw))) == []


def test_every_control_and_every_word_of_its_prose_comes_in(name: str, raw: bytes) -> None:
    source = json.loads(raw)["catalog"]
    content = read_catalog(raw, name).content
    assert (len(content["criteria"]), len(content["characteristics"])) == COUNTS[name]
    document = Document(name, content, {})
    assert list(schema_problems(document)) == []
    assert list(standalone_problems(document, declared())) == []
    held = " ".join(json.dumps(content, ensure_ascii=False).replace("\\n", " ").replace('\\"', '"').split())
    groups = source["groups"]
    assert [prose for prose in of(groups, "prose") for piece in pieces(prose) if piece not in held] == []
    assert [title for title in of(groups, "title") if title not in held] == []
    labels = [param["label"] for params in of(groups, "params") for param in params if "label" in param]
    assert [label for label in labels if label not in held] == []


def test_export_and_import_again_lose_nothing_that_is_held(name: str, raw: bytes) -> None:
    content = read_catalog(raw, name).content
    written = write_catalog(content, MODIFIED)
    assert independent_faults(raw) == independent_faults(json.dumps(written).encode()) == []
    assert list(validator().iter_errors(written)) == []
    again = read_catalog(json.dumps(written).encode(), name)
    assert again.content == content
    assert again.report.lines("en") == []
    ids = [control["id"] for controls in of(json.loads(raw), "controls") for control in controls]
    kept = [control["id"] for controls in of(written, "controls") for control in controls]
    assert sorted(kept) == sorted(ids)
    book = FORMATS["xlsx"].write(Exported(content, MODIFIED))
    assert read_any(book, "catalogue.xlsx").content == content


def test_what_is_not_held_is_said(name: str, raw: bytes) -> None:
    report = read_catalog(raw, name).report
    said = "\n".join(report.lines("en"))
    assert "not held: form of parameters (kept as text)" in said
    assert f"Chinese text: the English stands in its place, {COUNTS[name][0]}×" in said
    if name == PRIVACY:
        assert "not held: metadata “responsible-parties”, 1×" in said
        assert "“links” of a part" in said
