"""The append-only, hash-linked record of what happened, and the erasable texts beside it."""

from __future__ import annotations

from typing import Any, NoReturn

from django.db import models
from django.utils.translation import gettext_lazy as _


class AppendOnly(models.QuerySet["Entry"]):
    """Entries are written by `services.append` and by nothing else."""

    def _refuse(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("The ledger is append-only: entries are never changed or deleted.")

    update = delete = bulk_update = bulk_create = _refuse


class Entry(models.Model):
    """One state change. It names people by UUID only and texts by salted digest only, so that it outlives both."""

    sequence = models.BigIntegerField(_("sequence"), unique=True)
    recorded_at = models.DateTimeField(_("recorded at"))
    actor = models.UUIDField(_("actor"), null=True, blank=True)
    object_type = models.CharField(_("object type"), max_length=60)
    object_id = models.CharField(_("object"), max_length=60)
    transition = models.CharField(_("transition"), max_length=60)
    details = models.JSONField(_("details"), default=dict)
    text_digests = models.JSONField(_("digests of texts"), default=dict)
    previous_hash = models.CharField(max_length=64)
    hash = models.CharField(max_length=64, unique=True)

    objects = AppendOnly.as_manager()

    class Meta:
        ordering = ["sequence"]
        # By object for histories; by the others for the operator's search of the audit trail.
        indexes = [
            models.Index(fields=["object_type", "object_id", "sequence"]),
            models.Index(fields=["actor", "sequence"]),
            models.Index(fields=["transition", "sequence"]),
            models.Index(fields=["recorded_at"]),
        ]
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")

    def save(self, *args: Any, **kwargs: Any) -> None:
        if not self._state.adding:
            raise TypeError("The ledger is append-only: an entry is never changed.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise TypeError("The ledger is append-only: an entry is never deleted.")


class Text(models.Model):
    """A free text of an entry (a reason, a statement). It may be erased; the entry keeps its salted digest."""

    entry = models.ForeignKey(Entry, on_delete=models.PROTECT, related_name="texts")
    name = models.CharField(max_length=60)
    salt = models.CharField(max_length=32)
    text = models.TextField(blank=True)
    erased_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["entry", "name"], name="one_text_of_a_name_in_an_entry")]


class Head(models.Model):
    """The end of the chain: a single row whose update serialises all appends on both databases."""

    sequence = models.BigIntegerField(default=0)
    hash = models.CharField(max_length=64, default="0" * 64)
