"""What every template may use."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.http import HttpRequest


def portal(request: HttpRequest) -> dict[str, Any]:
    """The address of the site and whether this installation is the embedded one."""
    return {"site_url": settings.SITE_URL, "embedded": settings.EMBEDDED}
