"""The application for evaluation: what is asked for, of which body, with which evidence; and the agreement."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.accounts.models import AccessGrant, Organisation, Person, Role
from assessments.accounts.rules import organisations_of
from assessments.ledger.workflow import Revised
from assessments.systems.models import Artifact, SystemVersion


class Tier(models.TextChoices):
    MINIMAL = "minimal", _("minimal risk")
    LIMITED = "limited", _("limited risk")
    HIGH = "high", _("high risk")
    UNACCEPTABLE = "unacceptable", _("unacceptable risk")


class Level(models.TextChoices):
    BASIC = "basic", _("Basic")
    ENHANCED = "enhanced", _("Enhanced")
    EXCELLENT = "excellent", _("Excellent")


class ApplicationQuerySet(models.QuerySet["Application"]):
    def visible_to(self, person: Any) -> ApplicationQuerySet:
        """Vendor members see their organisation's; leads their body's once submitted; others what is granted."""
        if not getattr(person, "is_authenticated", False):
            return self.none()
        own = models.Q(organisation__in=organisations_of(person, Role.VENDOR_MEMBER))
        led = models.Q(body__in=organisations_of(person, Role.LEAD_EVALUATOR)) & ~models.Q(
            status=Application.Status.DRAFT
        )
        granted = models.Q(pk__in=AccessGrant.objects.objects_for(person, "applications.application"))
        return self.filter(own | led | granted)


class Application(Revised):
    """An application by a vendor (the applicant) to a body, for one version under one edition and scheme."""

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        SUBMITTED = "submitted", _("submitted")
        RETURNED = "returned", _("returned for completion")
        DECLINED = "declined", _("declined")
        ADMITTED = "admitted", _("admitted: agreement to be signed")
        AGREED = "agreed", _("agreed")
        CONCLUDED = "concluded", _("concluded: the decision was made")
        WITHDRAWN = "withdrawn", _("withdrawn by the applicant")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    number = models.CharField(_("number"), max_length=30, unique=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="applications")
    version = models.ForeignKey(SystemVersion, on_delete=models.PROTECT, related_name="applications")
    edition = models.ForeignKey(
        "standards.Edition", null=True, blank=True, on_delete=models.PROTECT, related_name="applications"
    )
    scheme = models.ForeignKey(
        "standards.Scheme", null=True, blank=True, on_delete=models.PROTECT, related_name="applications"
    )
    target_level = models.CharField(_("target level"), max_length=20, choices=Level, blank=True)
    body = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="applications_received",
        limit_choices_to={"kind": Organisation.Kind.BODY},
        verbose_name=_("evaluation body"),
    )
    status = models.CharField(max_length=20, choices=Status, default=Status.DRAFT, editable=False)
    declarations = models.JSONField(default=dict, blank=True)
    created_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    submitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    admitted_at = models.DateTimeField(null=True, blank=True, editable=False)
    # The last day for the present step, for whoever must act; none while nobody is held to one (see terms.py).
    due_on = models.DateField(_("due"), null=True, blank=True, editable=False)
    tier = models.CharField(_("risk tier"), max_length=20, choices=Tier, blank=True)
    tier_path = models.JSONField(default=list, blank=True)
    admission_reason = models.TextField(_("reasons"), blank=True)

    objects = ApplicationQuerySet.as_manager()

    class Meta:
        verbose_name = _("application")
        verbose_name_plural = _("applications")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(
                    status__in=[
                        "draft",
                        "submitted",
                        "returned",
                        "declined",
                        "admitted",
                        "agreed",
                        "concluded",
                        "withdrawn",
                    ]
                ),
                name="application_status_is_known",
            ),
        ]

    def __str__(self) -> str:
        return self.number

    @property
    def is_editable(self) -> bool:
        """Whether the applicant may still change what is applied for."""
        return self.status in EDITABLE


EDITABLE = frozenset({Application.Status.DRAFT, Application.Status.RETURNED})
# What the body still has before it, or has decided on: a version named by one of these stays as it is.
HANDED_IN = frozenset(
    {
        Application.Status.SUBMITTED,
        Application.Status.ADMITTED,
        Application.Status.AGREED,
        Application.Status.CONCLUDED,
    }
)


class NumberSequence(models.Model):
    """The last running number of applications in a year; taken by an UPDATE that locks the row, so never twice."""

    year = models.PositiveIntegerField(unique=True)
    last = models.PositiveIntegerField(default=0)


class Evidence(models.Model):
    """What the applicant gives for a criterion: an explanation, a file, or both."""

    application = models.ForeignKey(Application, on_delete=models.CASCADE, related_name="evidence")
    criterion = models.CharField(_("criterion"), max_length=20)
    explanation = models.TextField(_("explanation"), max_length=8000, blank=True)
    artifact = models.ForeignKey(Artifact, null=True, blank=True, on_delete=models.PROTECT, related_name="evidence")
    page = models.PositiveIntegerField(_("page"), null=True, blank=True)
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("evidence")
        verbose_name_plural = _("evidence")
        constraints = [
            models.UniqueConstraint(fields=["application", "criterion"], name="one_evidence_row_for_a_criterion")
        ]


class Agreement(models.Model):
    """The evaluation agreement (ISO/IEC 17065, 4.1.2): a versioned text, signed by the vendor, then by the body."""

    application = models.OneToOneField(Application, on_delete=models.CASCADE, related_name="agreement")
    text_version = models.CharField(max_length=20)
    text_sha256 = models.CharField(max_length=64)
    vendor_signatory = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    vendor_signed_at = models.DateTimeField(null=True, blank=True)
    body_signatory = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    body_signed_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        verbose_name = _("evaluation agreement")
        verbose_name_plural = _("evaluation agreements")

    @property
    def is_signed(self) -> bool:
        """Whether both parties have signed."""
        return self.vendor_signed_at is not None and self.body_signed_at is not None
