"""What a full edition owes its readers beyond the shape of the file: every criterion whole, every reference known."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from evaluations.methods.frame import Text

from .documents import Document, Place, Problem
from .frameworks import Register, UnknownReference

REQUIRED: dict[str, Text] = {
    "rationale": Text("no rationale", "没有设置理由"),
    "evidence": Text("no evidence is asked for", "未要求任何证据"),
    "guidance": Text("no guidance to the evaluator", "没有评估指引"),
    "anchors": Text("no written anchors for the scores 0 to 5", "没有 0 至 5 分的书面评分说明"),
}


def full_edition(document: Document, register: Register) -> Iterator[Problem]:
    """Each criterion has its texts and references that resolve, and the edition is not published by its own file."""
    content = document.content
    if content["status"] == "published":
        yield document.problem(
            ("status",),
            Text(
                "a full edition is published by a committee's resolution, not by its file: write “draft”",
                "完整版由委员会决议发布，不能由文件自行发布：请写“draft”",
            ),
        )
    for index, criterion in enumerate(content["criteria"]):
        yield from _whole(document, ("criteria", index), criterion)
        yield from _references(document, ("criteria", index, "references"), criterion, register)


def _whole(document: Document, place: Place, criterion: Mapping[str, Any]) -> Iterator[Problem]:
    code = criterion["code"]
    for key, text in REQUIRED.items():
        if not criterion.get(key):
            yield document.problem((*place, key), Text(f"{code}: {text.en}", f"{code}：{text.zh}"))
    related = [item for item in criterion.get("references", ()) if item.get("relation", "source") != "source"]
    if not related:
        yield document.problem(
            (*place, "references"),
            Text(
                f"{code}: no relation to any framework is stated",
                f"{code}：未说明与任何框架的对应关系",
            ),
        )


def _references(
    document: Document, place: Place, criterion: Mapping[str, Any], register: Register
) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, reference in enumerate(criterion.get("references", ())):
        cited = reference["to"]
        try:
            register.find(cited)
        except UnknownReference as unknown:
            yield document.problem((*place, index, "to"), unknown.text)
        if cited in seen:
            yield document.problem((*place, index, "to"), Text(f"{cited} is referred to twice", f"重复引用 {cited}"))
        seen.add(cited)


def framework_records(document: Document) -> Iterator[Problem]:
    """Identifiers are unique, and what was withdrawn or superseded says when."""
    for key in ("id", "cited_as"):
        yield from _unique(document, ("frameworks",), [item[key] for item in document.content["frameworks"]], key)
    for index, item in enumerate(document.content["frameworks"]):
        place: Place = ("frameworks", index)
        yield from _unique(document, (*place, "parts"), [part["id"] for part in item.get("parts", ())], "id")
        if item["status"] in ("withdrawn", "superseded") and item["status"] not in item.get("dates", {}):
            yield document.problem(
                (*place, "status"), Text(f"the date is missing: {item['status']}", f"缺少日期：{item['status']}")
            )


def _unique(document: Document, place: Place, values: list[str], key: str) -> Iterator[Problem]:
    for index, value in enumerate(values):
        if value in values[:index]:
            yield document.problem((*place, index, key), Text(f"{value} stands twice", f"{value} 重复"))
