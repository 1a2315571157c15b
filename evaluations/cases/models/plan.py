"""Plans: what is tested by which methods, the runs that they asked for, and the versions that the client offers."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.accounts.models import Person
from assessments.systems.models import SystemVersion
from evaluations.runs.models import Run

from .case import Case


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
