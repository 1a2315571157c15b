"""What this room puts into pages of the rooms below."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString


def account_section(request: HttpRequest, **context: Any) -> SafeString:
    """On one's account page."""
    return render_to_string("privacy/_account.html", request=request)


def person_section(request: HttpRequest, person: Any, **context: Any) -> SafeString:
    """On an administrator's page about somebody."""
    return render_to_string("privacy/_person.html", {"person": person}, request)
