"""In a real browser: neither two tabs, a double click, the way back nor a reload does a thing twice or loses words."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser, expect

from assessments.applications.models import Application
from assessments.ledger.services import history
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.journey, pytest.mark.django_db(transaction=True)]


@pytest.fixture
def alice_there(browser: Browser, live_server: Any, alice: Any) -> Iterator[Visitor]:
    portal: Any = SimpleNamespace(url=live_server.url.replace("127.0.0.1", "localhost"), check=lambda: None)
    visitor = Visitor(browser, portal, audited=False)
    yield visitor.sign_in("Alice", going_to="/applications/")
    visitor.close()


def test_a_closed_tab_loses_nothing_and_a_second_tab_shows_both(alice_there: Visitor, draft: Application) -> None:
    address = f"/applications/{draft.pk}/evidence/GM-6/"
    alice_there.visit(address)
    first = alice_there.context.new_page()
    first.goto(address)
    first.get_by_label("Explanation").fill("Typed in the first tab.")
    expect(first.get_by_text("Saved")).to_be_visible()  # as it was typed, without pressing anything
    first.close()
    alice_there.fill("Explanation", "Typed in the second tab.")
    alice_there.page.get_by_role("button", name="Save and go on").click()
    alice_there.sees("What stands there now:", "Typed in the first tab.", "Typed in the second tab.")
    assert any("gave 409" in complaint for complaint in alice_there.complaints)
    assert draft.evidence.get().explanation == "Typed in the first tab."


def test_submitting_twice_the_way_back_and_a_reload_do_it_once(alice_there: Visitor, ready: Application) -> None:
    alice_there.visit(f"/applications/{ready.pk}/answers/")
    with alice_there.page.expect_navigation(url=f"**/applications/{ready.pk}/"):
        alice_there.page.get_by_role("button", name="Submit the application").dblclick()
    alice_there.inspect()
    alice_there.page.reload()
    alice_there.page.go_back()
    alice_there.sees("What was submitted")
    expect(alice_there.page.get_by_role("button", name="Submit the application")).to_have_count(0)
    assert [entry.transition for entry in history(ready)].count("submit") == 1
