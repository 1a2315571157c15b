"""A standard as a workbook for people who write standards in a spreadsheet, and back without loss.

Sheets: standard (one row a field), facts, characteristics, criteria, anchors, evidence, methods, references. Texts have
a column for each language. Conditions and parameters are JSON; lists of codes are separated by blanks.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from io import BytesIO
from typing import Any

from openpyxl import Workbook

from evaluations.methods.frame import Text
from evaluations.methods.registry import declared

from ..documents import Document, DocumentRefused, Place, Problem
from ..loading import schema_problems, standalone_problems
from .cells import Cell, open_workbook, problem, read_sheet, write_sheet
from .report import Imported, Report

_FIELDS = ("title", "summary", "status_note", "scope")
HEADINGS: dict[str, tuple[str, ...]] = {
    "standard": ("field", "en", "zh"),
    "facts": ("name", "title_en", "title_zh", "values", "titles"),
    "characteristics": ("code", "title_en", "title_zh", "description_en", "description_zh", "beside"),
    "criteria": (
        "code", "title_en", "title_zh", "statement_en", "statement_zh", "rationale_en", "rationale_zh", "kind", "gate",
        "weight", "phases", "applies_when", "belongs_to", "extension", "guidance_en", "guidance_zh",
    ),
    "anchors": ("criterion", "score", "en", "zh"),
    "evidence": ("criterion", "en", "zh"),
    "methods": ("criterion", "id", "parameters", "when"),
    "references": ("criterion", "to", "relation", "note_en", "note_zh"),
}  # fmt: skip
_JSON = frozenset({"values", "titles", "applies_when", "parameters", "when"})
_TEXTS = ("title", "statement", "rationale", "guidance", "description", "note")
# Sheets of their own, or the same in every workbook.
_ELSEWHERE = ("document", "status", "facts", "characteristics", "anchors", "criteria")
# Sheets whose rows belong to a criterion, and the key under which it holds them.
_INNER = {"anchors": "anchors", "evidence": "evidence", "methods": "methods", "references": "references"}

Json = dict[str, Any]


def write_workbook(content: Mapping[str, Any]) -> bytes:
    """The whole standard as .xlsx. Raises ValueError when something of it has no column, or no cell can hold it."""
    book = Workbook()
    book.remove(book.active)
    plain = [key for key in content if key not in {*_FIELDS, *_ELSEWHERE}]
    rows = [[key, content[key], None] for key in plain]
    rows += [[key, content[key]["en"], content[key]["zh"]] for key in _FIELDS]
    write_sheet(book, "standard", HEADINGS["standard"], rows)
    for name in ("facts", "characteristics", "criteria"):
        write_sheet(book, name, HEADINGS[name], [_row(item, HEADINGS[name]) for item in content[name]])
    general = [["", score, text["en"], text["zh"]] for score, text in enumerate(content["anchors"])]
    for name, key in _INNER.items():
        inner = [row for criterion in content["criteria"] for row in _inner_rows(criterion, name, key)]
        write_sheet(book, name, HEADINGS[name], [*general, *inner] if name == "anchors" else inner)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def _inner_rows(criterion: Mapping[str, Any], name: str, key: str) -> list[list[Any]]:
    rows = []
    for number, item in enumerate(criterion.get(key, ())):
        flat = {"criterion": criterion["code"], **({"score": number} if name == "anchors" else {}), **item}
        rows.append(_row(flat, HEADINGS[name]))
    return rows


def _row(item: Mapping[str, Any], headings: tuple[str, ...]) -> list[Any]:
    held = {*headings, *(heading.rpartition("_")[0] for heading in headings), *_INNER.values()}
    if lost := sorted(set(item) - held):
        raise ValueError(f"the workbook has no column for {', '.join(lost)}")
    return [_written(item, heading) for heading in headings]


def _written(item: Mapping[str, Any], heading: str) -> Any:
    stem, _, language = heading.rpartition("_")
    if stem in _TEXTS:
        return item.get(stem, {}).get(language)
    value = item.get(heading)
    if heading in _JSON and value is not None:
        return json.dumps(value, ensure_ascii=False)
    return " ".join(value) if isinstance(value, list) else value


def read_workbook(raw: bytes, file: str) -> Imported:
    """The standard in a workbook. Raises DocumentRefused with sheet, row and column of every problem."""
    return Imported(_Reading(raw, file).checked(), Report())


class _Reading:
    """Puts the content together and remembers the cell of every value, so that a check can point to it."""

    def __init__(self, raw: bytes, file: str) -> None:
        self.file = file
        self.book = open_workbook(raw, file)
        self.problems: list[Problem] = []
        self.cells: dict[Place, Cell] = {}

    def checked(self) -> Json:
        content = self._content()
        if self.problems:
            raise DocumentRefused(self.problems)
        document = Document(self.file, content, {})
        found = list(schema_problems(document)) or list(standalone_problems(document, declared()))
        if found:
            raise DocumentRefused([self._in_cell(item) for item in found])
        return content

    def _content(self) -> Json:
        content: Json = {"document": "standard", "status": "draft"}
        for row in self._rows("standard"):
            self._field(content, row)
        for name in ("facts", "characteristics", "criteria"):
            content[name] = [self._item((name, index), row) for index, row in enumerate(self._rows(name))]
        content["anchors"] = []
        self.cells[("anchors",)] = Cell("anchors", 1, 1)
        criteria = {item.get("code"): index for index, item in enumerate(content["criteria"])}
        for name, key in _INNER.items():
            for row in self._rows(name):
                self._inner(content, criteria, name, key, row)
        return content

    def _rows(self, name: str) -> list[dict[str, tuple[Any, Cell]]]:
        try:
            return list(read_sheet(self.book, name, HEADINGS[name], self.file))
        except DocumentRefused as refusal:
            self.problems += refusal.problems
            return []

    def _field(self, content: Json, row: dict[str, tuple[Any, Cell]]) -> None:
        name, place = row.get("field", ("", next(iter(row.values()))[1]))
        if name in content:
            self.problems.append(problem(self.file, place, Text(f"{name} stands twice", f"{name} 重复")))
            return
        self.cells[(name,)] = place
        if name in _FIELDS:
            content[name] = {}
            for language in ("en", "zh"):
                if language in row:
                    self.cells[(name, language)] = row[language][1]
                    content[name][language] = str(row[language][0])
        elif "en" in row:
            value, cell = row["en"]
            self.cells[(name,)] = cell
            content[name] = value
            if not isinstance(value, str):
                # A spreadsheet keeps 1.10 as the number 1.1: what was meant cannot be told any more.
                words = Text(f"{value} is a number; format the cell as text", f"{value} 是数字，请将单元格设为文本格式")
                self.problems.append(problem(self.file, cell, words))

    def _inner(
        self, content: Json, criteria: Mapping[Any, int], name: str, key: str, row: dict[str, tuple[Any, Cell]]
    ) -> None:
        above: Place = ()
        code, place = row.pop("criterion", ("", next(iter(row.values()))[1]))
        if name == "anchors" and not code:
            holder = content
        elif code in criteria:
            above = ("criteria", criteria[code])
            holder = content["criteria"][criteria[code]]
        else:
            words = Text(f"there is no criterion {code}", f"不存在评估项 {code}")
            self.problems.append(problem(self.file, place, words))
            return
        items = holder.setdefault(key, [])
        self.cells.setdefault((*above, key), place)
        if name == "anchors" and row.pop("score", (None, None))[0] != len(items):
            words = Text(f"score {len(items)} is expected here", f"此处应为 {len(items)} 分")
            self.problems.append(problem(self.file, place, words))
        items.append(self._item((*above, key, len(items)), row))

    def _item(self, place: Place, row: dict[str, tuple[Any, Cell]]) -> Json:
        item: Json = {}
        self.cells[place] = next(iter(row.values()))[1] if row else Cell(str(place[0]), 1, 1)
        for heading, (value, cell) in row.items():
            stem, _, language = heading.rpartition("_")
            if stem in _TEXTS:
                item.setdefault(stem, {})[language] = str(value)
                self.cells[(*place, stem, language)] = cell
                self.cells.setdefault((*place, stem), cell)
            else:
                item[heading] = self._value(heading, value, cell)
                self.cells[(*place, heading)] = cell
        return item

    def _value(self, heading: str, value: Any, cell: Cell) -> Any:
        if heading in _JSON:
            try:
                return json.loads(str(value))
            except (json.JSONDecodeError, RecursionError):
                self.problems.append(problem(self.file, cell, Text("not valid JSON", "JSON 格式错误")))
                return None
        return _VALUES.get(heading, str)(value)

    def _in_cell(self, found: Problem) -> Problem:
        place = found.place
        while place and place not in self.cells:
            place = place[:-1]
        cell = self.cells.get(place, Cell("standard", 1, 1))
        missing = [str(part) for part in found.place[len(place) :]]
        at = f"{'.'.join(missing)}: " if missing else ""
        return problem(self.file, cell, Text(at + found.text.en, at + found.text.zh))


def _number(value: Any) -> Any:
    """A whole number that Excel may hold as 3.0; anything else is left to the check."""
    return int(value) if isinstance(value, float) and value.is_integer() else value


_VALUES: dict[str, Callable[[Any], Any]] = {
    "weight": _number,
    "beside": lambda value: value,
    "extension": lambda value: value,
    "phases": lambda value: str(value).split(),
}
