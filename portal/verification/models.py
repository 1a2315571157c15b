"""Files that somebody asked the portal to check. They are opened only in the sandbox and deleted soon after."""

from __future__ import annotations

import uuid

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _


class Examination(models.Model):
    """One file to check: where it waits, what the sandbox found in it, and the answer."""

    class Status(models.TextChoices):
        QUEUED = "queued", _("queued")
        RUNNING = "running", _("being checked")
        DONE = "done", _("checked")
        FAILED = "failed", _("could not be checked: the portal’s fault")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    status = models.CharField(max_length=20, choices=Status, default=Status.QUEUED)
    sha256 = models.CharField(max_length=64)
    size = models.BigIntegerField()
    facts = models.JSONField(default=dict)
    answer = models.CharField(max_length=20, blank=True)
    certificate = models.ForeignKey("certificates.Certificate", null=True, on_delete=models.CASCADE, related_name="+")
    asked_at = models.DateTimeField(default=timezone.now, editable=False)
    attempt = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    redispatch_after = models.DateTimeField(null=True, blank=True)
