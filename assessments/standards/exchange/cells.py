"""Cells of a workbook, written so that no text ever acts as a formula, and read with their place."""

from __future__ import annotations

import zipfile
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from io import BytesIO
from typing import Any

from openpyxl import Workbook, load_workbook
from openpyxl.styles import Font
from openpyxl.utils import get_column_letter

from assessments.presentation.spreadsheets import acts
from evaluations.methods.frame import Text

from ..documents import DocumentRefused, Problem

MAX_BYTES = 10_000_000
MAX_UNPACKED = 100_000_000
MAX_ROWS = 20_000
MAX_COLUMNS = 60
# A cell of a workbook holds no more; the library would cut without a word.
MAX_TEXT = 32_767


@dataclass(frozen=True)
class Cell:
    """Where a value stands; row 1 holds the headings."""

    sheet: str
    row: int
    column: int
    heading: str = ""


@dataclass(frozen=True)
class CellProblem(Problem):
    """What is wrong in a workbook, with sheet, row and column."""

    cell: Cell = Cell("", 1, 1)

    def in_language(self, language: str) -> str:
        at = f"{get_column_letter(self.cell.column)}{self.cell.row}"
        if language.startswith("zh"):
            heading = f"“{self.cell.heading}”" if self.cell.heading else ""
            where = f"工作表“{self.cell.sheet}”，第 {self.cell.row} 行，列{heading}（{at}）"
            return f"{self.file}，{where}：{self.text.zh}"
        heading = f" “{self.cell.heading}”" if self.cell.heading else ""
        where = f"sheet “{self.cell.sheet}”, row {self.cell.row}, column{heading} ({at})"
        return f"{self.file}, {where}: {self.text.en}"

    # A dataclass takes the method of its base unless it is named again.
    def __str__(self) -> str:
        return self.in_language("en")


def problem(file: str, cell: Cell, text: Text) -> CellProblem:
    return CellProblem(file, cell.row, (cell.sheet, cell.row, cell.heading), text, cell)


def write_row(sheet: Any, row: int, values: Sequence[Any]) -> None:
    """Write a row. Texts are texts, whatever they begin with; a quote prefix says so to the program that opens them.

    Raises ValueError for a text that no cell can hold.
    """
    for column, value in enumerate(values, start=1):
        if value is None or value == "":
            continue
        if isinstance(value, str) and len(value) > MAX_TEXT:
            raise ValueError(f"a cell holds {MAX_TEXT} characters, not {len(value)}: {value[:40]}…")
        cell = sheet.cell(row=row, column=column)
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"
            if acts(value):
                cell.quotePrefix = True


def write_sheet(book: Workbook, name: str, headings: Sequence[str], rows: Sequence[Sequence[Any]]) -> None:
    sheet = book.create_sheet(name)
    write_row(sheet, 1, headings)
    for cell in sheet[1]:
        cell.font = Font(bold=True)
    for number, row in enumerate(rows, start=2):
        write_row(sheet, number, row)
    sheet.freeze_panes = "B2"


def open_workbook(raw: bytes, file: str) -> Workbook:
    """The workbook. Raises DocumentRefused when it is too large, packed too tightly or none at all."""
    if len(raw) > MAX_BYTES:
        raise _refusal(file, Text("larger than 10 MB", "超过 10 MB"))
    try:
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            if sum(item.file_size for item in archive.infolist()) > MAX_UNPACKED:
                raise _refusal(file, Text("unpacks to more than 100 MB", "解压后超过 100 MB"))
        return load_workbook(BytesIO(raw))
    except DocumentRefused:
        raise
    except Exception as error:  # the library lets out whatever a broken archive or part makes it do
        raise _refusal(file, Text("not a workbook (.xlsx)", "不是 .xlsx 工作簿")) from error


def read_sheet(book: Workbook, name: str, known: Sequence[str], file: str) -> Iterator[dict[str, tuple[Any, Cell]]]:
    """The rows of a sheet: heading → (value, place); empty cells are left out, empty rows skipped.

    Raises DocumentRefused for a missing sheet, an unknown or repeated heading, a formula, too many rows.
    """
    if name not in book.sheetnames:
        text = Text(f"the sheet “{name}” is missing", f"缺少工作表“{name}”")
        raise DocumentRefused([problem(file, Cell(name, 1, 1), text)])
    sheet = book[name]
    if sheet.max_row > MAX_ROWS or sheet.max_column > MAX_COLUMNS:
        text = Text(f"more than {MAX_ROWS} rows or {MAX_COLUMNS} columns", f"超过 {MAX_ROWS} 行或 {MAX_COLUMNS} 列")
        raise DocumentRefused([problem(file, Cell(name, 1, 1), text)])
    headings = [cell.value for cell in sheet[1]]
    found = list(_heading_problems(headings, name, known, file))
    rows = []
    for cells in sheet.iter_rows(min_row=2):
        row: dict[str, tuple[Any, Cell]] = {}
        for cell, heading in zip(cells, headings, strict=True):
            place = Cell(name, cell.row, cell.column, str(heading or ""))
            if cell.value is None or cell.value == "":
                continue
            if cell.data_type == "f":
                found.append(problem(file, place, Text("a formula; write the value itself", "含有公式，请直接填写值")))
            elif heading is None:
                found.append(problem(file, place, Text("a value without a heading", "该列没有表头")))
            row[place.heading] = (cell.value, place)
        if row:
            rows.append(row)
    if found:
        raise DocumentRefused(found)
    yield from rows


def _heading_problems(headings: Sequence[Any], name: str, known: Sequence[str], file: str) -> Iterator[CellProblem]:
    for column, heading in enumerate(headings, start=1):
        place = Cell(name, 1, column, str(heading or ""))
        if heading is not None and heading not in known:
            words = Text(f"unknown heading; known: {', '.join(known)}", f"未知表头；可用：{'、'.join(known)}")
            yield problem(file, place, words)
        elif heading is not None and heading in headings[: column - 1]:
            yield problem(file, place, Text("this heading stands twice", "表头重复"))


def _refusal(file: str, text: Text) -> DocumentRefused:
    return DocumentRefused([Problem(file, 1, (), text)])
