"""What the REST interface answers when it refuses: in the reader's language, and without naming what was looked for."""

from __future__ import annotations

import errno
from http import HTTPStatus
from typing import Any

from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views import csrf, defaults
from rest_framework.exceptions import NotFound, ParseError, PermissionDenied
from rest_framework.permissions import AllowAny
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def refused(error: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's own answer, but for Django's 404, whose English text names the table that was searched.

    Where the disk is full it says so (507, RFC 4918): what was received stays, and the sender may go on later.
    """
    if isinstance(error, PermissionDenied) and str(error.detail).startswith("CSRF Failed"):
        context["request"]._request.is_forged = True  # noqa: SLF001 - what middleware sees
    if is_full(error):
        set_rollback()
        return Response({"detail": _("The portal has no room at the moment. Try again later.")}, status=507)
    answer = exception_handler(NotFound() if isinstance(error, Http404) else error, context)
    if answer is not None and isinstance(answer.data, list):  # a refusal is an object, whatever was wrong
        answer.data = {"detail": " ".join(map(str, answer.data))}
    return answer


def not_found(request: HttpRequest, exception: Exception) -> HttpResponse:
    """An address below `/api/` that names nothing is answered as the interface answers, any other by its page."""
    if request.path.startswith("/api/"):
        return JsonResponse({"detail": NotFound.default_detail}, status=404)
    return defaults.page_not_found(request, exception)


def bad_request(request: HttpRequest, exception: Exception) -> HttpResponse:
    """What Django itself refuses before a view is asked: too large a body, too many fields, another host."""
    if request.path.startswith("/api/"):
        return JsonResponse({"detail": ParseError.default_detail}, status=400)
    return defaults.bad_request(request, exception)


def forged(request: HttpRequest, reason: str = "") -> HttpResponse:
    """A form without its token, or from another site: Django's own answer, and a mark for whoever counts."""
    request.is_forged = True  # type: ignore[attr-defined]
    return csrf.csrf_failure(request, reason)


def is_private(request: HttpRequest) -> bool:
    """Whether the view asks for a signed-in person: by Django's decorator, or by not being open in the API."""
    view = request.resolver_match.func if request.resolver_match else None
    if hasattr(view, "redirect_field_name"):
        return True
    permissions = getattr(getattr(view, "cls", None), "permission_classes", ())
    return bool(permissions) and AllowAny not in permissions


# A form of these that comes back instead of leading on was not filled in as it should.
WRONG_ANSWERS = {"account_login": "sign_in", "mfa_authenticate": "second_factor"}
KINDS: dict[int, str] = {
    HTTPStatus.TOO_MANY_REQUESTS: "pace",
    HTTPStatus.CONFLICT: "conflict",
    HTTPStatus.UNAUTHORIZED: "token",
}


def kind_of(request: HttpRequest, status: int) -> str:
    """What a refused request looked like to whoever watches for attacks; empty for all others.

    `sign_in` and `second_factor`: a wrong answer; `token`: none or a wrong one; `private`: somebody asked for what is
    not theirs or not there; `forged`: a form of another site; `conflict`: an act out of its order; `pace`: too often.
    """
    match = request.resolver_match
    if request.method == "POST" and status == HTTPStatus.OK and match and match.view_name in WRONG_ANSWERS:
        return WRONG_ANSWERS[match.view_name]
    if status == HTTPStatus.NOT_FOUND and is_private(request):
        return "private"
    if status == HTTPStatus.FORBIDDEN and getattr(request, "is_forged", False):
        return "forged"
    return KINDS.get(status, "")


def is_full(error: Exception) -> bool:
    """Whether there was no room for a file, or for SQLite's."""
    if isinstance(error, OperationalError):
        return "disk is full" in str(error)
    return isinstance(error, OSError) and error.errno in _FULL
