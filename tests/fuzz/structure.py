"""Changes that keep a file's frame whole, so that what lies deeper is reached too."""

from __future__ import annotations

import io
import json
import random
import re
import struct
import zipfile
import zlib
from collections.abc import Callable
from typing import Any

Change = Callable[[bytes, random.Random], "bytes | None"]

WEIRD: tuple[Any, ...] = (
    None, True, False, 0, -1, 1, 2**31, 2**63, 2**64, -(2**63), 10**400, 0.1, 1e308, "", " ", "\x00", "\ud800", "=1+1",
    "a" * 70_000, "../../etc/passwd", "/etc/passwd", "CON", "<b>", "\u202e", "nan", "inf", "1e999", [], {}, [[]], [{}],
    {"": {}}, {"a": {"a": {"a": {}}}}, ["x"] * 2000, [None], "model.onnx", "float32", "O", "|O8", [-1], [0], [2**40],
    [2**31, 2**31], ["N", -1],
)  # fmt: skip


def kind_of(data: bytes) -> str:
    """What a file is made of, by its first bytes."""
    for start, kind in ((b"PK", "zip"), (b"\x89PNG", "png"), (b"%PDF", "pdf"), (b"PAR1", "parquet"), (b"\x08", "onnx")):
        if data.startswith(start):
            return kind
    return "json" if data.lstrip()[:1] in (b"{", b"[") else "text"


def json_value(data: bytes, dice: random.Random) -> bytes:
    """Another value, a key less, a key more, or a level more, somewhere in a JSON document."""
    document = json.loads(data)
    places = [((), document)]
    for path, value in places:
        inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        places += [((*path, key), below) for key, below in inner]
    path, value = dice.choice(places)
    if not path:
        return json.dumps(dice.choice((dice.choice(WEIRD), [document], {"a": document}))).encode(
            "utf-8", "surrogatepass"
        )
    holder = document
    for key in path[:-1]:
        holder = holder[key]
    what = dice.randrange(5)
    if what == 0:
        del holder[path[-1]]
    elif what == 1 and isinstance(holder, dict):
        holder[dice.choice(("", "a" * 300, "$ref", "\x00", str(path[-1]) + " "))] = value
    elif what == 2:
        holder[path[-1]] = dice.choice(places)[1] if not isinstance(value, (dict, list)) else str(value)
    else:
        holder[path[-1]] = dice.choice(([value] * 3, {"x": value}, dice.choice(WEIRD), dice.choice(WEIRD)))
    escaped = dice.random() < 0.5
    return json.dumps(document, ensure_ascii=escaped).encode("utf-8", "surrogatepass")


def member(data: bytes, dice: random.Random) -> bytes:
    """Something else inside one member of an archive, or its name; the archive itself is sound again."""
    with zipfile.ZipFile(io.BytesIO(data)) as archive:
        entries = [(info.filename, archive.read(info)) for info in archive.infolist()[:400]]
    index = dice.randrange(len(entries))
    name, content = entries[index]
    what = dice.randrange(8)
    if what == 0:
        name = dice.choice(
            ("../" + name, "/" + name, name + "/", "", "a" * 5000, "\ud7ff", entries[0][0], "labels.csv")
        )
    elif what == 1:
        entries.append((name, content))
    elif what == 2:
        entries.append(
            (
                dice.choice(("X.npy", "y.npy", "a/labels.csv", "schema.json", "[Content_Types].xml")),
                b"\x93NUMPY\x01\x00",
            )
        )
    elif what == 3 and len(entries) > 1:
        del entries[index]
        index = 0
        name, content = entries[0]
    else:
        content = _damaged(content, dice)
    entries[index] = (name, content)
    sink = io.BytesIO()
    stored = dice.choice((zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED))
    with zipfile.ZipFile(sink, "w", stored) as archive:
        for each, inner in entries:
            archive.writestr(_quiet(each, archive), inner)
    return sink.getvalue()


def _quiet(name: str, archive: zipfile.ZipFile) -> zipfile.ZipInfo:
    """An entry of that name; a name that stands twice is written without the library's warning."""
    info = zipfile.ZipInfo(name)
    archive.NameToInfo.pop(name, None)
    return info


def _damaged(content: bytes, dice: random.Random) -> bytes:
    for change in CHANGES.get(kind_of(content), ()):
        if dice.random() < 0.8:
            try:
                return change(content, dice) or content
            except Exception:  # noqa: BLE001 - a member that is not what it looks like is damaged blindly
                break
    if content.startswith(b"\x93NUMPY") and dice.random() < 0.7:
        return _array_header(content, dice)
    data = bytearray(content or b"\x00")
    for _ in range(dice.choice((1, 3, 20))):
        data[dice.randrange(len(data))] = dice.randrange(256)
    return bytes(data[: dice.choice((len(data), len(data), dice.randrange(len(data) + 1)))])


def _array_header(content: bytes, dice: random.Random) -> bytes:
    """Another element type, shape or order in the header of a .npy member."""
    kind = dice.choice(
        (
            "'|O'",
            "'<f8'",
            "'<U1000000'",
            "'<m8[ns]'",
            "'>i2'",
            "'|V9'",
            "[('a','<f4')]",
            "'<c16'",
            "'|S0'",
            "'|b1'",
            "None",
            "1",
        )
    )
    shape = dice.choice(
        ("(1000000000000,)", "(-1,)", "()", "(0, 5)", "(2,)", "(4294967296, 4294967296)", "None", "(1.5,)", "(True,)")
    )
    header = f"{{'descr': {kind}, 'fortran_order': {dice.choice(('True', 'False', '7'))}, 'shape': {shape}, }}".encode()
    length = dice.choice((len(header), len(header), 0, 65535))
    return b"\x93NUMPY\x01\x00" + struct.pack("<H", length) + header + content[128:]


def onnx_field(data: bytes, dice: random.Random) -> bytes:
    """Another value in one field of the model's message tree, wherever it lies."""
    import onnx

    model = onnx.ModelProto.FromString(data)
    messages: list[Any] = [model]
    for message in messages:
        for field, value in message.ListFields():
            if field.message_type is not None:
                messages += list(value) if field.is_repeated else [value]
    for _ in range(dice.choice((1, 1, 3))):
        _change_field(dice.choice(messages), dice)
    return bytes(model.SerializeToString())


def _change_field(message: Any, dice: random.Random) -> None:
    field = dice.choice(message.DESCRIPTOR.fields)
    if field.message_type is not None:
        inner = getattr(message, field.name)
        if not field.is_repeated:
            message.ClearField(field.name)
        elif len(inner):
            dice.choice((lambda: inner.append(inner[0]), inner.pop, lambda: inner.insert(0, inner[-1])))()
        return
    value = _scalar(field, dice)
    if field.is_repeated:
        values = getattr(message, field.name)
        dice.choice(
            (lambda: values.append(value), lambda: values.extend([value] * 9), lambda: values and values.pop())
        )()
    else:
        setattr(message, field.name, value)


def _scalar(field: Any, dice: random.Random) -> Any:
    if field.cpp_type == field.CPPTYPE_STRING:
        text = dice.choice(
            (
                "",
                "input",
                "output",
                "w0",
                "Loop",
                "If",
                "Gemm",
                "Reshape",
                "Tile",
                "RandomNormal",
                "ai.onnx.ml",
                "/etc/passwd",
                "x" * 999,
            )
        )
        return text if field.type == field.TYPE_STRING else text.encode() + dice.randbytes(dice.choice((0, 4, 64)))
    if field.cpp_type in (field.CPPTYPE_FLOAT, field.CPPTYPE_DOUBLE):
        return dice.choice((0.0, -1.0, 1e30, float("nan"), float("inf")))
    if field.cpp_type == field.CPPTYPE_ENUM:
        return dice.choice([value.number for value in field.enum_type.values])
    most = 2**31 - 1 if field.cpp_type == field.CPPTYPE_INT32 else 2**63 - 1
    return dice.choice((0, 1, 2, 7, 11, 16, 999, -1 if field.cpp_type != field.CPPTYPE_UINT64 else 0, most))


def png_chunk(data: bytes, dice: random.Random) -> bytes:
    """Other bytes in a chunk, whose checksum is right again."""
    at, chunks = 8, []
    while at + 8 <= len(data):
        (length,) = struct.unpack(">I", data[at : at + 4])
        chunks.append((data[at + 4 : at + 8], bytearray(data[at + 8 : at + 8 + length])))
        at += 12 + length
    kind, body = dice.choice(chunks)
    if body:
        body[dice.randrange(len(body))] = dice.randrange(256)
    if kind == b"IHDR" and len(body) == 13:
        at = dice.choice((0, 4))
        body[at : at + 4] = struct.pack(">I", dice.choice((0, 1, 5, 70_000, 2**31 - 1)))
    if dice.random() < 0.3:
        chunks.append(
            (dice.choice((b"zTXt", b"iCCP", b"IDAT", b"acTL", b"IEND")), bytearray(zlib.compress(b"a" * 100_000)))
        )
    out = bytes(data[:8])
    for kind, body in chunks:
        out += struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))
    return out


def pdf_object(data: bytes, dice: random.Random) -> bytes:
    """Another number, name or reference in a PDF, or another content of one of its streams."""
    streams = list(re.finditer(rb"stream\r?\n(.*?)\r?\nendstream", data, re.DOTALL))
    if streams and dice.random() < 0.4:
        found = dice.choice(streams)
        try:
            inner = zlib.compress(_damaged(zlib.decompress(found[1]), dice))
        except zlib.error:
            inner = _damaged(found[1], dice)
        return data[: found.start(1)] + inner + data[found.end(1) :]
    found = dice.choice(list(re.finditer(rb"\b\d+ \d+ R\b|/[A-Za-z]+|\b\d+\b", data)))
    swaps = (
        b"0",
        b"-1",
        b"99999999999",
        b"1 0 R",
        b"9999 0 R",
        b"/Page",
        b"/ObjStm",
        b"/FlateDecode",
        b"[",
        b"<<",
        b"null",
        b"/Kids",
        b"/Prev",
    )
    return data[: found.start()] + dice.choice(swaps) + data[found.end() :]


def parquet_footer(data: bytes, dice: random.Random) -> bytes:
    """Other bytes in the description at the end, or another length of it."""
    (length,) = struct.unpack("<I", data[-8:-4])
    begin = max(4, len(data) - 8 - length)
    changed = bytearray(data)
    for _ in range(dice.choice((1, 1, 2, 8))):
        changed[dice.randrange(begin, len(data) - 4)] = dice.choice(
            (0, 1, 0x15, 0x18, 0x19, 0x7F, 0x80, 0xFF, dice.randrange(256))
        )
    return bytes(changed)


def cell(data: bytes, dice: random.Random) -> bytes:
    """Another word, line or sign in a text."""
    separator = dice.choice((b"\n", b",", b" ", b":", b'"', b"<"))
    parts = data.split(separator)
    index = dice.randrange(len(parts))
    word = str(dice.choice(WEIRD)).encode("utf-8", "surrogatepass")
    what = dice.randrange(4)
    if what == 0:
        parts[index] = word
    elif what == 1:
        parts[index:index] = [word]
    elif what == 2:
        del parts[index]
    else:
        other = dice.randrange(len(parts))
        parts[index], parts[other] = parts[other], parts[index]
    return separator.join(parts)


CHANGES: dict[str, tuple[Change, ...]] = {
    "json": (json_value, json_value, cell),
    "zip": (member,),
    "onnx": (onnx_field,),
    "png": (png_chunk,),
    "pdf": (pdf_object,),
    "parquet": (parquet_footer,),
    "text": (cell,),
}
