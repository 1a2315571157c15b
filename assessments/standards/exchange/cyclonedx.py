"""A standard as CycloneDX 1.6 `definitions.standards`, for bills of material and attestations that refer to it."""

from __future__ import annotations

import json
import uuid
from collections.abc import Mapping
from datetime import datetime
from typing import Any

from .oscal.vocabulary import identifier

PROPERTY = "trust-assessment-portal:"
# What a requirement says in CycloneDX's own words; the rest of a criterion becomes properties.
_OWN = frozenset({"code", "title", "statement", "rationale", "guidance", "evidence"})

Json = dict[str, Any]


def write_cyclonedx(
    content: Mapping[str, Any], modified: datetime, scheme: Mapping[str, Any] | None = None, owner: str = ""
) -> Json:
    """The bill of material with one standard. English is the text, Chinese stands in properties.

    With a scheme its levels come along: each names the criteria whose gates it asks for.
    """
    code, edition = content["code"], content["edition"]
    standard: Json = {
        "bom-ref": f"{code}-{edition}",
        "name": content["title"]["en"],
        "version": edition,
        "description": content["summary"]["en"],
        "requirements": [*_characteristics(content), *(_requirement(item, content) for item in content["criteria"])],
    }
    if owner:
        standard["owner"] = owner
    if scheme is not None:
        standard["levels"] = [_level(level, content) for level in scheme["levels"]]
    return {
        "$schema": "http://cyclonedx.org/schema/bom-1.6.schema.json",
        "bomFormat": "CycloneDX",
        "specVersion": "1.6",
        "serialNumber": uuid.UUID(identifier("cyclonedx", dict(content), scheme)).urn,
        "version": 1,
        "metadata": {"timestamp": modified.isoformat()},
        "definitions": {"standards": [standard]},
    }


def _reference(content: Mapping[str, Any], code: str) -> str:
    return f"{content['code']}-{content['edition']}:{code}"


def _characteristics(content: Mapping[str, Any]) -> list[Json]:
    return [
        {
            "bom-ref": _reference(content, item["code"]),
            "identifier": item["code"],
            "title": item["title"]["en"],
            "properties": [_property("title:zh", item["title"]["zh"])],
        }
        for item in content["characteristics"]
    ]


def _requirement(criterion: Mapping[str, Any], content: Mapping[str, Any]) -> Json:
    described = [criterion[key] for key in ("rationale", "guidance") if key in criterion]
    described += criterion.get("evidence", [])
    properties = [
        _property("title:zh", criterion["title"]["zh"]),
        _property("statement:zh", criterion["statement"]["zh"]),
    ]
    properties += [_property(key, value) for key, value in criterion.items() if key not in _OWN]
    requirement: Json = {
        "bom-ref": _reference(content, criterion["code"]),
        "identifier": criterion["code"],
        "title": criterion["title"]["en"],
        "text": criterion["statement"]["en"],
        "parent": _reference(content, criterion["code"].rpartition("-")[0]),
        "properties": properties,
    }
    if described:
        requirement["descriptions"] = [text["en"] for text in described]
    return requirement


def _property(name: str, value: Any) -> Json:
    text = value if isinstance(value, str) else json.dumps(value, ensure_ascii=False, sort_keys=True)
    return {"name": PROPERTY + name, "value": text}


def _level(level: Mapping[str, Any], content: Mapping[str, Any]) -> Json:
    gates = {rule["gate"] for rule in level["gates"]}
    return {
        "bom-ref": f"{content['code']}-{content['edition']}:level:{level['code']}",
        "identifier": level["code"],
        "title": level["title"]["en"],
        "requirements": [_reference(content, item["code"]) for item in content["criteria"] if item["gate"] in gates],
    }
