"""How the values of a standard are written as OSCAL `props` and `parts`, and read back.

A text of two languages is a part whose prose is English, with a part `translation` inside it. A list of such texts is
a part with one part `item` each. Everything else is a prop: plain where it is a line of text (class `text`), as
compact JSON where it is not (class `json`). A key that a later edition of the schema adds thus travels as well.
"""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping, Sequence
from typing import Any

import rfc8785

from evaluations.methods.frame import Text

from ..report import Report

NAMESPACE = "urn:trust-assessment-portal:oscal"
VERSION = "1.2.0"
# Part names that OSCAL itself defines for controls; all others are ours and say so.
COMMON_PARTS = frozenset({"statement", "guidance"})
_UUIDS = uuid.uuid5(uuid.NAMESPACE_URL, NAMESPACE)

Json = dict[str, Any]


def identifier(*parts: Any) -> str:
    """A UUID that the same content always gets, so that two exports of one edition are one document."""
    return str(uuid.uuid5(_UUIDS, rfc8785.dumps(list(parts)).decode()))


def prop(name: str, value: Any) -> Json:
    """One prop of ours; OSCAL allows a single line that neither begins nor ends in white space."""
    if isinstance(value, str) and value and value.strip() == value and "\n" not in value:
        return {"name": name, "ns": NAMESPACE, "value": value, "class": "text"}
    encoded = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return {"name": name, "ns": NAMESPACE, "value": encoded, "class": "json"}


def is_text(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"en", "zh"}


def text_part(part_id: str, name: str, text: Mapping[str, str]) -> Json:
    translation = {
        "id": f"{part_id}_zh",
        "name": "translation",
        "ns": NAMESPACE,
        "props": [prop("language", "zh-Hans")],
        "prose": text["zh"],
    }
    named = {"name": name} if name in COMMON_PARTS else {"name": name, "ns": NAMESPACE}
    return {"id": part_id, **named, "prose": text["en"], "parts": [translation]}


def encode(values: Mapping[str, Any], prefix: str) -> tuple[list[Json], list[Json]]:
    """Props and parts that hold all of `values`; ids of parts begin with `prefix`."""
    props: list[Json] = []
    parts: list[Json] = []
    for key, value in values.items():
        part_id = f"{prefix}_{key}"
        if is_text(value):
            parts.append(text_part(part_id, key, value))
        elif key == "references" and value:
            items = [_reference(f"{part_id}.{number}", item) for number, item in enumerate(value, start=1)]
            parts.append({"id": part_id, "name": key, "ns": NAMESPACE, "parts": items})
        elif isinstance(value, Sequence) and value and all(is_text(item) for item in value):
            items = [text_part(f"{part_id}.{number}", "item", item) for number, item in enumerate(value, start=1)]
            parts.append({"id": part_id, "name": key, "ns": NAMESPACE, "parts": items})
        else:
            props.append(prop(key, value))
    return props, parts


def _reference(part_id: str, reference: Mapping[str, Any]) -> Json:
    props, parts = encode(reference, part_id)
    return without_empty({"id": part_id, "name": "reference", "ns": NAMESPACE, "props": props, "parts": parts})


class Undecodable(ValueError):
    """A value that this portal writes as JSON and that is none any more."""

    def __init__(self, place: str, name: str) -> None:
        self.place, self.name = place, name
        super().__init__(f"{place}: {name}")


def _value(item: Mapping[str, Any], place: str) -> Any:
    try:
        return json.loads(item["value"]) if item.get("class") == "json" else item["value"]
    except (ValueError, RecursionError) as error:
        raise Undecodable(place, item["name"]) from error


def decode(holder: Mapping[str, Any], place: str, report: Report, known: frozenset[str] = frozenset()) -> Json:
    """The values that `encode` wrote into a holder of props and parts; what else it holds is reported.

    `known` names props that the caller reads for itself.
    """
    values: Json = {}
    for item in holder.get("props", ()):
        if item.get("ns") == NAMESPACE:
            values[item["name"]] = _value(item, place)
        elif item["name"] not in known:
            report.drop(Text(f"prop “{item['name']}”", f"属性“{item['name']}”"), place)
    for part in holder.get("parts", ()):
        if part.get("ns") == NAMESPACE or part["name"] in COMMON_PARTS:
            values[part["name"]] = _decode_part(part, place, report)
        else:
            report.drop(Text(f"part “{part['name']}”", f"部分“{part['name']}”"), place)
    return values


def _decode_part(part: Mapping[str, Any], place: str, report: Report) -> Any:
    if "prose" in part:
        translations = [inner["prose"] for inner in part.get("parts", ()) if inner["name"] == "translation"]
        if not translations:
            supply_chinese(report, place)
        return {"en": part["prose"], "zh": translations[0] if translations else part["prose"]}
    if part["name"] == "references":
        return [decode(item, place, report) for item in part["parts"]]
    return [_decode_part(item, place, report) for item in part["parts"]]


def supply_chinese(report: Report, place: str) -> None:
    report.supply(Text("Chinese text: the English stands in its place", "中文文本：暂以英文代替"), place)


def without_empty(value: Json) -> Json:
    """OSCAL forbids empty lists."""
    return {key: item for key, item in value.items() if item not in ([], {}, None)}
