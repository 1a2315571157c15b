"""Documents described: JSON, text, YAML, PDF, SVG and single pictures. Nothing in them is run or resolved."""

from __future__ import annotations

import base64
import binascii
import re
import zlib
from typing import Any
from xml.parsers import expat

import yaml

from evaluations.readers import preview
from evaluations.readers.description import Description, counted, one_line, size_text
from evaluations.readers.images import decode_picture, plain
from evaluations.readers.manifest import check_record, load_json, parse_manifest
from evaluations.readers.refusal import Refused
from evaluations.readers.table import shortened
from evaluations.readers.text import Text
from evaluations.readers.text_encoding import decode

MAX_TEXT = 20 * 2**20
SIGNATURE_BYTES = 64
_MAX_RECORD = 50_000
_MAX_STREAM = 8 * 2**20
_ACTIVE = (b"/JavaScript", b"/JS", b"/Launch", b"/EmbeddedFile", b"/OpenAction")
_Parser: Any = getattr(yaml, "CSafeLoader", yaml.SafeLoader)


def describe_json(data: bytes, filename: str) -> Description:
    """A manifest is checked whole; a record, a CycloneDX bill of materials and other JSON are named."""
    _check_length(data, filename)
    content = load_json(data, filename)
    size = size_text(len(data))
    if isinstance(content, dict) and "manifest" in content:
        return _manifest(parse_manifest(data, filename), size, len(data))
    if isinstance(content, dict) and content.get("bomFormat") == "CycloneDX":
        version, parts = shortened(str(content.get("specVersion", "?")), 10), len(content.get("components") or [])
        return Description(
            "cyclonedx",
            one_line(
                [f"CycloneDX {version}", counted(parts, "component"), size],
                [f"CycloneDX {version}", f"{parts} 个组件", size],
            ),
            {"version": version, "components": parts, "size": len(data)},
        )
    if isinstance(content, dict) and "artifacts" in content:
        return _record(content, filename, size, len(data))
    count = len(content) if isinstance(content, list | dict) else 1
    return Description(
        "json",
        one_line(
            ["JSON", f"{count:,} " + ("entry" if count == 1 else "entries"), size], ["JSON", f"{count:,} 个条目", size]
        ),
        {"entries": count, "size": len(data), "preview": preview.of_text(decode(data, filename)[0])},
    )


def describe_signature(data: bytes, filename: str) -> Description:
    """An Ed25519 signature of a delivery record: 64 bytes (RFC 8032), raw or as base64."""
    try:
        raw = data if len(data) == SIGNATURE_BYTES else base64.b64decode(data[:200].strip(), validate=True)
    except binascii.Error:
        raw = b""
    if len(raw) != SIGNATURE_BYTES or len(data) > 200:
        raise Refused(
            Text(
                en="This is no Ed25519 signature: 64 bytes are expected, raw or as base64.",
                zh="这不是 Ed25519 签名：应为 64 字节的原始数据或其 base64 编码。",
            ),
            filename,
        )
    summary = one_line(["Ed25519 signature", size_text(len(data))], ["Ed25519 签名", size_text(len(data))])
    return Description("signature", summary, {"algorithm": "ed25519", "size": len(data)})


def describe_text(data: bytes, filename: str) -> Description:
    """Markdown, plain text or YAML; YAML is read as a stream of events, so that aliases never expand."""
    _check_length(data, filename)
    text, encoding = decode(data, filename)
    position = text.find("\0")
    if position >= 0:
        raise Refused(
            Text(
                en="The text holds a NUL character; it may be a binary file.",
                zh="文本含有 NUL 字符，可能是二进制文件。",
            ),
            f"{filename}: line {text.count(chr(10), 0, position) + 1}",
        )
    name = "YAML" if filename.lower().endswith((".yaml", ".yml")) else "Text"
    if name == "YAML":
        _check_yaml(text, filename)
    lines = text.count("\n") + 1
    summary = one_line(
        [name, counted(lines, "line"), encoding, size_text(len(data))],
        [name.replace("Text", "文本"), f"{lines:,} 行", encoding, size_text(len(data))],
    )
    facts = {"lines": lines, "encoding": encoding, "size": len(data), "preview": preview.of_text(text)}
    return Description(name.lower(), summary, facts)


def describe_pdf(data: bytes, filename: str) -> Description:
    """Header, end, pages counted lightly; active content is reported."""
    if b"%PDF-" not in data[:1024] or b"%%EOF" not in data[-2048:]:
        raise Refused(
            Text(
                en="The file is not a whole PDF (its first or last line is missing). Save and upload it again.",
                zh="该文件不是完整的 PDF（缺少文件头或文件尾）。请重新保存并上传。",
            ),
            filename,
        )
    if b"/Encrypt" in data:
        raise Refused(
            Text(
                en="The PDF is encrypted, so evaluators could not read it. Save it without a password.",
                zh="该 PDF 已加密，评估员无法阅读。请另存为无密码的文件。",
            ),
            filename,
        )
    pages = _pdf_pages(data)
    active = [name.decode() for name in _ACTIVE if name in data]
    warnings = (
        [
            Text(
                en=f"The PDF holds active content ({', '.join(active)}); it is stored but never run.",
                zh=f"该 PDF 含有活动内容（{'、'.join(active)}）；系统只存储，不执行。",
            )
        ]
        if active
        else []
    )
    size = size_text(len(data))
    said = ([counted(pages, "page")], [f"{pages} 页"]) if pages else ([], [])
    return Description(
        "pdf",
        one_line(["PDF", *said[0], size], ["PDF", *said[1], size]),
        {"pages": pages, "size": len(data)},
        tuple(warnings),
    )


def describe_picture(data: bytes, filename: str) -> Description:
    """One picture, wholly decoded."""
    picture = decode_picture(data, filename)
    width, height = picture.size
    channels = len(picture.getbands())
    summary = one_line(
        ["Picture", f"{width}×{height}", counted(channels, "channel"), size_text(len(data))],
        ["图片", f"{width}×{height}，{channels} 通道", size_text(len(data))],
    )
    facts = {"width": width, "height": height, "channels": channels, "size": len(data)}
    return Description("picture", summary, {**facts, "preview": preview.of_picture(plain(picture))})


def describe_svg(data: bytes, filename: str) -> Description:
    """A drawing without a document type, entities or scripts. Raises `Refused` at the first of them."""
    _check_length(data, filename)
    text, _ = decode(data, filename)
    elements: list[str] = []
    parser = expat.ParserCreate("utf-8")
    parser.StartDoctypeDeclHandler = lambda *_: _refuse_svg(filename, parser, "a document type", "文档类型声明")
    parser.EntityDeclHandler = lambda *_: _refuse_svg(filename, parser, "an entity", "实体定义")
    parser.StartElementHandler = lambda name, attributes: elements.append(_checked(name, attributes, filename, parser))
    try:
        parser.Parse(text.encode("utf-8"), True)
    except expat.ExpatError as error:
        raise Refused(
            Text(
                en=f"The drawing is not valid XML (line {error.lineno}).",
                zh=f"该图不是有效的 XML（第 {error.lineno} 行）。",
            ),
            f"{filename}: line {error.lineno}, column {error.offset + 1}",
        ) from None
    if elements[0] != "svg":
        raise Refused(Text(en="The file is XML, but no SVG.", zh="该文件是 XML，但不是 SVG。"), filename)
    size = size_text(len(data))
    return Description(
        "svg",
        one_line(["SVG", counted(len(elements), "element"), size], ["SVG", f"{len(elements):,} 个元素", size]),
        {"elements": len(elements), "size": len(data), "preview": preview.of_text(text)},
    )


def _checked(name: str, attributes: dict[str, str], filename: str, parser: expat.XMLParserType) -> str:
    local = name.rsplit(":", 1)[-1].lower()
    if local in ("script", "foreignobject", "handler"):
        _refuse_svg(filename, parser, f"the element {local}", f"{local} 元素")
    for attribute, value in attributes.items():
        plain = attribute.rsplit(":", 1)[-1].lower()
        if plain.startswith("on") or (
            plain == "href" and not value.strip().startswith(("#", "data:image/png", "data:image/jpeg"))
        ):
            _refuse_svg(filename, parser, f"the attribute {shortened(plain, 20)}", f"{shortened(plain, 20)} 属性")
    return local


def _refuse_svg(filename: str, parser: expat.XMLParserType, en: str, zh: str) -> None:
    raise Refused(
        Text(
            en=f"The drawing holds {en}, which could run code or swell without end. Export it as plain SVG or PNG.",
            zh=f"该图含有{zh}，可能执行代码或无限膨胀。请导出为普通 SVG 或 PNG。",
        ),
        f"{filename}: line {parser.CurrentLineNumber}",
    )


def _record(content: dict[str, Any], filename: str, size: str, length: int) -> Description:
    """A delivery record, whole in the facts: its signature covers every member."""
    check_record(content, filename)
    count = len(content["artifacts"])
    if length > _MAX_RECORD:
        raise Refused(
            Text(
                en=f"The delivery record is larger than {size_text(_MAX_RECORD)}. Name only the delivered files.",
                zh=f"交付记录超过 {size_text(_MAX_RECORD)}。请只列出已交付的文件。",
            ),
            filename,
        )
    signed = "signature" in content
    summary = one_line(
        ["Delivery record", counted(count, "file"), "signed" if signed else "not signed", size],
        ["交付记录", f"{count} 个文件", "已签名" if signed else "未签名", size],
    )
    return Description("record", summary, {"artifacts": count, "record": content, "size": length})


def _manifest(manifest: dict[str, Any], size: str, length: int) -> Description:
    system = manifest["system"]
    named = f"{shortened(system['name'])} {shortened(system['version'], 30)}"
    roles = [entry["role"] for entry in manifest["data"]]
    summary = one_line(
        ["Manifest", named, f"data: {', '.join(roles)}", size], ["清单", named, f"数据：{'、'.join(roles)}", size]
    )
    facts = {"system": named, "modality": manifest["profile"]["modality"], "roles": roles}
    return Description("manifest", summary, {**facts, "size": length})


def _check_length(data: bytes, filename: str) -> None:
    if len(data) > MAX_TEXT:
        raise Refused(
            Text(
                en=f"The text is larger than {MAX_TEXT // 2**20} MB. Shorten or split it.",
                zh=f"文本超过 {MAX_TEXT // 2**20} MB。请缩短或拆分。",
            ),
            filename,
        )


def _check_yaml(text: str, filename: str) -> None:
    try:
        for _ in yaml.parse(text, Loader=_Parser):
            pass
    except yaml.YAMLError as error:
        mark = getattr(error, "problem_mark", None)
        line = mark.line + 1 if mark is not None else 1
        raise Refused(
            Text(en=f"The YAML is broken in line {line}.", zh=f"YAML 第 {line} 行有语法错误。"),
            f"{filename}: line {line}",
        ) from None


def _pdf_pages(data: bytes) -> int:
    """Page objects, also in compressed object streams (each expanded up to a limit); 0 when none is seen."""
    page = re.compile(rb"/Type\s*/Page(?![A-Za-z])")
    count = len(page.findall(data))
    for found in re.finditer(rb"/ObjStm.{0,400}?stream\r?\n", data, re.DOTALL):
        try:
            expanded = zlib.decompressobj().decompress(data[found.end() :], _MAX_STREAM)
        except zlib.error:
            continue
        count += len(page.findall(expanded))
    return count
