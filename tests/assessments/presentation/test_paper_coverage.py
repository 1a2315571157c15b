"""No glyph may vanish from what is printed."""

import pytest

from assessments.presentation.paper.coverage import (
    FACES,
    FOLDER,
    UncoveredCharactersError,
    printable,
    require_coverage,
    uncovered,
)


def test_gb2312_latin_and_signs_are_covered() -> None:
    gb2312 = "".join(bytes((a, b)).decode("gb2312") for a in range(0xB0, 0xD7) for b in range(0xA1, 0xFA))
    assert uncovered(gb2312) == []
    assert uncovered("Ärger, naïve œuvre Ωε ≥ 0.5 “引号”《书名》！？→·–…€") == []


def test_missing_characters_are_named_once_in_order() -> None:
    assert uncovered("甲𠮷乙😀𠮷") == ["𠮷", "😀"]


def test_white_space_is_never_missing() -> None:
    assert uncovered("a\n\t　b\u00a0c") == []


def test_missing_characters_are_refused_or_written_by_their_code_point() -> None:
    with pytest.raises(UncoveredCharactersError, match=r"U\+1F600 GRINNING FACE"):
        require_coverage({"names": ["plain", "Smile 😀"]})
    assert printable({"names": ["plain", "Smile 😀"], "n": 3}) == {"names": ["plain", "Smile [U+1F600]"], "n": 3}


def test_the_faces_are_freely_licensed_and_complete() -> None:
    licence = (FOLDER / "OFL.txt").read_text()
    assert "SIL OPEN FONT LICENSE Version 1.1" in licence
    assert all((FOLDER / face).is_file() for face in FACES)
