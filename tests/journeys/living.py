"""Portals and browsers for tests that need the real thing; a folder's conftest takes them by name."""

from __future__ import annotations

import contextlib
import json
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Error, sync_playwright

from tests.journeys.stack import PEOPLE, Portal, collected_static
from tests.journeys.visitor import Visitor

CHROMIUM = "/usr/bin/chromium"
FLAGS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
# Nothing but accounts is prepared: a vendor and an outsider, a body with all its people, the operator.
ACCOUNTS = [
    ["vendor", "Aurora Vision Ltd", "极光视觉有限公司", [["Alice", "vendor_member"]]],
    ["vendor", "Borealis Analytics Ltd", "北光分析有限公司", [["Charlie", "vendor_member"]]],
    [
        "body",
        "Meridian Evaluation Body",
        "子午评估中心",
        [["Lena", "lead_evaluator"], ["Erik", "evaluator"], ["Eva", "evaluator"], ["Rita", "reviewer"]],
    ],
]


@pytest.fixture(scope="session")
def static_files(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return collected_static(tmp_path_factory.mktemp("static"))


@pytest.fixture(scope="module")
def fragile_portal(static_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal of its own for tests that break parts of it."""
    yield from _served(tmp_path_factory.mktemp("fragile"), static_files)


@pytest.fixture(scope="session")
def portal(static_files: Path, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Portal]:
    """A portal with accounts and nothing else; what its processes said is shown when a test fails."""
    yield from _served(tmp_path_factory.mktemp("portal"), static_files)


def _served(folder: Path, static_files: Path) -> Iterator[Portal]:
    portal = Portal(folder, static_files)
    try:
        portal.start()
        portal.code(PEOPLE, json.dumps(ACCOUNTS))
        yield portal
    finally:
        portal.stop()


@pytest.hookimpl(wrapper=True)
def pytest_runtest_makereport(item: pytest.Item, call: pytest.CallInfo[Any]) -> Any:
    report = yield
    if report.failed:
        for portal in getattr(item, "funcargs", {}).values():
            if isinstance(portal, Portal):
                report.sections.append(("the portal's processes", portal.logs()))
        for visitor in Visitor.present:
            with contextlib.suppress(Error):  # a page that has crashed or gone has nothing to tell
                report.sections.append((f"the page {visitor.page.url}", visitor.text()))
    return report


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=FLAGS)
        yield browser
        browser.close()
