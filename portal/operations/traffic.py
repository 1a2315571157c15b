"""Requests in figures: how many, by route, method and status, and how long they took.

Every web process counts in a file of its own (the library's way for several processes on one host); whichever process
is asked for the metrics adds them up. Counting begins only where metrics are switched on.
"""

from __future__ import annotations

import os

from django.conf import settings
from django.http import HttpRequest
from prometheus_client import CollectorRegistry, Counter, Histogram
from prometheus_client.multiprocess import MultiProcessCollector

METHODS = {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"}
BOUNDS = (0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 10.0)
REFUSED = ("sign_in", "second_factor", "token", "private", "forged", "conflict", "pace")

_own = CollectorRegistry()
REQUESTS = Counter("portal_http_requests", "Requests answered.", ("route", "method", "status"), registry=_own)
SECONDS = Histogram(
    "portal_http_request_seconds", "Time to the first byte of an answer.", ("route", "method"),
    buckets=BOUNDS, registry=_own,
)  # fmt: skip
REFUSALS = Counter("portal_refusals", "Requests refused, by what they looked like.", ("kind",), registry=_own)


def count(request: HttpRequest, status: int, seconds: float) -> None:
    """Count one answered request; an address that is not routed and a made-up method are one label each."""
    if not settings.METRICS_TOKEN:
        return
    match = getattr(request, "resolver_match", None)
    route = (match.view_name or "unnamed") if match else "unrouted"
    method = request.method if request.method in METHODS else "other"
    REQUESTS.labels(route, method, str(status)).inc()
    SECONDS.labels(route, method).observe(seconds)


def begin() -> None:
    """Each kind of refusal stands there with zero: an alert sees the first one as a rise, not as a new figure."""
    for kind in REFUSED:
        REFUSALS.labels(kind)


def count_refusal(kind: str) -> None:
    """Count one request that was refused, by what it looked like (`refusals.kind_of`)."""
    if settings.METRICS_TOKEN:
        REFUSALS.labels(kind).inc()


def registry() -> CollectorRegistry:
    """What all web processes of this host have counted."""
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return _own
    together = CollectorRegistry()
    MultiProcessCollector(together)
    return together
