"""By keyboard alone: a vendor from the first visit to the submitted application; an evaluator's sheet, a reviewer's
decision, and the certificate that anybody then finds.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.db import connection
from playwright.sync_api import Browser

from evaluations.cases import assignment, reporting, scoring_sheet, settling
from evaluations.cases.models import Assignment, Case
from portal.certificates.keys import development_keys
from portal.certificates.services import issue_certificate, prepare_certificate
from portal.demo.systems.digits import make_digits
from tests.factories import cases, evaluated
from tests.journeys import steps, steps_body, steps_public, steps_vendor
from tests.journeys.hands import KeyboardVisitor
from tests.journeys.stack import Portal

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]
PART = "GM"  # scored by keyboard; the rest of the sheet is filled in already

Arrive = Callable[[Any], KeyboardVisitor]


@pytest.fixture
def arrive(browser: Browser) -> Iterator[Arrive]:
    """Somebody at a keyboard, at a portal."""
    visitors: list[KeyboardVisitor] = []

    def at(portal: Any) -> KeyboardVisitor:
        visitors.append(KeyboardVisitor(browser, portal, audited=False))
        return visitors[-1]

    yield at
    for visitor in visitors:
        visitor.close()


def test_a_vendor_comes_and_submits(portal: Portal, arrive: Arrive, tmp_path: Path) -> None:
    folder = make_digits(tmp_path / "digits", Ed25519PrivateKey.generate())
    product, vendor = steps.Product("Keyed Sorter", "键控分拣器", folder), arrive(portal)
    steps_vendor.sign_up(vendor, "Kay")
    steps_vendor.describe(vendor, product)
    steps_vendor.send_files(vendor, product)
    number = steps_vendor.apply(vendor)
    steps_vendor.submit(vendor)
    vendor.visit("/applications/").sees(re.compile(number))


@pytest.mark.django_db(transaction=True)
def test_sheet_decision_and_certificate(live_server: Any, arrive: Arrive, settings: Any, tmp_path: Path) -> None:
    settings.KEY_ROOT = tmp_path / "keys"
    development_keys(settings.KEY_ROOT)
    portal = SimpleNamespace(url=live_server.url.replace("127.0.0.1", "localhost"), check=lambda: None)
    who = cases.people()
    case = with_one_part_to_score(who)
    address = f"{portal.url}/cases/{case.pk}/"
    evaluator = arrive(portal)
    evaluator.sign_in("Emil").visit(address).follow("Open your sheet").follow("Go on scoring")
    assert steps_body.score_part(evaluator, {"GM-7": 3}) >= 5
    evaluator.follow("Scoring sheet").confirm("Hand in my scores").sees("Your scores are handed in.")
    assert case.scores.get(evaluator=who.evaluators[0], criterion="GM-7").points == 3

    hand_over(case, who)
    reviewer = arrive(portal).sign_in("Rolf")
    steps_body.review(reviewer, address)
    steps_body.decide(reviewer, address)
    case.refresh_from_db()
    assert (case.outcome, case.decision.level) == ("granted", "basic")

    with ThreadPoolExecutor(1) as worker:  # signing has an event loop of its own, and the browser's runs here
        assert worker.submit(issued, case).result()
    public, version = arrive(portal), case.application.version
    product = steps.Product(version.system.name_en, version.system.name_zh, tmp_path)
    file = steps_public.download(public, steps_public.find_certificate(public, product), tmp_path)
    assert file.read_bytes().startswith(b"%PDF")


def with_one_part_to_score(who: cases.People) -> Case:
    """A case whose tests have ended; one evaluator has handed in, the other has one part left."""
    case = cases.planned_case(who)
    evaluated.finish_runs(case)
    first, second = who.evaluators
    evaluated.give_scores(case, second, {"GM-7": 3})
    scoring_sheet.hand_in(case, actor=second)
    evaluated.give_scores(case, first)
    case.scores.filter(evaluator=first, criterion__startswith=f"{PART}-").delete()
    return case


def hand_over(case: Case, who: cases.People) -> None:
    """From scores to review: settled and frozen, the reviewer assigned and declared."""
    case.refresh_from_db()
    settling.settle_agreed(case, actor=who.lead)
    reporting.hand_to_review(case, actor=who.lead)
    assignment.assign(case, who.reviewer, Assignment.Part.REVIEWER, actor=who.lead)
    cases.sign(case, who.reviewer)


def issued(case: Case) -> bool:
    """The certificate is printed and signed, as a worker does."""
    try:
        return issue_certificate(prepare_certificate(case).pk)
    finally:
        connection.close()
