"""How a run moves. Nothing else changes its status; every move ends with its ledger entry."""

from __future__ import annotations

from assessments.ledger.workflow import Transition

from .models import Run

S = Run.Status

WORKFLOW: dict[str, Transition] = {
    # A worker claims it; a running one only when the lease of the worker before is over.
    "start": Transition(frozenset({S.QUEUED, S.RUNNING}), S.RUNNING),
    "finish": Transition(frozenset({S.RUNNING}), S.FINISHED),
    "retry": Transition(frozenset({S.RUNNING}), S.QUEUED),
    "fail": Transition(frozenset({S.QUEUED, S.RUNNING}), S.FAILED),
    "cancel": Transition(frozenset({S.QUEUED}), S.CANCELLED, "runs.steer_run"),
    # Somebody asked while it ran: the worker stops it, or the sweeper if the worker is gone.
    "stop": Transition(frozenset({S.QUEUED, S.RUNNING}), S.CANCELLED),
}
