"""How a certificate's status moves (ISO/IEC 17065, 7.11). Expiry is not here: it is computed when read."""

from __future__ import annotations

from assessments.ledger.workflow import Transition

from .models import Certificate

S = Certificate.Status

WORKFLOW: dict[str, Transition] = {
    "issue": Transition(frozenset({S.PREPARING}), S.IN_FORCE),
    "suspend": Transition(frozenset({S.IN_FORCE}), S.SUSPENDED, "certificates.suspend_certificate", needs_reason=True),
    "reinstate": Transition(
        frozenset({S.SUSPENDED}), S.IN_FORCE, "certificates.reinstate_certificate", needs_reason=True
    ),
    "withdraw": Transition(
        frozenset({S.IN_FORCE, S.SUSPENDED}), S.WITHDRAWN, "certificates.withdraw_certificate", needs_reason=True
    ),
    "cancel": Transition(
        frozenset({S.IN_FORCE, S.SUSPENDED}), S.CANCELLED, "certificates.cancel_certificate", needs_reason=True
    ),
}
