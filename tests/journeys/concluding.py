"""From the scoring sheet to the certificate, by any hand; the tests have ended, and one evaluator is done."""

from __future__ import annotations

from pathlib import Path

from evaluations.cases import scoring_sheet
from evaluations.cases.models import Case
from portal.certificates.services import issue_certificate, prepare_certificate
from tests.factories import cases, evaluated
from tests.journeys import steps, steps_body, steps_public, steps_vendor
from tests.journeys.main_job import Enter
from tests.journeys.roles import aside

PART = "GM"  # scored by hand; the rest of the sheet is filled in already
WEAK = {"GM-7": 1}  # a minor nonconformity, which the client answers


def conclude(enter: Enter, who: cases.People, folder: Path) -> None:
    """Sheet, settlement, findings and their answers, hand-over, review, decision; anybody finds the certificate."""
    case = with_one_part_to_score(who)
    address, number = f"/cases/{case.pk}/", case.application.number
    evaluator = enter("Emil").visit(address).follow("Open your sheet").follow("Go on scoring")
    assert steps_body.score_part(evaluator, WEAK) >= 5
    evaluator.follow("Scoring sheet").confirm("Hand in my scores").sees("Your scores are handed in.")
    assert case.scores.get(evaluator=who.evaluators[0], criterion="GM-7").points == 1

    lead, vendor = enter("Leo"), enter("Vera")
    assert steps_body.settle(lead, address) == 0
    told = steps_body.tell_findings(lead, address)
    assert told >= len(WEAK)
    assert steps_vendor.answer_findings(vendor, number) == told
    steps_body.accept_answers(lead, address)
    steps_body.hand_to_review(lead, address)
    steps_body.assign(lead, address, "Reviewer", "Rolf")

    version = case.application.version
    product = steps.Product(version.system.name_en, version.system.name_zh, folder)
    reviewer = enter("Rolf")
    steps_body.sign_statement(reviewer, product)
    steps_body.review(reviewer, address)
    steps_body.decide(reviewer, address)
    case.refresh_from_db()
    assert (case.outcome, case.decision.level) == ("granted", "basic")

    assert aside(lambda: issue_certificate(prepare_certificate(case).pk))  # as a worker does
    public = enter("")
    file = steps_public.download(public, steps_public.find_certificate(public, product), folder)
    assert file.read_bytes().startswith(b"%PDF")


def with_one_part_to_score(who: cases.People) -> Case:
    """A case whose tests have ended; one evaluator has handed in, the other has one part left."""
    case = cases.planned_case(who)
    evaluated.finish_runs(case)
    first, second = who.evaluators
    evaluated.give_scores(case, second, WEAK)
    scoring_sheet.hand_in(case, actor=second)
    evaluated.give_scores(case, first)
    case.scores.filter(evaluator=first, criterion__startswith=f"{PART}-").delete()
    return case
