"""Naughty texts out again: as cells of spreadsheets, in print, and the list that others keep, through a form."""

from __future__ import annotations

import csv
import html
import io
import json
import os
import subprocess
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from openpyxl import Workbook, load_workbook

from assessments.presentation.characters import UNSEEN as PATTERN
from assessments.presentation.paper.coverage import UncoveredCharactersError, require_coverage, uncovered
from assessments.presentation.paper.printing import FACES, Paper
from assessments.presentation.spreadsheets import acts, csv_line
from assessments.standards.exchange.cells import write_row
from assessments.systems.models import System
from tests.portal.security.naughty import MARKUP, SEEN
from tests.portal.security.typing_in import read


def others() -> list[str]:
    """The strings of the reference data; empty where there is none."""
    folder = os.environ.get("REFERENCE_DATA")
    place = Path(folder or ".") / "bad_inputs" / "blns.json"
    return json.loads(place.read_text(encoding="utf-8")) if folder and place.exists() else []


def in_cells(texts: list[str]) -> None:
    """Each text is one cell of text again, in CSV and in a workbook, and none begins as a formula does."""
    written = io.StringIO("".join(csv_line([text, "next"]) for text in texts), newline="")
    for text, (cell, following) in zip(texts, csv.reader(written), strict=True):
        assert cell in (text, f"'{text}")
        assert not acts(cell)
        assert following == "next"
    book = Workbook()
    for row, text in enumerate(texts, 1):
        write_row(book.active, row, [text])
    sink = io.BytesIO()
    book.save(sink)
    for text, (cell,) in zip(texts, load_workbook(sink).active.iter_rows(max_row=len(texts)), strict=True):
        assert cell.data_type in ("s", "inlineStr") or not text.strip()
        assert (cell.value or "").replace("\r", "").strip() in (text.strip().replace("\r", ""), f"'{text.strip()}")


def test_what_acts_in_a_page_would_be_found() -> None:
    """As text nothing of it acts; as markup most does, whatever this reader makes of the broken rest."""
    found = [text for text in MARKUP if read(f"<p>{text}</p>").acting]
    assert len(found) >= 15
    assert read("<input value='" + "' onfocus=naughty() x='" + "'>").acting
    assert [text for text in SEEN if read(f"<p title='{html.escape(text)}'>{html.escape(text)}</p>").acting] == []


def test_cells_hold_them_and_none_is_a_formula() -> None:
    in_cells(list(SEEN))


def test_what_the_faces_have_is_printed_whole_and_the_rest_is_told(tmp_path: Path) -> None:
    fit = [text for text in SEEN if not uncovered(text)]
    assert len(fit) > len(SEEN) // 2
    for text in set(SEEN) - set(fit):
        with pytest.raises(UncoveredCharactersError, match=r"U\+[0-9A-F]{4,}"):
            require_coverage({"name": text})
    page = "".join(f"<p>{html.escape(text)}</p>" for text in fit)
    style = tmp_path / "page.css"
    style.write_text("@page { size: A3 } p { font-size: 8pt; overflow-wrap: anywhere }")
    made = Paper(f'<html lang="en"><head><title>x</title></head><body>{page}</body></html>', style).pdf(b"0" * 16)
    assert FACES.exists()
    said = subprocess.run(["pdftotext", "-raw", "-", "-"], input=made, capture_output=True, check=True).stdout.decode()
    flat = "".join(said.split())
    missing = [text for text in fit if "".join(text.split()).replace("\u00ad", "") not in flat.replace("\u00ad", "")]
    assert missing == []


@pytest.mark.reference
@pytest.mark.django_db
def test_the_list_that_others_keep_goes_in_and_out(client: Client, alice: Any) -> None:
    """Each string of it in a bundle: kept and shown as typed, or refused for a character that nobody sees."""
    strings = others()
    assert len(strings) > 400
    seen = [text for text in strings if not PATTERN.search(text)]
    assert 350 < len(seen) < len(strings)
    in_cells([text for text in seen if "\n" not in text])
    client.force_login(alice)
    given = {"name_en": "Reader", "name_zh": "阅读器", "sector": "other"}
    for start in range(0, len(strings), 40):
        for bundle in ([t for t in strings[start : start + 40] if t in seen], strings[start : start + 40]):
            System.objects.all().delete()
            text = "|\n|".join(["", *bundle, ""])[:4000]
            answer = client.post("/systems/new/", {**given, "description": text})
            if PATTERN.search(text):
                assert "U+" in answer.content.decode()
                assert not System.objects.exists()
                continue
            assert answer.status_code == 302, read(answer.content.decode()).said[:50]
            assert System.objects.get().description.replace("\r\n", "\n") == text.strip()
            page = read(client.get(answer["Location"]).content.decode())
            assert page.acting == []
