"""A standard in the browser: written with live checks, put to the public, commented on without script, answered."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest
from playwright.sync_api import Browser, expect

from tests.journeys.stack import Portal
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.journey, pytest.mark.timeout(300)]

KEPT = """
from assessments.standards.drafting import entrust
from assessments.standards.loading import DATA
from assessments.standards.services import load_scheme, load_standard, publish
from tests.factories.people import organisation, person
body = organisation("body", "Standards Body", "标准机构")
person("Sofia", body, "scheme_owner")
edition, scheme = load_standard(DATA / "PRE-1.yaml"), load_scheme(DATA / "PRE-scheme.yaml")
publish(edition)
publish(scheme)
entrust(edition.standard, body)
"""


@pytest.fixture
def keeper(portal: Portal, browser: Browser) -> Iterator[Visitor]:
    portal.code(KEPT)
    visitor = Visitor(browser, portal)
    yield visitor.sign_in("Sofia", going_to="/drafts/")
    visitor.close()


@pytest.fixture
def citizen(portal: Portal, browser: Browser) -> Iterator[Visitor]:
    visitor = Visitor(browser, portal, script=False, size={"width": 360, "height": 800})
    yield visitor
    visitor.close()


def test_from_a_blank_field_to_an_answered_comment(keeper: Visitor, citizen: Visitor) -> None:
    keeper.follow("Begin a new edition").choose("Begin with the text of", "PRE 1").fill("Name of the new edition", "2")
    keeper.press("Begin").sees("PRE 2", "The checks are clean")

    keeper.follow("PU-1").fill("Requirement (Chinese)", "")
    found = keeper.page.locator("#checks")
    expect(found.get_by_role("link", name="Requirement (Chinese)")).to_be_visible()
    expect(found).to_contain_text("is empty")
    keeper.fill("Requirement (Chinese)", "声明方应以书面形式说明系统的用途和限制。")
    expect(found).to_contain_text("The checks find nothing wrong here.")
    keeper.inspect().press("Save").sees("PU-1 is saved.")

    keeper.follow("PRE 2").follow("Public consultation", inside=keeper.page.locator(".step-list"))
    day = datetime.now(UTC).date()
    keeper.fill("Opens on", day.isoformat()).fill("Closes on", (day + timedelta(days=30)).isoformat())
    keeper.press("Announce the consultation").sees("open for comments")

    citizen.visit("/standards/PRE/2/").follow("Comment on PU-1").fill("Comment", "Who signs it?")
    citizen.fill("Your name", "Vera").fill("Your e-mail address", "vera@example.org")
    citizen.press("Send the comment").sees("Thank you.").sees_not("Who signs it?")

    keeper.visit("/dashboard/").sees("1 comment needs an answer.").follow("Read and answer")
    keeper.press("Let it through").tick("accepted").fill("Reason", "The responsible person; PU-2 says so.")
    keeper.press("Answer in public")
    citizen.visit("/standards/PRE/2/consultation/").sees("Who signs it?", "PU-2 says so.").sees_not("vera@example.org")

    keeper.visit("/standards/PRE/2/pdf/")
    address = keeper.page.url
    for _ in range(60):
        answer = keeper.page.request.get(address)
        if answer.headers["content-type"] == "application/pdf":
            break
        keeper.page.wait_for_timeout(1000)
    assert answer.body().startswith(b"%PDF")
