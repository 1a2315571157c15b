"""The main job from a vendor's system to a verified certificate, as the people do it one after the other."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from tests.journeys import steps
from tests.journeys.visitor import Visitor

Enter = Callable[[str], Visitor]


def do_main_job(enter: Enter, product: steps.Product, folder: Path) -> tuple[str, Path]:
    """Gives the certificate's address and its file, as anybody finds and verifies it.

    `enter` brings a person to a browser of their own, or with no name a visitor; the file is downloaded to `folder`.
    """
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
    file = steps.download(public, certificate, folder)
    steps.verify(public, file, re.compile("^Genuine"), re.compile("in force"))
    return certificate, file
