"""Can our own faces print a text?

WeasyPrint leaves out, silently, a glyph that no face has. A name with a hole in it must never be signed, so every
text is checked against the character maps of all faces before a certificate is made.
"""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from fontTools.ttLib import TTFont

FOLDER = Path(__file__).parent / "fonts"
FACES = ("TrustSans-Regular.ttf", "TrustSans-Bold.ttf", "TrustSerif-Bold.ttf")


class UncoveredCharactersError(ValueError):
    """Some characters cannot be printed; `characters` names them in the order in which they appear."""

    def __init__(self, characters: list[str]) -> None:
        self.characters = characters
        super().__init__(", ".join(described(c) for c in characters))


@cache
def covered() -> frozenset[int]:
    """The code points which every face holds."""
    maps = []
    for face in FACES:
        with TTFont(FOLDER / face, lazy=True) as font:
            maps.append(set(font.getBestCmap()))
    return frozenset(set.intersection(*maps))


def uncovered(text: str) -> list[str]:
    """The characters of `text` that at least one face lacks, each once, in order. White space is never missing."""
    return list(dict.fromkeys(c for c in text if not c.isspace() and ord(c) not in covered()))


def require_coverage(value: Any) -> None:
    """Raise `UncoveredCharactersError` when any string inside a JSON-like value cannot be printed."""
    missing = dict.fromkeys(c for text in strings(value) for c in uncovered(text))
    if missing:
        raise UncoveredCharactersError(list(missing))


def printable(value: Any) -> Any:
    """A JSON-like value with each character that cannot be printed written as its code point, such as [U+1F600].

    For texts that are printed as they were given and cannot be refused any more.
    """
    if isinstance(value, str):
        missing = {ord(character): f"[U+{ord(character):04X}]" for character in uncovered(value)}
        return value.translate(missing) if missing else value
    if isinstance(value, Mapping):
        return {key: printable(item) for key, item in value.items()}
    if isinstance(value, list | tuple):
        return [printable(item) for item in value]
    return value


def described(character: str) -> str:
    """One character in a message: itself, its code point and its Unicode name."""
    return f"{character} (U+{ord(character):04X} {unicodedata.name(character, 'unnamed')})"


def strings(value: Any) -> Iterator[str]:
    """Every string in a nest of dicts, lists and scalars, keys left out."""
    if isinstance(value, str):
        yield value
    elif isinstance(value, dict):
        yield from strings(list(value.values()))
    elif isinstance(value, Iterable):
        for item in value:
            yield from strings(item)
