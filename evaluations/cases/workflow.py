"""How a case moves. Nothing else changes its status."""

from __future__ import annotations

from assessments.ledger.workflow import Transition

from .models import Case

S = Case.Status

WORKFLOW: dict[str, Transition] = {
    "approve_plan": Transition(frozenset({S.PLANNING}), S.PLAN_APPROVED, "cases.lead_case"),
    # The portal draws seeds and samples after the plan is frozen, then asks for the runs.
    "begin": Transition(frozenset({S.PLAN_APPROVED}), S.EVALUATING),
    "revise_plan": Transition(frozenset({S.EVALUATING}), S.PLANNING, "cases.lead_case", needs_reason=True),
    "hand_to_review": Transition(frozenset({S.EVALUATING}), S.IN_REVIEW, "cases.lead_case"),
    "return_for_rework": Transition(frozenset({S.IN_REVIEW}), S.EVALUATING, "cases.review_case", needs_reason=True),
    "recommend": Transition(frozenset({S.IN_REVIEW}), S.RECOMMENDED, "cases.review_case", needs_reason=True),
    "decide": Transition(frozenset({S.RECOMMENDED}), S.DECIDED, "cases.decide_case", needs_reason=True),
    # The application was withdrawn: cases finds it and closes.
    "close": Transition(frozenset({S.PLANNING, S.PLAN_APPROVED, S.EVALUATING, S.IN_REVIEW, S.RECOMMENDED}), S.CLOSED),
}
