"""The crosswalk of a standard as an OSCAL mapping collection (OSCAL 1.2), and back into references."""

from __future__ import annotations

from collections.abc import Mapping
from copy import deepcopy
from datetime import datetime
from typing import Any

from evaluations.methods.frame import Text

from ..report import Imported, Report
from .catalog import catalog_id, control_id
from .vocabulary import NAMESPACE, VERSION, Json, identifier, prop

# OSCAL's words for how the source relates to the target; a source is no relation between two requirements.
RELATIONS = {"equal": "equal-to", "subset": "subset-of", "superset": "superset-of", "intersects": "intersects-with"}
_BACK = {oscal: ours for ours, oscal in RELATIONS.items()}
_TARGETS = "Requirements of other frameworks"


def write_mapping(content: Mapping[str, Any], modified: datetime) -> Json:
    """All references that state a relation, as `{"mapping-collection": …}`.

    Targets are named as the standard names them, in a prop: other frameworks have no catalogue with ids to point to.
    Raises ValueError when the standard relates to nothing.
    """
    maps = [
        _map(content, criterion, number, reference)
        for criterion in content["criteria"]
        for number, reference in enumerate(criterion.get("references", ()))
        if reference.get("relation") in RELATIONS
    ]
    if not maps:
        raise ValueError("no criterion states how it relates to another framework")
    source, target = catalog_id(content), identifier("targets", content["code"], content["edition"])
    name = f"{content['code']} {content['edition']}"
    mapping = {
        "uuid": identifier("mapping", source, maps),
        "source-resource": {"type": "catalog", "href": f"#{source}"},
        "target-resource": {"type": "catalog", "href": f"#{target}"},
        "maps": maps,
    }
    return {
        "mapping-collection": {
            "uuid": identifier("mapping-collection", source, maps),
            "metadata": {
                "title": f"{content['title']['en']}: relation to other frameworks",
                "last-modified": modified.isoformat(),
                "version": content["edition"],
                "oscal-version": VERSION,
                "props": [prop("code", content["code"])],
            },
            "provenance": {
                "method": "human",
                "matching-rationale": "semantic",
                "status": "complete",
                "mapping-description": f"Relations as {name} states them, criterion by criterion.",
            },
            "mappings": [mapping],
            "back-matter": {"resources": [{"uuid": source, "title": name}, {"uuid": target, "title": _TARGETS}]},
        }
    }


def _map(content: Mapping[str, Any], criterion: Mapping[str, Any], number: int, reference: Mapping[str, Any]) -> Json:
    target_id = f"{control_id(criterion)}_target.{number + 1}"
    target: Json = {"type": "control", "id-ref": target_id, "props": [prop("to", reference["to"])]}
    if "note" in reference:
        target["props"] += [prop("note_en", reference["note"]["en"]), prop("note_zh", reference["note"]["zh"])]
    return {
        "uuid": identifier("map", content["code"], content["edition"], criterion["code"], reference["to"], number),
        "relationship": RELATIONS[reference["relation"]],
        "sources": [{"type": "control", "id-ref": control_id(criterion)}],
        "targets": [target],
    }


def read_mapping(collection: Mapping[str, Any], content: Mapping[str, Any]) -> Imported:
    """The standard with the references that a mapping collection adds; those that it has already stay single."""
    report = Report()
    added = deepcopy(dict(content))
    criteria = {control_id(criterion): criterion for criterion in added["criteria"]}
    for mapping in collection["mappings"]:
        for item in mapping["maps"]:
            for source in item["sources"]:
                criterion = criteria.get(source["id-ref"])
                if criterion is None:
                    report.drop(
                        Text("map of a control that the standard lacks", "标准中不存在的映射来源"), source["id-ref"]
                    )
                    continue
                for target in item["targets"]:
                    _add(criterion, target, item["relationship"], report)
    return Imported(added, report)


def _add(criterion: Json, target: Mapping[str, Any], relationship: str, report: Report) -> None:
    said = {item["name"]: item["value"] for item in target.get("props", ()) if item.get("ns") == NAMESPACE}
    relation = _BACK.get(relationship)
    reference: Json = {"to": said.get("to", target["id-ref"])}
    if relation is None:
        report.drop(Text(f"relationship “{relationship}”", f"关系“{relationship}”"), target["id-ref"])
    else:
        reference["relation"] = relation
    if "note_en" in said:
        reference["note"] = {"en": said["note_en"], "zh": said.get("note_zh", said["note_en"])}
    known = criterion.setdefault("references", [])
    if reference not in known:
        known.append(reference)
