"""Damage to sound files, as strategies of Hypothesis: blind, and with knowledge of what the file is made of.

A case is a short list of damages, each with a number that decides its details, so that Hypothesis can shrink a failing
case to the one damage that matters.
"""

from __future__ import annotations

import random
import struct
from collections.abc import Callable, Sequence
from typing import Any

from hypothesis import strategies as st

from tests.fuzz import structure

INTERESTING = (
    0, 1, 2, 7, 8, 127, 128, 255, 256, 32767, 32768, 65535, 65536, 2**31 - 1, 2**31, 2**32 - 1, 2**63 - 1, 2**64 - 1,
)  # fmt: skip
TOKENS = (
    b"\x00", b"\xff\xfe", b"\xef\xbb\xbf", b"PK\x03\x04", b"PK\x01\x02", b"PK\x05\x06", b"PAR1", b"\x93NUMPY",
    b"\x89PNG\r\n\x1a\n", b"%PDF-1.7", b"%%EOF", b"endobj", b"stream\r\n", b"endstream",
    b"/ByteRange [0 9 9 9]", b"/Contents <", b"/Type /Page", b"startxref\n", b"\x80\x04\x95", b"__class__", b"NaN",
    b"Infinity", b"-1", b"1e999", b"9" * 400, b"[" * 300, b'{"a":' * 60, b'"', b"'", b",", b";", b"\t", b"\r", b"\n\n",
    b"=cmd|' /C calc'!A0", b"<script>",
    b'<!DOCTYPE x [<!ENTITY a "aaaa">]>', b"&a;", b"&#0;", b"../../../etc/passwd", b"\\u0000", b"\\ud800",
    "\ud800".encode("utf-8", "surrogatepass"), "\u202e\u0000\uffff".encode(), b"&anchor *anchor",
    b"!!python/object:os.system",
)  # fmt: skip

Damage = Callable[[bytearray, random.Random, Sequence[bytes]], None]
MOST = 2 << 20


def _at(data: bytearray, dice: random.Random) -> int:
    """A place; the beginning and the end, where headers and directories stand, are as likely as all between."""
    if not data:
        return 0
    near = min(len(data), 96)
    return dice.choice((dice.randrange(near), len(data) - 1 - dice.randrange(near), dice.randrange(len(data))))


def flip(data: bytearray, dice: random.Random, _: Sequence[bytes]) -> None:
    for _number in range(dice.choice((1, 1, 4, 32))):
        if data:
            data[_at(data, dice)] ^= 1 << dice.randrange(8)


def number(data: bytearray, dice: random.Random, _: Sequence[bytes]) -> None:
    """A length, an offset or a count that is not true."""
    form = dice.choice(("<B", "<H", ">H", "<I", ">I", "<Q", ">Q"))
    size = struct.calcsize(form)
    at = _at(data, dice)
    data[at : at + size] = struct.pack(form, dice.choice(INTERESTING) % 2 ** (8 * size))


def cut(data: bytearray, dice: random.Random, _: Sequence[bytes]) -> None:
    del data[_at(data, dice) :]


def drop(data: bytearray, dice: random.Random, _: Sequence[bytes]) -> None:
    at = _at(data, dice)
    del data[at : at + dice.choice((1, 4, 64, 1024))]


def double(data: bytearray, dice: random.Random, _: Sequence[bytes]) -> None:
    at = _at(data, dice)
    piece = bytes(data[at : at + dice.choice((1, 16, 256, 4096))])
    data[at:at] = piece * dice.choice((1, 2, 50))


def insert(data: bytearray, dice: random.Random, _: Sequence[bytes]) -> None:
    at = _at(data, dice)
    data[at:at] = dice.choice((dice.choice(TOKENS), dice.randbytes(dice.choice((1, 3, 40)))))


def overwrite(data: bytearray, dice: random.Random, _: Sequence[bytes]) -> None:
    token, at = dice.choice(TOKENS), _at(data, dice)
    data[at : at + len(token)] = token


def splice(data: bytearray, dice: random.Random, others: Sequence[bytes]) -> None:
    """The head of one file and the tail of another."""
    other = dice.choice(others)
    data[_at(data, dice) :] = other[dice.randrange(len(other) + 1) :]


BLIND: tuple[Damage, ...] = (flip, flip, number, number, cut, drop, double, insert, overwrite, splice)


def _inside(change: Callable[[bytes, random.Random], bytes | None]) -> Damage:
    """A damage that knows the structure; where the file is too broken for it already, a blind one instead."""

    def damage(data: bytearray, dice: random.Random, others: Sequence[bytes]) -> None:
        try:
            changed = change(bytes(data), dice)
        except Exception:  # noqa: BLE001 - any library may raise anything on what was damaged before
            changed = None
        if changed is None:
            dice.choice(BLIND)(data, dice, others)
        else:
            data[:] = changed

    return damage


KNOWING: dict[str, tuple[Damage, ...]] = {
    kind: tuple(_inside(change) for change in changes) for kind, changes in structure.CHANGES.items()
}


@st.composite
def cases(draw: Any, seeds: Sequence[tuple[str, bytes]]) -> tuple[str, bytes]:
    """One damaged file with its name, made of one of `seeds` (name, bytes)."""
    name, sound = draw(st.sampled_from(seeds))
    others = [data for _, data in seeds]
    knowing = KNOWING.get(structure.kind_of(sound), ())
    damages = (*BLIND, *knowing * max(1, len(BLIND) // max(1, len(knowing))))
    steps = draw(
        st.lists(st.tuples(st.integers(0, len(damages) - 1), st.integers(0, 2**32 - 1)), min_size=1, max_size=5)
    )
    data = bytearray(sound)
    for which, details in steps:
        damages[which](data, random.Random(details), others)
        del data[MOST:]
    return name, bytes(data)
