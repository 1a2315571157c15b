"""Editions on paper: what was asked for and what a worker has printed. `models` takes it in."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import pgettext_lazy


class EditionPrint(models.Model):
    """The PDF of an edition's text (named by its digest) in one language. Few and small: kept in the database."""

    class Status(models.TextChoices):
        WAITING = "waiting", pgettext_lazy("print", "being printed")
        READY = "ready", pgettext_lazy("print", "printed")

    edition = models.ForeignKey("standards.Edition", on_delete=models.CASCADE, related_name="prints")
    digest = models.CharField(max_length=64)
    language = models.CharField(max_length=10)
    status = models.CharField(max_length=20, choices=Status, default=Status.WAITING)
    requested_at = models.DateTimeField(default=timezone.now, editable=False)
    attempt = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    trouble = models.TextField(blank=True)
    pdf = models.BinaryField(null=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["edition", "digest", "language"], name="one_print_of_a_text_in_a_language"),
            models.CheckConstraint(
                condition=models.Q(status="waiting") | models.Q(status="ready", pdf__isnull=False),
                name="edition_print_status_is_known",
            ),
        ]
