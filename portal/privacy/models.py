"""Legal holds, which stop deletion and erasure, and the runs of retention with what each deleted."""

from __future__ import annotations

import uuid

from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.accounts.models import Organisation, Person
from evaluations.cases.models import Case


class LegalHold(models.Model):
    """Nothing of this organisation, or of this case, is deleted or erased until the hold is lifted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="holds")
    case = models.ForeignKey(Case, null=True, on_delete=models.PROTECT, related_name="holds")
    reason = models.TextField(_("reason"), max_length=2000)
    placed_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    placed_at = models.DateTimeField(default=timezone.now, editable=False)
    lifted_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    lifted_at = models.DateTimeField(null=True, editable=False)

    class Meta:
        verbose_name = _("legal hold")
        verbose_name_plural = _("legal holds")
        ordering = ["-placed_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(organisation=None, case__isnull=False) | Q(organisation__isnull=False, case=None),
                name="hold_on_an_organisation_or_a_case",
            ),
            models.UniqueConstraint(
                fields=["organisation"], condition=Q(lifted_at=None), name="one_hold_on_an_organisation"
            ),
            models.UniqueConstraint(fields=["case"], condition=Q(lifted_at=None), name="one_hold_on_a_case"),
        ]

    def __str__(self) -> str:
        return str(self.organisation or self.case)


class RetentionRun(models.Model):
    """One run of retention: when, and how many of each kind were deleted."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    ran_at = models.DateTimeField(default=timezone.now, editable=False)
    deleted = models.JSONField(default=dict)

    class Meta:
        ordering = ["-ran_at"]
        indexes = [models.Index(fields=["-ran_at"])]
