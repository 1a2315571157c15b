"""What differs between two editions: criteria added, removed, and changed field by field. Pure, by content."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any

# Not differences of substance: an edition always has another name, and criteria are compared one by one.
_NAMES = frozenset({"document", "edition", "status", "criteria"})
MISSING = None


@dataclass(frozen=True)
class FieldChange:
    """One field with what it was and is; None where the edition does not have it. `path` is like `statement.en`."""

    path: str
    before: Any
    after: Any


@dataclass(frozen=True)
class CriterionChange:
    code: str
    title: Mapping[str, str]
    fields: tuple[FieldChange, ...]


@dataclass(frozen=True)
class Comparison:
    """All differences from one edition to another, criteria in the order of the newer one."""

    added: tuple[Mapping[str, Any], ...]
    removed: tuple[Mapping[str, Any], ...]
    changed: tuple[CriterionChange, ...]
    general: tuple[FieldChange, ...]
    unchanged: int

    @property
    def is_empty(self) -> bool:
        return not (self.added or self.removed or self.changed or self.general)


def compare(before: Mapping[str, Any], after: Mapping[str, Any]) -> Comparison:
    """Compare the contents of two editions; criteria are the same where their codes are."""
    old = {criterion["code"]: criterion for criterion in before["criteria"]}
    new = {criterion["code"]: criterion for criterion in after["criteria"]}
    changed = [
        CriterionChange(code, criterion["title"], fields)
        for code, criterion in new.items()
        if code in old and (fields := tuple(_changes(old[code], criterion)))
    ]
    return Comparison(
        added=tuple(criterion for code, criterion in new.items() if code not in old),
        removed=tuple(criterion for code, criterion in old.items() if code not in new),
        changed=tuple(changed),
        general=tuple(_changes(_without(before), _without(after))),
        unchanged=len(set(old) & set(new)) - len(changed),
    )


def _without(content: Mapping[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in content.items() if key not in _NAMES}


def _changes(before: Mapping[str, Any], after: Mapping[str, Any], above: str = "") -> Iterator[FieldChange]:
    for key in dict.fromkeys([*before, *after]):
        old, new = before.get(key, MISSING), after.get(key, MISSING)
        if old == new:
            continue
        if _is_text(old) and _is_text(new):
            yield from _changes(old, new, f"{above}{key}.")
        else:
            yield FieldChange(f"{above}{key}", old, new)


def _is_text(value: Any) -> bool:
    return isinstance(value, Mapping) and set(value) == {"en", "zh"}
