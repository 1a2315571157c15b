"""How an application moves. Nothing else changes its status."""

from __future__ import annotations

from assessments.ledger.workflow import Transition

from .models import Application

S = Application.Status

WORKFLOW: dict[str, Transition] = {
    "submit": Transition(frozenset({S.DRAFT, S.RETURNED}), S.SUBMITTED, "applications.submit_application"),
    "return": Transition(frozenset({S.SUBMITTED}), S.RETURNED, "applications.admit_application", needs_reason=True),
    "decline": Transition(frozenset({S.SUBMITTED}), S.DECLINED, "applications.admit_application", needs_reason=True),
    "admit": Transition(frozenset({S.SUBMITTED}), S.ADMITTED, "applications.admit_application", needs_reason=True),
    "agree": Transition(frozenset({S.ADMITTED}), S.AGREED, "applications.countersign_agreement"),
    # Made by the case when it is decided or closed; cases call down, applications never look up.
    "conclude": Transition(frozenset({S.AGREED}), S.CONCLUDED),
    "withdraw": Transition(
        frozenset({S.SUBMITTED, S.RETURNED, S.ADMITTED, S.AGREED}), S.WITHDRAWN, "applications.withdraw_application"
    ),
}
