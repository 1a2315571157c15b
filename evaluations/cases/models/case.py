"""The case itself, its number, and who may see it."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.db.models.functions import Cast, Coalesce, Concat
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessments.accounts.models import AccessGrant, Organisation, Person, Role
from assessments.accounts.rules import organisations_of
from assessments.applications.models import Application
from assessments.ledger.workflow import Revised


class NumberSequence(models.Model):
    """The last running number of cases in a year; taken by an UPDATE that locks the row, so never twice."""

    year = models.PositiveIntegerField(unique=True)
    last = models.PositiveIntegerField(default=0)


# How a list of cases may be ordered, and by what.
SORTS = {"due": "urgency", "oldest": "opened_at", "newest": "-opened_at", "client": "client_name"}


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

    def in_order(self, sort: str) -> tuple[CaseQuerySet, str]:
        """The cases with what they are ordered by, and its name as `keyset_page` takes it; `sort` is one of SORTS.

        By default the nearest last day first, then the longest open (numbers run on), and at the end what has no day.
        """
        day = Coalesce(Cast("due_on", models.CharField()), models.Value("9999-12-31"))
        rows = self.annotate(
            urgency=Concat(day, models.Value(" "), "number", output_field=models.CharField()),
            client_name=models.F("application__organisation__name_en"),
        )
        return rows, SORTS.get(sort, SORTS["due"])

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
