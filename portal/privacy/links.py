"""What this room puts into pages of the rooms below."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from . import holds


def account_section(request: HttpRequest, **context: Any) -> SafeString:
    """On one's account page."""
    return render_to_string("privacy/_account.html", request=request)


def footer(request: HttpRequest, **context: Any) -> SafeString:
    """At the foot of every page."""
    return render_to_string("privacy/_footer.html", request=request)


def person_section(request: HttpRequest, person: Any, **context: Any) -> SafeString:
    """On an administrator's page about somebody."""
    return render_to_string("privacy/_person.html", {"person": person}, request)


def organisation_notice(request: HttpRequest, organisation: Any, **context: Any) -> SafeString | None:
    """On an organisation's page, for administrators: that a legal hold is on it."""
    if not request.user.has_perm("accounts.administer"):
        return None
    held = holds.active().filter(organisation=organisation)
    return render_to_string("privacy/_organisation.html", {"holds": held}, request)
