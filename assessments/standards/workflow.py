"""How editions and schemes move. Nothing else changes their status."""

from __future__ import annotations

from assessments.ledger.workflow import Transition

from .models import Status

# Moves without a permission are made by the portal itself, when an operator loads a file (`manage.py standards load`).
WORKFLOW: dict[str, Transition] = {
    "publish": Transition(frozenset({Status.DRAFT, Status.CONSULTATION}), Status.PUBLISHED),
    "supersede": Transition(frozenset({Status.PUBLISHED}), Status.SUPERSEDED),
    "withdraw": Transition(frozenset({Status.PUBLISHED, Status.SUPERSEDED}), Status.WITHDRAWN, needs_reason=True),
}
