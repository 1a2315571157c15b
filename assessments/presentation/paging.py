"""Pages that stay fast at a million rows: the next page begins after the last row seen, never at an offset."""

from __future__ import annotations

import base64
import binascii
import json
from dataclasses import dataclass
from datetime import date
from typing import Any, Generic, TypeVar

from django.core.exceptions import ValidationError
from django.db.models import Model, Q, QuerySet

Row = TypeVar("Row", bound=Model)
AFTER, BEFORE = "a", "b"


@dataclass(frozen=True)
class KeysetPage(Generic[Row]):
    """Some rows, and the cursors of the pages beside them (empty: there is none)."""

    items: list[Row]
    next: str
    previous: str

    def __bool__(self) -> bool:
        return bool(self.items)


def keyset_page(queryset: QuerySet[Row], *, order: str = "-pk", cursor: str = "", size: int = 25) -> KeysetPage[Row]:
    """One page of `queryset` in `order`, ties broken by primary key.

    `order` names a field or an annotation that is never null, with "-" for falling.
    `cursor` is what an earlier page gave as `next` or `previous`. One that cannot be read, as when somebody edits
    an address, gives the first page.
    """
    falling = order.startswith("-")
    name = order.lstrip("-")
    position = _read(cursor, queryset, name)
    backward = position is not None and position[0] == BEFORE
    step_falling = falling != backward
    rows = queryset.order_by(*_ordering(name, step_falling))
    if position is not None:
        rows = rows.filter(_beyond(name, position[1], position[2], falling=step_falling))
    found = list(rows[: size + 1])
    more = len(found) > size
    items = found[:size]
    if backward:
        items.reverse()
    has_next = more if not backward else True
    has_previous = more if backward else position is not None
    if not items:
        return KeysetPage([], "", "")
    return KeysetPage(
        items,
        _write(AFTER, items[-1], name) if has_next else "",
        _write(BEFORE, items[0], name) if has_previous else "",
    )


def _ordering(name: str, falling: bool) -> list[str]:
    sign = "-" if falling else ""
    return [f"{sign}{name}"] if name in {"pk", "id"} else [f"{sign}{name}", f"{sign}pk"]


def _beyond(name: str, value: Any, key: Any, *, falling: bool) -> Q:
    """The rows after (value, key). The outer bound on one column lets both databases seek in the index."""
    strict = "lt" if falling else "gt"
    if name in {"pk", "id"}:
        return Q(**{f"pk__{strict}": key})
    return Q(**{f"{name}__{strict}e": value}) & (Q(**{f"{name}__{strict}": value}) | Q(**{f"pk__{strict}": key}))


def _write(side: str, row: Model, name: str) -> str:
    value = row.pk if name == "pk" else getattr(row, name)
    packed = json.dumps([side, value, row.pk], default=_as_text, ensure_ascii=False, separators=(",", ":"))
    return base64.urlsafe_b64encode(packed.encode()).decode().rstrip("=")


def _read(cursor: str, queryset: QuerySet[Any], name: str) -> tuple[str, Any, Any] | None:
    if not cursor or len(cursor) > 500:
        return None
    meta = queryset.model._meta
    try:
        packed = base64.b64decode(cursor + "=" * (-len(cursor) % 4), altchars=b"-_", validate=True)
        side, value, key = json.loads(packed)
        if side not in {AFTER, BEFORE} or value is None or key is None:
            return None
        field = meta.pk if name == "pk" else _field(queryset, name)
        return side, field.to_python(value), meta.pk.to_python(key)
    except (ValueError, TypeError, binascii.Error, ValidationError, RecursionError):
        return None


def _field(queryset: QuerySet[Any], name: str) -> Any:
    """What reads a value of that name: a field of the model, or that of an annotation."""
    annotation = queryset.query.annotations.get(name)
    return queryset.model._meta.get_field(name) if annotation is None else annotation.output_field


def _as_text(value: object) -> str:
    """Dates keep their microseconds (Django's own encoder cuts them, and rows would be lost between two pages)."""
    return value.isoformat() if isinstance(value, date) else str(value)
