"""What this room adds to pages of the rooms below."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from assessments.systems.models import SystemVersion


def link_to_self_tests(request: HttpRequest | None, *, version: SystemVersion) -> SafeString | None:
    """On the page of one's own version: the way to test it."""
    if request is None or not request.user.has_perm("systems.edit_version", version):
        return None
    address = reverse("runs:self-tests", args=[version.pk])
    return format_html('<p><a class="button" href="{}">{}</a></p>', address, _("Self-tests"))


def link_from_application(request: HttpRequest | None, *, application: Any) -> SafeString | None:
    """On the page of one's own application, as long as it can still be changed: the way to test its version first."""
    if request is None or not application.is_editable:
        return None
    if not request.user.has_perm("systems.edit_version", application.version):
        return None
    address = reverse("runs:self-tests", args=[application.version_id])
    return format_html('<p><a href="{}">{}</a></p>', address, _("Test the version yourself before you submit"))
