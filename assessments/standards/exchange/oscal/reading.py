"""Reads an OSCAL file: shape first, then as what it is. Every refusal names the place in the file."""

from __future__ import annotations

import json
from collections.abc import Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator

from evaluations.methods.frame import Text

from ...documents import DocumentRefused, Problem
from ..report import Imported
from .catalog import is_ours, read_own_catalog
from .foreign import read_foreign_catalog
from .vocabulary import Undecodable

MAX_BYTES = 20_000_000
_SHOWN = 20


def read_oscal(raw: bytes, file: str) -> dict[str, Any]:
    """The document `{"catalog" | "profile" | "mapping-collection": …}`. Raises DocumentRefused."""
    if len(raw) > MAX_BYTES:
        raise _refusal(file, 1, (), Text("larger than 20 MB", "超过 20 MB"))
    try:
        document = json.loads(raw.decode("utf-8-sig"))
    except json.JSONDecodeError as error:
        raise _refusal(file, error.lineno, (), Text("not valid JSON", "JSON 格式错误")) from error
    except (UnicodeDecodeError, RecursionError) as error:
        raise _refusal(file, 1, (), Text("not readable as JSON in UTF-8", "无法按 UTF-8 JSON 读取")) from error
    # A file may name its schema; that is no part of the model.
    if isinstance(document, dict):
        document.pop("$schema", None)
    found = list(_problems(document, file))
    if found:
        raise DocumentRefused(found)
    return dict(document)


def read_catalog(raw: bytes, file: str, code: str = "") -> Imported:
    """The standard in a catalogue, our own or another's; `code` names another's. Raises DocumentRefused."""
    return standard_in(catalog_of(read_oscal(raw, file), file), code, file)


def catalog_of(document: Mapping[str, Any], file: str) -> dict[str, Any]:
    """The catalogue of an OSCAL document. Raises DocumentRefused when the document is something else."""
    if "catalog" not in document:
        raise _refusal(file, 1, (next(iter(document)),), Text("a catalogue is expected", "应为目录（catalog）"))
    return dict(document["catalog"])


def standard_in(catalog: Mapping[str, Any], code: str = "", file: str = "catalog") -> Imported:
    """The standard in a catalogue whose shape is right. Raises DocumentRefused when what is ours in it was spoilt."""
    if not is_ours(catalog):
        return read_foreign_catalog(catalog, code)
    try:
        return read_own_catalog(catalog)
    except Undecodable as error:
        raise _refusal(file, 1, (error.place, error.name), Text("not valid JSON", "JSON 格式错误")) from error
    except (LookupError, TypeError, AttributeError) as error:
        # The shape of OSCAL holds, but a prop or part that this portal once wrote is gone or is something else.
        words = Text(f"spoilt since it was exported: {error}", f"导出后被改坏：{error}")
        raise _refusal(file, 1, ("catalog",), words) from error


def _problems(document: Any, file: str) -> list[Problem]:
    errors = sorted(validator().iter_errors(document), key=lambda error: [str(part) for part in error.absolute_path])
    return [
        Problem(
            file, 1, tuple(error.absolute_path), Text(error.message[:200], f"不符合 OSCAL 结构：{error.message[:200]}")
        )
        for error in errors[:_SHOWN]
    ]


def _refusal(file: str, line: int, place: tuple[str | int, ...], text: Text) -> DocumentRefused:
    return DocumentRefused([Problem(file, line, place, text)])


@cache
def validator() -> Draft202012Validator:
    """Validates a document against the part of OSCAL's schemas that is written down here."""
    schema = json.loads(Path(__file__).with_name("schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)
