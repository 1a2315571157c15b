"""The main job in the browser: vendor, lead, two evaluators, reviewer, and anybody who verifies.

Nothing is prepared but accounts and the standard; every page that anybody comes to is held to axe.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Browser

from portal.demo.systems.digits import make_digits
from tests.journeys import steps
from tests.journeys.stack import Portal
from tests.journeys.visitor import Visitor

pytestmark = [pytest.mark.journey, pytest.mark.timeout(1500)]

Enter = Callable[[str], Visitor]


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
    vendor = enter("Alice")
    steps.describe(vendor, product)
    steps.send_files(vendor, product)
    number = steps.apply(vendor)
    steps.submit(vendor)

    lead = enter("Lena")
    steps.admit(lead, number)
    steps.sign_agreement(vendor, number, task="The agreement needs your signature", button="Sign for the client")
    countersign = "An agreement waits for your countersignature"
    steps.sign_agreement(lead, number, task=countersign, button="Sign for the evaluation body")

    case = steps.open_case(lead, product)
    steps.assign(lead, case, "Evaluator", "Erik", "Eva")
    first, second = enter("Erik"), enter("Eva")
    steps.sign_statement(first, product)
    steps.sign_statement(second, product)
    steps.approve_plan(lead, case)
    steps.see_runs_finish(first, case)

    low = dict.fromkeys(steps.LOW, 1)
    scored = steps.score(first, case, points=low)
    assert scored == steps.score(second, case, points={**low, **dict.fromkeys(steps.DIFFERING, 3)})
    assert steps.settle(lead, case) == len(steps.DIFFERING)
    told = steps.tell_findings(lead, case)
    assert told >= len(steps.LOW)
    assert steps.answer_findings(vendor, number) == told
    steps.accept_answers(lead, case)
    steps.hand_to_review(lead, case)
    steps.assign(lead, case, "Reviewer", "Rita")

    reviewer = enter("Rita")
    steps.sign_statement(reviewer, product)
    steps.review(reviewer, case)
    steps.decide(reviewer, case)

    public = enter("")
    certificate = steps.find_certificate(public, product)
    file = steps.download(public, certificate, tmp_path)
    steps.verify(public, file, re.compile("^Genuine"), re.compile("in force"))
    steps.suspend(reviewer, certificate)
    steps.verify(public, file, re.compile("^Genuine"), "This certificate is suspended: do not rely on it")
    vendor.visit("/dashboard/").sees(re.compile("suspended"))
