"""The prose of OSCAL parts as plain text, with parameters written out where they are inserted."""

from __future__ import annotations

import re
from collections.abc import Mapping, Sequence
from typing import Any

_INSERTION = re.compile(r"\{\{\s*insert:\s*param,\s*([^\s}]+)\s*\}\}")
_ONE_OR_MORE = {"one-or-more": "one or more of", "one": "one of"}
# A parameter may insert another one; a circle of them must end.
_DEPTH = 5

Params = Mapping[str, Mapping[str, Any]]


def render(part: Mapping[str, Any], params: Params, depth: int = 0) -> str:
    """A part and all inside it, one line a paragraph, labels in front, two blanks a level."""
    label = next((item["value"] for item in part.get("props", ()) if item["name"] in ("label", "method")), "")
    prose = insert(part.get("prose", ""), params).strip()
    own = " ".join(filter(None, (label, part.get("title", ""), prose)))
    lines = ["  " * depth + line if line else "" for line in own.split("\n")] if own else []
    below = depth + 1 if own else depth
    lines += [text for inner in part.get("parts", ()) if (text := render(inner, params, below))]
    return "\n".join(lines)


def insert(prose: str, params: Params, depth: int = 0) -> str:
    """Prose with each insertion replaced by the parameter's value, choice or label, in brackets."""
    if depth >= _DEPTH:
        return prose
    return _INSERTION.sub(lambda match: f"[{_words(match[1], params, depth)}]", prose)


def _words(name: str, params: Params, depth: int) -> str:
    param = params.get(name, {})
    if param.get("values"):
        return ", ".join(param["values"])
    if "select" in param:
        choices = "; ".join(insert(choice, params, depth + 1) for choice in param["select"].get("choice", ()))
        return f"{_ONE_OR_MORE.get(param['select'].get('how-many', 'one'), 'one of')}: {choices}"
    return str(param.get("label", name))


def parameter_lines(own: Sequence[Mapping[str, Any]], params: Params) -> str:
    """The parameters of a control as a list: id, what it stands for, guidelines."""
    lines = []
    for param in own:
        words = list(dict.fromkeys([_words(param["id"], params, 0), param.get("label", "")]))
        words.append(insert(param.get("usage", ""), params))
        words += [insert(guideline["prose"], params) for guideline in param.get("guidelines", ())]
        words += [insert(constraint.get("description", ""), params) for constraint in param.get("constraints", ())]
        lines.append(f"{param['id']}: {' – '.join(filter(None, words))}")
    return "\n".join(lines)
