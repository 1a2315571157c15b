"""What documents owe beyond their shape: a full edition whole, references known, a committee balanced."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import date
from typing import Any

from evaluations.methods.frame import Text

from .documents import Document, Place, Problem
from .frameworks import Register, UnknownReference

LEAST_INTERESTS = 3

REQUIRED: dict[str, Text] = {
    "rationale": Text("no rationale", "没有设置理由"),
    "evidence": Text("no evidence is asked for", "未要求任何证据"),
    "guidance": Text("no guidance to the evaluator", "没有评估指引"),
    "anchors": Text("no written anchors for the scores 0 to 5", "没有 0 至 5 分的书面评分说明"),
}


def not_self_published(document: Document) -> Iterator[Problem]:
    """Only a pilot edition is published by its own file; every other one by a resolution."""
    content = document.content
    if content["status"] == "published" and content.get("stage") != "pilot":
        yield document.problem(
            ("status",),
            Text(
                "an edition that is no pilot is published by a committee's resolution, not by its file: write “draft”",
                "试行版以外的版本由委员会决议发布，不能由文件自行发布：请写“draft”",
            ),
        )


def full_edition(document: Document, register: Register) -> Iterator[Problem]:
    """Each criterion has its texts and references that resolve."""
    content = document.content
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


def balanced(document: Document) -> Iterator[Problem]:
    """Several interests, none with half of the seats or more; votes add up; two thirds of the members in favour."""
    committee = document.content["committee"]
    members = sum(row["members"] for row in committee)
    interests = [row["interest"] for row in committee]
    if len(set(interests)) < LEAST_INTERESTS or len(set(interests)) < len(interests):
        yield document.problem(
            ("committee",),
            Text(
                f"a balanced committee has at least {LEAST_INTERESTS} interests, each named once",
                f"委员会至少应有 {LEAST_INTERESTS} 类利益方，每类只列一次",
            ),
        )
    for index, row in enumerate(committee):
        if row["in_favour"] + row["against"] > row["members"]:
            yield document.problem(("committee", index), Text("more votes than members", "票数多于成员人数"))
        if 2 * row["members"] >= members:
            yield document.problem(
                ("committee", index, "members"),
                Text(
                    f"{row['interest']} predominate: half of the seats or more",
                    f"{row['interest']} 席位占半数以上，居于主导",
                ),
            )
    if 3 * sum(row["in_favour"] for row in committee) < 2 * members:
        yield document.problem(
            ("committee",), Text("fewer than two thirds of the members are in favour", "赞成票不足全体成员的三分之二")
        )


def days_in_order(document: Document) -> Iterator[Problem]:
    """Days exist; nothing takes effect before it was voted on; what is replaced takes applications until then."""
    days: dict[str, date] = {}
    for key in ("date", "effective_on", "transition_until"):
        if key not in document.content:
            continue
        try:
            days[key] = date.fromisoformat(document.content[key])
        except ValueError:
            yield document.problem((key,), Text("there is no such day", "不存在这一天"))
            return
    begins = days.get("effective_on", days["date"])
    if begins < days["date"]:
        yield document.problem(("effective_on",), Text("takes effect before it was voted on", "生效日期早于表决日期"))
    if "transition_until" in days and days["transition_until"] < begins:
        yield document.problem(
            ("transition_until",), Text("the transition ends before it begins", "过渡期在生效之前结束")
        )
    if begins > days["date"] and document.content.get("supersedes") and "transition_until" not in days:
        yield document.problem(
            ("transition_until",),
            Text(
                "what is replaced must take applications until the new edition takes effect: name the last day",
                "新版生效之前，被代替的版本须继续受理申请：请写明最后一日",
            ),
        )


def _unique(document: Document, place: Place, values: list[str], key: str) -> Iterator[Problem]:
    for index, value in enumerate(values):
        if value in values[:index]:
            yield document.problem((*place, index, key), Text(f"{value} stands twice", f"{value} 重复"))
