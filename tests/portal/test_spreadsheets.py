"""No export lets a text act as a formula: there is one writer of CSV and one of workbooks, and both are looked at."""

from __future__ import annotations

import ast
import csv
import io
from pathlib import Path

import pytest
from openpyxl import Workbook, load_workbook

from assessments.presentation.spreadsheets import FORMULA_SIGNS, csv_line
from assessments.standards.exchange.cells import write_row

PROJECT = Path(__file__).resolve().parents[2]
# Who may write a spreadsheet's cells itself, and what it is.
WRITERS = {
    "assessments/presentation/spreadsheets.py": "CSV",
    "assessments/standards/exchange/cells.py": "workbooks",
    # A data set that a demonstration vendor uploads; it is read by methods, never exported to a person.
    "portal/demo/systems/delivery.py": "data",
}
CELLS = {("csv", "writer"), ("csv", "DictWriter")}


def product() -> list[Path]:
    return [path for room in ("assessments", "evaluations", "portal") for path in (PROJECT / room).rglob("*.py")]


def writes_cells(tree: ast.Module) -> bool:
    """Whether a module writes CSV by itself, or puts a value into a cell of a workbook."""
    return any(_writes(node) for node in ast.walk(tree))


def _writes(node: ast.AST) -> bool:
    if isinstance(node, ast.Attribute):
        return isinstance(node.value, ast.Name) and (node.value.id, node.attr) in CELLS
    if isinstance(node, ast.Call):
        called = ast.unparse(node.func)
        return called.endswith(".append") and "sheet" in called
    if isinstance(node, ast.Assign):
        targets = [ast.unparse(target) for target in node.targets]
        return any(("sheet" in target and target.endswith("]")) or target.endswith("cell.value") for target in targets)
    return False


def test_only_the_known_writers_write_cells() -> None:
    found = {
        str(path.relative_to(PROJECT))
        for path in product()
        if writes_cells(ast.parse(path.read_text(encoding="utf-8")))
    }
    assert found == set(WRITERS)


def test_whoever_answers_with_csv_uses_the_one_line_writer() -> None:
    answering = [path for path in product() if 'content_type="text/csv' in path.read_text(encoding="utf-8")]
    assert len(answering) >= 1
    for path in answering:
        room = "".join(other.read_text(encoding="utf-8") for other in path.parent.glob("*.py"))
        assert "from assessments.presentation.spreadsheets import csv_line" in room, path


DANGEROUS = [
    "=1+1",
    "+1",
    "-2+3",
    "@SUM(A1)",
    "\t=1",
    "\r=1",
    "\n=1",
    "＝1+1",
    "＋1",
    "－1",
    "＠A1",
    "=cmd|' /C calc'!A0",
]


@pytest.mark.parametrize("text", DANGEROUS, ids=repr)
def test_text_that_could_act_is_a_text_in_csv_and_in_a_workbook(text: str) -> None:
    (row,) = csv.reader(io.StringIO(csv_line([text, "plain", -5, 1.5, None]), newline=""))
    assert row == [f"'{text}", "plain", "-5", "1.5", ""]
    assert not row[0].startswith(FORMULA_SIGNS)
    book = Workbook()
    write_row(book.active, 1, [text, "plain", -5])
    stream = io.BytesIO()
    book.save(stream)
    cells = list(load_workbook(stream).active[1])
    assert [cell.data_type for cell in cells] == ["s", "s", "n"]
    assert cells[0].quotePrefix


def test_the_search_for_writers_can_find_one() -> None:
    assert writes_cells(ast.parse("import csv\ncsv.writer(x).writerow(y)"))
    assert writes_cells(ast.parse("sheet['A1'] = text"))
    assert writes_cells(ast.parse("cell.value = text"))
    assert not writes_cells(ast.parse("rows.append(text)"))
