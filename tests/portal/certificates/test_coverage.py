"""No glyph may vanish from a certificate."""

import pytest

from portal.certificates.coverage import FACES, FOLDER, UncoveredCharactersError, require_coverage, uncovered
from portal.certificates.document import render_pdf
from tests.factories.certificates import pair, snapshot


def test_gb2312_latin_and_signs_are_covered() -> None:
    gb2312 = "".join(bytes((a, b)).decode("gb2312") for a in range(0xB0, 0xD7) for b in range(0xA1, 0xFA))
    assert uncovered(gb2312) == []
    assert uncovered("Ärger, naïve œuvre Ωε ≥ 0.5 “引号”《书名》！？→·–…€") == []


def test_missing_characters_are_named_once_in_order() -> None:
    assert uncovered("甲𠮷乙😀𠮷") == ["𠮷", "😀"]


def test_white_space_is_never_missing() -> None:
    assert uncovered("a\n\t　b\u00a0c") == []


def test_a_text_anywhere_in_the_snapshot_is_refused_by_name() -> None:
    bad = snapshot(holder={"name": pair("Smile 😀 Ltd", ""), "address": pair("", "")})
    with pytest.raises(UncoveredCharactersError, match=r"U\+1F600 GRINNING FACE"):
        render_pdf(bad)
    require_coverage(snapshot())


def test_the_faces_are_freely_licensed_and_complete() -> None:
    licence = (FOLDER / "OFL.txt").read_text()
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert all((FOLDER / face).is_file() for face in FACES)
