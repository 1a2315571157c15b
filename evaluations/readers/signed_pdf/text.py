"""All text of a PDF in which a certificate number may stand, without trusting the file's structure.

Two ways, joined: the pages as a reader shows them (content streams with their fonts' ToUnicode maps, forms and
annotations included), and the raw bytes with every stream inflated (metadata, attachments, and files whose
structure is broken).
"""

from __future__ import annotations

import io
import re
import struct
import unicodedata
import zlib
from collections.abc import Iterator
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.misc import PdfError
from pyhanko.pdf_utils.reader import PdfFileReader

_DASHES = dict.fromkeys(map(ord, "‐‑‒–—―−﹣－\u00ad"), "-")
_TOKEN = re.compile(
    rb"(?P<hex><[0-9A-Fa-f\s]*>)|(?P<text>\((?:[^()\\]|\\.|\((?:[^()\\]|\\.)*\))*\))"
    rb"|(?P<name>/[^\s/\[\]()<>{}%]+)|(?P<operator>[A-Za-z'\"*]+)",
    re.DOTALL,
)
_STREAM = re.compile(rb"stream\r?\n(.*?)endstream", re.DOTALL)
_MAPPING = re.compile(rb"begin(bfchar|bfrange)(.*?)end\1", re.DOTALL)
_STREAM_LIMIT = 64 * 1024 * 1024
_PAGE_LIMIT = 2000
# What the library lets out on broken files; assertions and struct errors are among it.
_BROKEN = (
    PdfError,
    ValueError,
    LookupError,
    TypeError,
    AttributeError,
    RuntimeError,
    AssertionError,
    ArithmeticError,
    OSError,
    struct.error,
    zlib.error,
)

CharacterMap = dict[bytes, str]


def texts(data: bytes) -> Iterator[str]:
    """Text passages, each with white space removed, in the compatibility form NFKC and with one kind of dash."""
    for passage in (*_raw(data), *_pages(data)):
        plain = unicodedata.normalize("NFKC", passage).translate(_DASHES)
        yield "".join(plain.split())


def _raw(data: bytes) -> Iterator[str]:
    yield _readable(data)
    for match in _STREAM.finditer(data):
        try:
            yield _readable(zlib.decompressobj().decompress(match[1], _STREAM_LIMIT))
        except zlib.error:
            continue


def _readable(data: bytes) -> str:
    """Bytes as text twice over: as they are, and without the zero bytes that UTF-16 puts between Latin letters."""
    text = data.decode("latin-1")
    return text + "\n" + text.replace("\x00", "") if b"\x00" in data else text


def _pages(data: bytes) -> Iterator[str]:
    try:
        reader = PdfFileReader(io.BytesIO(data), strict=False)
        if reader.encrypted:
            reader.decrypt(b"")
        count = min(int(reader.root["/Pages"]["/Count"]), _PAGE_LIMIT)
    except _BROKEN:
        return
    for index in range(count):
        try:
            page = reader.find_page_for_modification(index)[0].get_object()
            resources = _inherited(page, "/Resources")
            yield _shown(_content(_entry(page, "/Contents")), resources, set())
            yield from _annotations(page)
        except _BROKEN:
            continue


def _inherited(page: Any, key: str) -> Any:
    """A page's own or inherited entry (a bounded climb: a hostile page tree may be a ring)."""
    for _ in range(64):
        if key in page:
            return page[key]
        if "/Parent" not in page:
            break
        page = page["/Parent"]
    return generic.DictionaryObject()


def _content(contents: Any) -> bytes:
    if isinstance(contents, generic.StreamObject):
        return bytes(contents.data)
    if isinstance(contents, generic.ArrayObject):
        return b"\n".join(bytes(contents[i].data) for i in range(len(contents)))
    return b""


def _annotations(page: Any) -> Iterator[str]:
    annotations = _entry(page, "/Annots")
    for index in range(len(annotations)):
        annotation = annotations[index]
        note, appearance = _entry(annotation, "/Contents"), _entry(_entry(annotation, "/AP"), "/N")
        if isinstance(note, str):
            yield str(note)
        if isinstance(appearance, generic.StreamObject):
            yield _shown(bytes(appearance.data), _entry(appearance, "/Resources"), set())


def _entry(dictionary: Any, key: str) -> Any:
    """The entry with its reference followed (`get` would leave it), or an empty dictionary."""
    return dictionary[key] if key in dictionary else generic.DictionaryObject()


def _shown(content: bytes, resources: Any, entered: set[int]) -> str:
    """The text that a content stream shows, forms inside it included, in the order of its operators."""
    fonts: dict[bytes, CharacterMap] = {}
    current: CharacterMap = {}
    name, pieces = b"", []
    for match in _TOKEN.finditer(content):
        token = match[0]
        if match["name"]:
            name = token
        elif match["hex"]:
            digits = b"".join(token[1:-1].split())
            pieces.append(_decoded(bytes.fromhex((digits + b"0" * (len(digits) % 2)).decode()), current))
        elif match["text"]:
            pieces.append(_decoded(_unescaped(token[1:-1]), current))
        elif token == b"Tf":
            if name not in fonts:
                fonts[name] = _character_map(_resource(resources, "/Font", name))
            current = fonts[name]
        elif token == b"Do":
            form = _resource(resources, "/XObject", name)
            if isinstance(form, generic.StreamObject) and form.get("/Subtype") == "/Form" and id(form) not in entered:
                inner = _entry(form, "/Resources") or resources
                pieces.append(_shown(bytes(form.data), inner, {*entered, id(form)}))
    return "".join(pieces)


def _resource(resources: Any, kind: str, name: bytes) -> Any:
    try:
        return resources[kind][name.decode("latin-1")]
    except _BROKEN:
        return None


def _character_map(font: Any) -> CharacterMap:
    """A font's ToUnicode map: code bytes to text; empty where there is none."""
    try:
        source = bytes(font["/ToUnicode"].data)
    except _BROKEN:
        return {}
    mapping: CharacterMap = {}
    for kind, body in _MAPPING.findall(source):
        items = re.findall(rb"<([0-9A-Fa-f\s]*)>|(\[)|(\])", body)
        codes = [bytes.fromhex(b"".join(code.split()).decode()) if not (o or c) else (o or c) for code, o, c in items]
        (_enter_characters if kind == b"bfchar" else _enter_ranges)(mapping, codes)
    return mapping


def _enter_characters(mapping: CharacterMap, codes: list[bytes]) -> None:
    for source, target in zip(codes[::2], codes[1::2], strict=False):
        mapping[source] = target.decode("utf-16-be", "replace")


def _enter_ranges(mapping: CharacterMap, codes: list[bytes]) -> None:
    """Ranges `<first> <last> <target>` and `<first> <last> [<target> …]`."""
    at = 0
    while at + 2 < len(codes):
        first, last = int.from_bytes(codes[at]), int.from_bytes(codes[at + 1])
        width, listed = len(codes[at]), codes[at + 2] == b"["
        at += 3 if listed else 2
        for offset in range(min(last - first + 1, 65536)):
            if at >= len(codes) or codes[at] == b"]":
                break
            text = codes[at].decode("utf-16-be", "replace")
            code = (first + offset).to_bytes(width)
            mapping[code] = text if listed else text[:-1] + chr(ord(text[-1]) + offset)
            at += 1 if listed else 0
        at += 1


def _decoded(raw: bytes, characters: CharacterMap) -> str:
    if not characters:
        return raw.decode("latin-1")
    width = len(next(iter(characters)))
    return "".join(characters.get(raw[i : i + width], "") for i in range(0, len(raw), max(width, 1)))


def _unescaped(text: bytes) -> bytes:
    escapes = {b"n": b"\n", b"r": b"\r", b"t": b"\t", b"b": b"\b", b"f": b"\f"}

    def plain(match: re.Match[bytes]) -> bytes:
        escaped = match[1]
        if escaped[:1].isdigit():
            return bytes([int(escaped, 8) & 0xFF])
        return escapes.get(escaped, b"" if escaped in (b"\n", b"\r") else escaped)

    return re.sub(rb"\\([0-7]{1,3}|.)", plain, text, flags=re.DOTALL)
