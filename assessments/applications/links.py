"""What this room puts into pages of the rooms below."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils.safestring import SafeString

from assessments.accounts.models import Role
from assessments.accounts.rules import organisations_of
from assessments.standards.models import Edition

from .models import Application

ENDED = (Application.Status.DECLINED, Application.Status.CONCLUDED, Application.Status.WITHDRAWN)
SHOWN = 200


def apply_for_version(request: HttpRequest, version: Any, **context: Any) -> SafeString | None:
    """On the page of a version: its applications, and the way to begin one."""
    if not request.user.has_perm("systems.edit_version", version):
        return None
    rows = Application.objects.filter(version=version).order_by("created_at")
    return render_to_string("applications/_version_side.html", {"version": version, "rows": rows}, request)


def touched_by_edition(request: HttpRequest, edition: Edition, **context: Any) -> SafeString:
    """On the page of an edition's transition: applications under way that stay on other editions of the standard.

    A scheme owner reads whose they are where their own body received them; drafts and other bodies' are counted only.
    """
    under_way = Application.objects.filter(edition__standard=edition.standard_id).exclude(edition=edition)
    under_way = under_way.exclude(status__in=ENDED)
    own = (
        under_way.exclude(status=Application.Status.DRAFT)
        .filter(body__in=organisations_of(request.user, Role.SCHEME_OWNER))
        .select_related("organisation", "edition__standard")
        .order_by("number")
    )
    rows, total = list(own[:SHOWN]), under_way.count()
    context = {"rows": rows, "others": total - own.count(), "more": own.count() - len(rows)}
    return render_to_string("applications/_transition.html", context, request)
