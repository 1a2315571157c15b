"""What this room adds to pages of the rooms below."""

from __future__ import annotations

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
