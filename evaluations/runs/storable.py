"""Whether JSON out of a sandbox can be kept in a database: PostgreSQL takes neither NUL nor half characters."""

from __future__ import annotations

from typing import Any


def is_storable(value: Any) -> bool:
    """Whether no text in `value` (parsed JSON), names included, holds a NUL or half a surrogate pair."""
    waiting = [value]
    while waiting:
        part = waiting.pop()
        if isinstance(part, dict):
            waiting += [*part, *part.values()]
        elif isinstance(part, list):
            waiting += part
        elif isinstance(part, str) and not _is_whole(part):
            return False
    return True


def _is_whole(text: str) -> bool:
    try:
        return b"\x00" not in text.encode()
    except UnicodeEncodeError:
        return False
