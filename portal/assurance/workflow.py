"""How an order for surveillance moves between the authority that made it and the body that answers."""

from __future__ import annotations

from assessments.ledger.workflow import Transition

from .models import UNFINISHED, SurveillanceOrder

S = SurveillanceOrder.Status

ORDERS: dict[str, Transition] = {
    "answer": Transition(frozenset({S.OPEN}), S.ANSWERED, "assurance.answer_order", needs_reason=True),
    "return": Transition(frozenset({S.ANSWERED}), S.OPEN, "assurance.keep_order", needs_reason=True),
    "accept": Transition(frozenset({S.ANSWERED}), S.CLOSED, "assurance.keep_order", needs_reason=True),
    "lift": Transition(frozenset(UNFINISHED), S.LIFTED, "assurance.keep_order", needs_reason=True),
}
