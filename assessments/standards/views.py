"""The public pages: which standards there are, each edition as a readable page, each scheme."""

from __future__ import annotations

from itertools import groupby
from typing import Any

from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.views.decorators.http import require_safe

from assessments.ledger.services import history

from .filtering import Filter
from .models import FROZEN, Criterion, Edition, Scheme, Status, in_current_language
from .views_exchange import downloads, other_editions, readable, scheme_of
from .wording import method_views, obligation, phases, predicate_words, reference_views


@require_safe
def standard_list(request: HttpRequest) -> HttpResponse:
    """All editions that the public may read, with their schemes."""
    editions = Edition.objects.public().select_related("standard").prefetch_related("schemes")
    return render(request, "standards/standard_list.html", {"editions": list(editions)})


@require_safe
def edition_page(request: HttpRequest, code: str, edition: str) -> HttpResponse:
    """One edition with all its criteria; each has its code as anchor."""
    row = readable(request, code, edition)
    scheme = scheme_of(row)
    consultation = row.consultations.first()
    asked = Filter(request.GET, row, scheme)
    characteristics = _characteristics(row, scheme, asked)
    context = {
        "edition": row,
        "summary": in_current_language(row.content["summary"]),
        "scope": in_current_language(row.content["scope"]),
        "status_note": in_current_language(row.content["status_note"]),
        "anchors": [in_current_language(anchor) for anchor in row.content["anchors"]],
        "characteristics": characteristics,
        "filter": asked,
        "shown": sum(len(item["criteria"]) for item in characteristics),
        "downloads": downloads(row),
        "others": other_editions(row),
        "scheme": scheme,
        "total": len(row.content["criteria"]),
        "consultation": consultation,
        "commentable": consultation is not None and consultation.stage == "open",
        "withdrawal": _withdrawal(row),
        "has_crosswalk": any("references" in criterion for criterion in row.content["criteria"]),
    }
    return render(request, "standards/edition.html", context)


def _withdrawal(edition: Edition) -> str:
    """Why an edition was withdrawn, as the ledger has it."""
    if edition.status != Status.WITHDRAWN:
        return ""
    entry = history(edition).filter(transition="withdraw").last()
    return next((text.text for text in entry.texts.all() if text.name == "reason"), "") if entry else ""


@require_safe
def scheme_page(request: HttpRequest, code: str, edition: str) -> HttpResponse:
    """One scheme: levels, gates, decision rule, validity, thresholds."""
    visible = Scheme.objects.filter(status__in=FROZEN).select_related("standard_edition__standard")
    scheme = get_object_or_404(visible, code=code, edition=edition)
    content = scheme.content
    context = {
        "scheme": scheme,
        "rule": in_current_language(content["decision_rule"]["title"]),
        "source": content["decision_rule"]["source"],
        "tiers": [{**tier, "name": in_current_language(tier["title"])} for tier in content["tiers"]],
        "levels": [_level(level, scheme) for level in content["levels"]],
        "below_lowest": in_current_language(content["words"]["below_lowest"]),
        "published": in_current_language(content["published"]),
        "review": in_current_language(content["decides"]["review"]),
        "decision": in_current_language(content["decides"]["decision"]),
    }
    return render(request, "standards/scheme.html", context)


def _characteristics(edition: Edition, scheme: Scheme | None, asked: Filter) -> list[dict[str, Any]]:
    """The characteristics in their order, each with the criteria that were asked for as the page shows them.

    A filter leaves out a characteristic of which nothing is left.
    """
    rows = [row for row in edition.criteria.select_related("edition__standard") if asked.passes(row)]
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
        if item["code"] in grouped or not asked.is_active
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


def _level(level: dict[str, Any], scheme: Scheme) -> dict[str, Any]:
    tiers = {tier["code"]: in_current_language(tier["title"]) for tier in scheme.content["tiers"]}
    return {
        "title": in_current_language(level["title"]),
        "gates": [{**gate, "tiers": [tiers[code] for code in gate.get("tiers", [])]} for gate in level["gates"]],
        "each": level["characteristics"]["each"],
        "named": level["characteristics"].get("named", {}),
        "rated": level["characteristics"]["rated"],
        "criteria_at_least": level.get("criteria_at_least"),
        "not_demonstrated_allowed": level["not_demonstrated_allowed"],
    }
