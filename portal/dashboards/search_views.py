"""The page of the header's search, and its box in every header."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect, render
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from portal.registry import indexing

from . import search


@never_cache
@require_safe
def results(request: HttpRequest) -> HttpResponse:
    """What the reader may see and the words name, by kind; a whole number leads straight to its page."""
    indexing.catch_up()
    words = search.plain_words(request.GET.get("q", ""))
    groups = search.find(request.user, words)
    target = search.page_of_number(groups, words)
    if target:
        return redirect(target)
    return render(request, "dashboards/search.html", {"words": words, "groups": groups})


def search_box(request: HttpRequest) -> SafeString | None:
    """The small search box of the header, left out on the page that has it large."""
    if request.path == reverse("search:results"):
        return None
    return SafeString(render_to_string("dashboards/header_search.html"))
