"""How editions, schemes and comments move."""

from __future__ import annotations

from assessments.ledger.workflow import Transition

from .models import Comment, Status

KEEP = "standards.keep_standard"

# Publishing, superseding and withdrawing carry no permission here: an operator does them by files and commands as
# well (`manage.py standards`). `adoption` and `withdrawing` ask a person's permission before they move anything.
WORKFLOW: dict[str, Transition] = {
    "consult": Transition(frozenset({Status.DRAFT}), Status.CONSULTATION, KEEP),
    "revise": Transition(frozenset({Status.CONSULTATION}), Status.DRAFT, KEEP),
    "publish": Transition(frozenset({Status.DRAFT, Status.CONSULTATION}), Status.PUBLISHED),
    "supersede": Transition(frozenset({Status.PUBLISHED}), Status.SUPERSEDED),
    "withdraw": Transition(frozenset({Status.PUBLISHED, Status.SUPERSEDED}), Status.WITHDRAWN, needs_reason=True),
}

_COMMENT = Comment.Status
COMMENT_WORKFLOW: dict[str, Transition] = {
    "release": Transition(frozenset({_COMMENT.RECEIVED, _COMMENT.WITHHELD}), _COMMENT.PUBLIC, KEEP),
    "withhold": Transition(frozenset({_COMMENT.RECEIVED, _COMMENT.PUBLIC}), _COMMENT.WITHHELD, KEEP, needs_reason=True),
    "answer": Transition(frozenset({_COMMENT.PUBLIC, _COMMENT.ANSWERED}), _COMMENT.ANSWERED, KEEP),
}
