"""What this room puts into pages of the rooms below."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from .models import Notification


def inbox_link(request: HttpRequest, **context: Any) -> SafeString | None:
    """In the header of each page: the way to the inbox, with the number of what is unread."""
    person = getattr(request, "user", None)
    if person is None or not person.is_authenticated:
        return None
    unread = Notification.objects.unread_of(person).count()
    return render_to_string("notifications/_inbox_link.html", {"unread": unread}, request)


def preferences_link(request: HttpRequest, **context: Any) -> SafeString:
    """In the menu of the person who is signed in."""
    return render_to_string("notifications/_menu.html", request=request)
