"""The main job as people do it: each function is one person's turn, by what stands on the page.

A turn begins on the dashboard, as it does in life: what waits for the person stands there with the way to it.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import Locator, expect

from tests.journeys.visitor import Visitor, as_whole

RUNS_TAKE = 600
LOW = ("GM-7",)  # both evaluators find these weak: a minor nonconformity that the client answers
DIFFERING = ("GM-2", "GM-8")  # the second evaluator gives one point less


@dataclass(frozen=True)
class Product:
    """What the vendor hands in."""

    name: str
    name_zh: str
    folder: Path
    files: tuple[tuple[str, str], ...] = (
        ("model", "digits.onnx"),
        ("test data", "digits-test.npz"),
        ("training sample", "digits-training.npz"),
        ("delivery record or its signature", "record.json"),
        ("delivery record or its signature", "record.sig"),
    )


# Finding one's way


def from_dashboard(visitor: Visitor, task: str, label: str, about: str = "") -> Visitor:
    """Go from the dashboard to what waits there under these words, about this object."""
    visitor.visit("/dashboard/")
    return visitor.follow(label, inside=task_row(visitor, task, about))


def task_row(visitor: Visitor, task: str, about: str = "") -> Locator:
    """The row of the dashboard about that object, looked for again until it is there (workers take seconds)."""
    rows = visitor.page.get_by_role("main").get_by_role("listitem").filter(has_text=re.compile(task))
    row = rows.filter(has_text=about).first
    for _ in range(60):
        if row.count():
            break
        visitor.portal.check()
        visitor.page.wait_for_timeout(500)
        visitor.visit("/dashboard/")
    return row


def answer(visitor: Visitor, question: str | re.Pattern[str], option: str | re.Pattern[str]) -> None:
    """Choose one of several answers to a question."""
    group(visitor, question).get_by_label(as_whole(option)).check()


def group(visitor: Visitor, question: str | re.Pattern[str]) -> Locator:
    return visitor.page.get_by_role("main").get_by_role("group", name=as_whole(question))


def choose_beginning(visitor: Visitor, label: str, beginning: str, inside: Locator) -> None:
    """Choose the option whose words begin so (workload stands behind a name)."""
    field = inside.get_by_label(as_whole(label))
    words = [option for option in field.locator("option").all_inner_texts() if option.strip().startswith(beginning)]
    assert words, f"no option begins with {beginning}"
    field.select_option(label=words[0].strip())


# The vendor


def describe(vendor: Visitor, product: Product) -> None:
    """A system and its version."""
    vendor.visit("/systems/").follow("Describe a system")
    vendor.fill("Name in English", product.name).fill("Name in Chinese", product.name_zh)
    vendor.fill("What it does", "Reads single handwritten digits from small grey pictures.").fill("Sector", "logistics")
    vendor.press("Save and go on")
    vendor.fill("Version", "1.0.0").fill("Intended use", "Pre-sorting of forms; a clerk sees every doubtful reading.")
    vendor.fill("Environment of use", "Scanned forms, one digit a field, 8 by 8 grey steps.")
    vendor.fill("People served", "Adults who fill in paper forms.").fill("Languages of use", "Digits 0 to 9")
    vendor.press("Save and go on")
    expect(vendor.page).to_have_url(re.compile("/systems/versions/"))


def send_file(vendor: Visitor, role: str, path: Path) -> None:
    """Add one file from the page of the version, and come back to it."""
    vendor.follow("Add a file")
    vendor.choose("What the file is", role).attach("File", path)
    vendor.page.get_by_role("main").get_by_role("button", name="Send the file").click()
    vendor.page.wait_for_url(re.compile(r"/systems/versions/[0-9a-f-]+/(#files)?$"))
    expect(vendor.page.get_by_role("link", name=path.name)).to_be_visible()
    vendor.page.wait_for_load_state("load")


def send_files(vendor: Visitor, product: Product) -> None:
    for role, name in product.files:
        send_file(vendor, role, product.folder / name)
    policy = product.folder / "policy.txt"
    policy.write_text("Trustworthy-AI policy of the board, in force since 2025.\n", encoding="utf-8")
    send_file(vendor, "evidence", policy)
    expect(vendor.page.get_by_text("readable", exact=True)).to_have_count(len(product.files) + 1, timeout=60_000)
    vendor.inspect()
    vendor.sees(re.compile("ONNX, opset 15"))


def apply(vendor: Visitor) -> str:
    """Begin the application on the page of the version and fill in every step; gives its number."""
    vendor.press("Apply for an evaluation")
    number = re.search(r"A-\d{4}-\d+", vendor.page.locator("h1").inner_text())
    assert number
    fill_profile(vendor)
    fill_standard(vendor)
    fill_model(vendor)
    fill_evidence(vendor)
    fill_declarations(vendor)
    return number.group()


def fill_profile(vendor: Visitor) -> None:
    vendor.follow("Profile")
    answer(vendor, "Modality of the input", "image")
    answer(vendor, "Exposure to attack", "queries only")
    for question in (
        "Uses personal data",
        "Decisions affect people",
        "Interacts with people",
        "Differential privacy is claimed",
        "Trained by federated learning",
        "A live endpoint can be reached",
        "Biometric recognition",
    ):
        answer(vendor, question, "No")
    vendor.press("Save and go on")


def fill_standard(vendor: Visitor) -> None:
    vendor.follow("Standard and target level")
    group(vendor, "Standard and scheme").get_by_role("radio").first.check()
    answer(vendor, "Level that you aim at", "Basic")
    vendor.press("Save and go on").follow("Evaluation body")
    answer(vendor, "Evaluation body", "Meridian Evaluation Body")
    vendor.press("Save and go on")


def fill_model(vendor: Visitor) -> None:
    """What could be read stands there already; the rest is declared."""
    vendor.follow("Model and data")
    answer(vendor, "What the model does", "It assigns classes")
    vendor.choose("What its output means", "logits, before softmax or sigmoid")
    vendor.fill("Classes, in the order of the outputs", ", ".join(str(digit) for digit in range(10)))
    vendor.choose("Layout of the input", "flat: one row of values").fill("Shape of one sample", "1, 8, 8")
    vendor.fill("Scale", "0.0625").fill("Lowest raw value", "0").fill("Highest raw value", "16")
    vendor.fill("Step between raw values", "1").fill("Column or array of true answers", "y")
    claim = group(vendor, "Claim 1")
    vendor.choose("Metric", "accuracy", inside=claim).fill("Claimed value", "0.95", inside=claim)
    vendor.fill("Least that the use needs", "0.9", inside=claim)
    vendor.press("Save and go on")


def fill_evidence(vendor: Visitor) -> None:
    """An explanation for every criterion that people examine; one with a document."""
    vendor.follow("Evidence")
    vendor.page.get_by_role("main").get_by_role("link", name=re.compile(r"^[A-Z]{2}-\d+ ")).first.click()
    vendor.inspect()
    given = 0
    while not re.search(r"/evidence/$", vendor.page.url):
        code = vendor.page.locator("h1").inner_text().split()[0]
        vendor.fill("Explanation", f"{code}: our procedure 7 covers this since January 2025; see its records.")
        if code == "GM-6":
            vendor.choose("Document", "policy.txt").fill("From page", "1")
        vendor.press("Save and go on")
        given += 1
    assert given >= 20
    vendor.follow("Back to the task list")


def fill_declarations(vendor: Visitor) -> None:
    vendor.follow("Declarations")
    vendor.tick(re.compile("is true and complete")).tick(re.compile("right to submit the data"))
    vendor.tick(re.compile("No other body is deciding"))
    answer(vendor, "Is the system generative?", "No")
    vendor.press("Save and go on")


def submit(vendor: Visitor) -> None:
    vendor.follow("Check your answers and submit").press("Submit the application")
    vendor.sees("Submitted. The evaluation body has it now.")


def sign_agreement(person: Visitor, number: str, *, task: str, button: str) -> None:
    """Either party: read, tick, sign."""
    from_dashboard(person, task, "Read and sign", number)
    person.tick(re.compile("I have read the agreement")).press(button)
    person.sees("Signed.")


def answer_findings(vendor: Visitor, number: str) -> int:
    """A corrective action for each nonconformity; gives how many there were."""
    from_dashboard(vendor, "needs? your answer", "Answer them", number)
    answered = 0
    while vendor.page.get_by_role("button", name="Send the answer").count():
        vendor.page.get_by_label("Cause and corrective action").first.fill("One post was vacant; it is filled in May.")
        due = (date.today() + timedelta(days=60)).isoformat()  # noqa: DTZ011 - a day of the calendar, not a moment
        vendor.page.get_by_label("Done by").first.fill(due)
        vendor.press("Send the answer")
        answered += 1
    return answered


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
    lead.visit(case).follow("See the plan").press("Approve and freeze")


def see_runs_finish(person: Visitor, case: str) -> None:
    """Follow the test runs until none is under way, and look at one."""
    person.visit(case).follow("Test runs")
    person.reloads_until(re.compile(r"[1-9]\d* planned: \d+ finished, 0 under way"), seconds=RUNS_TAKE)
    person.sees(re.compile(r"finished, 0 under way, 0 without a result"))
    person.page.get_by_role("main").get_by_role("article").get_by_role("link").first.click()
    person.inspect()


def settle(lead: Visitor, case: str) -> int:
    """What agrees is confirmed, what differs is decided; gives how many differed."""
    lead.visit(case).follow("Settle").press(re.compile("^Confirm what agrees"))
    settled = 0
    while lead.has_link(re.compile(r"^Settle [A-Z]{2}-\d+$")):
        lead.follow(re.compile(r"^Settle [A-Z]{2}-\d+$"))
        group(lead, "The score that counts").get_by_role("radio", name=as_whole("3")).check()
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
        lead.press(re.compile("^Tell the client of"))
    return written


def accept_answers(person: Visitor, case: str) -> None:
    person.visit(case).follow("Findings and report")
    while person.page.get_by_role("button", name="Accept the corrective action").count():
        person.press("Accept the corrective action")


def hand_to_review(lead: Visitor, case: str) -> None:
    lead.visit(case).follow("Findings and report").follow("Report").press("Freeze and hand to review")


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
    evaluator.press("Hand in my scores").sees("Your scores are handed in.")
    return scored


def score_part(evaluator: Visitor, points: dict[str, int]) -> int:
    """All criteria of the characteristic on the page; each is saved as it is chosen."""
    forms = evaluator.page.locator("form[id^=score-]")
    for form in forms.all():
        code = str(form.get_attribute("id")).removeprefix("score-")
        form.get_by_label(f"Rationale for {code}").fill("Seen in the records and confirmed in two interviews.")
        offered = [int(value) for value in form.locator("input[type=radio]").evaluate_all(VALUES)]
        value = min(points.get(code, 4), max(offered))
        form.locator(f"input[type=radio][value='{value}']").check()
        expect(form.get_by_role("status")).to_contain_text("Saved")
    evaluator.page.wait_for_timeout(1500)  # the typed reasons are sent after a pause in typing
    evaluator.page.wait_for_load_state("networkidle")
    evaluator.inspect()
    return forms.count()


VALUES = "nodes => nodes.map(node => node.value).filter(value => /^[0-5]$/.test(value))"


# The reviewer


def review(reviewer: Visitor, case: str) -> None:
    reviewer.visit(case).follow("Review")
    for box in group(reviewer, "What was checked and holds").get_by_role("checkbox").all():
        box.check()
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


# The public


def find_certificate(visitor: Visitor, product: Product) -> str:
    """Search the public registry until the certificate stands there; gives its address."""
    for _ in range(120):
        visitor.visit(f"/registry/?q={product.name.replace(' ', '+')}")
        if visitor.has_link(f"{product.name} 1.0.0"):
            break
        visitor.portal.check()
        visitor.page.wait_for_timeout(1000)
    visitor.follow(f"{product.name} 1.0.0")
    return visitor.page.url


def download(visitor: Visitor, certificate: str, folder: Path) -> Path:
    """The signed PDF, as anybody gets it."""
    visitor.visit(certificate)
    with visitor.page.expect_download() as begun:
        visitor.page.get_by_role("link", name="Download the signed certificate").click()
    path = folder / "certificate.pdf"
    begun.value.save_as(path)
    return path


def verify(visitor: Visitor, file: Path, *expected: str | re.Pattern[str]) -> None:
    """Drop the file on the page of verification and read the answer."""
    visitor.visit("/verify/").attach("Certificate as a file (PDF)", file)
    visitor.press("Check the file").sees(*expected, seconds=60)
    visitor.inspect()
