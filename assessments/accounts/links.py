"""What this room puts into pages of the room below."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from .mail import is_shown_to


def account_link(request: HttpRequest, **context: Any) -> SafeString:
    """In the menu of the person who is signed in."""
    return render_to_string("accounts/_menu.html", request=request)


def mail_link(request: HttpRequest, **context: Any) -> SafeString | None:
    """Where a message was sent: the way to read it on a development portal."""
    return render_to_string("accounts/_mail_link.html", request=request) if is_shown_to(request) else None
