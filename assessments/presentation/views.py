"""The design page: every component in each of its states, for those who build and those who check."""

from __future__ import annotations

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from . import specimens


@require_safe
def design(request: HttpRequest) -> HttpResponse:
    """All components with invented content; not there unless the installation shows its design page."""
    if not (settings.DEBUG or settings.DESIGN_PAGE):
        raise Http404
    return render(request, "presentation/design/page.html", specimens.context())
