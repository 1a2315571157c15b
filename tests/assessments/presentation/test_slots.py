"""Rooms above fill places in pages below; what they give is escaped and ordered."""

from __future__ import annotations

from typing import Any

import pytest
from django.contrib.auth.models import AnonymousUser
from django.template import Context, Template
from django.test import RequestFactory
from django.utils.safestring import mark_safe

from assessments.presentation import slots


@pytest.fixture(autouse=True)
def own_registry(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(slots, "_fillers", type(slots._fillers)(dict))
    monkeypatch.setattr(slots, "_navigation", {})


def later(request: Any, **context: Any) -> Any:
    return mark_safe(f"<b>{context['case']}</b>")  # noqa: S308


def earlier(request: Any, **context: Any) -> Any:
    return ["1 < 2", None]


def nothing(request: Any, **context: Any) -> Any:
    return None


def test_pieces_are_ordered_and_escaped() -> None:
    slots.register("side", later)
    slots.register("side", earlier, position=10)
    slots.register("side", nothing)
    slots.register("side", later)
    assert slots.fill("side", None, case=7) == ["1 &lt; 2", "<b>7</b>"]
    template = Template("{% load presentation %}{% slot 'side' case=7 %}")
    request = RequestFactory().get("/")
    assert template.render(Context({"request": request})) == "", "a request without a person, as in an early error"
    request.user = AnonymousUser()
    assert template.render(Context({"request": request})) == "1 &lt; 2<b>7</b>"


def test_unknown_slot_is_empty() -> None:
    assert slots.fill("nowhere", None) == []


def test_navigation_shows_what_this_person_may_use_and_marks_where_they_are() -> None:
    slots.register_navigation("Design", "presentation:design", position=20)
    slots.register_navigation("Sign in", "account_login", position=10)
    slots.register_navigation("Secret", "account_logout", shown=lambda request: False)
    slots.register_navigation("Gone", "no:such")
    links = slots.navigation(RequestFactory().get("/design/"))
    assert [(link.label, link.is_current) for link in links] == [("Sign in", False), ("Design", True)]
