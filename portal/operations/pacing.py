"""How often an address may ask without having signed in: generously, so that only programs ever meet the limit.

Each process counts for itself and tells the shared cache every few requests, so that an ordinary visit writes nothing
to the database; with several processes the limit is exceeded by what they have not told yet, a few in a hundred.
"""

from __future__ import annotations

import ipaddress
import threading
from collections.abc import Callable
from http import HTTPStatus

from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings
from django.core.cache import cache
from django.http import HttpRequest, HttpResponse, JsonResponse
from django.shortcuts import render
from django.utils import timezone
from django.utils.translation import gettext as _

MINUTE = 60  # seconds in which the requests of an address are counted together
TOLD = 20  # in how many parts of the limit the shared cache is told
# What watches over the portal must always be answered; files of the design never reach this.
ALWAYS = ("/healthz", "/readyz", "/metrics", "/static/")
IPV6_NETWORK = 64  # the smallest network that a customer is given (RFC 6177)


def now() -> int:
    """Seconds since 1970."""
    return int(timezone.now().timestamp())


class Pace:
    """Counts requests by address within the present minute."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._minute = 0
        self._own: dict[str, int] = {}  # not told yet
        self._known: dict[str, int] = {}  # all processes together, when it was last told

    def spend(self, address: str, limit: int) -> bool:
        """Count one request of an address; whether it is still within `limit` requests a minute."""
        minute, step = now() // MINUTE, max(1, limit // TOLD)
        with self._lock:
            if minute != self._minute:
                self._minute, self._own, self._known = minute, {}, {}
            own = self._own[address] = self._own.get(address, 0) + 1
            known = self._known.get(address, 0)
            if own < step or known >= limit:  # who is over the limit costs no more questions
                return known + own <= limit
            self._own[address] = 0
        key = f"pace:{minute}:{address}"
        together = int(cache.get(key, 0)) + own
        cache.set(key, together, timeout=2 * MINUTE)
        with self._lock:
            if minute == self._minute:
                self._known[address] = max(together, self._known.get(address, 0))
        return together <= limit


PACE = Pace()


class PaceMiddleware:
    """Answers 429 with `Retry-After` to an address that reads too fast without having signed in."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        limit = settings.READING_PACE
        if not limit or request.path.startswith(ALWAYS) or _is_known(request):
            return self.get_response(request)
        if PACE.spend(network_of(request), limit):
            return self.get_response(request)
        return too_fast(request)


def _is_known(request: HttpRequest) -> bool:
    """Whether somebody has signed in. Without a cookie nobody is looked for, so that such answers stay cacheable.

    A token is only believed by the interface itself: who sends a wrong one is answered 401 there and reads nothing.
    """
    if settings.SESSION_COOKIE_NAME in request.COOKIES:
        return bool(request.user.is_authenticated)
    return request.path.startswith("/api/") and "Authorization" in request.headers


def network_of(request: HttpRequest) -> str:
    """The visitor's address, past the proxies that are trusted; of IPv6 the network."""
    try:
        address = ipaddress.ip_address(get_client_ip(request) or "")
    except ValueError:
        return "unknown"
    if address.version == 4:
        return str(address)
    return str(ipaddress.ip_network((address, IPV6_NETWORK), strict=False).network_address)


def too_fast(request: HttpRequest) -> HttpResponse:
    """Says until when to wait: the seconds that are left of the minute."""
    wait = MINUTE - now() % MINUTE
    if request.path.startswith("/api/"):
        text = _("Too many requests from your address. Go on in %(seconds)d seconds.") % {"seconds": wait}
        answer: HttpResponse = JsonResponse({"detail": text}, status=HTTPStatus.TOO_MANY_REQUESTS)
    else:
        answer = render(request, "operations/too_fast.html", {"wait": wait}, status=HTTPStatus.TOO_MANY_REQUESTS)
    answer.headers["Retry-After"] = str(wait)
    answer.headers["Cache-Control"] = "no-store"
    return answer
