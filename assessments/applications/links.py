"""What this room puts into pages of the rooms below."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from .models import Application


def apply_for_version(request: HttpRequest, version: Any, **context: Any) -> SafeString | None:
    """On the page of a version: its applications, and the way to begin one."""
    if not request.user.has_perm("systems.edit_version", version):
        return None
    rows = Application.objects.filter(version=version).order_by("created_at")
    return render_to_string("applications/_version_side.html", {"version": version, "rows": rows}, request)
