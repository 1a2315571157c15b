"""Every format that can be read gives back exactly what was written; what is written twice is the same."""

from __future__ import annotations

import json
from typing import Any

import pytest

from assessments.standards.documents import Document
from assessments.standards.exchange.formats import FORMATS, Exported, read_any
from assessments.standards.exchange.oscal.reading import validator
from assessments.standards.exchange.workbook import HEADINGS
from assessments.standards.loading import SCHEMAS, schema_problems, standalone_problems
from assessments.standards.services import digest_of
from evaluations.methods.registry import declared
from tests.factories.oscal import independent_faults

from .conftest import MODIFIED

READABLE = ("oscal", "xlsx", "yaml")


def written(content: dict[str, Any], name: str) -> tuple[bytes, str]:
    form = FORMATS[name]
    return form.write(Exported(content, MODIFIED)), f"standard.{form.suffix}"


def test_the_small_standard_is_sound(small: dict[str, Any]) -> None:
    document = Document("small", small, {})
    assert list(schema_problems(document)) == []
    assert list(standalone_problems(document, declared())) == []


@pytest.mark.parametrize("name", READABLE)
@pytest.mark.parametrize("which", ["small", "pilot", "full"])
def test_export_and_import_are_identical(name: str, which: str, request: pytest.FixtureRequest) -> None:
    content = request.getfixturevalue(which)
    read = read_any(*written(content, name))
    assert read.content == {**content, "status": "draft"}
    assert digest_of(read.content) == digest_of(content)
    assert read.report.lines("en") == []


@pytest.mark.parametrize("name", READABLE)
def test_import_export_import_is_identical(name: str, small: dict[str, Any]) -> None:
    first = read_any(*written(small, name)).content
    assert read_any(*written(first, name)).content == first


@pytest.mark.parametrize("name", ["oscal", "oscal-mapping", "cyclonedx", "yaml", "markdown"])
def test_the_same_content_gives_the_same_file(name: str, small: dict[str, Any]) -> None:
    assert written(small, name) == written(small, name)


def test_the_small_standard_uses_every_field_that_the_schema_knows(small: dict[str, Any]) -> None:
    """So that a field which a later schema adds is tested in every format or fails here."""
    schema = json.loads((SCHEMAS / "standard.schema.json").read_text(encoding="utf-8"))
    assert set(small) == set(schema["properties"])
    used = {key for criterion in small["criteria"] for key in criterion}
    assert used == set(schema["$defs"]["criterion"]["properties"])


def test_what_has_no_column_is_refused_and_not_lost(small: dict[str, Any]) -> None:
    small["criteria"][0]["colour"] = "red"
    with pytest.raises(ValueError, match="no column for colour"):
        written(small, "xlsx")
    assert "rationale_zh" in HEADINGS["criteria"]


def test_oscal_carries_a_field_that_only_a_later_schema_knows(small: dict[str, Any]) -> None:
    small["criteria"][0]["later"] = [{"a": 1}, "ü\n"]
    raw, file = written(small, "oscal")
    assert list(validator().iter_errors(json.loads(raw))) == []
    assert read_any(raw, file).content == small


def test_oscal_of_the_full_edition_is_valid_under_the_published_schema(
    full: dict[str, Any], scheme: dict[str, Any]
) -> None:
    for name in ("oscal", "oscal-profile", "oscal-mapping"):
        raw = FORMATS[name].write(Exported(full, MODIFIED, scheme))
        assert list(validator().iter_errors(json.loads(raw))) == [], name
        assert independent_faults(raw) == [], name
        spoilt = json.loads(raw)
        del spoilt[next(iter(spoilt))]["metadata"]["oscal-version"]
        assert independent_faults(json.dumps(spoilt).encode())
