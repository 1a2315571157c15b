"""Without script on a narrow screen, by forms, links and asking again: a vendor from the first visit to the submitted
application, and each other role's part.
"""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from portal.demo.systems.digits import make_digits
from tests.factories import cases
from tests.journeys import steps, steps_vendor
from tests.journeys.concluding import conclude
from tests.journeys.hands import PlainVisitor
from tests.journeys.roles import JOURNEYS, Journey
from tests.journeys.stack import Portal

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]


def test_a_vendor_comes_and_submits(portal: Portal, arrive: Any, tmp_path: Path) -> None:
    folder = make_digits(tmp_path / "digits", Ed25519PrivateKey.generate())
    product = steps.Product("Plain Sorter", "素分拣器", folder)
    steps_vendor.come_and_submit(arrive(portal, PlainVisitor)(""), product, "Nell")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("journey", [*JOURNEYS, conclude], ids=lambda journey: journey.__name__)
def test_a_role_without_script(journey: Journey, here: Any, arrive: Any, tmp_path: Path) -> None:
    journey(arrive(here, PlainVisitor), cases.people(), tmp_path)
