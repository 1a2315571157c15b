"""The manifest: checked against its JSON Schema and for what a schema cannot say."""

from __future__ import annotations

import json
from functools import cache
from pathlib import Path, PurePosixPath
from typing import Any

import jsonschema

from evaluations.readers.refusal import Refused
from evaluations.readers.table import shortened
from evaluations.readers.text import Text
from evaluations.readers.text_encoding import decode

SCHEMA = Path(__file__).parent / "schemas" / "manifest.schema.json"
MAX_BYTES = 2**20


@cache
def schema() -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of the manifest."""
    loaded: dict[str, Any] = json.loads(SCHEMA.read_text(encoding="utf-8"))
    return loaded


def parse_manifest(data: bytes, origin: str = "manifest.json") -> dict[str, Any]:
    """The manifest as a dict. Raises `Refused` with file and field for everything that is wrong."""
    manifest: dict[str, Any] = load_json(data, origin)
    _check_schema(manifest, schema(), origin)
    for field, name in _files(manifest):
        _check_name(name, f"{origin}: {field}")
    _check_consistency(manifest, origin)
    return manifest


def check_record(record: dict[str, Any], origin: str) -> None:
    """A delivery record by itself. Raises `Refused` with the field, also for text that no database holds."""
    _check_schema(record, schema()["properties"]["record"], origin)
    try:
        written = json.dumps(record, ensure_ascii=False).encode("utf-8")
    except UnicodeEncodeError:
        written = b"\\u0000"
    if b"\\u0000" in written:
        raise Refused(
            Text(
                en="The record holds characters that are none (NUL or half pairs).",
                zh="记录含有无效字符（NUL 或半个代理对）。",
            ),
            origin,
        )


def _check_schema(content: Any, wanted: dict[str, Any], origin: str) -> None:
    error = jsonschema.exceptions.best_match(jsonschema.Draft202012Validator(wanted).iter_errors(content))
    if error is not None:
        raise Refused(_said(error), f"{origin}: {_field(error)}")


def load_json(data: bytes, origin: str) -> Any:
    """JSON from bytes in any readable encoding. Raises `Refused` with line and column, also when nested too deep."""
    text, _ = decode(data, origin)
    try:
        return json.loads(text, parse_constant=_no_constant)
    except json.JSONDecodeError as error:
        raise Refused(
            Text(
                en=f"The JSON is broken in line {error.lineno}: {error.msg}.",
                zh=f"JSON 第 {error.lineno} 行有语法错误：{error.msg}。",
            ),
            f"{origin}: line {error.lineno}, column {error.colno}",
        ) from None
    except (RecursionError, ValueError) as error:
        raise Refused(
            Text(
                en=f"The JSON cannot be read ({shortened(str(error), 80) or 'nested too deep'}).",
                zh=f"无法读取该 JSON（{shortened(str(error), 80) or '嵌套过深'}）。",
            ),
            origin,
        ) from None


def _no_constant(name: str) -> Any:
    raise ValueError(f"{name} is not a JSON number")


def _field(error: jsonschema.ValidationError) -> str:
    """`data[0].features[2].type`, as one would write it."""
    written = ""
    for part in error.absolute_path:
        written += (
            f"[{part}]" if isinstance(part, int) else f".{shortened(str(part))}" if written else shortened(str(part))
        )
    return written or "(top level)"


def _said(error: jsonschema.ValidationError) -> Text:
    limit = shortened(error.message, 160)
    if error.validator == "required":
        return Text(en=f"A field is missing: {limit}.", zh=f"缺少字段：{limit}。")
    if error.validator == "additionalProperties":
        return Text(en=f"A field is not known here: {limit}.", zh=f"存在未知字段：{limit}。")
    if error.validator == "enum":
        return Text(en=f"The value is not one of those allowed: {limit}.", zh=f"取值不在允许范围内：{limit}。")
    return Text(en=f"The value does not fit: {limit}.", zh=f"取值不符合要求：{limit}。")


def _files(manifest: dict[str, Any]) -> list[tuple[str, str]]:
    found = [("model.file", manifest["model"]["file"])] if manifest.get("model", {}).get("file") else []
    found += [(f"data[{index}].file", entry["file"]) for index, entry in enumerate(manifest["data"])]
    record = manifest.get("record", {})
    found += [(f"record.artifacts[{i}].file", entry["file"]) for i, entry in enumerate(record.get("artifacts", []))]
    return found + ([("record.signature.file", record["signature"]["file"])] if "signature" in record else [])


def _check_name(name: str, place: str) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or ":" in name or "\0" in name:
        raise Refused(
            Text(
                en=f"“{shortened(name)}” points outside the bundle. Name files relative to the manifest.",
                zh=f"“{shortened(name)}”指向清单文件夹之外。请使用相对于清单的文件名。",
            ),
            place,
        )


def _check_consistency(manifest: dict[str, Any], origin: str) -> None:
    model = manifest.get("model", {})
    if model.get("format") in ("onnx", "skops") and not model.get("file"):
        raise Refused(
            Text(en="The model has no file. Name it.", zh="模型缺少文件名。请填写。"), f"{origin}: model.file"
        )
    roles = [entry["role"] for entry in manifest["data"]]
    for index, role in enumerate(roles):
        if role in roles[:index]:
            raise Refused(
                Text(
                    en=f"The role “{role}” is given to two data sets. Join them into one file.",
                    zh=f"角色“{role}”对应了两个数据集。请合并为一个文件。",
                ),
                f"{origin}: data[{index}].role",
            )
    if "threshold" in model and len(model.get("classes", [0, 1])) != 2:
        raise Refused(
            Text(en="A threshold applies to two classes only.", zh="threshold 仅适用于两个类别。"),
            f"{origin}: model.threshold",
        )
