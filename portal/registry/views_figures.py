"""Certificates side by side, and the registry in figures; public as the rest of the registry."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from . import comparing, indexing, statistics

MOST_ASKED = 20


@require_safe
def compare(request: HttpRequest) -> HttpResponse:
    """Two to four certificates in columns; with fewer or more, what to do about it."""
    choice = comparing.choose(request.GET.getlist("n")[:MOST_ASKED])
    context: dict[str, Any] = {"choice": choice, "numbers": [one.number for one in choice.certificates]}
    if choice.fits:
        context |= comparing.side_by_side(choice.certificates)
    return render(request, "registry/compare.html", context)


@require_safe
def statistics_page(request: HttpRequest) -> HttpResponse:
    """How many certificates there are of each kind, and how long a decision takes."""
    indexing.catch_up()
    return render(request, "registry/statistics.html", statistics.page_context(statistics.gather()))


@require_safe
def statistics_json(request: HttpRequest) -> HttpResponse:
    """The figures of the page, with codes in place of words."""
    indexing.catch_up()
    response = JsonResponse(statistics.gather().as_json(), json_dumps_params={"ensure_ascii": False, "indent": 1})
    response["Content-Disposition"] = 'attachment; filename="statistics.json"'
    return response
