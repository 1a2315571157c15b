"""Profiles: which controls of a catalogue are obligatory at a risk tier, and what a profile selects of a catalogue."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from evaluations.methods.frame import Text

from ..report import Report
from .catalog import catalog_id, control_id
from .vocabulary import VERSION, Json, identifier, prop


def write_profile(content: Mapping[str, Any], tier: str, gates: Sequence[str], modified: datetime) -> Json:
    """The criteria that shall be met at a tier, as `{"profile": …}`; `gates` are the kinds that bind there.

    Raises ValueError when nothing is obligatory there: an empty selection is not a profile.
    """
    selected = [control_id(criterion) for criterion in content["criteria"] if criterion["gate"] in gates]
    if not selected:
        raise ValueError(f"no criterion is obligatory at tier {tier}")
    return {
        "profile": {
            "uuid": identifier("profile", catalog_id(content), tier, selected),
            "metadata": {
                "title": f"{content['title']['en']}: obligatory at tier {tier}",
                "last-modified": modified.isoformat(),
                "version": content["edition"],
                "oscal-version": VERSION,
                "props": [prop("code", content["code"]), prop("tier", tier)],
            },
            "imports": [{"href": f"#{catalog_id(content)}", "include-controls": [{"with-ids": selected}]}],
            "merge": {"as-is": True},
            "back-matter": {
                "resources": [{"uuid": catalog_id(content), "title": f"{content['code']} {content['edition']}"}]
            },
        }
    }


def select(catalog: Mapping[str, Any], profile: Mapping[str, Any], report: Report) -> Json:
    """The catalogue with only what the profile's imports include; its changes to controls are reported, not applied.

    Every import is read against this one catalogue: whoever calls has found the file that the profile names.
    """
    chosen: set[str] = set()
    for item in profile["imports"]:
        chosen |= _chosen(catalog, item, report)
    for key in ("modify", "merge"):
        if profile.get(key) not in (None, {"as-is": True}):
            report.drop(Text(f"“{key}” of the profile", f"基线的“{key}”"))
    return {**catalog, **_kept(catalog, chosen)}


def _chosen(catalog: Mapping[str, Any], item: Mapping[str, Any], report: Report) -> set[str]:
    every = set(_ids(catalog))
    included = every if "include-all" in item else _named(item.get("include-controls", ()), catalog, report)
    for name in sorted(included - every):
        report.drop(Text("selected control that the catalogue does not have", "目录中不存在的所选控制项"), name)
    return (included & every) - _named(item.get("exclude-controls", ()), catalog, report)


def _named(selections: Sequence[Mapping[str, Any]], catalog: Mapping[str, Any], report: Report) -> set[str]:
    names: set[str] = set()
    for selection in selections:
        if "matching" in selection:
            report.drop(Text("selection by pattern", "按模式选择"))
        direct = set(selection.get("with-ids", ()))
        names |= direct
        if selection.get("with-child-controls") == "yes":
            names |= {name for control in _controls(catalog) if control["id"] in direct for name in _ids(control)}
    return names


def _controls(holder: Mapping[str, Any]) -> list[Mapping[str, Any]]:
    inner = [found for group in holder.get("groups", ()) for found in _controls(group)]
    return inner + [found for control in holder.get("controls", ()) for found in (control, *_controls(control))]


def _ids(holder: Mapping[str, Any]) -> list[str]:
    return [control["id"] for control in _controls(holder)]


def _kept(holder: Mapping[str, Any], chosen: set[str]) -> Json:
    """The groups and controls of a holder that are chosen; a chosen control inside another moves up."""
    kept: Json = {}
    if "groups" in holder:
        groups = [{**group, **_kept(group, chosen)} for group in holder["groups"]]
        kept["groups"] = [group for group in groups if group.get("groups") or group.get("controls") or not _ids(group)]
    if "controls" in holder:
        controls: list[Json] = []
        for control in holder["controls"]:
            inner = _kept(control, chosen).get("controls", [])
            if control["id"] in chosen:
                controls.append({**control, "controls": inner} if inner else _without_controls(control))
            else:
                controls += inner
        kept["controls"] = controls
    return kept


def _without_controls(control: Mapping[str, Any]) -> Json:
    return {key: value for key, value in control.items() if key != "controls"}
