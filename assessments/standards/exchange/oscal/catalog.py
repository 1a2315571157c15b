"""A standard as an OSCAL catalogue, and back without loss: characteristics are groups, criteria are controls."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import Any

from evaluations.methods.frame import Text

from ..report import Imported, Report
from .vocabulary import NAMESPACE, VERSION, Json, decode, encode, identifier, prop, supply_chinese, without_empty

# What the metadata, the groups and the controls say in OSCAL's own words.
_OF_METADATA = frozenset({"document", "code", "edition", "title", "characteristics", "criteria", "status"})
ORIGIN = "oscal:"
_STANDARD_GROUP = "standard"
_WRITTEN_BY_US = frozenset({"label", "sort-id"})


def control_id(criterion: Mapping[str, Any]) -> str:
    """The id of a criterion's control: the one that it came from, else its code in small letters."""
    for reference in criterion.get("references", ()):
        if reference["to"].startswith(ORIGIN) and reference.get("relation") == "equal":
            return str(reference["to"].removeprefix(ORIGIN))
    return str(criterion["code"]).lower()


def catalog_id(content: Mapping[str, Any]) -> str:
    return identifier("catalog", {key: value for key, value in content.items() if key != "status"})


def write_catalog(content: Mapping[str, Any], modified: datetime) -> Json:
    """The whole standard as `{"catalog": …}`; `modified` is aware and says when the content last changed."""
    rest = {key: value for key, value in content.items() if key not in _OF_METADATA}
    props, parts = encode(rest, _STANDARD_GROUP)
    about = {"id": _STANDARD_GROUP, "class": _STANDARD_GROUP, "title": "About this standard"}
    catalog = {
        "uuid": catalog_id(content),
        "metadata": {
            "title": content["title"]["en"],
            "last-modified": modified.isoformat(),
            "version": content["edition"],
            "oscal-version": VERSION,
            "props": [prop("code", content["code"]), prop("title_zh", content["title"]["zh"])],
        },
        "groups": [without_empty({**about, "props": props, "parts": parts}), *_groups(content)],
    }
    return {"catalog": catalog}


def _groups(content: Mapping[str, Any]) -> list[Json]:
    groups = []
    for item in content["characteristics"]:
        code = item["code"]
        props, parts = encode({key: value for key, value in item.items() if key not in ("code", "title")}, code.lower())
        controls = [
            _control(criterion, position)
            for position, criterion in enumerate(content["criteria"], start=1)
            if criterion["code"].rpartition("-")[0] == code
        ]
        own = [{"name": "label", "value": code}, prop("title_zh", item["title"]["zh"]), *props]
        groups.append(
            without_empty(
                {
                    "id": code.lower(),
                    "class": "characteristic",
                    "title": item["title"]["en"],
                    "props": own,
                    "parts": parts,
                    "controls": controls,
                }
            )
        )
    return groups


def _control(criterion: Mapping[str, Any], position: int) -> Json:
    named = control_id(criterion)
    props, parts = encode({key: value for key, value in criterion.items() if key not in ("code", "title")}, named)
    own = [
        {"name": "label", "value": criterion["code"]},
        {"name": "sort-id", "value": f"{position:04d}"},
        prop("title_zh", criterion["title"]["zh"]),
    ]
    return {"id": named, "class": "criterion", "title": criterion["title"]["en"], "props": own + props, "parts": parts}


def is_ours(catalog: Mapping[str, Any]) -> bool:
    """Whether a catalogue carries what a standard needs beyond OSCAL."""
    named = {item["name"] for item in catalog["metadata"].get("props", ()) if item.get("ns") == NAMESPACE}
    return "code" in named


def read_own_catalog(catalog: Mapping[str, Any]) -> Imported:
    """The standard that `write_catalog` wrote; additions of others are reported and left out."""
    report = Report()
    metadata = catalog["metadata"]
    said = decode(metadata, "metadata", report)
    for key in sorted(set(metadata) - {"title", "last-modified", "version", "oscal-version", "props"}):
        report.drop(Text(f"metadata “{key}”", f"元数据“{key}”"))
    content: Json = {
        "document": "standard",
        "code": said["code"],
        "edition": metadata["version"],
        "status": "draft",
        "title": {"en": metadata["title"], "zh": said.get("title_zh", metadata["title"])},
    }
    characteristics: list[Json] = []
    criteria: list[tuple[str, Json]] = []
    for group in catalog.get("groups", ()):
        if group.get("class") == _STANDARD_GROUP:
            content |= decode(group, _STANDARD_GROUP, report)
        else:
            characteristics.append(_titled(group, report))
            criteria += [(_sort_key(control), _titled(control, report)) for control in group.get("controls", ())]
    _report_structure(catalog, report)
    ordered = [criterion for _, criterion in sorted(criteria, key=lambda pair: pair[0])]
    return Imported({**content, "characteristics": characteristics, "criteria": ordered}, report)


def _titled(holder: Mapping[str, Any], report: Report) -> Json:
    """A group or a control as an item with code and title."""
    place = holder.get("id", "")
    values = decode(holder, place, report, _WRITTEN_BY_US)
    if "title_zh" not in values:
        supply_chinese(report, place)
    code = _prop(holder, "label") or place.upper()
    return {"code": code, "title": {"en": holder["title"], "zh": values.pop("title_zh", holder["title"])}, **values}


def _sort_key(control: Mapping[str, Any]) -> str:
    return _prop(control, "sort-id") or control["id"]


def _prop(holder: Mapping[str, Any], name: str) -> str:
    return next((item["value"] for item in holder.get("props", ()) if item["name"] == name and "ns" not in item), "")


def _report_structure(catalog: Mapping[str, Any], report: Report) -> None:
    for key in sorted(set(catalog) - {"uuid", "metadata", "groups"}):
        report.drop(Text(f"“{key}” of the catalogue", f"目录的“{key}”"))
    for group in catalog.get("groups", ()):
        for holder in (group, *group.get("controls", ())):
            known = {"id", "class", "title", "props", "parts"} | ({"controls"} if holder is group else set())
            for key in sorted(set(holder) - known):
                report.drop(Text(f"“{key}” of a group or control", f"组或控制项的“{key}”"), holder.get("id", ""))
