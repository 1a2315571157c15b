"""The text of an edition as its page and its print show it, in the language of the request."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from .filtering import Filter
from .loading import content_problems
from .models import Criterion, Edition, Scheme, Status, in_current_language
from .wording import method_views, obligation, phases, predicate_words, reference_views


def scheme_of(edition: Edition) -> Scheme | None:
    """The newest scheme of an edition that is no draft.

    Of an edition that is a draft itself it is the draft beside it, when that is sound.
    """
    held = edition.schemes.exclude(status=Status.DRAFT).order_by("-published_at").first()
    if held is not None or edition.is_frozen:
        return held
    drafted = edition.schemes.order_by("-pk").first()
    if drafted is None or edition.status == Status.CONSULTATION:
        return drafted  # checked when it was put to the public, and at rest since
    return None if content_problems(drafted.content, str(drafted), edition.content) else drafted


def general(edition: Edition) -> dict[str, Any]:
    """What the edition says of itself."""
    content = edition.content
    texts = {key: in_current_language(content[key]) for key in ("summary", "scope", "status_note")}
    return {**texts, "anchors": [in_current_language(anchor) for anchor in content["anchors"]]}


def characteristics(edition: Edition, scheme: Scheme | None, asked: Filter | None = None) -> list[dict[str, Any]]:
    """The characteristics in their order, each with the criteria that were asked for as the page shows them.

    A filter leaves out a characteristic of which nothing is left.
    """
    rows = [row for row in edition.criteria.select_related("edition__standard") if asked is None or asked.passes(row)]
    criteria = sorted(rows, key=lambda row: row.characteristic)
    grouped = {code: list(rows) for code, rows in groupby(criteria, key=lambda row: row.characteristic)}
    return [
        {
            "code": item["code"],
            "title": in_current_language(item["title"]),
            "beside": item.get("beside", False),
            "criteria": [_criterion(row, edition, scheme) for row in grouped.get(item["code"], [])],
        }
        for item in edition.content["characteristics"]
        if item["code"] in grouped or asked is None or not asked.is_active
    ]


def _criterion(row: Criterion, edition: Edition, scheme: Scheme | None) -> dict[str, Any]:
    return {
        "row": row,
        "obligation": obligation(row.gate),
        "phases": phases(row),
        "applies": predicate_words(edition.content, row.applies_when) if row.applies_when else "",
        "methods": method_views(row, edition.content, scheme),
        **_full_text(row),
    }


def _full_text(row: Criterion) -> dict[str, Any]:
    """What a full edition adds to a criterion; empty in a pilot edition."""
    content = row.content
    return {
        "rationale": in_current_language(content["rationale"]) if "rationale" in content else "",
        "evidence": [in_current_language(item) for item in content.get("evidence", ())],
        "guidance": in_current_language(content["guidance"]) if "guidance" in content else "",
        "anchors": [in_current_language(item) for item in content.get("anchors", ())],
        "references": reference_views(row),
    }
