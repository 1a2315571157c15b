"""What a screen reader is told of the parts that do something, and that a keyboard is enough for them."""

from __future__ import annotations

import re

import pytest
from playwright.sync_api import Locator, expect

from tests.pages.catalogue import Page
from tests.pages.looking import WIDE, Tabs

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]


def opened(tabs: Tabs, pages: list[Page], name: str, selector: str) -> Locator:
    """The first such part on a page of that address."""
    for page in pages:
        if page.name.partition(" [")[0] == name:
            tabs.go(page)
            if tabs.page.locator(selector).count():
                return tabs.page.locator(selector).first
    raise AssertionError(f"no page of {name} has {selector}")


def test_the_score_control_is_a_named_group_of_choices(tabs: Tabs, pages: list[Page]) -> None:
    found = opened(tabs, pages, "cases:sheet-part", "[data-score]:not(:has(:disabled))")
    told = found.aria_snapshot()
    assert re.match(r'- group "[^"]+ [A-Z]{2}-\d+":', told), told
    offered = [int(digit) for digit in re.findall(r'radio "(\d) [^"]', told)]
    # Each with its anchor in words, from 0 up to what the criterion allows without a test.
    assert offered == list(range(len(offered)))
    assert len(offered) >= 4
    found.get_by_role("radio").first.focus()
    tabs.page.keyboard.press("3")
    expect(found.get_by_role("radio", name=re.compile("^3 "))).to_be_checked()
    expect(found.get_by_role("radio", name=re.compile("^3 "))).to_be_focused()


def test_saving_is_told_politely(tabs: Tabs, pages: list[Page]) -> None:
    for name in ("cases:sheet-part", "applications:step"):
        status = opened(tabs, pages, name, "[data-autosave-status]")
        expect(status).to_have_attribute("role", "status")
        assert status.get_attribute("data-saved")
        assert status.get_attribute("data-failed")


def test_the_place_for_a_file_says_what_fits_and_how_far_it_is(tabs: Tabs, pages: list[Page]) -> None:
    drop = opened(tabs, pages, "systems:upload", "[data-upload]")
    field = drop.locator("input[type=file]")
    expect(field).to_have_accessible_name(re.compile(r"\S"))
    expect(field).to_have_accessible_description(re.compile(r"\S"))
    told = drop.locator("[data-upload-status]")
    expect(told).to_have_attribute("role", "status")
    expect(told).to_have_attribute("aria-live", "polite")
    drop.locator("[data-upload-progress]").evaluate("frame => { frame.hidden = false; }")
    expect(drop.get_by_role("progressbar")).to_have_accessible_name(re.compile(r"\S"))


def test_a_run_under_way_tells_how_far_it_is(tabs: Tabs, pages: list[Page]) -> None:
    tabs.go(next(page for page in pages if page.name == "presentation:design"))
    card = tabs.page.locator(".run-card").first
    told = card.aria_snapshot()
    assert re.search(r'progressbar "[^"]+"', told), told
    assert "status" in told
    expect(card.locator("[aria-live=polite]")).to_contain_text("62")


def test_the_menu_of_a_narrow_screen_opens_closes_and_gives_the_focus_back(tabs: Tabs) -> None:
    tabs.page.set_viewport_size({"width": 360, "height": 800})
    try:
        tabs.go(Page("dashboards:dashboard", "/dashboard/", "applicant"))
        header = tabs.page.locator("body > header")
        assert header.bounding_box()["height"] <= 72  # type: ignore[index]
        button = tabs.page.get_by_role("button", name="Menu")
        expect(tabs.page.get_by_role("navigation", name="Main")).to_be_hidden()
        button.press("Enter")
        expect(tabs.page.get_by_role("navigation", name="Main")).to_be_visible()
        assert tabs.violations(inside="body > header") == []
        tabs.page.keyboard.press("Escape")
        expect(tabs.page.get_by_role("navigation", name="Main")).to_be_hidden()
        expect(button).to_be_focused()
    finally:
        tabs.page.set_viewport_size(WIDE)


@pytest.mark.parametrize("width", [1280, 1440])
def test_the_header_is_one_row(tabs: Tabs, width: int) -> None:
    tabs.page.set_viewport_size({"width": width, "height": 900})
    try:
        for actor in ("anonymous", "applicant", "lead", "reviewer", "administrator", "regulator"):
            tabs.go(Page("registry:search", "/registry/", actor))
            assert tabs.page.locator("body > header").bounding_box()["height"] <= 72, actor  # type: ignore[index]
            assert tabs.check("overflow") == [], actor
    finally:
        tabs.page.set_viewport_size(WIDE)


def test_the_key_of_the_search_can_be_turned_off(tabs: Tabs) -> None:
    """WCAG 2.1.4: a single character acts only where the reader wants it."""
    registry = Page("standards:list", "/standards/", "anonymous")
    tabs.go(registry)
    search = tabs.page.locator("#header-search")
    tabs.page.keyboard.press("/")
    expect(search).to_be_focused()
    tabs.page.get_by_label("Single keys work as shortcuts").uncheck()
    tabs.go(registry)
    expect(tabs.page.get_by_label("Single keys work as shortcuts")).not_to_be_checked()
    tabs.page.keyboard.press("/")
    expect(search).not_to_be_focused()
    tabs.page.get_by_label("Single keys work as shortcuts").check()


def test_paper_shows_what_the_screen_shows_in_dark_ink(tabs: Tabs, pages: list[Page]) -> None:
    """Also for a reader whose screen is dark: the registry's list, folded tables, the exact moment of each time."""
    tabs.page.emulate_media(media="print", color_scheme="dark")
    try:
        tabs.go(next(page for page in pages if page.name == "registry:search"))
        expect(tabs.page.locator(".record").first).to_be_visible()
        expect(tabs.page.locator(".facets")).to_be_hidden()
        assert tabs.page.locator("h1").evaluate("e => getComputedStyle(e).color") == "rgb(0, 0, 0)"
        tabs.go(next(page for page in pages if page.name.startswith("certificates:certificate")))
        expect(tabs.page.locator("body > header")).to_be_hidden()
        expect(tabs.page.locator("main details:not([open]) table").first).to_be_visible()
        tabs.go(next(page for page in pages if page.name == "notifications:inbox"))
        moment = tabs.page.locator("main time[title]").first
        assert "UTC" in moment.evaluate("e => getComputedStyle(e, '::after').content")
    finally:
        tabs.page.emulate_media(media="screen", color_scheme="light")
