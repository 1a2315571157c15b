"""The main job in the browser: vendor, lead, two evaluators, reviewer, and anybody who verifies.

Nothing is prepared but accounts and the standard; every page that anybody comes to is held to axe.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Browser

from portal.demo.systems.digits import make_digits
from tests.journeys import steps, steps_body, steps_public
from tests.journeys.main_job import Enter, do_main_job
from tests.journeys.stack import Portal
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.journey, pytest.mark.timeout(1500)]


@pytest.fixture
def product(tmp_path: Path) -> steps.Product:
    """A real model, trained now, with 900 test rows and a signed record."""
    folder = make_digits(tmp_path / "digits", Ed25519PrivateKey.generate())
    return steps.Product("Digit Sorter", "数字分拣器", folder)


@pytest.fixture
def enter(portal: Portal, browser: Browser) -> Iterator[Enter]:
    """Each person at a browser of their own, signed in by the form."""
    visitors: list[Visitor] = []

    def arrive(name: str) -> Visitor:
        visitor = Visitor(browser, portal)
        visitors.append(visitor)
        return visitor.sign_in(name) if name else visitor

    yield arrive
    for visitor in visitors:
        visitor.close()


def test_from_a_vendors_system_to_a_verified_certificate(enter: Enter, product: steps.Product, tmp_path: Path) -> None:
    certificate, file = do_main_job(enter, product, tmp_path)
    public, reviewer = enter(""), enter("Rita")
    steps_body.suspend(reviewer, certificate)
    steps_public.verify(public, file, re.compile("^Genuine"), "This certificate is suspended: do not rely on it")
    enter("Alice").visit("/dashboard/").sees(re.compile("suspended"))
