"""What every request passes: an id for log lines, answers and error pages; and what a wrong method may tell."""

from __future__ import annotations

import re
import time
import uuid
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import structlog
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.functional import SimpleLazyObject

from . import refusals, traffic

log = structlog.get_logger("portal.request")
ACCEPTED = re.compile(r"^[A-Za-z0-9-]{8,64}$")
# Where an address names the object that it is about: "cases/<uuid:pk>/plan/".
NAMED = re.compile(r"(?:^|/)(application|case|run|certificate)s/<\w+:(\w+)>")


class RequestIdMiddleware:
    """Takes `X-Request-ID` from the proxy if it looks like one, or makes one."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response
        traffic.begin()

    def __call__(self, request: HttpRequest) -> HttpResponse:
        given = request.headers.get("X-Request-ID", "")
        request_id = given if ACCEPTED.match(given) else uuid.uuid4().hex
        request.request_id = request_id  # type: ignore[attr-defined]
        structlog.contextvars.clear_contextvars()
        structlog.contextvars.bind_contextvars(request=request_id)
        started = time.perf_counter()
        response = self.get_response(request)
        seconds = time.perf_counter() - started
        response.headers["X-Request-ID"] = request_id
        if request.path.startswith("/api/") and response.headers.get("Content-Type", "").startswith("application/json"):
            # A browser that is led here keeps it as a file, and never takes it for a page.
            response.headers.setdefault("Content-Disposition", 'attachment; filename="api.json"')
        traffic.count(request, response.status_code, seconds)
        if kind := refusals.kind_of(request, response.status_code):
            traffic.count_refusal(kind)
        if response.status_code >= 500 or not request.path.startswith("/static/"):
            log.info(
                "request",
                method=request.method,
                path=request.path,
                status=response.status_code,
                milliseconds=round(seconds * 1000),
                **_who(request),
            )
        return response

    def process_view(self, request: HttpRequest, view: Any, arguments: Any, keywords: dict[str, Any]) -> None:
        """From here on each line of the log names the object that the address names: a case, a run, a certificate."""
        if request.resolver_match and (named := NAMED.search(request.resolver_match.route)):
            structlog.contextvars.bind_contextvars(**{named[1]: str(keywords[named[2]])})


def _who(request: HttpRequest) -> dict[str, str]:
    """Who asked, when the answer depended on it; a page that has not asked who is there is not made to."""
    known = getattr(request, "_cached_user", None) or request.__dict__.get("user")
    if known is None or isinstance(known, SimpleLazyObject) or not known.is_authenticated:
        return {}
    return {"person": str(known.pk)}


class WrongMethodMiddleware:
    """A wrong method on a private address is told only to who may see what is there; for the others there is nothing.

    Decorators refuse a method before the view asks whose the object is. So the address is asked once more, for reading
    only: what a reader would not get is answered the same way, and an address that nobody reads is not there.
    """

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code != HTTPStatus.METHOD_NOT_ALLOWED or not refusals.is_private(request):
            return response
        seen = self._read(request) if "GET" in response.headers.get("Allow", "") else None
        if seen is not None and seen.status_code < HTTPStatus.BAD_REQUEST:
            return response
        if request.path.startswith("/api/"):
            return JsonResponse({"detail": "Not found."}, status=HTTPStatus.NOT_FOUND)
        raise Http404

    @staticmethod
    def _read(request: HttpRequest) -> HttpResponse | None:
        match = request.resolver_match
        if match is None:
            return None
        method, request.method = request.method, "GET"
        try:
            response: HttpResponse = match.func(request, *match.args, **match.kwargs)
        except Http404:
            return None
        finally:
            request.method = method
        # Its own close() would tell everybody that the request is over, which ends the database connection under it.
        if (file := getattr(response, "file_to_stream", None)) is not None:
            file.close()
        return response
