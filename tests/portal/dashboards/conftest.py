"""Signing in and reading one's dashboard; many rows of each kind for the count of queries."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.urls import reverse

Look = Callable[..., Any]


@pytest.fixture
def look(client: Any, db: None) -> Look:
    """A function that gives the dashboard's answer as a person sees it; `tasks(answer)` reads what waits."""

    def see(person: Any, language: str = "en") -> Any:
        client.force_login(person)
        client.cookies["django_language"] = language
        answer = client.get(reverse("dashboards:dashboard"))
        assert answer.status_code == 200
        return answer

    return see


def tasks(answer: Any) -> list[str]:
    """The words of everything that waits for the reader, in order."""
    return [task.text for task in [*answer.context["tasks"], *answer.context["further_tasks"]]]
