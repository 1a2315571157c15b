"""OSCAL: the shape of what is written, what of others' catalogues is held, and what is reported."""

from __future__ import annotations

import json
from typing import Any

import pytest

from assessments.standards.documents import Document, DocumentRefused
from assessments.standards.exchange.formats import FORMATS, Exported, read_any
from assessments.standards.exchange.oscal.catalog import write_catalog
from assessments.standards.exchange.oscal.mapping import read_mapping, write_mapping
from assessments.standards.exchange.oscal.profile import select, write_profile
from assessments.standards.exchange.oscal.reading import read_catalog, read_oscal, validator
from assessments.standards.exchange.report import Report
from assessments.standards.loading import schema_problems

from .conftest import MODIFIED

FOREIGN: dict[str, Any] = {
    "catalog": {
        "uuid": "74c8ba1e-5cd4-4ad1-bbfd-d888e2f6c724",
        "metadata": {
            "title": "Locks and keys",
            "last-modified": "2026-01-01T00:00:00Z",
            "version": "2.1 beta",
            "oscal-version": "1.1.2",
            "parties": [{"uuid": "1"}],
        },
        "groups": [
            {
                "id": "lk",
                "title": "Locks",
                "parts": [{"name": "overview", "prose": "About locks."}],
                "controls": [
                    {
                        "id": "lk-2",
                        "title": "Doors are locked",
                        "params": [
                            {"id": "lk-2_prm_1", "label": "a time", "guidelines": [{"prose": "Not too long."}]},
                            {
                                "id": "lk-2_prm_2",
                                "select": {
                                    "how-many": "one-or-more",
                                    "choice": ["by day", "after {{ insert: param, lk-2_prm_1 }}"],
                                },
                            },
                            {"id": "lk-2_prm_3", "values": ["twice"]},
                        ],
                        "props": [{"name": "label", "value": "LK-2"}],
                        "links": [
                            {"href": "#3d1b1ba8-5c14-4b8f-9a35-5f3a8b6f2c11", "rel": "reference"},
                            {"href": "#lk-2.1", "rel": "related"},
                        ],
                        "parts": [
                            {
                                "name": "statement",
                                "prose": "Doors are locked:",
                                "parts": [
                                    {
                                        "name": "item",
                                        "props": [{"name": "label", "value": "a."}],
                                        "prose": "{{ insert: param, lk-2_prm_2 }}, checked "
                                        "{{insert: param, lk-2_prm_3}}.",
                                    }
                                ],
                            },
                            {"name": "overview", "prose": "An open door is a risk."},
                            {"name": "guidance", "prose": "Try the handle.", "links": [{"href": "#lk-2.1"}]},
                            {"name": "example", "prose": "A bank."},
                            {
                                "name": "assessment-method",
                                "props": [{"name": "method", "value": "EXAMINE"}],
                                "parts": [{"name": "assessment-objects", "prose": "The door."}],
                            },
                        ],
                        "controls": [{"id": "lk-2.1", "title": "Doors of vaults"}],
                    }
                ],
            }
        ],
        "back-matter": {
            "resources": [
                {"uuid": "3d1b1ba8-5c14-4b8f-9a35-5f3a8b6f2c11", "title": "Book of doors"},
                {"uuid": "4d1b1ba8-5c14-4b8f-9a35-5f3a8b6f2c11", "title": "Nobody reads it"},
            ]
        },
    }
}  # fmt: skip


def raw(document: Any) -> bytes:
    return json.dumps(document).encode()


def test_catalogue_has_the_shape_of_oscal_and_speaks_its_words(small: dict[str, Any]) -> None:
    document = write_catalog(small, MODIFIED)
    assert list(validator().iter_errors(document)) == []
    catalog = document["catalog"]
    assert [group["id"] for group in catalog["groups"]] == ["standard", "rc", "gm"]
    control = catalog["groups"][1]["controls"][0]
    assert control["id"] == "rc-1"
    assert {"name": "label", "value": "RC-1"} in control["props"]
    statement = next(part for part in control["parts"] if part["name"] == "statement")
    assert "ns" not in statement
    assert statement["prose"] == small["criteria"][0]["statement"]["en"]
    assert statement["parts"][0]["prose"] == small["criteria"][0]["statement"]["zh"]


def test_ids_in_a_catalogue_are_unique(small: dict[str, Any]) -> None:
    found: list[str] = []

    def collect(value: Any) -> None:
        if isinstance(value, dict):
            found.extend(value["id"] for _ in range(1) if "id" in value)
            for inner in value.values():
                collect(inner)
        elif isinstance(value, list):
            for inner in value:
                collect(inner)

    collect(write_catalog(small, MODIFIED)["catalog"]["groups"])
    assert len(found) == len(set(found)) > 30


@pytest.mark.parametrize(
    ("broken", "says"),
    [
        ({"catalog": {"metadata": {}}}, "uuid"),
        ({"catalog": FOREIGN["catalog"] | {"uuid": "no"}}, "does not match"),
        ({"catalog": FOREIGN["catalog"] | {"groups": []}}, "non-empty"),
        ({"catalog": FOREIGN["catalog"] | {"colour": "red"}}, "colour"),
        ({"component-definition": {}}, "component-definition"),
        ([], "object"),
    ],
)
def test_what_is_no_catalogue_is_refused(broken: Any, says: str) -> None:
    with pytest.raises(DocumentRefused, match=says):
        read_catalog(raw(broken), "x.json")


def test_broken_json_is_refused_with_its_line() -> None:
    with pytest.raises(DocumentRefused) as refusal:
        read_oscal(b'{\n "catalog": {,}\n}', "x.json")
    assert refusal.value.problems[0].line == 2
    with pytest.raises(DocumentRefused):
        read_oscal(b"[" * 200_000, "deep.json")
    with pytest.raises(DocumentRefused):
        read_oscal(b"\xff\xfe\x00", "x.json")


def test_catalogue_of_others_becomes_a_sound_draft() -> None:
    read = read_catalog(raw(FOREIGN), "x.json")
    assert list(schema_problems(Document("x", read.content, {}))) == []
    first, second = read.content["criteria"]
    assert read.content["edition"] == "2.1-beta"
    assert read.content["code"] == "LOCKS-AND-KEYS"
    assert [first["code"], second["code"]] == ["LK-2", "LK-3"]
    assert first["statement"]["en"] == (
        "Doors are locked:\n  a. [one or more of: by day; after [a time]], checked [twice]."
    )
    assert first["rationale"]["en"] == "An open door is a risk."
    assert "Try the handle." in first["guidance"]["en"]
    assert "A bank." in first["guidance"]["en"]
    assert "lk-2_prm_1: a time – Not too long." in first["guidance"]["en"]
    assert first["evidence"][0]["en"] == "EXAMINE\n  The door."
    assert {"to": "Book of doors", "relation": "source", "note": first["references"][1]["note"]} == first["references"][
        1
    ]
    assert second["references"][1]["to"] == "oscal:lk-2"
    assert second["statement"]["en"] == "Doors of vaults"
    assert read.content["characteristics"][0]["description"]["en"] == "About locks."


def test_report_says_what_is_not_held_and_what_was_supplied() -> None:
    report = read_catalog(raw(FOREIGN), "x.json").report
    lines = "\n".join(report.lines("en"))
    for said in (
        "metadata “parties”",
        "prop “label”",
        "form of parameters",
        "“links” of a part",
        "no control cites, 1×",
    ):
        assert f"not held: {said}" in lines.replace("resource that ", "")
    assert "supplied: Chinese text: the English stands in its place, 2× (lk-2, lk-2.1)" in lines
    assert "未保留：元数据“parties”，1 处" in report.lines("zh-hans")


def test_catalogue_of_others_keeps_its_ids_and_content_on_the_way_back() -> None:
    read = read_catalog(raw(FOREIGN), "x.json", code="LOCK")
    document = write_catalog(read.content, MODIFIED)
    assert [control["id"] for control in document["catalog"]["groups"][1]["controls"]] == ["lk-2", "lk-2.1"]
    again = read_catalog(raw(document), "x.json")
    assert again.content == read.content
    assert again.report.lines("en") == []


def test_what_others_add_to_our_catalogue_is_reported(small: dict[str, Any]) -> None:
    document = write_catalog(small, MODIFIED)
    control = document["catalog"]["groups"][1]["controls"][0]
    control["props"].append({"name": "priority", "value": "high"})
    control["params"] = [{"id": "p"}]
    control["parts"].append({"name": "overview", "prose": "More."})
    document["catalog"]["back-matter"] = {}
    read = read_catalog(raw(document), "x.json")
    assert read.content == small
    said = " ".join(read.report.lines("en"))
    assert all(word in said for word in ("prop “priority”", "“params”", "part “overview”", "“back-matter”"))


def test_profile_selects_what_is_obligatory(small: dict[str, Any]) -> None:
    document = write_profile(small, "high", ["M", "M+"], MODIFIED)
    assert list(validator().iter_errors(document)) == []
    catalog = write_catalog(small, MODIFIED)["catalog"]
    report = Report()
    narrowed = read_catalog(raw({"catalog": select(catalog, document["profile"], report)}), "x.json")
    assert [item["code"] for item in narrowed.content["criteria"]] == ["RC-1", "GM-1"]
    assert report.lines("en") == []
    with pytest.raises(ValueError, match="obligatory"):
        write_profile(small, "low", [], MODIFIED)


def test_profile_is_written_by_the_tier_of_the_scheme(pilot: dict[str, Any], scheme: dict[str, Any]) -> None:
    def count(tier: str) -> int:
        exported = Exported(pilot, MODIFIED, scheme, tier=tier)
        profile = json.loads(FORMATS["oscal-profile"].write(exported))["profile"]
        return len(profile["imports"][0]["include-controls"][0]["with-ids"])

    gates = [criterion["gate"] for criterion in pilot["criteria"]]
    assert count("limited") == gates.count("M")
    assert count("high") == count("") == gates.count("M") + gates.count("M+")


def test_profile_of_others_narrows_a_catalogue_and_says_what_it_did_not_apply() -> None:
    profile = {
        "profile": {
            "uuid": "84c8ba1e-5cd4-4ad1-bbfd-d888e2f6c724",
            "metadata": FOREIGN["catalog"]["metadata"],
            "imports": [{"href": "x.json", "include-controls": [{"with-ids": ["lk-2.1", "lk-9"]}]}],
            "modify": {"set-parameters": []},
        }
    }
    read = read_any(raw(FOREIGN), "x.json", profile=(raw(profile), "p.json"))
    assert [item["references"][0]["to"] for item in read.content["criteria"]] == ["oscal:lk-2.1"]
    said = " ".join(read.report.lines("en"))
    assert "catalogue does not have, 1× (lk-9)" in said
    assert "“modify” of the profile" in said


def test_mapping_holds_the_relations_and_gives_them_back(small: dict[str, Any]) -> None:
    document = write_mapping(small, MODIFIED)
    assert list(validator().iter_errors(document)) == []
    maps = document["mapping-collection"]["mappings"][0]["maps"]
    assert [item["relationship"] for item in maps] == ["subset-of", "equal-to"]
    bare = json.loads(json.dumps(small))
    for criterion in bare["criteria"]:
        criterion.pop("references", None)
    read = read_mapping(document["mapping-collection"], bare)
    assert read.content["criteria"][0]["references"] == small["criteria"][0]["references"][:1]
    assert read.content["criteria"][1]["references"] == small["criteria"][1]["references"]
    assert "references" not in bare["criteria"][0]
    assert read_mapping(document["mapping-collection"], small).content == small


def test_mapping_of_what_the_standard_lacks_is_reported(small: dict[str, Any]) -> None:
    document = write_mapping(small, MODIFIED)["mapping-collection"]
    document["mappings"][0]["maps"][0]["sources"][0]["id-ref"] = "zz-9"
    document["mappings"][0]["maps"][1]["relationship"] = "no-relationship"
    said = " ".join(read_mapping(document, small).report.lines("en"))
    assert "standard lacks, 1× (zz-9)" in said
    assert "no-relationship" in said
    for criterion in small["criteria"]:
        criterion.pop("references", None)
    with pytest.raises(ValueError, match="relates"):
        write_mapping(small, MODIFIED)
