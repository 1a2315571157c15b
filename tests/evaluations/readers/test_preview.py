"""What a person is shown of a file: its text as text, its pixels drawn anew, and never the file itself."""

from __future__ import annotations

import base64
import io
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from PIL import Image
from PIL.PngImagePlugin import PngInfo

from evaluations.readers.inspection import inspect
from evaluations.readers.preview import MAX_CHARACTERS, MAX_SIDE
from evaluations.runs.inspections import _said


def shown(tmp_path: Path, name: str, data: bytes) -> Any:
    path = tmp_path / "file"
    path.write_bytes(data)
    return inspect(path, name).facts.get("preview")


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.svg", "<svg xmlns='http://www.w3.org/2000/svg'><text>图 &lt;b&gt;</text></svg>"),
        ("a.md", "# Title\n<script>alert(1)</script>\n"),
        ("a.json", '{"a": "<img src=x onerror=alert(1)>"}'),
    ],
)
def test_text_is_shown_as_it_is_written(tmp_path: Path, name: str, text: str) -> None:
    assert shown(tmp_path, name, text.encode()) == {"text": text, "more": False}


def test_long_text_is_cut_and_what_cannot_be_printed_is_blank(tmp_path: Path) -> None:
    found = shown(tmp_path, "a.txt", ("a\x07\u202eb\n" + "字" * 5000).encode())
    assert found["text"].startswith("a  b\n字")
    assert (len(found["text"]), found["more"]) == (MAX_CHARACTERS, True)


def test_picture_is_drawn_anew_without_what_was_hidden_in_it(tmp_path: Path) -> None:
    pixels = np.zeros((600, 900, 3), dtype=np.uint8)
    pixels[:, 450:] = (200, 30, 30)
    hidden = PngInfo()
    hidden.add_text("note", "<script>hidden-7f3</script>")
    sink = io.BytesIO()
    Image.fromarray(pixels).save(sink, "PNG", pnginfo=hidden)
    raw = base64.b64decode(shown(tmp_path, "a.png", sink.getvalue() + b"trailing-7f3")["jpeg"], validate=True)
    assert b"7f3" not in raw
    picture = Image.open(io.BytesIO(raw))
    assert (picture.format, max(picture.size)) == ("JPEG", MAX_SIDE)
    left, right = np.asarray(picture)[90, 30], np.asarray(picture)[90, 250]
    assert np.abs(left.astype(int)).max() < 12
    assert np.abs(right.astype(int) - (200, 30, 30)).max() < 12


def test_pdf_is_not_drawn(tmp_path: Path) -> None:
    assert shown(tmp_path, "a.pdf", b"%PDF-1.7\n1 0 obj\n<< /Type /Page >>\nendobj\n%%EOF\n") is None


@pytest.mark.parametrize(
    ("preview", "taken"),
    [
        ('{"text": "a", "more": false}', True),
        ('{"jpeg": "/9j/4AAQ"}', True),
        ('{"jpeg": "PHNjcmlwdD4="}', False),
        ('{"jpeg": "not base64"}', False),
        ('{"jpeg": 7}', False),
        ('{"text": ["a"]}', False),
        ('"text"', False),
    ],
)
def test_preview_of_another_form_is_not_taken_from_the_sandbox(preview: str, taken: bool) -> None:
    said = _said(f'{{"summary": {{"en": "a", "zh": "b"}}, "facts": {{"preview": {preview}}}}}')
    assert (said is not None) == taken
