"""Thirty of everything: what stands once is copied, with all that hangs on it, as if it had happened again."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any
from uuid import UUID, uuid4

from django.apps import apps
from django.db import models

# Each after what it refers to.
COPIED = (
    "systems.System",
    "systems.SystemVersion",
    "systems.Artifact",
    "applications.Application",
    "applications.Evidence",
    "applications.Agreement",
    "cases.Case",
    "cases.Assignment",
    "cases.PlanRevision",
    "cases.PlanItem",
    "runs.Run",
    "cases.PlannedRun",
    "cases.Settlement",
    "cases.ScoreSheet",
    "cases.Score",
    "cases.Finding",
    "cases.Review",
    "cases.Decision",
    "certificates.Certificate",
    "certificates.StatusEvent",
    "assurance.SurveillanceOrder",
    "assurance.OrderEvent",
    "accounts.AccessGrant",
    "accounts.Token",
    "accounts.SignIn",
    "notifications.Notification",
)
# What must differ from copy to copy beside what refers to copies.
NAMED = {
    "systems.System": "name_en",
    "applications.Application": "number",
    "cases.Case": "number",
    "certificates.Certificate": "number",
    "accounts.Token": "digest",
    "accounts.SignIn": "session_key",
}


def multiply(times: int) -> None:
    """Copy everything that is there `times - 1` times."""
    originals = {label: list(apps.get_model(label).objects.all()) for label in COPIED}
    for turn in range(1, times):
        copies: dict[Any, Any] = {}
        for label in COPIED:
            made = [copied(row, label, turn, copies) for row in originals[label]]
            apps.get_model(label).objects.bulk_create(made)
            copies |= {key_of(old): new for old, new in zip(originals[label], made, strict=True)}


def key_of(row: models.Model) -> tuple[str, str]:
    return row._meta.label, str(row.pk)


def copied(row: Any, label: str, turn: int, copies: dict[Any, Any]) -> Any:
    """A new row like this one that refers to the copies of what it refers to."""
    values = {field.attname: getattr(row, field.attname) for field in row._meta.concrete_fields}
    values["id"] = uuid4() if isinstance(row.pk, UUID) else None
    for field in row._meta.concrete_fields:
        if field.is_relation and values[field.attname] is not None:
            other = copies.get((field.related_model._meta.label, str(values[field.attname])))
            values[field.attname] = other.pk if other else values[field.attname]
    if "object_id" in values:
        values["object_id"] = moved(values["object_id"], copies.items())
    if label == "notifications.Notification":
        values["entry_sequence"] += 100_000 * turn
    if label in NAMED:
        name = NAMED[label]
        values[name] = f"{str(values[name])[: row._meta.get_field(name).max_length - 4]}-{turn:02d}"
    return type(row)(**values)


def moved(object_id: str, copies: Iterable[tuple[tuple[str, str], Any]]) -> str:
    """The identifier of the copy of what an unbound reference names."""
    return next((str(new.pk) for (_label, old), new in copies if old == str(object_id)), object_id)
