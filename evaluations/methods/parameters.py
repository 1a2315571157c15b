"""Typed parameters: read from text or JSON, checked against their declaration, published as JSON Schema."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from evaluations.methods.frame import Parameter, Text

MAX_NUMBERS = 32
MAX_TEXT = 500
_YES = ("true", "yes", "on", "1")
_NO = ("false", "no", "off", "0")


@dataclass(frozen=True)
class Problem:
    """What is wrong with one parameter, for the form field of that name."""

    parameter: str
    reason: Text


class InvalidParameters(ValueError):
    """One or more parameters are unknown, of the wrong type or out of bounds."""

    def __init__(self, problems: Sequence[Problem]) -> None:
        self.problems = tuple(problems)
        super().__init__("; ".join(problem.reason.en for problem in problems))


class _Wrong(ValueError):
    def __init__(self, en: str, zh: str) -> None:
        self.reason = Text(en, zh)
        super().__init__(en)


def json_schema(parameters: Iterable[Parameter]) -> dict[str, Any]:
    """The JSON Schema (draft 2020-12) of a method's parameters; titles and descriptions are English."""
    return {
        "type": "object",
        "additionalProperties": False,
        "properties": {parameter.name: _property(parameter) for parameter in parameters},
    }


def defaults(parameters: Iterable[Parameter]) -> dict[str, Any]:
    return {parameter.name: _copy(parameter.default) for parameter in parameters}


def checked(parameters: Iterable[Parameter], given: Mapping[str, Any]) -> dict[str, Any]:
    """All parameters, those given checked and those missing at their default. Raises InvalidParameters."""
    return _collect(parameters, given, _from_json)


def parsed(parameters: Iterable[Parameter], given: Mapping[str, str]) -> dict[str, Any]:
    """Like `checked`, for values that came as text (a form field, `--param k=v`); numbers are comma-separated."""
    return _collect(parameters, given, _from_text)


def pairs(arguments: Iterable[str]) -> dict[str, str]:
    """`["k=v", ...]` as a dict. Raises InvalidParameters on an argument without `=` or a name given twice."""
    found: dict[str, str] = {}
    for argument in arguments:
        name, equals, value = argument.partition("=")
        if not equals or not name:
            reason = Text(f"“{argument}” is not of the form name=value", f"“{argument}”不是“名称=值”的形式")
            raise InvalidParameters([Problem(name, reason)])
        if name in found:
            raise InvalidParameters([Problem(name, Text(f"{name} is given twice", f"{name} 给出了两次"))])
        found[name] = value
    return found


def _collect(
    parameters: Iterable[Parameter], given: Mapping[str, Any], convert: Callable[[Parameter, Any], Any]
) -> dict[str, Any]:
    known = {parameter.name: parameter for parameter in parameters}
    problems = [
        Problem(name, Text(f"{name} is not a parameter of this method", f"{name} 不是此方法的参数"))
        for name in given
        if name not in known
    ]
    values = defaults(known.values())
    for name in known.keys() & given.keys():
        try:
            values[name] = convert(known[name], given[name])
        except _Wrong as wrong:
            reason = Text(f"{name}: {wrong.reason.en}", f"{name}：{wrong.reason.zh}")
            problems.append(Problem(name, reason))
    if problems:
        raise InvalidParameters(sorted(problems, key=lambda problem: problem.parameter))
    return values


def _from_text(parameter: Parameter, text: str) -> Any:
    stripped = text.strip()
    if parameter.kind == "numbers":
        return _from_json(parameter, [_number(part) for part in stripped.split(",") if part.strip()])
    if parameter.kind in {"integer", "number"}:
        return _from_json(parameter, _number(stripped))
    if parameter.kind == "boolean":
        words = {
            "true": True,
            "yes": True,
            "on": True,
            "1": True,
            "false": False,
            "no": False,
            "off": False,
            "0": False,
        }
        if stripped.lower() not in words:
            raise _Wrong(f"“{text}” is neither true nor false", f"“{text}”既不是 true 也不是 false")
        return words[stripped.lower()]
    return _from_json(parameter, stripped)


def _number(text: str) -> float | int:
    try:
        return int(text)
    except ValueError:
        pass
    try:
        return float(text)
    except ValueError:
        raise _Wrong(f"“{text.strip()}” is not a number", f"“{text.strip()}”不是数字") from None


def _from_json(parameter: Parameter, value: Any) -> Any:
    match parameter.kind:
        case "integer" | "number":
            return _bounded(parameter, value)
        case "numbers":
            if not isinstance(value, list | tuple) or not 1 <= len(value) <= MAX_NUMBERS:
                raise _Wrong(f"needs a list of 1 to {MAX_NUMBERS} numbers", f"需要 1 至 {MAX_NUMBERS} 个数字的列表")
            return [_bounded(parameter, item) for item in value]
        case "boolean":
            if not isinstance(value, bool):
                raise _Wrong("must be true or false", "必须为 true 或 false")
            return value
        case "choice":
            if value not in parameter.choices:
                allowed = ", ".join(parameter.choices)
                raise _Wrong(f"must be one of: {allowed}", f"必须是以下之一：{allowed}")
            return value
        case "text":
            if not isinstance(value, str) or len(value) > MAX_TEXT:
                raise _Wrong(f"must be text of at most {MAX_TEXT} characters", f"必须是不超过 {MAX_TEXT} 个字符的文本")
            return value


def _bounded(parameter: Parameter, value: Any) -> float | int:
    if isinstance(value, bool) or not isinstance(value, int | float) or not math.isfinite(value):
        raise _Wrong("must be a finite number", "必须是有限的数字")
    if parameter.kind == "integer" and value != int(value):
        raise _Wrong("must be a whole number", "必须是整数")
    if parameter.minimum is not None and value < parameter.minimum:
        raise _Wrong(f"must be at least {parameter.minimum:.12g}", f"不得小于 {parameter.minimum:.12g}")
    if parameter.maximum is not None and value > parameter.maximum:
        raise _Wrong(f"must be at most {parameter.maximum:.12g}", f"不得大于 {parameter.maximum:.12g}")
    return int(value) if parameter.kind == "integer" else value


def _property(parameter: Parameter) -> dict[str, Any]:
    kinds = {"choice": "string", "text": "string", "numbers": "array"}
    found: dict[str, Any] = {
        "title": parameter.title.en,
        "description": parameter.description.en,
        "type": kinds.get(parameter.kind, parameter.kind),
        "default": _copy(parameter.default),
    }
    bounds = {
        key: bound
        for key, bound in (("minimum", parameter.minimum), ("maximum", parameter.maximum))
        if bound is not None
    }
    if parameter.kind == "numbers":
        found |= {"items": {"type": "number", **bounds}, "minItems": 1, "maxItems": MAX_NUMBERS}
    elif parameter.kind == "choice":
        found["enum"] = list(parameter.choices)
    elif parameter.kind == "text":
        found["maxLength"] = MAX_TEXT
    else:
        found |= bounds
    return found


def _copy(value: Any) -> Any:
    return list(value) if isinstance(value, list | tuple) else value
