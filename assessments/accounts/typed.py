"""What somebody typed while their sign-in had ended: kept on the server, given back to them after signing in.

A form that is sent without a valid session is answered with the sign-in page. Its fields rest in the session under
which the person then signs in, bound to whoever the ended session belonged to. On the page from which the form came
they stand in a notice: with script they are put back into the form, without it they can be read and sent from there.
"""

from __future__ import annotations

from typing import Any
from urllib.parse import urlencode, urlsplit

from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme

from .sign_ins import owner_of

KEPT = "typed"  # in the session
LASTS = 24 * 3600  # seconds
LIMIT = 256 * 1024  # bytes of a form; more is a file, and files are chosen again
SECRET = ("csrfmiddlewaretoken", "code", "credential")


def keep(request: HttpRequest, response: HttpResponse) -> HttpResponse:
    """Called with every answer: keeps the fields of a form that met the sign-in page, and drops what was sent since."""
    if request.method != "POST":
        return response
    if not _is_sign_in(response):
        _release(request, response)
        return response
    page = _page_of(request)
    cookie = request.COOKIES.get(settings.SESSION_COOKIE_NAME)
    # A second form, or the one that autosave sent before, comes under the session that keeps the first.
    owner = (owner_of(cookie) or request.session.get(KEPT, {}).get("person")) if cookie else None
    if owner is not None and int(request.META.get("CONTENT_LENGTH") or 0) <= LIMIT:
        fields = [(name, value) for name in request.POST if _may_keep(name) for value in request.POST.getlist(name)]
        request.session[KEPT] = {
            "person": str(owner),
            "action": request.get_full_path(),
            "page": page,
            "fields": fields,
            "files": bool(request.FILES),
            "at": timezone.now().timestamp(),
        }
    address = f"{settings.LOGIN_URL}?{urlencode({'next': page}, safe='/')}"
    if request.headers.get("X-Autosave"):
        return HttpResponse(status=401)
    if request.headers.get("HX-Request"):
        return HttpResponse(status=204, headers={"HX-Redirect": address})
    response["Location"] = address
    return response


def _is_sign_in(response: HttpResponse) -> bool:
    return response.status_code == 302 and response["Location"].startswith(f"{settings.LOGIN_URL}?next=")


def _may_keep(name: str) -> bool:
    return name not in SECRET and "password" not in name.lower()


def _page_of(request: HttpRequest) -> str:
    """The page on which the form stood: what the browser says, if it is one of ours; else the form's own address."""
    came_from = request.headers.get("HX-Current-URL") or request.headers.get("Referer", "")
    if not url_has_allowed_host_and_scheme(came_from, {request.get_host()}, require_https=request.is_secure()):
        return request.get_full_path()
    parts = urlsplit(came_from)
    return f"{parts.path}?{parts.query}" if parts.query else parts.path


def _release(request: HttpRequest, response: HttpResponse) -> None:
    """The form was sent again, and taken: nothing is kept any more."""
    taken = response.status_code < 400 and request.session.accessed
    if taken and request.session.get(KEPT, {}).get("action") == request.get_full_path():
        del request.session[KEPT]


def kept_for(request: HttpRequest) -> dict[str, Any] | None:
    """What is kept for this person and this page."""
    person = getattr(request, "user", None)
    if request.method != "GET" or person is None or not person.is_authenticated:
        return None
    kept: dict[str, Any] | None = request.session.get(KEPT)
    if kept is None:
        return None
    if kept["person"] != str(person.pk) or timezone.now().timestamp() - kept["at"] > LASTS:
        del request.session[KEPT]
        return None
    here = (request.get_full_path(), request.path)
    return kept if kept["page"] in here or kept["action"] in here else None


def is_waiting(request: HttpRequest) -> bool:
    """Whether somebody who now signs in finds what they typed."""
    return settings.SESSION_COOKIE_NAME in request.COOKIES and KEPT in request.session


def discard(request: HttpRequest) -> str:
    """Throw it away; gives the page to go back to."""
    kept = request.session.pop(KEPT, None)
    return kept["page"] if kept else reverse("accounts:account")
