"""The search box in every page's header."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.safestring import SafeString


def search_box(request: HttpRequest) -> SafeString | None:
    """A small search box, left out where the page itself has a large one."""
    if request.path in {reverse("registry:home"), reverse("registry:search")}:
        return None
    return SafeString(render_to_string("registry/header_search.html"))
