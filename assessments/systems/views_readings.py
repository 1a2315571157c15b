"""Who has read it: the vendor's page about its version."""

from __future__ import annotations

from typing import Any

from django.contrib.auth.decorators import login_required
from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from assessments.presentation.paging import keyset_page

from . import readings
from .views import visible_version


@login_required
@require_safe
def version_readings(request: HttpRequest, pk: Any) -> HttpResponse:
    version = visible_version(request, pk, "systems.see_readings")
    page = keyset_page(readings.of_version(version.pk), order="-last_at", cursor=request.GET.get("page", ""))
    return render(request, "systems/readings.html", {"version": version, "page": page})
