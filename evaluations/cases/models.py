"""The case: how an admitted application is planned, evaluated, reviewed and decided."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessments.accounts.models import AccessGrant, Organisation, Person, Role
from assessments.accounts.rules import organisations_of
from assessments.applications.models import Application, Level
from assessments.ledger.workflow import Revised
from assessments.systems.models import SystemVersion
from evaluations.runs.models import Run


class NumberSequence(models.Model):
    """The last running number of cases in a year; taken by an UPDATE that locks the row, so never twice."""

    year = models.PositiveIntegerField(unique=True)
    last = models.PositiveIntegerField(default=0)


class CaseQuerySet(models.QuerySet["Case"]):
    def visible_to(self, person: Any) -> CaseQuerySet:
        """What a grant opens to an assigned person (reviewers from review on); a case without a lead, to the body's."""
        if not getattr(person, "is_authenticated", False):
            return self.none()
        lead = Assignment.objects.filter(case=models.OuterRef("pk"), part=Assignment.Part.LEAD, ended_at=None)
        led = models.Q(body__in=organisations_of(person, Role.LEAD_EVALUATOR)) & ~models.Exists(lead)
        granted = models.Q(pk__in=AccessGrant.objects.objects_for(person, "cases.case"))
        return self.filter(led | granted)

    def of_client(self, person: Any) -> CaseQuerySet:
        """Cases of the person's own organisations; the client follows them on pages of its own, without scores."""
        if not getattr(person, "is_authenticated", False):
            return self.none()
        return self.filter(application__organisation__in=organisations_of(person, Role.VENDOR_MEMBER))

    def under_way(self) -> CaseQuerySet:
        return self.exclude(status__in=[Case.Status.DECIDED, Case.Status.CLOSED])


class Case(Revised):
    """One evaluation of one application. Three axes: progress (status), determination (result), decision (outcome)."""

    class Status(models.TextChoices):
        PLANNING = "planning", _("planning")
        PLAN_APPROVED = "plan_approved", _("plan approved")
        EVALUATING = "evaluating", _("evaluating")
        IN_REVIEW = "in_review", _("in review")
        RECOMMENDED = "recommended", _("reviewed: decision due")
        DECIDED = "decided", _("decided")
        CLOSED = "closed", _("closed without decision")

    class Result(models.TextChoices):
        PENDING = "pending", _("not determined yet")
        NONE = "none", _("Basic level not reached")
        BASIC = "basic", _("Basic")
        ENHANCED = "enhanced", _("Enhanced")
        EXCELLENT = "excellent", _("Excellent")

    class Outcome(models.TextChoices):
        PENDING = "pending", _("not decided yet")
        GRANTED = "granted", _("granted")
        REFUSED = "refused", pgettext_lazy("decision", "refused")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(_("number"), max_length=30, unique=True)
    application = models.OneToOneField(Application, on_delete=models.PROTECT, related_name="case")
    body = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="cases")
    status = models.CharField(max_length=20, choices=Status, default=Status.PLANNING, editable=False)
    result = models.CharField(max_length=20, choices=Result, default=Result.PENDING, editable=False)
    outcome = models.CharField(max_length=20, choices=Outcome, default=Outcome.PENDING, editable=False)
    round = models.PositiveIntegerField(_("round"), default=1, editable=False)
    opened_at = models.DateTimeField(default=timezone.now, editable=False)
    due_on = models.DateField(_("due"), null=True, blank=True)
    # What the results and the report were when the evaluation was handed to review, for each round.
    frozen_report = models.JSONField(null=True, blank=True, editable=False)
    frozen_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = CaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case")
        verbose_name_plural = _("cases")
        ordering = ["opened_at"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    status__in=[
                        "planning",
                        "plan_approved",
                        "evaluating",
                        "in_review",
                        "recommended",
                        "decided",
                        "closed",
                    ]
                ),
                name="case_status_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(result__in=["pending", "none", "basic", "enhanced", "excellent"]),
                name="case_result_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(outcome__in=["pending", "granted", "refused"]), name="case_outcome_is_known"
            ),
        ]

    def __str__(self) -> str:
        return self.number


class Assignment(models.Model):
    """A person's part in a case, with the statement on interests that they signed for it."""

    class Part(models.TextChoices):
        LEAD = "lead", _("lead evaluator")
        EVALUATOR = "evaluator", _("evaluator")
        REVIEWER = "reviewer", _("reviewer")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="assignments")
    person = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="assignments")
    part = models.CharField(_("part"), max_length=20, choices=Part)
    assigned_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    assigned_at = models.DateTimeField(default=timezone.now, editable=False)
    # Signed by the person: no interest in the client, no part in its work in the past two years.
    declared_at = models.DateTimeField(null=True, blank=True)
    ended_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("assignment")
        verbose_name_plural = _("assignments")
        constraints = [
            models.UniqueConstraint(
                fields=["case", "person", "part"],
                condition=models.Q(ended_at=None),
                name="one_open_assignment_of_a_part",
            )
        ]


class PlanRevision(models.Model):
    """A plan of a case. When it is approved it is frozen; afterwards the portal draws seeds and samples."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        APPROVED = "approved", _("approved")
        SUPERSEDED = "superseded", _("superseded")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="plans")
    number = models.PositiveIntegerField(default=1)
    status = models.CharField(max_length=20, choices=Status, default=Status.DRAFT)
    # The object of this plan: a corrected model is a new version, which a new revision adopts.
    version = models.ForeignKey(SystemVersion, on_delete=models.PROTECT, related_name="plans")
    reason = models.TextField(_("reason of the revision"), blank=True)
    impact = models.TextField(_("impact on the examinations made so far"), blank=True)
    profile = models.JSONField(default=dict)
    # {criterion code: entry}, see layout.py for what an entry holds.
    applicability = models.JSONField(default=dict)
    # What the evaluation rests on, see planning.basis_of: edition, scheme, thresholds, tier, target, origins, facts.
    basis = models.JSONField(default=dict)
    manifest = models.JSONField(default=dict)
    inputs = models.JSONField(default=list)
    approved_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    approved_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "number"], name="one_plan_of_a_number_in_a_case"),
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(status="draft"), name="one_draft_plan_of_a_case"
            ),
            models.UniqueConstraint(
                fields=["case"], condition=models.Q(status="approved"), name="one_approved_plan_of_a_case"
            ),
        ]
        ordering = ["number"]


class PlanItem(models.Model):
    """One planned test: a method with its parameters, for one or more criteria; its seed is drawn after approval."""

    plan = models.ForeignKey(PlanRevision, on_delete=models.CASCADE, related_name="items")
    method = models.CharField(max_length=60)
    criteria = models.JSONField(default=list)
    parameters = models.JSONField(default=dict)
    rationale = models.TextField(_("why these values"), max_length=4000, blank=True)
    expected_seconds = models.FloatField(default=0)
    revision = models.PositiveIntegerField(default=0, editable=False)
    seed = models.BigIntegerField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["plan", "method"], name="one_item_for_a_method_in_a_plan")]
        ordering = ["method"]


class PlannedRun(models.Model):
    """A run that a plan item asked for. Only the newest counts; each attempt stays and is in the report."""

    item = models.ForeignKey(PlanItem, on_delete=models.PROTECT, related_name="planned_runs")
    run = models.OneToOneField(Run, on_delete=models.PROTECT, related_name="planned")
    counted = models.BooleanField(default=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["item"], condition=models.Q(counted=True), name="one_counted_run_for_a_plan_item"
            )
        ]


class OfferedVersion(models.Model):
    """A corrected version that the client offers to the evaluation; a plan revision may adopt it."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="offered_versions")
    version = models.ForeignKey(SystemVersion, on_delete=models.PROTECT, related_name="offers")
    offered_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    offered_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "version"], name="one_offer_of_a_version_in_a_case")]
        ordering = ["offered_at"]


class ScoreSheet(models.Model):
    """An evaluator's scores as a whole: theirs alone until handed in; afterwards they no longer change.

    The other evaluator's and the lead's eyes open only when every evaluator of the case has handed in.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="sheets")
    evaluator = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    handed_in_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "evaluator"], name="one_sheet_of_an_evaluator")]


class Score(models.Model):
    """An evaluator's score on a criterion, blind to the other's: whole points for an examination (E), 0 to 5."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="scores")
    criterion = models.CharField(max_length=20)
    evaluator = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="scores")
    points = models.PositiveSmallIntegerField(_("score"), null=True, blank=True)
    not_demonstrated = models.BooleanField(_("not demonstrated"), default=False)
    rationale = models.TextField(_("rationale"), max_length=8000, blank=True)
    revision = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "criterion", "evaluator"], name="one_score_of_an_evaluator"),
            models.CheckConstraint(condition=models.Q(points=None) | models.Q(points__lte=5), name="score_is_0_to_5"),
        ]


class Settlement(models.Model):
    """The settled state of a criterion: from equal scores, from the lead's decision, or from a test."""

    class State(models.TextChoices):
        SCORED = "scored", _("scored")
        NOT_APPLICABLE = "not_applicable", _("not applicable")
        NOT_DEMONSTRATED = "not_demonstrated", _("not demonstrated")
        NOT_ASSESSED = "not_assessed", _("not assessed")

    class Origin(models.TextChoices):
        TEST = "test", _("test")
        EXAMINATION = "examination", _("examination")
        BOTH = "both", _("test and examination")
        EXAMINED = "examined", _("examined, no automated method")
        PROFILE = "profile", _("profile")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="settlements")
    criterion = models.CharField(max_length=20)
    state = models.CharField(max_length=20, choices=State)
    origin = models.CharField(max_length=20, choices=Origin)
    proposed_tenths = models.PositiveSmallIntegerField(null=True, blank=True)
    # The test's score as the lead confirmed or changed it; None where no test says anything.
    confirmed_tenths = models.PositiveSmallIntegerField(null=True, blank=True)
    examined_points = models.PositiveSmallIntegerField(null=True, blank=True)
    settled_tenths = models.PositiveSmallIntegerField(null=True, blank=True)
    rationale = models.TextField(blank=True)
    overridden = models.BooleanField(default=False)
    settled_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(default=timezone.now)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "criterion"], name="one_settlement_of_a_criterion"),
            models.CheckConstraint(
                condition=models.Q(settled_tenths=None) | models.Q(settled_tenths__lte=50),
                name="settled_score_is_0_to_5",
            ),
        ]


class Finding(models.Model):
    """What the evaluators found on a criterion. Whether it is major or minor follows from the score, never stored."""

    class Kind(models.TextChoices):
        NONCONFORMITY = "nonconformity", _("nonconformity")
        OBSERVATION = "observation", _("observation")
        OPPORTUNITY = "opportunity", _("opportunity for improvement")
        GOOD_PRACTICE = "good_practice", _("good practice")

    class Status(models.TextChoices):
        OPEN = "open", _("open: the client must answer")
        ANSWERED = "answered", _("answered")
        ACCEPTED = "accepted", _("corrective action accepted")
        CLOSED = "closed", _("closed")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="findings")
    criterion = models.CharField(max_length=20)
    kind = models.CharField(max_length=20, choices=Kind)
    status = models.CharField(max_length=20, choices=Status, default=Status.OPEN)
    round = models.PositiveIntegerField(default=1)
    text = models.TextField(_("finding"), max_length=8000)
    raised_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    raised_at = models.DateTimeField(default=timezone.now, editable=False)
    told_at = models.DateTimeField(null=True, blank=True)
    answer = models.TextField(_("answer and corrective action"), max_length=8000, blank=True)
    due_on = models.DateField(_("due"), null=True, blank=True)
    answered_at = models.DateTimeField(null=True, blank=True)
    answered_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    # What the evaluators said to the last answer.
    remark = models.TextField(_("remark on the answer"), max_length=8000, blank=True)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        ordering = ["criterion", "raised_at"]


class Review(models.Model):
    """A reviewer's review (ISO/IEC 17065, 7.5) of one round: checklist, recommendation, reasons."""

    class Recommendation(models.TextChoices):
        GRANT = "grant", _("grant")
        REFUSE = "refuse", _("refuse")
        REWORK = "rework", _("return for rework")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="reviews")
    round = models.PositiveIntegerField(default=1)
    reviewer = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    checklist = models.JSONField(default=dict)
    recommendation = models.CharField(max_length=20, choices=Recommendation)
    reasons = models.TextField()
    reviewed_at = models.DateTimeField(default=timezone.now, editable=False)
    # SHA-256 of the frozen report that was reviewed.
    report_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "round"], name="one_review_of_a_round")]


class Decision(models.Model):
    """The decision (ISO/IEC 17065, 7.6) by somebody who did not evaluate."""

    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="decision")
    outcome = models.CharField(
        max_length=20, choices=[("granted", _("granted")), ("refused", pgettext_lazy("decision", "refused"))]
    )
    level = models.CharField(max_length=20, choices=Level, blank=True)
    reasons = models.TextField()
    decided_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="decisions")
    decided_at = models.DateTimeField(default=timezone.now, editable=False)


class ReportPrint(models.Model):
    """A report to be printed by a worker, or printed: one row for each document and language."""

    class Status(models.TextChoices):
        WAITING = "waiting", _("being printed")
        READY = "ready", _("printed")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="prints")
    # Digest of the document as canonical JSON, the same that the case keeps for a frozen report.
    report_sha256 = models.CharField(max_length=64)
    language = models.CharField(max_length=10)
    # A preview keeps the document that was asked for; what was frozen is read from the case.
    preview = models.JSONField(null=True, blank=True)
    requested_at = models.DateTimeField(default=timezone.now, editable=False)
    status = models.CharField(max_length=20, choices=Status, default=Status.WAITING)
    attempt = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    trouble = models.TextField(blank=True)
    pdf_sha256 = models.CharField(max_length=64, blank=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["case", "report_sha256", "language"], name="one_print_of_a_report_in_a_language"
            ),
            models.CheckConstraint(condition=models.Q(status__in=["waiting", "ready"]), name="print_status_is_known"),
        ]
