"""Permission is the fetch: an application that a person may not see does not exist for them."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404

from assessments.ledger.models import Entry

from .models import Application

RELATED = ("organisation", "body", "version__system__organisation", "edition__standard", "scheme", "agreement")


def application_for(person: Any, pk: Any, permission: str = "applications.view_application") -> Application:
    """The application, if the person may do this with it; else Http404."""
    found: Application = get_object_or_404(Application.objects.visible_to(person).select_related(*RELATED), pk=pk)
    if not person.has_perm(permission, found):
        raise Http404
    return found


def admitted_by(pk: Any) -> set[Any]:
    """Who admitted the application of this key, by the ledger; nobody before it is admitted."""
    entries = Entry.objects.filter(object_type=Application._meta.label_lower, object_id=str(pk), transition="admit")
    return set(entries.exclude(actor=None).values_list("actor", flat=True))
