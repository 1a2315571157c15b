"""How a case ends: review, decision, and the report as it is printed."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessments.accounts.models import Person
from assessments.applications.models import Level

from .case import Case


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
