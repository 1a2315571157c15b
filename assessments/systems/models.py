"""AI systems, their versions, and the files that belong to them."""

from __future__ import annotations

import uuid
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.accounts.models import AccessGrant, Organisation, Person, Role, in_reader_language
from assessments.accounts.rules import organisations_of
from assessments.ledger.workflow import Revised


class System(models.Model):
    """An AI system as its vendor offers it; what is assessed is one of its versions."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="systems")
    name_en = models.CharField(_("name in English"), max_length=200)
    name_zh = models.CharField(_("name in Chinese"), max_length=200, blank=True)
    description = models.TextField(_("what it does"), max_length=4000, blank=True)
    sector = models.CharField(_("sector"), max_length=60, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        verbose_name = _("AI system")
        verbose_name_plural = _("AI systems")
        constraints = [
            models.UniqueConstraint(fields=["organisation", "name_en"], name="one_system_of_a_name_in_an_organisation")
        ]

    def __str__(self) -> str:
        return self.name

    @property
    def name(self) -> str:
        return in_reader_language(self.name_en, self.name_zh)


class VersionQuerySet(models.QuerySet["SystemVersion"]):
    def visible_to(self, person: Any) -> VersionQuerySet:
        """Versions of one's own organisation, and those that an access grant opens."""
        if not getattr(person, "is_authenticated", False):
            return self.none()
        granted = AccessGrant.objects.objects_for(person, "systems.systemversion")
        own = organisations_of(person, Role.VENDOR_MEMBER)
        return self.filter(models.Q(system__organisation__in=own) | models.Q(pk__in=granted))


class SystemVersion(Revised):
    """The object of conformity assessment (ISO/IEC 17000): one version of an AI system.

    `profile` holds the facts that decide which criteria apply; `schema` what the vendor declares about model,
    data, preprocessing and claims, in the terms of the manifest (docs/manifest.md).
    """

    class Status(models.TextChoices):
        DRAFT = "draft", _("draft")
        FROZEN = "frozen", _("frozen")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    system = models.ForeignKey(System, on_delete=models.PROTECT, related_name="versions")
    label = models.CharField(_("version"), max_length=60)
    status = models.CharField(max_length=20, choices=Status, default=Status.DRAFT, editable=False)
    intended_use = models.TextField(_("intended use"), max_length=4000, blank=True)
    environment = models.TextField(_("environment of use"), max_length=2000, blank=True)
    population = models.TextField(_("people served"), max_length=2000, blank=True)
    # The same words in the other language of the certificate: Chinese beside English, or the reverse.
    intended_use_other = models.TextField(_("intended use, in the other language"), max_length=4000, blank=True)
    environment_other = models.TextField(_("environment of use, in the other language"), max_length=2000, blank=True)
    population_other = models.TextField(_("people served, in the other language"), max_length=2000, blank=True)
    languages = models.CharField(_("languages of use"), max_length=200, blank=True)
    profile = models.JSONField(_("profile"), default=dict, blank=True)
    schema = models.JSONField(_("declared schema"), default=dict, blank=True)
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = VersionQuerySet.as_manager()

    class Meta:
        verbose_name = _("system version")
        verbose_name_plural = _("system versions")
        constraints = [models.UniqueConstraint(fields=["system", "label"], name="one_version_of_a_label_in_a_system")]

    def __str__(self) -> str:
        return f"{self.system.name} {self.label}"


class Allowance(models.Model):
    """How much one organisation may store, where that differs from the portal's default."""

    organisation = models.OneToOneField(Organisation, on_delete=models.CASCADE, related_name="storage_allowance")
    megabytes = models.PositiveIntegerField(_("megabytes"))

    class Meta:
        verbose_name = _("storage allowance")
        verbose_name_plural = _("storage allowances")

    def __str__(self) -> str:
        return f"{self.organisation}: {self.megabytes} MB"


class Blob(models.Model):
    """The bytes of a file, stored once under their SHA-256; never overwritten.

    `checked_at` says when the file was last read again and compared with its digest, `fault` what was found.
    """

    class Fault(models.TextChoices):
        MISSING = "missing", _("the file is missing")
        CHANGED = "changed", _("its bytes have changed")

    sha256 = models.CharField(primary_key=True, max_length=64)
    size = models.BigIntegerField()
    stored_at = models.DateTimeField(default=timezone.now, editable=False)
    checked_at = models.DateTimeField(null=True, blank=True, editable=False, db_index=True)
    fault = models.CharField(max_length=10, choices=Fault, blank=True, default="", editable=False)


class ArtifactQuerySet(models.QuerySet["Artifact"]):
    def visible_to(self, person: Any) -> ArtifactQuerySet:
        """The files of visible versions; what a body holds for an evaluation is not shown to the vendor.

        A document with an answer belongs to one case: a grant on the version, which another case may have given, does
        not open it, only one on the file itself.
        """
        versions = SystemVersion.objects.visible_to(person).values("pk")
        mine = list(organisations_of(person)) if getattr(person, "is_authenticated", False) else []
        granted = AccessGrant.objects.objects_for(person, "systems.systemversion") if mine else []
        opened = AccessGrant.objects.objects_for(person, "systems.artifact") if mine else []
        of_version = models.Q(version__in=granted) & ~models.Q(role=Artifact.Role.ANSWER)
        reach = models.Q(organisation__in=mine) | of_version | models.Q(pk__in=opened)
        return self.filter(version__in=versions).filter(reach)

    def awaiting_inspection(self) -> ArtifactQuerySet:
        return self.filter(inspection=Artifact.Inspection.AWAITING)


class Artifact(models.Model):
    """A file of a version: a model, a data set, a record, a piece of evidence."""

    class Role(models.TextChoices):
        MODEL = "model", _("model")
        TEST = "test", _("test data")
        TRAINING = "training", _("training sample")
        REFERENCE = "reference", _("reference population")
        DEPLOYMENT = "deployment", _("deployment sample")
        NONMEMBERS = "nonmembers", _("data the model was not trained on")
        PREDICTIONS = "predictions", _("predictions")
        RECORD = "record", _("delivery record or its signature")
        EVIDENCE = "evidence", _("evidence")
        ANSWER = "answer", _("document with an answer to a finding")

    class Inspection(models.TextChoices):
        AWAITING = "awaiting", _("waiting to be read")
        RUNNING = "running", _("being read")
        ACCEPTED = "accepted", _("readable")
        REFUSED = "refused", _("refused")
        FAILED = "failed", _("could not be read: the portal’s fault")

    class Origin(models.TextChoices):
        HELD = "A", _("A: held by the evaluation body")
        DRAWN = "B", _("B: drawn by the evaluation body")
        SUPPLIED = "C", _("C: supplied by the vendor")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(SystemVersion, on_delete=models.PROTECT, related_name="artifacts")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="artifacts")
    role = models.CharField(_("role"), max_length=20, choices=Role)
    origin = models.CharField(_("origin"), max_length=1, choices=Origin, default=Origin.SUPPLIED)
    filename = models.CharField(_("file name"), max_length=255)
    blob = models.ForeignKey(Blob, on_delete=models.PROTECT, related_name="artifacts")
    uploaded_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    uploaded_at = models.DateTimeField(default=timezone.now, editable=False)
    replaced_at = models.DateTimeField(null=True, blank=True)
    inspection = models.CharField(max_length=20, choices=Inspection, default=Inspection.AWAITING, editable=False)
    description = models.JSONField(default=dict, blank=True, editable=False)
    refusal = models.JSONField(default=dict, blank=True, editable=False)
    attempt = models.PositiveIntegerField(default=0, editable=False)
    lease_until = models.DateTimeField(null=True, blank=True, editable=False)
    redispatch_after = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ArtifactQuerySet.as_manager()

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering = ["uploaded_at", "filename"]

    def __str__(self) -> str:
        return self.filename


class Upload(models.Model):
    """A file on its way: chunks are appended to a quarantine file, the digest is taken over the whole at the end."""

    class Status(models.TextChoices):
        OPEN = "open", _("under way")
        FINISHED = "finished", _("finished")
        ABANDONED = "abandoned", _("abandoned")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    version = models.ForeignKey(SystemVersion, on_delete=models.CASCADE, related_name="uploads")
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="uploads")
    role = models.CharField(max_length=20, choices=Artifact.Role)
    origin = models.CharField(max_length=1, choices=Artifact.Origin, default=Artifact.Origin.SUPPLIED)
    filename = models.CharField(max_length=255)
    size = models.BigIntegerField()
    status = models.CharField(max_length=20, choices=Status, default=Status.OPEN)
    artifact = models.OneToOneField(Artifact, null=True, blank=True, on_delete=models.SET_NULL, related_name="upload")
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    touched_at = models.DateTimeField(default=timezone.now)


class Reading(models.Model):
    """Somebody outside the vendor read something confidential of a version; within an hour it counts once."""

    class Kind(models.TextChoices):
        FILE = "file", _("file")
        EVIDENCE = "evidence", _("answers and evidence")
        AGREEMENT = "agreement", _("evaluation agreement")
        REPORT = "report", _("evaluation report")

    class Part(models.TextChoices):
        ADMISSION = "admission", _("admission")
        LEAD = "lead", _("lead evaluator")
        EVALUATOR = "evaluator", _("evaluator")
        REVIEWER = "reviewer", _("reviewer")

    version = models.ForeignKey(SystemVersion, on_delete=models.CASCADE, related_name="readings")
    application = models.UUIDField(null=True, blank=True)
    kind = models.CharField(max_length=10, choices=Kind)
    object_id = models.CharField(max_length=60)
    title = models.CharField(max_length=255)
    person = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="readings")
    organisation = models.ForeignKey(Organisation, null=True, on_delete=models.PROTECT, related_name="+")
    occasion = models.CharField(max_length=40, blank=True)  # the number of the case or application that opened it
    part = models.CharField(max_length=10, choices=Part, blank=True)
    first_at = models.DateTimeField()
    last_at = models.DateTimeField()

    class Meta:
        verbose_name = _("reading")
        verbose_name_plural = _("readings")
        indexes = [
            models.Index(fields=["version", "-last_at"]),
            models.Index(fields=["person", "kind", "object_id", "-last_at"]),
            models.Index(fields=["last_at"]),
        ]
