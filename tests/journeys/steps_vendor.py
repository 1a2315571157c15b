"""The vendor's turns: from the first visit to the answers to findings."""

from __future__ import annotations

import re
from datetime import date, timedelta
from pathlib import Path

from playwright.sync_api import expect

from tests.journeys.stack import PASSWORD
from tests.journeys.steps import Product, answer, from_dashboard, group
from tests.journeys.visitor import Visitor


def come_and_submit(vendor: Visitor, product: Product, name: str) -> None:
    """From the first visit to the submitted application, in one go."""
    sign_up(vendor, name)
    describe(vendor, product)
    send_files(vendor, product)
    number = apply(vendor)
    submit(vendor)
    vendor.visit("/applications/").sees(re.compile(number))


def sign_up(newcomer: Visitor, name: str) -> None:
    """From the first page to the dashboard: an organisation of one's own, confirmed by the link in the mail."""
    newcomer.visit("/").open_menu().follow("Sign in").follow("Sign up your organisation")
    newcomer.fill("Your name", name).fill("Organisation’s name in English", f"{name} Imaging Ltd")
    newcomer.fill("Organisation’s name in Chinese", f"{name} 图像有限公司")
    newcomer.fill("Email", f"{name.lower()}@example.org").fill("Password", PASSWORD)
    newcomer.fill(re.compile("^Password .*again"), PASSWORD)
    newcomer.press("Sign up").sees("Look into your mail")
    newcomer.follow("Open the mail of this development portal")
    letter = newcomer.page.get_by_role("article").filter(has_text=f"{name.lower()}@example.org").first
    newcomer.follow(re.compile("confirm-email"), inside=letter).press("Confirm")
    newcomer.sign_in(name)


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
    vendor.act(vendor.page.get_by_role("main").get_by_role("button", name="Send the file"))
    vendor.page.wait_for_url(re.compile(r"/systems/versions/[0-9a-f-]+/(#files)?$"))
    expect(vendor.page.get_by_role("link", name=path.name)).to_be_visible()
    vendor.page.wait_for_load_state("load")


def send_files(vendor: Visitor, product: Product) -> None:
    for role, name in product.files:
        send_file(vendor, role, product.folder / name)
    policy = product.folder / "policy.txt"
    policy.write_text("Trustworthy-AI policy of the board, in force since 2025.\n", encoding="utf-8")
    send_file(vendor, "evidence", policy)
    see_files_read(vendor, len(product.files) + 1)
    vendor.sees(re.compile("ONNX, opset 15"))


def see_files_read(vendor: Visitor, count: int) -> None:
    """Each file is read by a worker; the page says so by itself, without script when it is asked again."""
    readable = vendor.page.get_by_text("readable", exact=True)
    for _ in range(0 if vendor.script else 120):
        if readable.count() == count:
            break
        vendor.page.wait_for_timeout(500)
        vendor.page.reload()
    expect(readable).to_have_count(count, timeout=60_000)
    vendor.inspect()


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
    vendor.check(group(vendor, "Standard and scheme").get_by_role("radio").first)
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
    vendor.follow(re.compile(r"^[A-Z]{2}-\d+ "))
    given = 0
    while not re.search(r"/evidence/(#|$)", vendor.page.url):
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
        vendor.write(
            vendor.page.get_by_label("Cause and corrective action").first, "One post was vacant; filled in May."
        )
        due = (date.today() + timedelta(days=60)).isoformat()  # noqa: DTZ011 - a day of the calendar, not a moment
        vendor.write(vendor.page.get_by_label("Done by").first, due)
        vendor.press("Send the answer")
        answered += 1
    return answered
