"""How an object moves from state to state: a table of transitions, and the one service that makes a move."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from assessments.presentation.characters import refuse_unseen

from .models import Entry
from .services import append


@dataclass(frozen=True)
class Transition:
    """One row of a workflow table. An empty `permission` marks a move that only the portal itself makes."""

    sources: frozenset[str]
    target: str
    permission: str = ""
    needs_reason: bool = False


class Conflict(Exception):
    """Somebody else moved or changed the object first; nothing was overwritten."""


Workflow = Mapping[str, Transition]


def may_move(workflow: Workflow, name: str, obj: Any, actor: Any) -> bool:
    """Whether `actor` may make this move on the object as it stands now."""
    step = workflow[name]
    if obj.status not in step.sources:
        return False
    return bool(step.permission) and actor is not None and actor.has_perm(step.permission, obj)


@transaction.atomic
def move(  # the values that a move records are named one by one
    obj: Any,
    workflow: Workflow,
    name: str,
    *,
    actor: Any,
    reason: str = "",
    changes: Mapping[str, Any] | None = None,
    details: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None,
) -> Entry:
    """Move `obj` by the transition `name`, with `changes` to other fields, in one transaction with its ledger entry.

    Raises PermissionDenied, ValidationError (a reason is needed, or it holds what nobody sees), or Conflict when the
    object is no longer in a source state or at the revision that the caller saw.
    """
    step = workflow[name]
    if step.permission and (actor is None or not actor.has_perm(step.permission, obj)):
        raise PermissionDenied
    if step.needs_reason and not reason.strip():
        raise ValidationError({"reason": _("Give the reason: it is recorded and shown to those concerned.")})
    if actor is not None:
        refuse_unseen(reason)  # before it stands in a row of its own, which PostgreSQL would refuse
    changes = dict(changes or {})
    moved = (
        type(obj)
        ._default_manager.filter(pk=obj.pk, status__in=step.sources, revision=obj.revision)
        .update(status=step.target, revision=F("revision") + 1, **changes)
    )
    if not moved:
        raise Conflict
    source = obj.status
    obj.status, obj.revision = step.target, obj.revision + 1
    for field, value in changes.items():
        setattr(obj, field, value)
    return append(
        obj,
        name,
        actor=actor,
        details={"from": source, "to": step.target, **(details or {})},
        texts={"reason": reason.strip(), **(texts or {})},
    )


class Revised(models.Model):
    """An object with a state and a revision number; both change by `move` or by a conditional update only."""

    revision = models.PositiveIntegerField(default=0, editable=False)

    class Meta:
        abstract = True


@transaction.atomic
def revise(obj: Any, changes: Mapping[str, Any]) -> None:
    """Change fields without a change of state, if nobody else changed the object since it was read; else Conflict."""
    if (
        not type(obj)
        ._default_manager.filter(pk=obj.pk, revision=obj.revision)
        .update(revision=F("revision") + 1, **changes)
    ):
        raise Conflict
    obj.revision += 1
    for field, value in changes.items():
        setattr(obj, field, value)
