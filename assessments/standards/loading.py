"""From a YAML file to checked content: JSON Schema first, then what a schema cannot say (see `checks`).

Nothing of the database here; `services` stores what this module has found sound.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from functools import cache
from pathlib import Path
from typing import Any

from jsonschema import Draft202012Validator
from jsonschema.exceptions import ValidationError

from evaluations.methods.declared import Declaration
from evaluations.methods.frame import Text
from evaluations.methods.registry import declared

from . import checks, completeness, reachability
from .documents import Document, DocumentRefused, Place, Problem, read_document
from .frameworks import Register

HERE = Path(__file__).parent
DATA = HERE / "data"
SCHEMAS = HERE / "schemas"
FRAMEWORKS = DATA / "frameworks.yaml"

# Kinds of documents in the order in which they are read: a scheme refers to a standard, a resolution to both.
KINDS = ("frameworks", "standard", "scheme", "resolution")
# What a new portal begins with; the other editions are loaded by name.
INITIAL = ("TAI-0.9.yaml", "TAI-scheme.yaml")

_TYPES_ZH = {
    "object": "键值映射",
    "array": "列表",
    "string": "文本",
    "integer": "整数",
    "number": "数字",
    "boolean": "true 或 false",
}


def shipped_files() -> list[Path]:
    """The YAML files that come with the product, each kind before those that refer to it."""
    return ordered(DATA.glob("*.yaml"))


def initial_files() -> list[Path]:
    """Those of the shipped files that a new portal begins with: the edition open for applications and its scheme."""
    return [DATA / name for name in INITIAL]


def ordered(paths: Iterator[Path] | list[Path]) -> list[Path]:
    """Standards before the schemes that refer to them, each in the order of their names."""
    return sorted(paths, key=lambda path: (_rank(path), path.name))


@cache
def register() -> Register:
    """The shipped framework records. Raises DocumentRefused when they are broken."""
    return Register.from_content(load_document(FRAMEWORKS).content)


def load_document(path: Path) -> Document:
    """Read and check a standard or the part of a scheme that stands alone. Raises DocumentRefused, OSError."""
    document = read_document(path)
    problems = list(schema_problems(document))
    if not problems:
        problems = list(standalone_problems(document, declared()))
    if problems:
        raise DocumentRefused(sorted(problems, key=lambda problem: problem.line))
    return document


def load_scheme_document(path: Path, standard: Mapping[str, Any]) -> Document:
    """Read a scheme and check it against the content of the edition that it names."""
    document = load_document(path)
    problems = list(checks.scheme_against_standard(document, standard))
    # What is reachable can be asked only of rules that fit the standard.
    problems = problems or list(reachability.unreachable_levels(document, standard))
    if problems:
        raise DocumentRefused(sorted(problems, key=lambda problem: problem.line))
    return document


def content_problems(content: Mapping[str, Any], name: str, standard: Mapping[str, Any] | None = None) -> list[Problem]:
    """Everything that is wrong with content that comes from no file; a scheme is checked against its `standard`."""
    stored = {"status": "draft"} if content.get("document") in ("standard", "scheme") else {}
    document = Document.of_content({**stored, **content}, name)
    problems = list(schema_problems(document)) or list(standalone_problems(document, declared()))
    if standard is not None and not problems:
        problems = list(checks.scheme_against_standard(document, standard))
        problems = problems or list(reachability.unreachable_levels(document, standard))
    return problems


def schema_problems(document: Document) -> Iterator[Problem]:
    """Where the document breaks its JSON Schema."""
    kind = document.content.get("document")
    if kind not in KINDS:
        names = " or ".join(f"“{name}”" for name in KINDS)
        yield document.problem(("document",), Text(f"must be {names}", f"必须为 {names.replace(' or ', '、')}之一"))
        return
    for error in _validator(kind).iter_errors(document.content):
        yield document.problem(_place(error), _words(error))


def standalone_problems(document: Document, methods: Mapping[str, Declaration]) -> Iterator[Problem]:
    """Contradictions within a document whose shape is right."""
    kind = document.content["document"]
    if kind == "standard":
        yield from checks.standard(document, methods)
        yield from completeness.not_self_published(document)
        if document.content.get("stage") == "full":
            yield from completeness.full_edition(document, register())
    elif kind == "scheme":
        yield from checks.scheme(document, methods)
    elif kind == "frameworks":
        yield from completeness.framework_records(document)
    elif kind == "resolution":
        yield from completeness.balanced(document)
        yield from completeness.days_in_order(document)


@cache
def _validator(kind: str) -> Draft202012Validator:
    schema = json.loads((SCHEMAS / f"{kind}.schema.json").read_text(encoding="utf-8"))
    Draft202012Validator.check_schema(schema)
    return Draft202012Validator(schema)


def _rank(path: Path) -> int:
    """The place of a file's kind among KINDS, read from its first lines; a file that says none counts as a standard."""
    if not path.is_file():
        return KINDS.index("standard")
    with path.open(encoding="utf-8", errors="replace") as stream:
        said = [line.partition(":")[2].strip() for line in stream if line.startswith("document:")]
    return KINDS.index(said[0]) if said and said[0] in KINDS else KINDS.index("standard")


def _place(error: ValidationError) -> Place:
    place = tuple(error.absolute_path)
    # The schema names the mapping; a reader looks for the key.
    if error.validator == "additionalProperties" and isinstance(error.instance, dict):
        known = error.schema.get("properties", {}) if isinstance(error.schema, Mapping) else {}
        extra = sorted(set(error.instance) - set(known))
        return (*place, extra[0]) if extra else place
    return place


def _words(error: ValidationError) -> Text:
    value, limit = error.instance, error.validator_value
    if error.validator in ("minLength", "minItems") and not value:
        return Text("is empty", "内容为空")
    writer = _WRITERS.get(str(error.validator))
    if writer is not None:
        return writer(value, limit)
    if error.validator in _BOUNDS:
        return Text(f"{_short(value)}: {error.validator} is {limit}", f"{_short(value)}：{error.validator} 为 {limit}")
    return Text(
        "has none of the forms allowed here, or several at once", "不符合此处允许的任何一种形式，或同时符合多种"
    )


def _missing(value: Any, limit: Any) -> Text:
    absent = [key for key in limit if key not in value]
    return Text(f"missing: {', '.join(absent)}", f"缺少：{'、'.join(absent)}")


def _wrong_type(value: Any, limit: Any) -> Text:
    names = limit if isinstance(limit, list) else [limit]
    names_zh = [_TYPES_ZH.get(str(name), str(name)) for name in names]
    return Text(
        f"must be {' or '.join(names)}, not {_short(value)}", f"应为{'或'.join(names_zh)}，而不是 {_short(value)}"
    )


def _not_allowed(value: Any, limit: Any) -> Text:
    allowed = [str(item) for item in (limit if isinstance(limit, list) else [limit])]
    return Text(
        f"must be {' or '.join(allowed)}, not {_short(value)}", f"应为 {' 或 '.join(allowed)}，而不是 {_short(value)}"
    )


_BOUNDS = ("minimum", "maximum", "minItems", "maxItems", "minLength", "maxProperties")
_WRITERS: dict[str, Callable[[Any, Any], Text]] = {
    "required": _missing,
    "type": _wrong_type,
    "enum": _not_allowed,
    "const": _not_allowed,
    "additionalProperties": lambda value, limit: Text("this key is not known here", "此处不认识该键"),
    "pattern": lambda value, limit: Text(
        f"{_short(value)} does not have the form {limit}", f"{_short(value)} 不符合格式 {limit}"
    ),
    "uniqueItems": lambda value, limit: Text("something stands twice in this list", "列表中有重复项"),
}


def _short(value: Any) -> str:
    rendered = repr(value)
    return rendered if len(rendered) <= 60 else f"{rendered[:57]}…"
