"""The public pages: which standards there are, each edition as a readable page, each scheme."""

from __future__ import annotations

from typing import Any

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import patch_vary_headers
from django.utils.translation import get_language
from django.views.decorators.http import require_safe

from assessments.ledger.services import history

from . import printing
from .edition_text import characteristics, general, scheme_of
from .filtering import Filter
from .loading import content_problems
from .models import Edition, EditionPrint, Scheme, Status, in_current_language
from .views_exchange import downloads, other_editions, readable


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
    shown = characteristics(row, scheme, asked)
    context = {
        "edition": row,
        **general(row),
        "characteristics": shown,
        "filter": asked,
        "shown": sum(len(item["criteria"]) for item in shown),
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


@require_safe
def edition_pdf(request: HttpRequest, code: str, edition: str) -> HttpResponse:
    """The edition on paper, in the language of the reader; while a worker makes it, a page that looks again."""
    row = readable(request, code, edition)
    language = get_language() or "en"
    found = printing.wanted(row, language)
    if found.status == EditionPrint.Status.READY and found.pdf:
        response = HttpResponse(bytes(found.pdf), content_type="application/pdf")
        response["Content-Disposition"] = f'inline; filename="{code}-{edition}-{found.language}.pdf"'
        patch_vary_headers(response, ["Accept-Language", "Cookie"])
        return response
    failed = printing.has_failed(found)
    response = render(
        request, "standards/print_waiting.html", {"edition": row, "failed": failed}, status=503 if failed else 202
    )
    if not failed:
        response["Refresh"] = "5"
    response["Cache-Control"] = "no-store"
    return response


def _withdrawal(edition: Edition) -> str:
    """Why an edition was withdrawn, as the ledger has it."""
    if edition.status != Status.WITHDRAWN:
        return ""
    entry = history(edition).filter(transition="withdraw").last()
    return next((text.text for text in entry.texts.all() if text.name == "reason"), "") if entry else ""


@require_safe
def scheme_page(request: HttpRequest, code: str, edition: str) -> HttpResponse:
    """One scheme: levels, gates, decision rule, validity, thresholds."""
    visible = Scheme.objects.visible_to(request.user).select_related("standard_edition__standard")
    scheme = get_object_or_404(visible, code=code, edition=edition)
    edition_row = scheme.standard_edition
    if scheme.status == Status.DRAFT and content_problems(scheme.content, str(scheme), edition_row.content):
        raise Http404
    consultation = edition_row.consultations.first() if scheme.status == Status.DRAFT else None
    content = scheme.content
    context = {
        "scheme": scheme,
        "commentable": consultation is not None and consultation.stage == "open",
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
