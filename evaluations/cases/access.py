"""Permission is the fetch: a case that a person may not see does not exist for them."""

from __future__ import annotations

from typing import Any

from django.http import Http404
from django.shortcuts import get_object_or_404

from .models import Case

RELATED = (
    "application__organisation",
    "application__version__system",
    "application__edition__standard",
    "application__scheme",
    "body",
)


def case_for(person: Any, pk: Any, permission: str = "cases.view_case") -> Case:
    """The case, if the person may do this with it; else Http404."""
    return _permitted(Case.objects.visible_to(person), person, pk, permission)


def client_case(person: Any, pk: Any, permission: str = "cases.view_as_client") -> Case:
    """The case as its client sees it; else Http404."""
    return _permitted(Case.objects.of_client(person), person, pk, permission)


def _permitted(cases: Any, person: Any, pk: Any, permission: str) -> Case:
    case: Case = get_object_or_404(cases.select_related(*RELATED), pk=pk)
    if not person.has_perm(permission, case):
        raise Http404
    return case
