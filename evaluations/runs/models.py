"""Test runs. The row is the truth, the queue is a hint: a run is claimed by a fenced lease and ends exactly once."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessments.accounts.models import AccessGrant, Organisation, Person, Role
from assessments.accounts.rules import organisations_of
from assessments.ledger.workflow import Revised


class RunQuerySet(models.QuerySet["Run"]):
    def visible_to(self, person: Any) -> RunQuerySet:
        """Runs of a scope that is open to the person; a vendor's own self-tests."""
        if not getattr(person, "is_authenticated", False):
            return self.none()
        granted = AccessGrant.objects.objects_for(person, "runs.scope")
        own = organisations_of(person, Role.VENDOR_MEMBER)
        return self.filter(models.Q(scope__in=granted) | models.Q(purpose=Run.Purpose.SELF_TEST, organisation__in=own))

    def unfinished(self) -> RunQuerySet:
        return self.filter(status__in=[Run.Status.QUEUED, Run.Status.RUNNING])


class Run(Revised):
    """One run of one method on one frozen set of inputs."""

    class Purpose(models.TextChoices):
        EVALUATION = "evaluation", _("evaluation")
        SELF_TEST = "self_test", _("self-test")
        SURVEILLANCE = "surveillance", _("surveillance")

    class Status(models.TextChoices):
        QUEUED = "queued", pgettext_lazy("run", "queued")
        RUNNING = "running", pgettext_lazy("run", "running")
        FINISHED = "finished", pgettext_lazy("run", "finished")
        FAILED = "failed", pgettext_lazy("run", "failed")
        CANCELLED = "cancelled", pgettext_lazy("run", "cancelled")

    class FailureKind(models.TextChoices):
        VENDOR = "vendor", _("the object or its data")
        EVALUATOR = "evaluator", _("the plan’s parameters")
        PLATFORM = "platform", _("the portal")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    purpose = models.CharField(max_length=20, choices=Purpose, default=Purpose.EVALUATION)
    # What the run belongs to (a case, or a version for a self-test); grants on "runs.scope" open it.
    scope = models.UUIDField(db_index=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="runs")
    method = models.CharField(_("method"), max_length=60)
    method_version = models.CharField(max_length=20, blank=True)
    parameters = models.JSONField(default=dict)
    seed = models.BigIntegerField()
    manifest = models.JSONField(default=dict)
    # [{"file": name in the manifest, "sha256": digest of a Blob}]
    inputs = models.JSONField(default=list)
    status = models.CharField(max_length=20, choices=Status, default=Status.QUEUED, editable=False)
    requested_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    requested_at = models.DateTimeField(default=timezone.now, editable=False)
    reason = models.TextField(_("reason"), blank=True)
    supersedes = models.OneToOneField(
        "self", null=True, blank=True, on_delete=models.PROTECT, related_name="superseded_by"
    )
    attempt = models.PositiveIntegerField(default=0, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    redispatch_after = models.DateTimeField(null=True, blank=True, editable=False)
    cancel_requested = models.BooleanField(default=False, editable=False)
    progress = models.FloatField(default=0, editable=False)
    message = models.CharField(max_length=200, blank=True, editable=False)
    started_at = models.DateTimeField(null=True, blank=True, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)
    failure_kind = models.CharField(max_length=20, choices=FailureKind, blank=True, editable=False)
    # {"en": …, "zh": …}
    failure_reason = models.JSONField(default=dict, blank=True, editable=False)
    result = models.JSONField(null=True, blank=True, editable=False)
    seal = models.CharField(max_length=200, blank=True, editable=False)
    sandbox_level = models.CharField(max_length=4, blank=True, editable=False)
    # What the worker saw of the sandbox: level, reservations, seconds, memory; covered by the seal.
    sandbox = models.JSONField(default=dict, blank=True, editable=False)
    log = models.TextField(blank=True, editable=False)

    objects = RunQuerySet.as_manager()

    class Meta:
        verbose_name = _("test run")
        verbose_name_plural = _("test runs")
        ordering = ["requested_at", "method"]
        indexes = [models.Index(fields=["status", "redispatch_after"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["queued", "running", "finished", "failed", "cancelled"]),
                name="run_status_is_known",
            ),
            models.CheckConstraint(
                condition=~models.Q(status="finished") | models.Q(result__isnull=False), name="finished_run_has_result"
            ),
        ]

    def __str__(self) -> str:
        return self.method
