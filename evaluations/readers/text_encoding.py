"""Which encoding a text file is in: declared by a mark, UTF-8, UTF-16 or GB18030; anything else is refused."""

from __future__ import annotations

import codecs

from evaluations.readers.refusal import Refused
from evaluations.readers.text import Text

_MARKS = (
    (codecs.BOM_UTF8, "utf-8-sig", "UTF-8 (BOM)"),
    (codecs.BOM_UTF16_LE, "utf-16", "UTF-16"),
    (codecs.BOM_UTF16_BE, "utf-16", "UTF-16"),
)


def decode(data: bytes, origin: str) -> tuple[str, str]:
    """The text and the name of its encoding. Raises `Refused` naming line and byte when none fits."""
    for mark, codec, name in _MARKS:
        if data.startswith(mark):
            return _strict(data, codec, name, origin), name
    if _looks_like_utf16(data):
        codec = "utf-16-le" if data[1:2] == b"\0" else "utf-16-be"
        return _strict(data, codec, "UTF-16", origin), "UTF-16"
    try:
        return data.decode("utf-8"), "UTF-8"
    except UnicodeDecodeError as error:
        chinese = _gb18030(data)
        if chinese is not None:
            return chinese, "GB18030"
        raise _undecodable(data, error.start, origin) from None


def _strict(data: bytes, codec: str, name: str, origin: str) -> str:
    try:
        return data.decode(codec)
    except UnicodeDecodeError as error:
        raise Refused(
            Text(
                en=f"The file is marked as {name} but is not valid {name}. Save it again as UTF-8.",
                zh=f"文件标记为 {name}，但内容不是有效的 {name}。请另存为 UTF-8。",
            ),
            f"{origin}: byte {error.start + 1}",
        ) from None


def _looks_like_utf16(data: bytes) -> bool:
    """Latin text in UTF-16 has a zero in every second byte, and none in the others."""
    start = data[:400]
    if len(start) < 8:
        return False
    even, odd = start[0::2].count(0), start[1::2].count(0)
    half = len(start) // 2
    return (odd > 0.8 * half and even == 0) or (even > 0.8 * half and odd == 0)


def _gb18030(data: bytes) -> str | None:
    """The text when it is plausibly Chinese: Latin-1 letters also decode as GB18030, but to rare characters."""
    try:
        text = data.decode("gb18030")
    except UnicodeDecodeError:
        return None
    foreign = [character for character in text[:200_000] if ord(character) > 127]
    common = sum(1 for character in foreign if _in_gb2312(character))
    return text if foreign and common >= 0.8 * len(foreign) else None


def _in_gb2312(character: str) -> bool:
    try:
        character.encode("gb2312")
    except UnicodeEncodeError:
        return False
    return True


def _undecodable(data: bytes, position: int, origin: str) -> Refused:
    line = data.count(b"\n", 0, position) + 1
    column = position - data.rfind(b"\n", 0, position)
    return Refused(
        Text(
            en=f"Line {line} holds the byte 0x{data[position]:02X}, which is neither UTF-8 nor GB18030 "
            "(perhaps Latin-1 or Windows-1252). Save the file as UTF-8 and upload it again.",
            zh=f"第 {line} 行含有字节 0x{data[position]:02X}，既不是 UTF-8 也不是 GB18030"
            "（可能是 Latin-1 或 Windows-1252）。请将文件另存为 UTF-8 后重新上传。",
        ),
        f"{origin}: line {line}, byte {column}",
    )
