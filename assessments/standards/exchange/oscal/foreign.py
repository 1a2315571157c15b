"""A catalogue that others wrote, as the draft of a standard: every control is a criterion to be examined.

The prose of all parts is kept: the statement as the statement, an overview as the rationale, guidance, assessment
objectives, parameters and parts of any other name as guidance, objects of assessment as evidence. What a standard has
no room for is reported, and so is what it needs and OSCAL does not say.
"""

from __future__ import annotations

import re
from collections.abc import Iterator, Mapping
from typing import Any

from evaluations.methods.frame import Text

from ..report import Imported, Report
from .catalog import ORIGIN
from .prose import parameter_lines, render
from .vocabulary import Json, supply_chinese

ANCHORS = (
    Text("Nothing is in place.", "没有任何落实。"),
    Text("Isolated traces only.", "仅有零星做法。"),
    Text("Partly in place; an essential part is missing.", "部分落实，缺少主要内容。"),
    Text("Met: in place, documented and followed.", "达到要求：已落实、有记录并得到执行。"),
    Text("Met and kept effective by planned checks.", "达到要求，并通过定期检查保持有效。"),
    Text("Exemplary: measured, improved and confirmed independently.", "堪为示范：有度量、有改进，并经独立方确认。"),
)
_SHOWN_OF_PARTS = frozenset({"label", "method"})
_PLACED = frozenset({"statement", "overview", "assessment-method"})
_DEFAULTS: Json = {"kind": "E", "gate": "none", "weight": 1, "phases": ["G"]}
_HELD_OF_CONTROL = frozenset({"id", "class", "title", "params", "props", "links", "parts", "controls"})
_HELD_OF_METADATA = frozenset({"title", "version", "last-modified", "oscal-version"})


def read_foreign_catalog(catalog: Mapping[str, Any], code: str = "") -> Imported:
    """The draft of a standard; `code` names it, else its title does."""
    reading = _Reading(catalog)
    metadata = catalog["metadata"]
    for key in sorted(set(metadata) - _HELD_OF_METADATA):
        reading.report.drop(Text(f"metadata “{key}”", f"元数据“{key}”"))
    for _ in range(len(reading.resources) - len(reading.cited)):
        reading.report.drop(Text("resource that no control cites", "没有控制项引用的资源"))
    supplied = Text("summary, scope, note on status and the six general anchors", "摘要、范围、状态说明和六级通用说明")
    reading.report.supply(supplied)
    title = str(metadata["title"])[:200]
    content: Json = {
        "document": "standard",
        "code": code or _code_of(title),
        "edition": _edition_of(str(metadata["version"])),
        "status": "draft",
        "title": {"en": title, "zh": title},
        "summary": {"en": f"Taken from the OSCAL catalogue “{title}”.", "zh": f"取自 OSCAL 目录“{title}”。"},
        "status_note": {"en": "A draft for editing; not published.", "zh": "供编辑的草案，尚未发布。"},
        "scope": {"en": "As the catalogue states.", "zh": "以原目录为准。"},
        "facts": [],
        "characteristics": reading.characteristics,
        "anchors": [anchor.as_json() for anchor in ANCHORS],
        "criteria": reading.criteria,
    }
    return Imported(content, reading.report)


class _Reading:
    """One pass over the groups; collects characteristics and criteria in the catalogue's order."""

    def __init__(self, catalog: Mapping[str, Any]) -> None:
        self.report = Report()
        self.characteristics: list[Json] = []
        self.criteria: list[Json] = []
        self.cited: set[str] = set()
        self._taken: set[str] = set()
        self.resources = {item["uuid"]: item for item in catalog.get("back-matter", {}).get("resources", ())}
        self._params = dict(_parameters(catalog))
        self._group({"title": catalog["metadata"]["title"], "controls": catalog.get("controls", [])}, ())
        for group in catalog.get("groups", ()):
            self._group(group, ())

    def _group(self, group: Mapping[str, Any], above: tuple[str, ...]) -> None:
        titles = (*above, str(group["title"]))
        controls = list(_flat(group.get("controls", ())))
        if controls:
            code = self._characteristic_code(group.get("id", ""))
            item: Json = {"code": code, "title": _both(" / ".join(titles)[:200])}
            if group.get("parts"):
                self._drop_of_parts(group["parts"], group.get("id", ""))
                item["description"] = _both("\n\n".join(render(part, self._params) for part in group["parts"]))
            self.characteristics.append(item)
            codes = _criterion_codes(code, [control["id"] for control, _ in controls])
            for (control, parent), criterion_code in zip(controls, codes, strict=True):
                self.criteria.append(self._criterion(control, parent, criterion_code))
        elif group.get("parts"):
            self.report.drop(Text("text of a group without controls", "不含控制项的组的文字"), group.get("id", ""))
        if above:
            self.report.drop(
                Text("nesting of groups (kept in the title)", "组的层级（保留在名称中）"), group.get("id", "")
            )
        for key in sorted({"params", "links"} & set(group)):
            self.report.drop(Text(f"“{key}” of a group", f"组的“{key}”"), group.get("id", ""))
        self._drop_props(group, group.get("id", ""))
        for inner in group.get("groups", ()):
            self._group(inner, titles)

    def _characteristic_code(self, group_id: str) -> str:
        wanted = group_id.upper()
        if not re.fullmatch("[A-Z]{1,6}", wanted) or wanted in self._taken:
            if group_id:
                self.report.drop(Text("id of a group that is no code here", "不符合本标准编码规则的组标识"), group_id)
            wanted = next(name for name in _letters() if name not in self._taken)
        self._taken.add(wanted)
        return wanted

    def _criterion(self, control: Mapping[str, Any], parent: str, code: str) -> Json:
        place = control["id"]
        for key in sorted(set(control) - _HELD_OF_CONTROL):
            self.report.drop(Text(f"“{key}” of a control", f"控制项的“{key}”"), place)
        self._drop_props(control, place)
        if control.get("params"):
            self.report.drop(Text("form of parameters (kept as text)", "参数的结构（保留为文字）"), place)
        self.report.supply(Text("kind E, no gate, weight 1, phase G", "评估方式 E、非否决项、权重 1、阶段 G"), place)
        supply_chinese(self.report, place)
        parts = control.get("parts", [])
        self._drop_of_parts(parts, place)
        statement = self._prose(parts, "statement", "\n")
        if not statement:
            self.report.supply(Text("statement: the title stands in its place", "要求：以名称代替"), place)
        criterion: Json = {
            "code": code,
            "title": _both(control["title"][:200]),
            "statement": _both(statement or control["title"]),
            **_DEFAULTS,
        }
        if rationale := self._prose(parts, "overview", "\n\n"):
            criterion["rationale"] = _both(rationale)
        if guidance := "\n\n".join(filter(None, self._guidance(control))):
            criterion["guidance"] = _both(guidance)
        evidence = [_both(render(part, self._params)) for part in parts if part["name"] == "assessment-method"]
        if evidence:
            criterion["evidence"] = evidence
        criterion["references"] = self._references(control, parent)
        return criterion

    def _prose(self, parts: list[Json], name: str, between: str) -> str:
        return between.join(render(part, self._params) for part in parts if part["name"] == name).strip()

    def _guidance(self, control: Mapping[str, Any]) -> Iterator[str]:
        for part in control.get("parts", ()):
            if part["name"] not in _PLACED:
                yield render(part, self._params)
        yield parameter_lines(control.get("params", ()), self._params)

    def _references(self, control: Mapping[str, Any], parent: str) -> list[Json]:
        found: list[Json] = [{"to": ORIGIN + control["id"], "relation": "equal"}]
        if parent:
            found.append({"to": ORIGIN + parent, "note": {"en": "Enhances this control.", "zh": "对该控制项的增强。"}})
        for link in control.get("links", ()):
            target = link["href"].removeprefix("#")
            resource = self.resources.get(target)
            if resource is not None:
                self.cited.add(target)
                citation = resource.get("citation", {}).get("text") or resource.get("title") or target
                found.append({"to": citation, "relation": "source", "note": _link_note(link)})
            else:
                to = ORIGIN + target if link["href"].startswith("#") else link["href"]
                found.append({"to": to, "note": _link_note(link)})
        return found

    def _drop_of_parts(self, parts: Any, place: str) -> None:
        """Prose, titles and labels of parts are kept as text; what else they say is not."""
        for part in parts:
            for key in sorted({"links", "class"} & set(part)):
                self.report.drop(Text(f"“{key}” of a part", f"部分的“{key}”"), place)
            if any(item["name"] not in _SHOWN_OF_PARTS for item in part.get("props", ())):
                self.report.drop(Text("further props of a part", "部分的其他属性"), place)
            self._drop_of_parts(part.get("parts", ()), place)

    def _drop_props(self, holder: Mapping[str, Any], place: str) -> None:
        for item in holder.get("props", ()):
            self.report.drop(Text(f"prop “{item['name']}”", f"属性“{item['name']}”"), place)


def _parameters(holder: Mapping[str, Any]) -> Iterator[tuple[str, Mapping[str, Any]]]:
    for param in holder.get("params", ()):
        yield param["id"], param
    for inner in (*holder.get("groups", ()), *holder.get("controls", ())):
        yield from _parameters(inner)


def _flat(controls: Any, parent: str = "") -> Iterator[tuple[Mapping[str, Any], str]]:
    for control in controls:
        yield control, parent
        yield from _flat(control.get("controls", ()), control["id"])


def _criterion_codes(characteristic: str, ids: list[str]) -> list[str]:
    """AC-1 for ac-1; ids that make no code get the numbers after the highest."""
    wanted = [re.fullmatch(rf"{characteristic}-([1-9][0-9]{{0,2}})", name.upper()) for name in ids]
    next_number = max((int(match[1]) for match in wanted if match), default=0) + 1
    codes = []
    for match in wanted:
        if match is None:
            codes.append(f"{characteristic}-{next_number}")
            next_number += 1
        else:
            codes.append(match[0])
    return codes


def _letters() -> Iterator[str]:
    alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZ"
    yield from (f"G{first}" for first in alphabet)
    yield from (f"G{first}{second}" for first in alphabet for second in alphabet)


def _link_note(link: Mapping[str, Any]) -> Json:
    relation = link.get("rel", "related")
    return {"en": f"OSCAL link: {relation}", "zh": f"OSCAL 链接：{relation}"}


def _both(text: str) -> Json:
    return {"en": text, "zh": text}


def _code_of(title: str) -> str:
    letters = re.sub(r"[^A-Z0-9]+", "-", title.upper()).lstrip("-0123456789")[:16].rstrip("-")
    return letters if len(letters) > 1 else "IMPORTED"


def _edition_of(version: str) -> str:
    return re.sub(r"[^0-9A-Za-z.-]+", "-", version).lstrip(".-")[:16] or "1"
