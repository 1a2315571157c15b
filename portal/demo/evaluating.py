"""The body's part of the main job: assign, plan, test, score, settle, tell, review, decide; then the certificate."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from assessments.accounts.models import Person
from assessments.systems import storage
from evaluations.cases import assignment, findings, planning, reporting, reviewing, scoring_sheet, settling
from evaluations.cases.models import Assignment, Case, Finding, PlannedRun, Review
from evaluations.cases.proposing import grounds
from evaluations.runs.models import Run
from portal.certificates.models import Certificate
from portal.verification import services as verification
from portal.verification.models import Examination

from .applying import read_all, send
from .bundles import Delivery
from .dossier import Dossier, NotCertified
from .progress import Progress

Part = Assignment.Part
S = Case.Status
RUNS_TAKE = 900
EVALUATORS = ("first", "second")


def assign(dossier: Dossier, progress: Progress) -> None:
    """The lead signs the statement on interests and assigns two evaluators, who sign theirs."""
    case, lead = dossier.case, dossier.cast.people["lead"]
    if case.status != S.PLANNING:
        return
    _sign(case, lead)
    for key in EVALUATORS:
        _assign(case, dossier.cast.people[key], Part.EVALUATOR, lead)


def _assign(case: Case, person: Person, part: str, lead: Person) -> None:
    if not assignment.open_parts(case, part).filter(person=person).exists():
        assignment.assign(case, person, part, actor=lead)
    _sign(case, person)


def _sign(case: Case, person: Person) -> None:
    for row in assignment.open_parts(case).filter(person=person, declared_at=None):
        assignment.sign_statement(row, actor=person)


def draw(dossier: Dossier, progress: Progress) -> None:
    """An evaluator adds test data that the body drew itself: at high risk no gate is tested on the vendor's own."""
    if dossier.drawn is not None and dossier.case.status == S.PLANNING:
        delivery = Delivery("test", dossier.drawn)
        send(dossier.version, delivery, dossier.cast.people["first"], dossier.cast.body, origin="B")
        read_all(dossier, progress)


def approve(dossier: Dossier, progress: Progress) -> None:
    """The lead freezes the plan as it was laid out."""
    case = dossier.case
    plan = planning.current_plan(case)
    if case.status == S.PLANNING and plan is not None:
        layout = planning.draft_layout(case, plan)
        seen = planning.digest_of(layout, planning.planned_tests(plan, layout))
        planning.approve_plan(case, actor=dossier.cast.people["lead"], seen=seen)


def test(dossier: Dossier, progress: Progress) -> None:
    """The workers run the plan; a run that the portal itself failed ends the demo."""
    case = dossier.case
    progress.wait(lambda: Case.objects.get(pk=case.pk).status != S.PLAN_APPROVED, "the plan has not begun")
    runs = Run.objects.filter(planned__item__plan__case=case, planned__counted=True)
    progress.wait(lambda: not runs.all().unfinished().exists(), "test runs have not ended", seconds=RUNS_TAKE)
    broken = runs.filter(status=Run.Status.FAILED, failure_kind=Run.FailureKind.PLATFORM).first()
    if broken is not None:
        raise RuntimeError(f"{broken.method} failed by the portal's fault: {broken.failure_reason.get('en')}")
    if not PlannedRun.objects.filter(item__plan__case=case).exists():
        raise RuntimeError("the plan holds no test")


def score(dossier: Dossier, progress: Progress) -> None:
    """Both evaluators score what is examined, blind, and hand in."""
    case = dossier.case
    if case.status != S.EVALUATING:
        return
    for number, key in enumerate(EVALUATORS):
        person = dossier.cast.people[key]
        if not scoring_sheet.is_handed_in(case, person):
            _fill_sheet(dossier, case, person, number)
            scoring_sheet.hand_in(case, actor=person)


def _fill_sheet(dossier: Dossier, case: Case, person: Person, number: int) -> None:
    known = grounds(case)
    done = set(case.scores.filter(evaluator=person).values_list("criterion", flat=True))
    for code, ground in known.items():
        if ground.is_examined and code not in done:
            points = min(dossier.points_for(code, number), scoring_sheet.most_points(case, ground))
            scoring_sheet.save_score(
                case, code, actor=person, points=points, rationale=dossier.text_for(code, "found"), known=known
            )


def settle(dossier: Dossier, progress: Progress) -> None:
    """Equal scores and proposals stand; the lead settles the others, with a reason."""
    case, lead = dossier.case, dossier.cast.people["lead"]
    if case.status != S.EVALUATING:
        return
    settling.settle_agreed(case, actor=lead)
    for row in settling.differing(settling.rows_of(case, lead)):
        lower = min((score.points for score in row.scores if score.points is not None), default=0)
        given = settling.Given(lower)
        rationale = dossier.script["settled"]["rationale"]
        revision = row.settlement.revision if row.settlement else 0
        settling.settle(case, row.ground.code, actor=lead, rationale=rationale, examined=given, revision=revision)


def tell(dossier: Dossier, progress: Progress) -> None:
    """Every nonconformity gets its text, and the client is told of all of them."""
    case, lead = dossier.case, dossier.cast.people["lead"]
    if case.status != S.EVALUATING:
        return
    text = f"{dossier.script['finding']} ({dossier.script['note']})"
    for code in findings.without_text(case, findings.nonconformities(case)):
        findings.write_finding(case, code, kind=Finding.Kind.NONCONFORMITY, text=text, actor=lead)
    findings.tell_client(case, actor=lead)


def answer(dossier: Dossier, progress: Progress) -> None:
    """The client plans a corrective action for each finding, and an evaluator accepts it."""
    case = dossier.case
    if case.status != S.EVALUATING:
        return
    due = timezone.now().date() + timedelta(days=60)
    for finding in findings.told(case).filter(status=Finding.Status.OPEN):
        findings.answer_finding(
            finding, actor=dossier.vendor, answer=dossier.script["answer"], due_on=due, revision=finding.revision
        )
    for finding in findings.told(case).filter(status=Finding.Status.ANSWERED):
        findings.accept_answer(finding, actor=dossier.cast.people["first"], revision=finding.revision)


def hand_over(dossier: Dossier, progress: Progress) -> None:
    """The lead freezes results and report, and assigns a reviewer who took no part."""
    case, lead = dossier.case, dossier.cast.people["lead"]
    if case.status == S.EVALUATING:
        reporting.hand_to_review(case, actor=lead)
    case = dossier.case
    if case.status in (S.IN_REVIEW, S.RECOMMENDED):
        _assign(case, dossier.cast.people["reviewer"], Part.REVIEWER, lead)


def review(dossier: Dossier, progress: Progress) -> None:
    """The reviewer goes through the checklist and recommends what the rules allow."""
    case = dossier.case
    if case.status == S.IN_REVIEW:
        against = reviewing.against_granting(case)
        wish = Review.Recommendation.REFUSE if against else Review.Recommendation.GRANT
        reviewing.record_review(
            case,
            actor=dossier.cast.people["reviewer"],
            checklist=dict.fromkeys(reviewing.CHECKLIST, True),
            recommendation=wish,
            reasons=_reasons(dossier, against),
        )


def decide(dossier: Dossier, progress: Progress) -> None:
    """Grant the highest level that the rules allow, or refuse."""
    case = dossier.case
    if case.status == S.RECOMMENDED:
        against, levels = reviewing.against_granting(case), reviewing.grantable_levels(case)
        reviewing.decide(
            case,
            actor=dossier.cast.people["reviewer"],
            outcome=Case.Outcome.GRANTED if levels else Case.Outcome.REFUSED,
            level=levels[-1] if levels else "",
            reasons=_reasons(dossier, against),
        )
    if dossier.case.outcome != Case.Outcome.GRANTED:
        raise NotCertified("; ".join(reviewing.against_granting(case)) or "the certificate was refused")


def _reasons(dossier: Dossier, against: list[str]) -> str:
    return " ".join([dossier.script["review"], *against, f"({dossier.script['note']})"])


def issue(dossier: Dossier, progress: Progress) -> None:
    """A worker prints and signs the certificate."""

    def issued() -> bool:
        certificate = dossier.certificate
        if certificate is not None and certificate.trouble:
            raise RuntimeError(certificate.trouble)
        return certificate is not None and certificate.status != Certificate.Status.PREPARING

    progress.wait(issued, "the certificate is not issued")


def verify(dossier: Dossier, progress: Progress) -> None:
    """Hand the file to the verification room, as anybody could, and demand that it is genuine and in force."""
    certificate: Any = dossier.certificate
    content = storage.read_blob(certificate.pdf_sha256)
    examination = verification.accept(SimpleUploadedFile("certificate.pdf", content, "application/pdf"))
    over = (Examination.Status.DONE, Examination.Status.FAILED)
    progress.wait(
        lambda: Examination.objects.filter(pk=examination.pk, status__in=over).exists(), "the file is not examined"
    )
    examination.refresh_from_db()
    if examination.answer != "genuine" or examination.certificate_id != certificate.pk:
        raise RuntimeError(f"the certificate does not verify: {examination.answer or examination.facts}")
    if certificate.status != Certificate.Status.IN_FORCE:
        raise RuntimeError(f"the certificate is {certificate.get_status_display()}")
