"""Text of a PDF where its structure is of another kind, or broken, or hostile."""

from __future__ import annotations

import zlib

from evaluations.readers.signed_pdf.text import _character_map, _decoded, _unescaped, texts
from tests.factories.tampering import plain_pdf


class Font(dict):  # type: ignore[type-arg]
    """A font whose ToUnicode map is the given program."""

    def __init__(self, program: bytes) -> None:
        super().__init__({"/ToUnicode": type("Stream", (), {"data": program})()})


def found(data: bytes) -> str:
    return "|".join(texts(data))


def test_maps_of_single_codes_ranges_and_lists() -> None:
    program = (
        b"2 beginbfchar <0003> <0041> <0004> <00660069> endbfchar "
        b"2 beginbfrange <0010> <0013> <0030> <0020> <0021> [<0058> <0059>] endbfrange"
    )
    characters = _character_map(Font(program))
    assert _decoded(b"\x00\x03\x00\x04\x00\x10\x00\x13\x00\x20\x00\x21\x00\x99", characters) == "Afi03XY"


def test_escapes_in_strings() -> None:
    assert (
        _unescaped(
            rb"a\(b\)\\\101\n\12c\
d"
        )
        == b"a(b)\\A\n\ncd"
    )


def test_page_text_with_kerning_and_white_space_is_one_text() -> None:
    assert "TAI-2026-000123-6" in found(plain_pdf("TAI-20) Tj (26 - 0001) Tj 3 0 Td (23-6"))


def test_a_file_without_cross_references_is_read_from_its_streams() -> None:
    stream = b"1 0 obj <<>> stream\n" + zlib.compress(b"(No. TAI-2026-000123-6)") + b"\nendstream"
    assert "TAI-2026-000123-6" in found(b"%PDF-1.7\n" + stream)


def test_utf_16_metadata_and_other_dashes_are_read() -> None:
    assert "TAI-2026-000123-6" in found(b"\xfe\xff" + "TAI-2026-000123-6".encode("utf-16-be"))
    assert "TAI-2026-000123-6" in found(plain_pdf("TAI\xad2026\xad000123\xad6"))


def test_a_page_tree_that_is_a_ring_ends() -> None:
    ring = plain_pdf("x").replace(b"/Kids[3 0 R]", b"/Kids[2 0 R]")
    assert found(ring)


def test_a_stream_that_swells_is_read_to_a_limit_only() -> None:
    bomb = b"1 0 obj stream\n" + zlib.compress(b"0" * 200_000_000, 9) + b"\nendstream"
    assert max(len(text) for text in texts(bomb)) <= 64 * 1024 * 1024
