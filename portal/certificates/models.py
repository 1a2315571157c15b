"""Certificates: a frozen snapshot, the signed file's digest, a status, and the history of that status."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.accounts.models import Organisation, Person
from assessments.applications.models import Level, Tier
from assessments.ledger.workflow import Revised
from evaluations.cases.models import Case


class NumberSequence(models.Model):
    """The last running number of a scheme in a year; taken by a conditional update, so never twice."""

    scheme = models.CharField(max_length=20)
    year = models.PositiveIntegerField()
    last = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["scheme", "year"], name="one_sequence_of_a_scheme_and_year")]


class CertificateQuerySet(models.QuerySet["Certificate"]):
    def published(self) -> CertificateQuerySet:
        """All that were issued, whatever their status: the registry forgets nothing."""
        return self.exclude(status=Certificate.Status.PREPARING)

    def in_force(self, on: date | None = None) -> CertificateQuerySet:
        day = on or timezone.now().date()
        return self.filter(status=Certificate.Status.IN_FORCE, valid_until__gte=day)

    def expired(self, on: date | None = None) -> CertificateQuerySet:
        day = on or timezone.now().date()
        return self.filter(status__in=["in_force", "suspended"], valid_until__lt=day)


class Certificate(Revised):
    """An attestation. Published is frozen: snapshot and signed bytes never change, only status and its history."""

    class Status(models.TextChoices):
        PREPARING = "preparing", _("being prepared")
        IN_FORCE = "in_force", _("in force")
        SUSPENDED = "suspended", _("suspended")
        WITHDRAWN = "withdrawn", _("withdrawn for cause")
        CANCELLED = "cancelled", _("cancelled at the holder’s wish")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(_("number"), max_length=30, unique=True)
    case = models.OneToOneField(Case, on_delete=models.PROTECT, related_name="certificate")
    holder = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="certificates")
    body = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="certificates_issued")
    level = models.CharField(_("level"), max_length=20, choices=Level)
    tier = models.CharField(_("risk tier"), max_length=20, choices=Tier)
    status = models.CharField(max_length=20, choices=Status, default=Status.PREPARING, editable=False)
    granted_on = models.DateField(_("granted"))
    valid_until = models.DateField(_("valid until"))
    surveillance_due = models.DateField(_("surveillance due"))
    snapshot = models.JSONField(editable=False)
    pdf_sha256 = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    # SHA-256 of the bytes that the signature covers: equal for a copy that was changed outside them.
    signed_sha256 = models.CharField(max_length=64, blank=True, db_index=True, editable=False)
    signer_fingerprint = models.CharField(max_length=64, blank=True, editable=False)
    is_development = models.BooleanField(default=False, editable=False)
    issued_at = models.DateTimeField(null=True, blank=True, editable=False)
    suspended_by = models.ForeignKey(
        Organisation, null=True, blank=True, on_delete=models.PROTECT, related_name="+", editable=False
    )
    attempt = models.PositiveIntegerField(default=0, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    # Why the file could not be made yet; for the operator.
    trouble = models.TextField(blank=True, editable=False)

    objects = CertificateQuerySet.as_manager()

    class Meta:
        verbose_name = _("certificate")
        verbose_name_plural = _("certificates")
        ordering = ["number"]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["preparing", "in_force", "suspended", "withdrawn", "cancelled"]),
                name="certificate_status_is_known",
            ),
            models.CheckConstraint(
                condition=models.Q(status="preparing") | ~models.Q(pdf_sha256=""), name="issued_certificate_has_file"
            ),
        ]

    def __str__(self) -> str:
        return self.number

    def standing(self, on: date | None = None) -> str:
        """The status as of a day: expiry is computed when read, last day inclusive (server's UTC date)."""
        day = on or timezone.now().date()
        if self.status in (self.Status.IN_FORCE, self.Status.SUSPENDED) and day > self.valid_until:
            return "expired"
        return self.status


class StatusEvent(models.Model):
    """One change of a certificate's status, public with its reason."""

    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="status_events")
    status = models.CharField(max_length=20, choices=Certificate.Status)
    reason = models.TextField(_("reason"), blank=True)
    imposed_by = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    actor = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    happened_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["happened_at", "pk"]


def snapshot_text(snapshot: dict[str, Any], key: str, language: str) -> str:
    """A bilingual text of a snapshot in one language, or in the other if it is missing."""
    text = snapshot.get(key) or {}
    return text.get(language) or text.get("en") or text.get("zh") or ""
