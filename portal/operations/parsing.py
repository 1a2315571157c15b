"""What the REST interface takes as JSON: less than Python's reader would, and nothing that a database cannot keep."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from rest_framework.exceptions import ParseError
from rest_framework.parsers import JSONParser

from assessments.presentation.characters import refuse_unseen

DEEPEST = 40
# What JSON's readers agree on as whole numbers (RFC 8259, 6), and the canonical form can write (RFC 8785).
LARGEST = 2**53 - 1


class StrictJSONParser(JSONParser):
    """Refuses nesting beyond DEEPEST, numbers that others read otherwise, and characters that nobody sees."""

    def parse(self, stream: Any, media_type: str | None = None, parser_context: Mapping[str, Any] | None = None) -> Any:
        try:
            data = super().parse(stream, media_type, parser_context)
        except RecursionError as error:
            raise ParseError(_too_deep()) from error
        level, depth = [data], 0
        while level:  # one depth after the other, as a hostile body may be deeper than Python's stack
            depth += 1
            if depth > DEEPEST:
                raise ParseError(_too_deep())
            level = [inner for value in level for inner in _parts_of(value)]
        return data


def _too_deep() -> str:
    return _("The data is nested more than %(number)d deep.") % {"number": DEEPEST}


def _parts_of(value: Any) -> list[Any]:
    """What is inside of a value, which itself is checked."""
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    if isinstance(value, list):
        return value
    if isinstance(value, str):
        try:
            refuse_unseen(value)
        except ValidationError as refused:
            raise ParseError(refused.messages[0]) from refused
    if isinstance(value, float) and not math.isfinite(value):
        raise ParseError(_("A number is too large."))
    if isinstance(value, int) and abs(value) > LARGEST:
        raise ParseError(_("A number is too large."))
    return []
