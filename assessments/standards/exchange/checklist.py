"""A checklist that a vendor takes away: what is asked, what to show, and room for one's own answer."""

from __future__ import annotations

from collections.abc import Mapping
from io import BytesIO
from typing import Any

from openpyxl import Workbook
from openpyxl.styles import Alignment, Font

from evaluations.methods.frame import Text

from .cells import write_row

_OBLIGATIONS = {
    "M": Text("shall", "应"),
    "M+": Text("shall at high risk, otherwise should", "高风险时应，其他宜"),
    "none": Text("should", "宜"),
}
_HEADINGS = (
    Text("Code", "编号"),
    Text("Criterion", "评估项"),
    Text("Obligation", "约束程度"),
    Text("Requirement", "要求"),
    Text("Evidence to give", "应提供的证据"),
    Text("Ready (yes / no / not applicable)", "是否就绪（是／否／不适用）"),
    Text("Where it is found, who answers", "证据位置、负责人"),
)
_WIDTHS = (9, 30, 16, 60, 60, 18, 30)
_SPECIAL = "\\`*_{}[]<>#|"


def write_markdown(content: Mapping[str, Any], language: str) -> str:
    """The checklist as Markdown with one box a criterion; `language` is en or zh."""
    heading = f"# {content['title'][language]} {content['edition']}"
    lines = [heading, "", _plain(content["summary"][language]), "", _plain(content["status_note"][language]), ""]
    for item in content["characteristics"]:
        lines += [f"## {item['code']} {_plain(item['title'][language])}", ""]
        for criterion in _criteria_of(content, item["code"]):
            lines += _markdown_criterion(criterion, language)
    return "\n".join(lines).rstrip() + "\n"


def _markdown_criterion(criterion: Mapping[str, Any], language: str) -> list[str]:
    obligation = _in(_OBLIGATIONS[criterion["gate"]], language)
    bracketed = f"（{obligation}）" if language == "zh" else f" ({obligation})"
    title = f"- [ ] **{criterion['code']} {_plain(criterion['title'][language])}**{bracketed}  "
    lines = [title, f"  {_plain(criterion['statement'][language])}"]
    lines += [f"  - [ ] {_plain(text[language])}" for text in criterion.get("evidence", ())]
    return [*lines, ""]


def write_workbook(content: Mapping[str, Any], language: str) -> bytes:
    """The checklist as a workbook with one row a criterion and two empty columns for the vendor."""
    book = Workbook()
    sheet = book.active
    sheet.title = "清单" if language == "zh" else "Checklist"
    write_row(sheet, 1, [_in(heading, language) for heading in _HEADINGS])
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    number = 2
    for item in content["characteristics"]:
        for criterion in _criteria_of(content, item["code"]):
            evidence = "\n".join(text[language] for text in criterion.get("evidence", ()))
            obligation = _in(_OBLIGATIONS[criterion["gate"]], language)
            title, statement = criterion["title"][language], criterion["statement"][language]
            write_row(sheet, number, [criterion["code"], title, obligation, statement, evidence, "", ""])
            number += 1
    for row in sheet.iter_rows():
        for cell in row:
            cell.alignment = Alignment(wrap_text=True, vertical="top")
    for column, width in zip("ABCDEFG", _WIDTHS, strict=True):
        sheet.column_dimensions[column].width = width
    sheet.freeze_panes = "C2"
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _criteria_of(content: Mapping[str, Any], characteristic: str) -> list[Mapping[str, Any]]:
    return [item for item in content["criteria"] if item["code"].rpartition("-")[0] == characteristic]


def _in(text: Text, language: str) -> str:
    return text.zh if language == "zh" else text.en


def _plain(text: str) -> str:
    """Text that Markdown shows as it is, on one line."""
    return "".join(f"\\{sign}" if sign in _SPECIAL else sign for sign in " ".join(text.split()))
