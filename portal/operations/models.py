"""What operation itself keeps: who works, what was counted from the ledger, and when its chain was checked."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.db import models
from django.utils import timezone

from assessments.accounts.models import Person

BEAT = timedelta(seconds=10)
SILENT_AFTER = 3 * BEAT


class ProcessQuerySet(models.QuerySet["Process"]):
    def heard(self) -> ProcessQuerySet:
        """Those that reported themselves lately."""
        return self.filter(seen_at__gte=timezone.now() - SILENT_AFTER)


class Process(models.Model):
    """A worker or the clock as it last reported itself; the row is written by the process and by nothing else."""

    class Kind(models.TextChoices):
        WORKER = "worker"
        CLOCK = "clock"

    kind = models.CharField(max_length=10, choices=Kind)
    # "runs@host": one process of a name at a time.
    name = models.CharField(max_length=200, unique=True)
    host = models.CharField(max_length=200)
    pid = models.PositiveIntegerField()
    started_at = models.DateTimeField()
    seen_at = models.DateTimeField()
    # A worker: queues, slots, level, level_reason, doing [{task, id, since}], key; the clock: ticked_at.
    facts = models.JSONField(default=dict)

    objects = ProcessQuerySet.as_manager()

    class Meta:
        ordering = ["kind", "name"]

    def __str__(self) -> str:
        return self.name

    @property
    def is_heard(self) -> bool:
        return self.seen_at >= timezone.now() - SILENT_AFTER


class Cursor(models.Model):
    """The last ledger entry that was counted: a single row, moved in the transaction that counts."""

    sequence = models.BigIntegerField(default=0)


class Tally(models.Model):
    """One number counted from the ledger, for one set of labels; it only grows."""

    name = models.CharField(max_length=60)
    # Canonical JSON, so that equal labels are one row.
    labels = models.CharField(max_length=300, default="{}")
    value = models.FloatField(default=0)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["name", "labels"], name="one_tally_of_a_name_and_labels")]


class ChainCheck(models.Model):
    """One walk over the whole ledger: asked for by somebody or by the calendar, taken up once, and what it found."""

    asked_at = models.DateTimeField(default=timezone.now)
    asked_by = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    # A worker has it until then; over without an end, another takes it up.
    lease_until = models.DateTimeField(null=True)
    ended_at = models.DateTimeField(null=True)
    entries = models.BigIntegerField(default=0)
    fault_count = models.PositiveIntegerField(default=0)
    # The first of them: [{"sequence", "code"}].
    faults = models.JSONField(default=list)

    class Meta:
        ordering = ["-asked_at", "-pk"]

    @property
    def is_whole(self) -> bool:
        return self.ended_at is not None and not self.fault_count

    @classmethod
    def last_ended(cls) -> Any:
        """The newest check that came to its end, or None."""
        return cls.objects.exclude(ended_at=None).order_by("-ended_at").first()
