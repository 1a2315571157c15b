"""What this room puts into pages of the rooms below."""

from __future__ import annotations

from typing import Any

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.utils import timezone
from django.utils.safestring import SafeString

from .models import Certificate

SHOWN = 200


def touched_by_edition(request: HttpRequest, edition: Any, **context: Any) -> SafeString:
    """On the page of an edition's transition: certificates that hold under other editions, soonest to end first."""
    holding = (
        Certificate.objects.published()
        .filter(
            status__in=[Certificate.Status.IN_FORCE, Certificate.Status.SUSPENDED],
            valid_until__gte=timezone.now().date(),
            case__application__edition__standard=edition.standard_id,
        )
        .exclude(case__application__edition=edition)
        .select_related("holder", "case__application__edition__standard")
        .order_by("valid_until", "number")
    )
    rows = list(holding[:SHOWN])
    return render_to_string(
        "certificates/_transition.html", {"rows": rows, "more": holding.count() - len(rows)}, request
    )
