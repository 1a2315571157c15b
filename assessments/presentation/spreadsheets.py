"""Cells for spreadsheet programs: no text that somebody typed acts as a formula. Every export goes through here."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterable

# What a spreadsheet program may take for the start of a formula; the wide signs count in Chinese and Japanese editions.
FORMULA_SIGNS = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")

Cell = str | int | float | None


def acts(text: str) -> bool:
    """Whether a program that opens it could take this text for a formula."""
    return text.startswith(FORMULA_SIGNS)


def csv_line(cells: Iterable[Cell]) -> str:
    """One line of CSV (RFC 4180) with its line end.

    A text that could act as a formula gets an apostrophe before it, which spreadsheet programs do not show; numbers
    stay numbers.
    """
    sink = io.StringIO()
    csv.writer(sink).writerow(f"'{cell}" if isinstance(cell, str) and acts(cell) else cell for cell in cells)
    return sink.getvalue()
