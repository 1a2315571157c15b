"""The turns of the evaluation body's people: lead evaluator, evaluators, reviewer."""

from __future__ import annotations

import re

from playwright.sync_api import expect

from tests.journeys.steps import Product, answer, choose_beginning, from_dashboard, group
from tests.journeys.visitor import Visitor, as_whole

RUNS_TAKE = 600

# The lead evaluator


def admit(lead: Visitor, number: str) -> None:
    """Admit with the tier that the decision path gives."""
    from_dashboard(lead, "An application waits for admission", "Check it", number)
    for question in (
        re.compile("^Is it made for, or used in, a practice"),
        re.compile("^Is it a safety component"),
        re.compile("^Does it decide, or essentially prepare"),
        re.compile("^Do its outputs affect individual people"),
        re.compile("^Do people deal with it directly"),
    ):
        answer(lead, question, "No")
    answer(lead, re.compile("^Could a wrong output cause damage"), "Yes")
    lead.fill("Reasons for admission", "Complete; the body has the means and the competence for image classifiers.")
    lead.press("Admit with the tier that follows")
    lead.sees("Admitted. The applicant signs the agreement next.")


def open_case(lead: Visitor, product: Product) -> str:
    """The case has opened by itself; gives the address of its page."""
    lead.visit("/cases/")
    row = lead.page.get_by_role("row").filter(has_text=product.name)
    for _ in range(60):
        if row.count() or lead.page.get_by_role("listitem").filter(has_text=product.name).count():
            break
        lead.page.wait_for_timeout(500)
        lead.page.reload()
    sign_statement(lead, product, if_asked=True)
    lead.visit("/cases/").follow(re.compile(r"C-\d{4}-\d+"), inside=row)
    return lead.page.url


def sign_statement(person: Visitor, product: Product, *, if_asked: bool = False) -> None:
    """Sign the statement on interests; before that, nothing is open."""
    person.visit("/cases/")
    rows = person.page.get_by_role("listitem").filter(has_text=product.name)
    if if_asked and not rows.count():
        return
    person.follow(re.compile(r"C-\d{4}-\d+"), inside=rows.first).press("Sign this statement")


def assign(lead: Visitor, case: str, part: str, *names: str) -> None:
    """Give a part of the case to people."""
    lead.visit(case).follow("People")
    for name in names:
        section = lead.page.get_by_role("region", name=as_whole(part))
        choose_beginning(lead, "Person", name, section)
        lead.press("Assign", inside=section).sees(re.compile("Assigned"))


def approve_plan(lead: Visitor, case: str) -> None:
    lead.visit(case).follow("See the plan").confirm("Approve and freeze")


def see_runs_finish(person: Visitor, case: str) -> None:
    """Follow the test runs until none is under way, and look at one."""
    person.visit(case).follow("Test runs")
    person.reloads_until(re.compile(r"[1-9]\d* planned: \d+ finished, 0 under way"), seconds=RUNS_TAKE)
    person.sees(re.compile(r"finished, 0 under way, 0 without a result"))
    person.act(person.page.get_by_role("main").get_by_role("article").get_by_role("link").first).inspect()


def settle(lead: Visitor, case: str) -> int:
    """What agrees is confirmed, what differs is decided; gives how many differed."""
    lead.visit(case).follow("Settle").press(re.compile("^Confirm what agrees"))
    settled = 0
    while lead.has_link(re.compile(r"^Settle [A-Z]{2}-\d+$")):
        lead.follow(re.compile(r"^Settle [A-Z]{2}-\d+$"))
        lead.tick("3", inside=group(lead, "The score that counts"))
        lead.fill("Reason", "The records of one quarter are missing; the lower score fits.")
        lead.press("Settle")
        lead.visit(case).follow("Settle")
        settled += 1
    lead.follow("The level that follows, line by line")
    return settled


def tell_findings(lead: Visitor, case: str) -> int:
    """A text for each nonconformity, then the client is told; gives how many."""
    lead.visit(case).follow("Findings and report")
    written = 0
    while lead.has_link(re.compile("^Write the finding on")):
        lead.follow(re.compile("^Write the finding on"))
        lead.fill("What was found", "One of four posts is vacant; the plan of resources requires all four.")
        lead.press("Write it down")
        written += 1
    if written:
        lead.confirm("Tell the client of")
    return written


def accept_answers(person: Visitor, case: str) -> None:
    person.visit(case).follow("Findings and report")
    while person.page.locator("summary", has_text="Accept the corrective action").count():
        person.confirm("Accept the corrective action", reason="The action goes to the cause, and its day fits.")


def hand_to_review(lead: Visitor, case: str) -> None:
    lead.visit(case).follow("Findings and report").follow("Report").confirm("Freeze and hand to review")


# The evaluators


def score(evaluator: Visitor, case: str, *, points: dict[str, int]) -> int:
    """Score every examined criterion, blind, and hand in; gives how many. `points` holds what is not a 4."""
    evaluator.visit(case).follow("Open your sheet")
    parts = evaluator.page.get_by_role("rowheader").get_by_role("link").all_inner_texts()
    scored = 0
    for part in parts:
        evaluator.follow(part)
        scored += score_part(evaluator, points)
        evaluator.follow("Scoring sheet")
    evaluator.confirm("Hand in my scores").sees("Your scores are handed in.")
    return scored


def score_part(evaluator: Visitor, points: dict[str, int]) -> int:
    """All criteria of the characteristic on the page; each is saved as it is chosen."""
    forms = evaluator.page.locator("form[id^=score-]")
    for form in forms.all():
        code = str(form.get_attribute("id")).removeprefix("score-")
        evaluator.write(
            form.get_by_label(f"Rationale for {code}"), "Seen in the records and confirmed in two interviews."
        )
        offered = [int(value) for value in form.locator("input[type=radio]").evaluate_all(VALUES)]
        value = min(points.get(code, 4), max(offered))
        evaluator.give(form, value)
        if not evaluator.script:
            evaluator.press("Save", inside=form)
            expect(form.get_by_role("status")).to_contain_text("Saved")
    if evaluator.script:
        evaluator.page.wait_for_timeout(1000)  # what was chosen is sent after a pause of nine tenths of a second
        for form in forms.all():
            expect(form.get_by_role("status")).to_contain_text("Saved")
        evaluator.page.wait_for_timeout(500)  # a form that was saved half-way is sent once more
        evaluator.inspect()
    return forms.count()


VALUES = "nodes => nodes.map(node => node.value).filter(value => /^[0-5]$/.test(value))"


# The reviewer


def review(reviewer: Visitor, case: str) -> None:
    reviewer.visit(case).follow("Review")
    for box in group(reviewer, "What was checked and holds").get_by_role("checkbox").all():
        reviewer.check(box)
    answer(reviewer, "Recommendation", "grant")
    reviewer.fill("Reasons", "Eight scores were traced to runs and evidence; all reasons hold.")
    reviewer.press("Record the review")


def decide(reviewer: Visitor, case: str) -> None:
    reviewer.visit(case).follow(re.compile("^Decide$|^Decision$"))
    answer(reviewer, "Decision", "grant")
    reviewer.choose("Level granted", "Basic (limited risk)")
    reviewer.fill("Reasons", "The requirements for Basic were shown within the scope.")
    reviewer.press("Decide")


def suspend(reviewer: Visitor, certificate: str) -> None:
    reviewer.visit(certificate).follow("Suspend")
    reviewer.fill("Reason", "The holder reported a change of the model; its effect is being examined.")
    reviewer.press("Suspend")
