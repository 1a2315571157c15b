"""The main job without script on a narrow screen: forms, links, asking again. The vendor is new here and signs up."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Browser

from portal.demo.systems.digits import make_digits
from tests.journeys import steps
from tests.journeys.hands import PlainVisitor
from tests.journeys.main_job import Enter, do_main_job
from tests.journeys.stack import Portal
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.journey, pytest.mark.timeout(1500)]


@pytest.fixture
def enter(portal: Portal, browser: Browser) -> Iterator[Enter]:
    visitors: list[Visitor] = []

    def arrive(name: str) -> Visitor:
        visitor = PlainVisitor(browser, portal)
        visitors.append(visitor)
        return visitor.sign_in(name) if name else visitor

    yield arrive
    for visitor in visitors:
        visitor.close()


def test_from_the_first_visit_to_a_verified_certificate(enter: Enter, tmp_path: Path) -> None:
    folder = make_digits(tmp_path / "digits", Ed25519PrivateKey.generate())
    certificate, file = do_main_job(enter, steps.Product("Plain Sorter", "素分拣器", folder), tmp_path, newcomer="Nell")
    assert "/certificates/" in certificate
    assert file.read_bytes().startswith(b"%PDF")
