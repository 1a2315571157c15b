"""The public first page and the registry: everybody may read these, nobody signs in for them."""

from __future__ import annotations

import json
from collections.abc import Iterator
from urllib.parse import urlencode

from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.utils import timezone
from django.views.decorators.http import require_safe

from assessments.presentation.paging import keyset_page
from portal.certificates.models import Certificate
from portal.certificates.showing import radar_of

from . import exports, facets, indexing
from .search import Question, answer, facet_counts, listed

PAGE_SIZE = 20
NEWEST = 5


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """What is certified and why it can be believed; search box, figures, the newest certificates."""
    indexing.catch_up()
    day = timezone.now().date()
    newest = list(listed().select_related("certificate__body").order_by("-granted_on", "-pk")[:NEWEST])
    published = Certificate.objects.published()
    context = {
        "newest": newest,
        "radar": radar_of(newest[0].certificate) if newest else None,
        "in_force": Certificate.objects.in_force(day).count(),
        "issued": published.count(),
        "holders": published.values("holder").distinct().count(),
        "ended": published.filter(status__in=["withdrawn", "suspended"]).count(),
    }
    return render(request, "registry/home.html", context)


@require_safe
def search(request: HttpRequest) -> HttpResponse:
    """The registry's list: words, facets, order, and pages that begin after the last row seen."""
    indexing.catch_up()
    question = Question.read(request.GET)
    if not question.chosen and Certificate.objects.published().filter(number=question.words.upper()).exists():
        return redirect("certificates:certificate", number=question.words.upper())
    found = answer(question)
    page = keyset_page(
        found.select_related("certificate__body"),
        order=question.column,
        cursor=request.GET.get("page", ""),
        size=PAGE_SIZE,
    )
    context = {
        "question": question,
        "page": page,
        "count": found.count(),
        "facets": facets.panel(question, facet_counts(question)),
        "clear_url": facets.address(question, chosen={}) if question.chosen else "",
        "orders": facets.orders(question),
        "export_query": urlencode(facets.parameters(question)),
    }
    return render(request, "registry/search.html", context)


@require_safe
def export_csv(request: HttpRequest) -> StreamingHttpResponse:
    """What the question finds, as a table that a spreadsheet opens (UTF-8 with byte order mark)."""
    lines = exports.csv_lines(answer(Question.read(request.GET)), request.build_absolute_uri)
    response = StreamingHttpResponse(lines, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = 'attachment; filename="certificates.csv"'
    return response


@require_safe
def export_json(request: HttpRequest) -> StreamingHttpResponse:
    """What the question finds, as a JSON array of records."""

    def parts() -> Iterator[str]:
        yield "["
        for place, record in enumerate(exports.records(answer(Question.read(request.GET)), request.build_absolute_uri)):
            yield ("," if place else "") + "\n" + json.dumps(record, ensure_ascii=False)
        yield "\n]\n"

    response = StreamingHttpResponse(parts(), content_type="application/json")
    response["Content-Disposition"] = 'attachment; filename="certificates.json"'
    return response
