"""What the REST interface answers when it refuses: in the reader's language, and without naming what was looked for."""

from __future__ import annotations

import errno
from typing import Any

from django.db import OperationalError
from django.http import Http404, HttpRequest, HttpResponse, JsonResponse
from django.utils.translation import gettext as _
from django.views import defaults
from rest_framework.exceptions import NotFound, ParseError
from rest_framework.response import Response
from rest_framework.views import exception_handler, set_rollback

_FULL = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}


def refused(error: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's own answer, but for Django's 404, whose English text names the table that was searched.

    Where the disk is full it says so (507, RFC 4918): what was received stays, and the sender may go on later.
    """
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


def is_full(error: Exception) -> bool:
    """Whether there was no room for a file, or for SQLite's."""
    if isinstance(error, OperationalError):
        return "disk is full" in str(error)
    return isinstance(error, OSError) and error.errno in _FULL
