"""Public pages: what a certificate under an edition says about other frameworks, and what it does not."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from .crosswalk import Coverage, PartRow, coverage
from .loading import register
from .models import Criterion, Edition, in_current_language
from .views_exchange import readable
from .wording import CERTAINTIES, DATES, FRAMEWORK_STATUSES, RELATIONS


@require_safe
def matrix(request: HttpRequest, code: str, edition: str) -> HttpResponse:
    """All frameworks on record against the characteristics of one edition."""
    row = readable(request, code, edition)
    characteristics = [
        {"code": item["code"], "title": in_current_language(item["title"])} for item in row.content["characteristics"]
    ]
    covered = [_line(item, [entry["code"] for entry in characteristics]) for item in _coverage(row)]
    context = {
        "edition": row,
        "characteristics": characteristics,
        "covered": [line for line in covered if line["total"]],
        "untouched": [line for line in covered if not line["total"]],
        "checked_on": register().checked_on,
        "relations": RELATIONS.items(),
    }
    return render(request, "standards/crosswalk.html", context)


@require_safe
def framework(request: HttpRequest, code: str, edition: str, framework: str) -> HttpResponse:
    """What a certificate under one edition says about one framework, part by part, with the gaps."""
    row = readable(request, code, edition)
    found = next((item for item in _coverage(row) if item.framework.id == framework), None)
    if found is None:
        raise Http404
    criteria = {criterion.code: criterion for criterion in row.criteria.select_related("edition__standard")}
    context = {
        "edition": row,
        "framework": _record(found),
        "rows": [_part(part, criteria) for part in found.rows if part.links],
        "gaps": [{"id": part.id, "title": in_current_language(part.title.as_json())} for part in found.gaps],
        "parts_are": found.framework.parts_are if found.framework.parts else "",
        "total": len(found.criteria),
    }
    return render(request, "standards/framework.html", context)


def _coverage(edition: Edition) -> list[Coverage]:
    references = {row.code: row.content.get("references", []) for row in edition.criteria.all()}
    return coverage(references, register())


def _record(found: Coverage) -> dict[str, Any]:
    item = found.framework
    return {
        "id": item.id,
        "cited_as": item.cited_as,
        "title": in_current_language(item.title.as_json()),
        "issuer": in_current_language(item.issuer.as_json()),
        "status": item.status,
        "status_words": FRAMEWORK_STATUSES[item.status],
        "dates": [(DATES[name], value) for name, value in item.dates.items()],
        "certainty": CERTAINTIES[item.certainty],
        "note": in_current_language(item.note.as_json()) if item.note else "",
        "is_law": item.kind == "law",
    }


def _line(found: Coverage, characteristics: list[str]) -> dict[str, Any]:
    return {
        **_record(found),
        "counts": [found.count(code) for code in characteristics],
        "total": len(found.criteria),
        "gaps": len(found.gaps),
    }


def _part(row: PartRow, criteria: dict[str, Criterion]) -> dict[str, Any]:
    return {
        "id": row.part.id if row.part else "",
        "title": in_current_language(row.part.title.as_json()) if row.part else "",
        "links": [
            {
                "criterion": criteria[link.criterion],
                "relation": RELATIONS[link.relation],
                "note": in_current_language(link.note) if link.note else "",
            }
            for link in row.links
        ],
    }
