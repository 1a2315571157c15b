"""Findings and what the client answers."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.accounts.models import Person
from assessments.systems.models import Artifact

from .case import Case


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


class AnswerFile(models.Model):
    """A document that the client puts to its answer; read by the evaluators once the answer is sent.

    What was sent stays known by its digest in the ledger when the file itself is over its time.
    """

    finding = models.ForeignKey(Finding, on_delete=models.CASCADE, related_name="files")
    artifact = models.OneToOneField(Artifact, on_delete=models.CASCADE, related_name="answer_file")
    round = models.PositiveIntegerField()
    sent_at = models.DateTimeField(null=True, blank=True, editable=False)

    class Meta:
        ordering = ["round", "artifact__uploaded_at"]
