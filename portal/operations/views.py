"""Whether the portal lives, and whether it is ready to work."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponseServerError, JsonResponse
from django.template.loader import render_to_string
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from . import health


@never_cache
@require_safe
def healthz(request: HttpRequest) -> JsonResponse:
    """The process answers."""
    return JsonResponse({"status": "ok"})


@never_cache
@require_safe
def readyz(request: HttpRequest) -> JsonResponse:
    """The database, the queue and the file store can be used; 503 with the part that cannot."""
    parts = health.parts()
    ready = all(state == health.OK for state in parts.values())
    return JsonResponse({"status": "ok" if ready else "unavailable", **parts}, status=200 if ready else 503)


def server_error(request: HttpRequest) -> HttpResponseServerError:
    """The page of a fault of ours, with the number under which the log tells of it; needs no database."""
    page = render_to_string("500.html", {"request_id": getattr(request, "request_id", "")})
    return HttpResponseServerError(page)
