"""The world that the matrix walks through: every kind of person, and objects at every stage, made by real services."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import date, timedelta
from typing import Any
from uuid import uuid4

from django.utils import timezone

from assessments.accounts import invitations
from assessments.accounts.models import InterestDeclaration, Membership, SignIn, Token
from assessments.accounts.tokens import make_token
from assessments.applications import services as applications
from assessments.applications.models import Application, NumberSequence
from assessments.standards import consulting
from assessments.standards.drafting import begin_edition, entrust
from assessments.standards.loading import DATA
from assessments.standards.models import Edition, Standard
from assessments.standards.services import load_scheme, load_standard
from assessments.systems import uploads
from assessments.systems.models import Artifact
from evaluations.cases import assignment, planning
from evaluations.cases.models import AnswerFile, Assignment, Case, Finding, PlannedRun
from evaluations.runs.services import request_self_test
from portal.assurance.ordering import act_on, order_surveillance
from portal.assurance.services import change_status
from portal.certificates import services as certificates
from portal.certificates.models import Certificate
from portal.notifications.models import CalendarFeed, Notification
from portal.verification.models import Examination
from tests.factories import applied, cases, evaluated
from tests.factories.certified import issued_certificate
from tests.factories.people import organisation, person

Part = Assignment.Part
# Kinds of objects whose keys are running numbers.
NUMBERED = ("told", "untold", "assignment", "token", "notification", "edition", "scheme", "comment")
AFTER_PLAN = ("evaluating", "in_review", "recommended", "decided")
REVIEW = ("in_review", "recommended", "decided")


@dataclass
class Actor:
    """A person as the matrix knows them: what they are is written here, not asked of the rules under test."""

    name: str
    who: Any = None
    vendor: str = ""  # the vendor organisation of which they are a member: "A" or "B"
    body: str = ""  # the body in which they hold roles
    roles: frozenset[str] = frozenset()
    interested_in: str = ""  # the vendor in which an interest of theirs is on record
    signed_in: bool = True


@dataclass
class Place:
    """Objects of one vendor and one body at one stage. `parts`: actor name → part that is signed and has not ended."""

    name: str
    vendor: str
    body: str
    stage: str
    parts: Mapping[str, str] = field(default_factory=dict)
    held: dict[str, Any] = field(default_factory=dict)  # objects by kind

    def get(self, kind: str) -> Any:
        """The key of an object of this kind, None where this place has none."""
        return self.held.get(kind)


@dataclass
class World:
    actors: dict[str, Actor]
    places: list[Place]


def build() -> World:
    """Vendor A with body A at every stage, vendor B with body B at two, and nobody's keys."""
    vendor, other_vendor = (
        organisation("vendor", "Access A Ltd", "甲方"),
        organisation("vendor", "Access B Ltd", "乙方"),
    )
    body, other_body = organisation("body", "Body A", "甲机构"), organisation("body", "Body B", "乙机构")
    team, other_team = _team("a", vendor, body), _team("b", other_vendor, other_body)
    actors = _actors(team, other_team)
    _interests(actors, vendor, "lead-interested", "reviewer-interested")
    # Drafts first: they take running numbers, the factories of later stages count what is there.
    places = [
        _draft(team, "A"),
        _draft(other_team, "B"),
        _submitted(team, "A"),
        _admitted(team, "A"),
        *_cases(team, "A", actors),
        _certified(team, actors),
        _evaluating(other_team, "B", label="2.0.0"),
        *_standards(actors["scheme-owner"].who, body),
        nowhere(),
    ]
    for place in places:
        if place.vendor == "A" and "case" in place.held:
            place.held["corrected"] = places[0].held["version"]
            place.held["candidate"] = actors["evaluator-unassigned"].who.pk
    _interests(actors, vendor, "evaluator-interested")
    assert assignment.close_to_the_interested() == len([p for p in places if "evaluator-interested" in p.parts])
    NumberSequence.objects.update(last=10**6)  # past what the factories counted
    gone = actors["deactivated"].who
    gone.is_active = False
    gone.save(update_fields=["is_active"])
    return World(actors, places)


def _team(letter: str, vendor: Any, body: Any) -> cases.People:
    return cases.People(
        vendor=vendor,
        body=body,
        applicant=person(f"Applicant-{letter}", vendor, "vendor_member"),
        lead=person(f"Lead-{letter}", body, "lead_evaluator"),
        evaluators=[person(f"Evaluator-{letter}{number}", body, "evaluator") for number in (1, 2)],
        reviewer=person(f"Reviewer-{letter}", body, "reviewer"),
    )


def _actors(team: cases.People, other: cases.People) -> dict[str, Actor]:
    """Everybody who asks. The two declared evaluators of A: one goes on, one has an interest declared afterwards."""

    def staff(name: str, *roles: str, who: Any = None, interested_in: str = "") -> Actor:
        return Actor(name, who or person(name, team.body, *roles), "", "A", frozenset(roles), interested_in)

    def alone(name: str, kind: str, role: str) -> Actor:
        return Actor(name, person(name, organisation(kind, f"{name} office", ""), role), roles=frozenset({role}))

    member = frozenset({"vendor_member"})
    gone = person("Deactivated", team.vendor, "vendor_member")
    people = [
        Actor("anonymous", None, signed_in=False),
        Actor("deactivated", gone, signed_in=False),
        Actor("stranger", person("Stranger", team.vendor)),
        Actor("applicant", team.applicant, "A", roles=member),
        Actor("colleague", person("Colleague", team.vendor, "vendor_member"), "A", roles=member),
        Actor("other vendor", other.applicant, "B", roles=member),
        staff("lead", "lead_evaluator", who=team.lead),
        staff("lead-unassigned", "lead_evaluator"),
        staff("lead-interested", "lead_evaluator", interested_in="A"),
        Actor("other lead", other.lead, "", "B", frozenset({"lead_evaluator"})),
        staff("evaluator", "evaluator", who=team.evaluators[0]),
        staff("evaluator-interested", "evaluator", who=team.evaluators[1], interested_in="A"),
        staff("evaluator-undeclared", "evaluator"),
        staff("evaluator-unassigned", "evaluator"),
        staff("evaluator-recused", "evaluator", interested_in="A"),
        Actor("other evaluator", other.evaluators[0], "", "B", frozenset({"evaluator"})),
        staff("reviewer", "reviewer", who=team.reviewer),
        staff("reviewer-unassigned", "reviewer"),
        staff("reviewer-interested", "reviewer", interested_in="A"),
        staff("scheme-owner", "scheme_owner"),
        alone("regulator", "authority", "regulator"),
        alone("insurer", "insurer", "insurer"),
        alone("administrator", "operator", "administrator"),
    ]
    return {actor.name: actor for actor in people}


def _draft(team: cases.People, letter: str) -> Place:
    """A draft application for a draft version, a self-test, an upload under way."""
    application = applied.begun(team, "0.1.0")
    version = application.version
    run = request_self_test(version, method="data.quality", actor=team.applicant)
    upload = uploads.start_upload(
        version,
        person=team.applicant,
        organisation=team.vendor,
        role="evidence",
        origin="C",
        filename="policy.txt",
        size=4,
    )
    make_token(team.applicant, "build server")
    token = Token.objects.get(person=team.applicant)
    held = {"application": application.pk, "run": run.pk, "upload": upload.pk, "token": token.pk}
    held |= _told(team.applicant, application)
    held |= _belonging(team)
    return Place(f"draft of {letter}", letter, letter, "draft", held={**_files(version), **held})


def _belonging(team: cases.People) -> dict[str, Any]:
    """The vendor's organisation, its first member, an invitation that waits, and a browser signed in elsewhere."""
    invitation, _secret = invitations.invite(team.vendor, "new@example.org", ["vendor_member"], actor=team.applicant)
    browser = SignIn.objects.create(person=team.applicant, session_key=f"elsewhere-{team.applicant.pk}"[:40])
    return {
        "organisation": team.vendor.pk,
        "person": team.applicant.pk,
        "membership": Membership.objects.get(person=team.applicant).pk,
        "invitation": invitation.pk,
        "sign_in": browser.pk,
    }


def _told(person: Any, application: Application) -> dict[str, Any]:
    """A notification of the person's own, and the secret part of their calendar's address."""
    row = Notification.objects.create(
        person=person,
        kind="returned",
        entry_sequence=1,
        object_type="applications.application",
        object_id=str(application.pk),
        happened_at=application.created_at,
    )
    return {"notification": row.pk, "calendar": CalendarFeed.objects.create(person=person).token}


def _submitted(team: cases.People, letter: str) -> Place:
    application = applied.handed_in(team, "0.2.0")
    held = {**_files(application.version), "application": application.pk}
    return Place(f"submitted by {letter}", letter, letter, "submitted", held=held)


def _admitted(team: cases.People, letter: str) -> Place:
    application = applied.handed_in(team, "0.3.0")
    answers = {
        "unacceptable_practice": False,
        "safety_component": False,
        "sensitive_area": False,
        "affects_people": True,
    }
    applications.admit(application, actor=team.lead, answers=answers, reason="Complete.")
    held = {**_files(application.version), "application": application.pk, "agreement": True}
    return Place(f"admitted for {letter}", letter, letter, "admitted", held=held)


def _files(version: Any) -> dict[str, Any]:
    model = Artifact.objects.get(version=version, role="model", replaced_at=None)
    return {"system": version.system_id, "version": version.pk, "artifact": model.pk}


def _cases(team: cases.People, letter: str, actors: dict[str, Actor]) -> list[Place]:
    """One case of A at each stage; in all but the first two the same people hold the same parts."""
    opened = cases.opened_case(team, label="1.0.0")
    unled = cases.opened_case(team, label="1.0.1")
    unled.assignments.update(ended_at=unled.opened_at)
    made = [
        cases.staffed_case(team, label="1.1.0"),
        cases.planned_case(team, label="1.1.1"),
        evaluated.told_case(team, label="1.2.0"),
    ]
    for case in made:
        assignment.assign(case, team.reviewer, Part.REVIEWER, actor=team.lead)
        cases.sign(case, team.reviewer)
    made += [
        evaluated.evaluated_case(team, label="1.3.0"),
        evaluated.reviewed_case(team, label="1.4.0"),
        evaluated.decided_case(team, label="1.5.0"),
    ]
    for case in made:
        _further_people(case, actors)
    parts = {"lead": "lead", "evaluator": "evaluator", "evaluator-interested": "evaluator", "reviewer": "reviewer"}
    places = [_case_place(case, letter, parts, "evaluator-undeclared") for case in made]
    first = _case_place(opened, letter, {}, "lead", stage="opened")
    return [first, _case_place(unled, letter, {}, "", stage="unled"), *places]


def _further_people(case: Case, actors: dict[str, Actor]) -> None:
    """Assigned and not signed; signed, then recused."""
    for name in ("evaluator-undeclared", "evaluator-recused"):
        assignment.record_assignment(case, actors[name].who, Part.EVALUATOR, by=None)
    recused = actors["evaluator-recused"].who
    row = case.assignments.get(person=recused)
    Assignment.objects.filter(pk=row.pk).update(declared_at=row.assigned_at)
    assignment.sync_grants(case)
    assignment.recuse_oneself(row, actor=recused, nature="My brother works there.")


def _evaluating(team: cases.People, letter: str, label: str) -> Place:
    case = evaluated.told_case(team, label=label)
    parts = {"other lead": "lead", "other evaluator": "evaluator"} if letter == "B" else {}
    return _case_place(case, letter, parts, "other evaluator")


def _case_place(case: Case, letter: str, parts: Mapping[str, str], waiting: str, stage: str = "") -> Place:
    case.refresh_from_db()
    row = _waiting_row(case)
    plan = planning.current_plan(case)
    told = case.findings.exclude(told_at=None).first() or _finding(case, told=True, answered=_runs_wait(case))
    untold = _finding(case, told=False)
    planned = PlannedRun.objects.filter(item__plan__case=case, counted=True).order_by("pk").first()
    held = {
        **_files(case.application.version),
        "application": case.application_id,
        "agreement": True,
        "case": case.pk,
        "assignment": row.pk if row else None,
        "waiting": waiting,
        "told": told.pk,
        "untold": untold.pk,
        "answer_file": _document(told),
        "run": planned.run_id if planned else None,
        "finished": True if planned and planned.run.result else None,
        "plan_seen": _seen(case, plan),
    }
    name = f"case of {letter} {stage or case.status}, {case.number}"
    return Place(name, letter, letter, stage or case.status, parts, {k: v for k, v in held.items() if v is not None})


def _seen(case: Case, plan: Any) -> str:
    """What the page of a draft plan shows, as approval names it."""
    layout = planning.draft_layout(case, plan)
    return planning.digest_of(layout, planning.planned_tests(plan, layout))


def _runs_wait(case: Case) -> bool:
    """Whether the plan has just been approved: there the world keeps an answered finding, elsewhere open ones."""
    return PlannedRun.objects.filter(item__plan__case=case, run__status="queued").exists()


def _waiting_row(case: Case) -> Assignment | None:
    """The assignment whose statement waits; in B, where none waits, an evaluator's own."""
    rows = case.assignments.filter(ended_at=None)
    return rows.filter(declared_at=None).first() or rows.filter(part=Part.EVALUATOR).order_by("pk").first()


def _finding(case: Case, *, told: bool, answered: bool = False) -> Finding:
    return Finding.objects.create(
        case=case,
        criterion="GM-1",
        kind="nonconformity" if told else "observation",
        text="Not shown.",
        status="answered" if answered else "open",
        told_at=case.opened_at if told else None,
    )


def _document(told: Finding) -> Any:
    """A document that the client put to its answer."""
    version = told.case.application.version
    file = Artifact.objects.filter(version=version, organisation=version.system.organisation).first()
    assert file is not None
    file.pk, file.role, file.filename = uuid4(), Artifact.Role.ANSWER, "proof.pdf"
    file.save(force_insert=True)
    AnswerFile.objects.create(finding=told, artifact=file, round=1)
    return file.pk


def _certified(team: cases.People, actors: dict[str, Actor]) -> Place:
    """A certificate in force for the decided case, and one that the body suspended."""
    decided = Case.objects.get(body=team.body, status=Case.Status.DECIDED)
    in_force = certificates.prepare_certificate(decided)
    assert certificates.issue_certificate(in_force.pk)
    suspended = issued_certificate(team.vendor, team.body, team.reviewer, name="Second reader")
    reason = "A serious incident is being looked into."
    change_status(suspended, "suspend", actor=actors["reviewer"].who, reason=reason)
    examination = Examination.objects.create(sha256="0" * 64, size=4, status="done", answer="not_ours")
    number = Certificate.objects.get(pk=in_force.pk).number
    held = {"certificate": number, "suspended": suspended.number, "examination": examination.pk}
    held |= _orders(actors, suspended)
    return Place("certificate of A", "A", "A", "certified", held=held)


def _orders(actors: dict[str, Actor], certificate: Certificate) -> dict[str, Any]:
    """An order of another authority that the body has still to answer, and one that it has answered."""
    other = person("Another regulator", organisation("authority", "Another authority", ""), "regulator")
    reason, day = "Several users report wrong readings.", timezone.now().date() + timedelta(days=30)
    open_order, answered = (
        order_surveillance(certificate, actor=who, reason=reason, due_on=day)
        for who in (other, actors["regulator"].who)
    )
    act_on(answered, "answer", actor=actors["reviewer"].who, reason="Looked at: all is well.", outcome="fulfilled")
    return {"order": open_order.pk, "answered_order": answered.pk}


def _standards(owner: Any, body: Any) -> list[Place]:
    """Editions that body A keeps: a draft, one under consultation with comments, one published."""
    first = load_standard(DATA / "PRE-1.yaml")
    load_scheme(DATA / "PRE-scheme.yaml")
    entrust(first.standard, body)
    entrust(Standard.objects.get(code="TAI"), body)
    second = begin_edition(Edition.objects.get(pk=first.pk), "2", actor=owner)
    day = timezone.now().date()
    opened = consulting.open_consultation(second, opens_on=day, closes_on=day + timedelta(days=20), actor=owner)
    said = consulting.comment(opened, name="Vera", email="vera@example.org", text="Too short.")
    scheme = first.schemes.get()
    published = Edition.objects.get(standard__code="TAI")
    draft = {"edition": first.pk, "scheme": scheme.pk, "digest": first.digest}
    return [
        Place("draft standard of A", "A", "A", "drafted", held=draft),
        Place("consulted standard of A", "A", "A", "consulted", held={"edition": second.pk, "comment": said.pk}),
        Place("published standard of A", "A", "A", "published", held={"edition": published.pk}),
    ]


def nowhere() -> Place:
    """Keys that name nothing."""
    keys: dict[str, Any] = dict.fromkeys(
        ("told", "untold", "assignment", "token", "notification", "membership", "sign_in"), 10**9
    )
    kinds = (
        "organisation",
        "person",
        "invitation",
        "system",
        "version",
        "artifact",
        "answer_file",
        "application",
        "case",
        "run",
        "upload",
        "examination",
        "order",
        "answered_order",
    )
    number = "TAI-2026-999999-9"
    held = {**keys, **{kind: uuid4() for kind in kinds}, "certificate": number, "suspended": number}
    held |= {"agreement": True, "finished": True, "calendar": "no-such-address"}
    return Place("no one's", "", "", "nothing", held=held)


def _interests(actors: dict[str, Actor], vendor: Any, *names: str) -> None:
    for name in names:
        InterestDeclaration.objects.create(
            person=actors[name].who, organisation=vendor, nature="Advised it.", since=date(2026, 1, 1)
        )


def some_bytes() -> Any:
    """A file to send."""
    from django.core.files.uploadedfile import SimpleUploadedFile

    return SimpleUploadedFile("policy.txt", b"fact", content_type="text/plain")
