"""What the REST interface answers when it refuses: in the reader's language, and without naming what was looked for."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from rest_framework.exceptions import NotFound
from rest_framework.response import Response
from rest_framework.views import exception_handler


def refused(error: Exception, context: dict[str, Any]) -> Response | None:
    """REST framework's own answer, but for Django's 404, whose English text names the table that was searched."""
    return exception_handler(NotFound() if isinstance(error, Http404) else error, context)
