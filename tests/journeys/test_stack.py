"""The portal that the other tests of this folder use: public pages, and signing in."""

from __future__ import annotations

import pytest
from playwright.sync_api import Browser

from tests.journeys.stack import Portal
from tests.journeys.visitor import Visitor

pytestmark = pytest.mark.journey


def test_visitors_look_around_and_a_vendor_signs_in(portal: Portal, browser: Browser) -> None:
    visitor = Visitor(browser, portal)
    visitor.visit("/").visit("/verify/").visit("/standards/").visit("/registry/")
    visitor.sign_in("Charlie", going_to="/systems/").sees("No system yet")
    visitor.close()
