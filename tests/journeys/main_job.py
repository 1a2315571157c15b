"""The main job from a vendor's system to a verified certificate, as the people do it one after the other."""

from __future__ import annotations

import re
from collections.abc import Callable
from pathlib import Path

from tests.journeys import steps, steps_body, steps_public, steps_vendor
from tests.journeys.visitor import Visitor

Enter = Callable[[str], Visitor]


def do_main_job(enter: Enter, product: steps.Product, folder: Path) -> tuple[str, Path]:
    """Gives the certificate's address and its file, as anybody finds and verifies it.

    `enter` brings a person to a browser of their own, or with no name a visitor; the file is downloaded to `folder`."""
    vendor = enter("Alice")
    steps_vendor.describe(vendor, product)
    steps_vendor.send_files(vendor, product)
    number = steps_vendor.apply(vendor)
    steps_vendor.submit(vendor)

    lead = enter("Lena")
    steps_body.admit(lead, number)
    steps_vendor.sign_agreement(vendor, number, task="The agreement needs your signature", button="Sign for the client")
    countersign = "An agreement waits for your countersignature"
    steps_vendor.sign_agreement(lead, number, task=countersign, button="Sign for the evaluation body")

    case = steps_body.open_case(lead, product)
    steps_body.assign(lead, case, "Evaluator", "Erik", "Eva")
    first, second = enter("Erik"), enter("Eva")
    steps_body.sign_statement(first, product)
    steps_body.sign_statement(second, product)
    steps_body.approve_plan(lead, case)
    steps_body.see_runs_finish(first, case)

    low = dict.fromkeys(steps.LOW, 1)
    scored = steps_body.score(first, case, points=low)
    assert scored == steps_body.score(second, case, points={**low, **dict.fromkeys(steps.DIFFERING, 3)})
    assert steps_body.settle(lead, case) == len(steps.DIFFERING)
    told = steps_body.tell_findings(lead, case)
    assert told >= len(steps.LOW)
    assert steps_vendor.answer_findings(vendor, number) == told
    steps_body.accept_answers(lead, case)
    steps_body.hand_to_review(lead, case)
    steps_body.assign(lead, case, "Reviewer", "Rita")

    reviewer = enter("Rita")
    steps_body.sign_statement(reviewer, product)
    steps_body.review(reviewer, case)
    steps_body.decide(reviewer, case)

    public = enter("")
    certificate = steps_public.find_certificate(public, product)
    file = steps_public.download(public, certificate, folder)
    steps_public.verify(public, file, re.compile("^Genuine"), re.compile("in force"))
    return certificate, file
