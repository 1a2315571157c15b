"""Certificate numbers such as `TAI-2026-000123-7`: scheme, year, running number, check character.

The check character is computed by ISO/IEC 7064, MOD 11-2 (the system of ORCID and ISNI) over the digits of year and
running number; its values are 0 to 9 and X. MOD 11-2 finds every single wrong digit and every exchange of two
neighbouring digits. The scheme's code is not part of the sum: it is looked up, not computed.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－_"), "-")
_SHAPE = re.compile(r"([A-Z]{2,8})-(20[0-9]{2})-([0-9]{6,9})-([0-9X])")


class NumberError(ValueError):
    """The text is not a certificate number: wrong shape, or its check character does not fit."""


def check_character(digits: str) -> str:
    """The ISO/IEC 7064 MOD 11-2 check character of a string of decimal digits."""
    total = 0
    for digit in digits:
        total = (total + int(digit)) * 2 % 11
    value = (12 - total) % 11
    return "X" if value == 10 else str(value)


@dataclass(frozen=True)
class CertificateNumber:
    """A valid number; `str()` of it is the printed form."""

    scheme: str
    year: int
    running: int

    @property
    def digits(self) -> str:
        return f"{self.year:04d}{self.running:06d}"

    def __str__(self) -> str:
        return f"{self.scheme}-{self.year:04d}-{self.running:06d}-{check_character(self.digits)}"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a number as people type it: lower case, full-width characters, spaces, any kind of dash.

        Raises `NumberError` when the shape is wrong or the check character does not fit.
        """
        match = _SHAPE.fullmatch(normalised(text))
        if match is None:
            raise NumberError(text)
        number = cls(match[1], int(match[2]), int(match[3]))
        # Compared whole, so that a superfluous leading zero is refused as well.
        if str(number) != match[0]:
            raise NumberError(text)
        return number


def normalised(text: str) -> str:
    """Upper case, ASCII characters, one kind of dash, no white space."""
    plain = unicodedata.normalize("NFKC", text).translate(_DASHES).upper()
    return "".join(plain.split())


def pattern(schemes: Iterable[str]) -> str:
    """A regular expression for numbers of these schemes inside running text; the check character is not examined.

    Without a scheme it matches nothing.
    """
    codes = sorted(map(re.escape, schemes))
    if not codes:
        return r"(?!)"
    return rf"(?:{'|'.join(codes)})-20[0-9]{{2}}-[0-9]{{6,9}}-[0-9X]"


def is_valid(text: str) -> bool:
    """Is this a certificate number whose check character fits?"""
    try:
        CertificateNumber.parse(text)
    except NumberError:
        return False
    return True
