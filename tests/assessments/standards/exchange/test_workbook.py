"""The workbook: texts never act as formulas, and every refusal names sheet, row and column in both languages."""

from __future__ import annotations

import zipfile
from collections.abc import Callable
from io import BytesIO
from typing import Any

import pytest
from openpyxl import Workbook, load_workbook

from assessments.standards.documents import DocumentRefused
from assessments.standards.exchange.checklist import write_workbook as write_checklist
from assessments.standards.exchange.workbook import read_workbook, write_workbook


def edited(content: dict[str, Any], edit: Callable[[Workbook], object]) -> bytes:
    book = load_workbook(BytesIO(write_workbook(content)))
    edit(book)
    stream = BytesIO()
    book.save(stream)
    return stream.getvalue()


def put(sheet: str, cell: str, value: Any) -> Callable[[Workbook], object]:
    def edit(book: Workbook) -> None:
        book[sheet][cell] = value

    return edit


BROKEN = {
    "weight as text": (put("criteria", "J2", "heavy"), "criteria", 2, "J2", "must be integer"),
    "unknown kind": (put("criteria", "H3", "X"), "criteria", 3, "H3", "must be T or E or T+E"),
    "missing Chinese": (put("criteria", "C2", None), "criteria", 2, "B2", "missing: zh"),
    "missing weight": (put("criteria", "J4", None), "criteria", 4, "A4", "missing: weight"),
    "condition that is no JSON": (put("criteria", "L2", "{fact"), "criteria", 2, "L2", "not valid JSON"),
    "unknown fact": (put("criteria", "L2", '{"fact": "moon", "is": true}'), "criteria", 2, "L2", "moon"),
    "formula": (put("criteria", "D3", "=HYPERLINK(1)"), "criteria", 3, "D3", "a formula"),
    "unknown heading": (put("criteria", "J1", "wieght"), "criteria", 1, "J1", "unknown heading"),
    "heading twice": (put("criteria", "B1", "code"), "criteria", 1, "B1", "stands twice"),
    "value without heading": (put("criteria", "R3", "x"), "criteria", 3, "R3", "without a heading"),
    "code twice": (put("criteria", "A4", "RC-1"), "criteria", 4, "A4", "RC-1 stands twice"),
    "method of no criterion": (put("methods", "A2", "ZZ-1"), "methods", 2, "A2", "there is no criterion ZZ-1"),
    "undeclared method": (put("methods", "B2", "no.such"), "methods", 2, "B2", "not a declared test method"),
    "unknown relation": (put("references", "C2", "cousin"), "references", 2, "C2", "must be equal or"),
    "anchors out of order": (put("anchors", "B9", 4), "anchors", 9, "A9", "score 1 is expected"),
    "field twice": (put("standard", "A2", "edition"), "standard", 3, "A3", "edition stands twice"),
    "edition as a number": (put("standard", "B3", 1.10), "standard", 3, "B3", "format the cell as text"),
    "missing sheet": (lambda book: book.remove(book["methods"]), "methods", 1, "A1", "missing"),
}  # fmt: skip


@pytest.mark.parametrize("name", BROKEN)
def test_a_refusal_names_sheet_row_and_column(name: str, small: dict[str, Any]) -> None:
    edit, sheet, row, at, says = BROKEN[name]
    with pytest.raises(DocumentRefused) as refusal:
        read_workbook(edited(small, edit), "mine.xlsx")
    shown = [problem.in_language("en") for problem in refusal.value.problems]
    assert any(f"sheet “{sheet}”, row {row}" in line and f"({at})" in line and says in line for line in shown), shown
    chinese = [problem.in_language("zh-hans") for problem in refusal.value.problems]
    assert any(f"工作表“{sheet}”，第 {row} 行，列" in line and f"（{at}）" in line for line in chinese), chinese
    assert str(refusal.value.problems[0]) == shown[0]


def test_texts_that_look_like_formulas_are_texts(small: dict[str, Any]) -> None:
    for raw in (write_workbook(small), write_checklist(small, "en"), write_checklist(small, "zh")):
        with zipfile.ZipFile(BytesIO(raw)) as archive:
            sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/sheet")]
            assert sheets
            assert all(b"<f>" not in archive.read(name) for name in sheets)
    sheet = load_workbook(BytesIO(write_workbook(small)))["criteria"]
    assert sheet["B2"].value == "=1+1"
    assert sheet["B2"].data_type == "s"
    for cell in ("B2", "C2", "D2", "E2"):
        assert sheet[cell].quotePrefix, cell
    assert not sheet["B3"].quotePrefix


def test_a_weight_with_a_decimal_point_is_a_whole_number(small: dict[str, Any]) -> None:
    assert read_workbook(edited(small, put("criteria", "J2", 3.0)), "mine.xlsx").content == small


def test_empty_rows_are_skipped(small: dict[str, Any]) -> None:
    raw = edited(small, lambda book: book["criteria"].insert_rows(3))
    assert read_workbook(raw, "mine.xlsx").content == small


def test_a_text_longer_than_a_cell_is_refused_and_not_cut(small: dict[str, Any]) -> None:
    small["criteria"][0]["guidance"]["en"] = "x" * 32_768
    with pytest.raises(ValueError, match="32767"):
        write_workbook(small)


@pytest.mark.parametrize("raw", [b"", b"code,title\n", b"PK\x03\x04 broken"])
def test_what_is_no_workbook_is_refused(raw: bytes) -> None:
    with pytest.raises(DocumentRefused, match="not a workbook"):
        read_workbook(raw, "mine.xlsx")


def test_a_zip_that_is_no_workbook_and_a_bomb_are_refused() -> None:
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("x.txt", b"0")
    with pytest.raises(DocumentRefused, match="not a workbook"):
        read_workbook(stream.getvalue(), "mine.xlsx")
    stream = BytesIO()
    with zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as archive:
        for number in range(11):
            archive.writestr(f"{number}.xml", b"0" * 10_000_000)
    with pytest.raises(DocumentRefused, match="unpacks"):
        read_workbook(stream.getvalue(), "mine.xlsx")
