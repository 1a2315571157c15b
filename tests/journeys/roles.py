"""What each role does beside the main job, from a state that services prepared: walked by any hand (hands.py).

A journey gets `enter`, which brings a person to a browser of their own, and the people of a vendor and a body. The
pages are served from this process, so that what workers do is done here between two pages.
"""

from __future__ import annotations

import io
import re
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from typing import Any

import segno
from django.conf import settings
from django.db import connection
from django.utils import timezone
from playwright.sync_api import expect

from assessments.accounts import mail
from assessments.applications.models import Application
from evaluations.cases import beginning, opening, progress, scoring_sheet
from evaluations.cases.models import Case, PlannedRun, Settlement
from portal.assurance.services import change_status
from portal.certificates.models import Certificate
from portal.verification import tasks
from portal.verification.models import Examination
from tests.factories import applied, cases, evaluated
from tests.factories.certified import issued_certificate
from tests.factories.people import organisation, person
from tests.journeys import steps, steps_body, steps_public, steps_vendor
from tests.journeys.main_job import Enter
from tests.journeys.stack import PASSWORD
from tests.journeys.visitor import Visitor, options_of

Journey = Callable[[Enter, cases.People, Path], None]


def aside(work: Callable[[], Any]) -> Any:
    """Done in a thread: signing and examining have an event loop of their own, and the browser's runs in this one."""

    def done() -> Any:
        try:
            return work()
        finally:
            connection.close()

    with ThreadPoolExecutor(1) as worker:
        return worker.submit(done).result()


# The lead evaluator, and the vendor whose application came back


def lead_evaluator(enter: Enter, who: cases.People, folder: Path) -> None:
    """The queue by its days, an application returned, answered and admitted; assignment; scores that differ."""
    person("Enid", who.body, "evaluator")
    late, fresh = (applied.handed_in(who, label) for label in ("0.1.0", "0.2.0"))
    past = timezone.now() - timedelta(days=20)
    Application.objects.filter(pk=late.pk).update(submitted_at=past, due_on=past.date() + timedelta(days=10))
    differing = with_differing_scores(who)
    lead = enter("Leo").visit("/applications/queue/").sees("overdue")
    rows = lead.page.get_by_role("main").locator("tbody tr")
    assert [row.split()[0] for row in rows.all_inner_texts()] == [late.number, fresh.number]
    vendor = enter("Vera")
    return_and_answer(lead, vendor, late)
    steps_body.admit(lead, late.number)
    assign_by_workload(lead, agree_and_open(lead, vendor, late))
    assert steps_body.settle(lead, f"/cases/{differing.pk}/") == 1
    assert Settlement.objects.get(case=differing, criterion="GM-2").settled_tenths == 30


def return_and_answer(lead: Visitor, vendor: Visitor, application: Application) -> None:
    """Sent back with reasons, completed where they say, handed in again."""
    lead.visit("/applications/queue/").follow(application.number).sees("What the portal found")
    lead.confirm("Return for completion", reason="GM-6 names no document; name the policy.")
    vendor.visit(f"/applications/{application.pk}/").sees("GM-6 names no document; name the policy.")
    vendor.visit(f"/applications/{application.pk}/evidence/GM-6/")
    vendor.fill("Explanation", "The policy is document QM-6 of March 2026.").press("Save and go on")
    vendor.visit(f"/applications/{application.pk}/").follow("Check your answers and submit")
    vendor.press("Submit the application").sees("Submitted. The evaluation body has it now.")
    assert application.evidence.get(criterion="GM-6").explanation.startswith("The policy is document")


def agree_and_open(lead: Visitor, vendor: Visitor, application: Application) -> Case:
    """Both sign the agreement; the case opens, and its lead signs the statement on interests."""
    task = "The agreement needs your signature"
    steps_vendor.sign_agreement(vendor, application.number, task=task, button="Sign for the client")
    task = "An agreement waits for your countersignature"
    steps_vendor.sign_agreement(lead, application.number, task=task, button="Sign for the evaluation body")
    opening.open_agreed()
    case = Case.objects.get(application=application)
    if not case.assignments.get(person__name="Leo", ended_at=None).declared_at:
        lead.visit("/cases/").follow(case.number).press("Sign this statement")
    return case


def assign_by_workload(lead: Visitor, case: Case) -> None:
    """Who has least to do is proposed first, and the others' open cases are seen."""
    lead.visit(f"/cases/{case.pk}/").follow("People")
    section = lead.page.get_by_role("region", name="Evaluator", exact=True)
    proposed = options_of(section.get_by_label("Person"))
    names = [words.split(" · ")[0].strip() for words in proposed if " · " in words]
    assert names.index("Enid") < names.index("Emil"), proposed
    assert any(re.search(r"^\s*Emil · 1 case under way", words) for words in proposed), proposed
    steps_body.assign(lead, f"/cases/{case.pk}/", "Evaluator", "Enid")
    assert case.assignments.filter(person__name="Enid", ended_at=None).exists()


def with_differing_scores(who: cases.People) -> Case:
    """Both have handed in; on one criterion the second gave a point less."""
    case = cases.planned_case(who, label="1.0.0")
    evaluated.finish_runs(case)
    for evaluator, points in zip(who.evaluators, ({}, {"GM-2": 3}), strict=True):
        evaluated.give_scores(case, evaluator, points)
        scoring_sheet.hand_in(case, actor=evaluator)
    return case


# The evaluator


def evaluator(enter: Enter, who: cases.People, folder: Path) -> None:
    """The plan is approved; a run is stopped and asked for again; one with a result is repeated and compared."""
    case = cases.staffed_case(who)
    steps_body.approve_plan(enter("Leo"), f"/cases/{case.pk}/")
    assert beginning.begin_evaluation(case.pk)
    first = PlannedRun.objects.filter(item__plan__case=case).select_related("run").order_by("pk")[0].run
    someone = enter("Emil").visit(f"/cases/{case.pk}/").follow("Test runs")
    someone.press("Stop this run", inside=someone.page.locator(f"#run-{first.pk}"))
    first.refresh_from_db()
    assert first.status == "cancelled"
    someone.visit(f"/runs/{first.pk}/").sees("This run was cancelled. It has no result.")
    someone.confirm("Run again", reason="Stopped by mistake.").sees("Stopped by mistake.")
    work_off(case)

    before = PlannedRun.objects.get(item__plan__case=case, counted=True, run__method=first.method).run
    someone.visit(f"/cases/{case.pk}/").follow("Test runs").sees(re.compile("finished, 0 under way, 0 without"))
    someone.visit(f"/runs/{before.pk}/").confirm("Run again", reason="To see how far a second attempt differs.")
    work_off(case, score=4)
    someone.visit(f"/cases/{case.pk}/").follow("Test runs").sees("Attempts that count no more")
    someone.follow(re.compile("^Compare with the newer run")).sees("How they were run", "second − first")
    newer = PlannedRun.objects.get(item__plan__case=case, counted=True, run__method=first.method).run
    assert newer.supersedes == before
    assert not PlannedRun.objects.get(run=before).counted


def work_off(case: Case, score: int = 5) -> None:
    """What waits is taken into the plan and ends with results of that score, as the sweeper and workers do."""
    progress.adopt_repeats()
    evaluated.finish_runs(case, otherwise=score)


# Anybody, and an authority


def public_and_regulator(enter: Enter, who: cases.People, folder: Path) -> None:
    """Found by facets, compared, verified three ways; then surveillance from its order to its end, and taken away."""
    names = ("Reader of forms", "Reader of meters", "Reader of letters")
    made = [
        aside(lambda name=name: issued_certificate(who.vendor, who.body, who.reviewer, name=name)) for name in names
    ]
    change_status(made[2], "suspend", actor=who.reviewer, reason="A change of the model is being looked at.")
    person("Regina", organisation("authority", "Office for Oversight", "监管办公室"), "regulator")
    look_around(enter(""), made, folder)
    regulator = enter("Regina").visit("/registry/statistics/").sees("3 certificates were issued so far")
    order_and_accept(regulator, enter("Rolf"), made[0])
    regulator.visit("/oversight/history/").fill("Number, system, vendor or body", "letters").press("Search")
    regulator.sees(made[2].number, "A change of the model is being looked at.").sees_not(made[0].number)
    regulator.visit("/oversight/")
    row = regulator.page.locator("section[aria-labelledby=take] dl > div").first
    text = downloaded(regulator, row.get_by_role("link", name="CSV"), folder / "certificates.csv").decode()
    assert all(each.number in text for each in made)


def look_around(public: Visitor, made: list[Certificate], folder: Path) -> None:
    public.visit("/registry/").fill("Product, holder or certificate number", "reader", inside=main_form(public))
    public.press("Search", inside=main_form(public)).sees("3 certificates")
    public.follow(re.compile(r"^suspended", re.IGNORECASE), inside=public.page.locator("#filters"))
    public.sees("1 certificate", made[2].number).follow("Clear all filters")
    for certificate in made[:2]:
        public.tick(re.compile(f"Compare .*{certificate.number}"))
    public.press("Compare the ticked ones").sees("Status and facts", made[0].number, made[1].number)
    public.visit("/verify/").fill("Certificate number", made[0].number).press("Look the number up")
    public.sees("Status today", re.compile("^in force", re.IGNORECASE))

    public.visit(f"/certificates/{made[0].number}/").sees("History of the status").follow(re.compile("^Refer to it"))
    picture, drawn = public.page.request.get(f"/certificates/{made[0].number}/qr.png").body(), io.BytesIO()
    address = f"{public.portal.url}/certificates/{made[0].number}/"
    segno.make(address, error="q", micro=False).save(drawn, kind="png", scale=8, border=4)
    assert picture == drawn.getvalue()  # whoever scans it comes here:
    public.visit(address).sees(made[0].number)

    file = steps_public.download(public, address, folder)
    public.visit("/verify/").attach("Certificate as a file (PDF)", file).press("Check the file")
    aside(lambda: tasks.examine(str(Examination.objects.get().pk)))
    public.visit(f"/verify/{Examination.objects.get().pk}/").sees(re.compile("^Genuine"), made[0].number)


def order_and_accept(regulator: Visitor, reviewer: Visitor, certificate: Certificate) -> None:
    """Ordered by a day, answered by the body, accepted."""
    regulator.visit(f"/certificates/{certificate.number}/").follow("Order surveillance")
    day = timezone.now().date() + timedelta(days=14)
    regulator.fill("Reason", "Two users report wrong readings of sevens.").fill("The body answers by", day.isoformat())
    regulator.press("Order surveillance").sees("Who must act", "Two users report wrong readings of sevens.")
    order = regulator.page.url.partition("#")[0]
    reviewer.visit(order).follow("Answer the order")
    steps.answer(reviewer, "What the surveillance found", "The requirements are still fulfilled")
    reviewer.fill("Answer", "Four hundred sevens were read again: 396 rightly, as the certificate says.")
    reviewer.press("Answer the order").sees(re.compile("396 rightly"))
    regulator.visit(order).follow("Accept the answer").fill("Reason", "The answer shows what was asked.")
    regulator.press("Accept the answer").sees("nobody: the order has ended")
    assert certificate.orders.get().status == "closed"


def main_form(visitor: Visitor) -> Any:
    return visitor.page.get_by_role("main").locator("form.search-box-large")


def downloaded(visitor: Visitor, link: Any, path: Path) -> bytes:
    with visitor.page.expect_download() as begun:
        visitor.act(link)
    begun.value.save_as(path)
    return path.read_bytes()


# The administrator


def administrator(enter: Enter, who: cases.People, folder: Path) -> None:
    """An authority is founded and its first person invited by mail; roles; keys, work, storage and the audit trail."""
    person("Adam", organisation("operator", "Portal Operations", "平台运营部"), "administrator")
    admin = enter("Adam").visit("/organisations/").follow("Found an organisation")
    admin.choose("Kind", "authority").fill("Name in English", "Office for Inspection")
    admin.fill("Name in Chinese", "检查办公室").press("Found it")
    admin.fill("E-mail address", "ida@example.org").press("Send the invitation").sees("ida@example.org")
    join(enter(""), "Ida")

    admin.visit("/people/").fill("Name or address contains", "Emil").press("Search", inside=people_form(admin))
    admin.follow("Emil").choose("Role", "reviewer").press("Give the role").sees("reviewer")
    role = admin.page.locator(".record").filter(has_text="reviewer")
    admin.act(role.locator("summary"))
    expect(role.locator("dialog")).to_contain_text("is no longer reviewer here")
    with admin.page.expect_navigation():
        admin.act(role.locator("dialog button:not([data-close])"))
    admin.inspect()
    assert list(who.evaluators[0].memberships.values_list("role", flat=True)) == ["evaluator"]

    admin.visit("/operations/").follow("Signing keys").sees("Trust root").follow("Work and workers").sees("Queues")
    admin.follow("Storage").sees("Quarantine").follow("Audit trail").fill("Person", "ida@example.org")
    admin.press("Search", inside=admin.page.locator("section[aria-labelledby=search]"))
    entries = admin.page.locator("section[aria-labelledby=entries] tbody")
    expect(entries).to_contain_text("joined")
    expect(entries).not_to_contain_text("role_ended")


def people_form(visitor: Visitor) -> Any:
    return visitor.page.get_by_role("main").locator("form[role=search]")


def join(newcomer: Visitor, name: str) -> None:
    """By the link in the letter, which an embedded portal under development shows on a page."""
    link = re.compile(r"\S+account.invitation\S+")
    if settings.EMBEDDED:
        newcomer.visit("/account/mail/")
        letter = newcomer.page.get_by_role("article").filter(has_text=f"{name.lower()}@example.org").first
        expect(letter).to_contain_text("如接受邀请，请打开以下链接")
        newcomer.follow(link, inside=letter).sees("You are invited")
    else:
        found = link.search(mail.letters()[0].text)
        assert found
        newcomer.visit(found.group()).sees("You are invited")
    newcomer.fill("Your name", name).fill("Password", PASSWORD).fill("Password again", PASSWORD)
    newcomer.press("Accept and make the account").visit("/oversight/").sees("Certificates by status")


JOURNEYS: tuple[Journey, ...] = (lead_evaluator, evaluator, public_and_regulator, administrator)
