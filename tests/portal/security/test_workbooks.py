"""A workbook that names files or swells when its entities are put in: it brings nothing in and takes no time."""

from __future__ import annotations

import io
import time
import zipfile
from pathlib import Path

import pytest
from openpyxl import Workbook

from assessments.standards.documents import DocumentRefused
from assessments.standards.exchange.cells import open_workbook

SWELLING = '<!ENTITY a "lol lol lol lol lol ">' + "".join(
    f'<!ENTITY {chr(98 + step)} "{("&" + chr(97 + step) + ";") * 10}">' for step in range(9)
)
PLACES = {
    "a cell": ("xl/worksheets/sheet1.xml", b"<v>7</v>", b"<v>%s</v>"),
    "the name of a sheet": ("xl/workbook.xml", b'name="Sheet"', b'name="%s"'),
    "the title": ("docProps/core.xml", b">openpyxl<", b">%s<"),
}


def workbook(place: str, entities: str, reference: bytes) -> bytes:
    part, old, new = PLACES[place]
    sound, made = io.BytesIO(), io.BytesIO()
    book = Workbook()
    assert book.active is not None
    book.active.append([7])
    book.save(sound)
    with zipfile.ZipFile(sound) as source, zipfile.ZipFile(made, "w", zipfile.ZIP_DEFLATED) as target:
        for item in source.infolist():
            content = source.read(item)
            if item.filename == part:
                assert old in content
                start = content.index(b"?>") + 2 if content.startswith(b"<?") else 0
                declared = content[start:].replace(old, new % reference)
                content = content[:start] + f"<!DOCTYPE x [{entities}]>".encode() + declared
            target.writestr(item.filename, content)
    return made.getvalue()


def text_of(raw: bytes) -> str:
    """All that is read from it; nothing when it is refused."""
    try:
        book = open_workbook(raw, "file.xlsx")
    except DocumentRefused:
        return ""
    cells = [str(cell.value) for sheet in book for row in sheet.iter_rows() for cell in row]
    return " ".join([*book.sheetnames, str(book.properties.creator), *cells])


@pytest.mark.parametrize("place", PLACES)
def test_nothing_is_put_in_for_an_entity(tmp_path: Path, place: str) -> None:
    (tmp_path / "secret").write_text("do not read this aloud", encoding="utf-8")
    outside = f'<!ENTITY e SYSTEM "{(tmp_path / "secret").as_uri()}">'
    assert "aloud" not in text_of(workbook(place, outside, b"&e;"))
    started = time.monotonic()
    assert len(text_of(workbook(place, SWELLING, b"&j;"))) < 10_000
    assert time.monotonic() - started < 10


def test_a_sound_workbook_is_read_by_the_same_way() -> None:
    assert "7" in text_of(workbook("a cell", '<!ENTITY e "x">', b"7"))
