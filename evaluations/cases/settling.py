"""From a test's proposal and blind scores to the settled state of each criterion.

Equal scores stand; different ones are settled by the lead to a whole number with a reason, never averaged. A proposed
test score is confirmed, or changed down with a reason, or up by as much as the scheme allows with a reason, and never
up on a gate. Where a criterion is both tested and examined, the lower counts.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.ledger.services import append
from assessments.ledger.workflow import Conflict

from .findings import close_cured
from .models import Case, Score, Settlement
from .proposing import Ground, grounds
from .scoring_sheet import are_complete, most_points, scores_open_to

State = Settlement.State
ORIGINS = {
    "test": Settlement.Origin.TEST,
    "examination": Settlement.Origin.EXAMINATION,
    "both": Settlement.Origin.BOTH,
    "examined": Settlement.Origin.EXAMINED,
    "none": Settlement.Origin.PROFILE,
}
FULL_TENTHS = 50


@dataclass(frozen=True)
class Given:
    """One half of a settlement, a test's or an examination's: a score, or not demonstrated (None)."""

    value: int | None

    @property
    def demonstrated(self) -> bool:
        return self.value is not None


@dataclass(frozen=True)
class Row:
    """A criterion on the settlement table. `scores` are the evaluators', empty until all are handed in."""

    ground: Ground
    scores: tuple[Score, ...]
    complete: bool
    settlement: Settlement | None

    @property
    def agreed(self) -> Given | None:
        """What the evaluators gave, if they gave the same."""
        given = {None if score.not_demonstrated else score.points for score in self.scores}
        return Given(given.pop()) if self.complete and len(given) == 1 else None

    @property
    def differs(self) -> bool:
        return self.ground.is_examined and self.complete and self.agreed is None

    @property
    def tested(self) -> Given | None:
        """What the tests propose, if they do yet."""
        proposal = self.ground.proposal
        return None if proposal is None else Given(proposal.tenths)

    @property
    def is_ready(self) -> bool:
        """Whether it can be settled now."""
        if self.ground.route == "none":
            return True
        return (not self.ground.is_examined or self.complete) and (
            self.ground.tested is None or self.tested is not None
        )

    @property
    def needs_decision(self) -> bool:
        return self.is_ready and self.differs

    @property
    def is_current(self) -> bool:
        """Whether its settlement still rests on what is known now."""
        row = self.settlement
        if row is None or not self.is_ready or row.origin != ORIGINS[self.ground.route]:
            return False
        if self.tested is not None and row.proposed_tenths != self.tested.value:
            return False
        return all(score.saved_at <= row.settled_at for score in self.scores)


def rows_of(case: Case, person: Any) -> list[Row]:
    """The settlement table as a person may see it: no evaluator's score shows before all are handed in."""
    known = grounds(case)
    complete = are_complete(case, known)
    scores: dict[str, list[Score]] = {}
    for score in scores_open_to(case, person, complete=True) if complete else []:
        scores.setdefault(score.criterion, []).append(score)
    settled = {row.criterion: row for row in case.settlements.select_related("settled_by")}
    return [
        Row(ground, tuple(scores.get(code, ())) if ground.is_examined else (), complete, settled.get(code))
        for code, ground in known.items()
    ]


def outcome(route: str, tested: Given | None, examined: Given | None, examined_at_most: int) -> tuple[str, int | None]:
    """(state, tenths) of a criterion from its halves: the lower counts; one not demonstrated, none is."""
    if route == "none":
        return State.NOT_APPLICABLE, None
    halves: list[int] = []
    for half, factor in ((tested, 1), (examined, 10)):
        if half is None:
            continue
        if half.value is None:
            return State.NOT_DEMONSTRATED, None
        halves.append(half.value * factor)
    if not halves:
        raise ValueError("a criterion that applies is tested or examined")
    tenths = min(halves)
    return State.SCORED, min(tenths, examined_at_most) if route == "examined" else tenths


@transaction.atomic
def settle_agreed(case: Case, *, actor: Any) -> list[str]:
    """Settle all that needs no decision: equal scores stand, proposals are confirmed; gives the codes settled.

    What the lead decided otherwise stays, as long as it rests on the same scores and runs.
    """
    _check_may_settle(case, actor)
    done = []
    for row in rows_of(case, actor):
        if not row.is_ready or row.needs_decision or row.is_current:
            continue
        _write(case, row, row.tested, row.agreed if row.ground.is_examined else None, actor=actor)
        done.append(row.ground.code)
    if done:
        append(case, "settle_agreed", actor=actor, details={"criteria": done})
        close_cured(case, actor=actor)
    return done


@transaction.atomic
def settle(
    case: Case,
    criterion: str,
    *,
    actor: Any,
    rationale: str,
    tested: Given | None = None,
    examined: Given | None = None,
    revision: int = 0,
) -> Settlement:
    """Settle one criterion by the lead's decision; `tested` and `examined` default to the proposal and the equal score.

    `revision` is that of the settlement as it was read (0: none). Raises PermissionDenied; ValidationError (not ready,
    a reason is missing, a change that the rules forbid); Conflict.
    """
    _check_may_settle(case, actor)
    row = next((row for row in rows_of(case, actor) if row.ground.code == criterion), None)
    if row is None or row.ground.route == "none":
        raise ValidationError(_("Whether a criterion applies is decided by the profile alone."))
    if not row.is_ready:
        raise ValidationError(_("It cannot be settled yet: scores or tests are missing."))
    tested = tested if tested is not None and row.tested is not None else row.tested
    examined = (examined or row.agreed) if row.ground.is_examined else None
    _check(case, row, tested, examined, rationale)
    settled = _write(
        case, row, tested, examined, actor=actor, rationale=rationale.strip(), revision=revision, guarded=True
    )
    append(
        case,
        "settle",
        actor=actor,
        details={"criterion": criterion, "tenths": settled.settled_tenths, "overridden": settled.overridden},
        texts={"rationale": rationale.strip()},
    )
    close_cured(case, actor=actor, reason=rationale.strip())
    return settled


def _check_may_settle(case: Case, actor: Any) -> None:
    if not actor.has_perm("cases.settle_case", case):
        raise PermissionDenied
    if case.status != Case.Status.EVALUATING:
        raise Conflict


def _check(case: Case, row: Row, tested: Given | None, examined: Given | None, rationale: str) -> None:
    problems = [*_examination_problems(case, row, examined), *_test_problems(case, row, tested)]
    if problems:
        raise ValidationError(problems)
    if (row.differs or _is_changed(row, tested, examined)) and not rationale.strip():
        raise ValidationError({"rationale": _("Give the reason: it is recorded and shown to those concerned.")})


def _is_changed(row: Row, tested: Given | None, examined: Given | None) -> bool:
    return tested != row.tested or (row.agreed is not None and examined != row.agreed)


def _examination_problems(case: Case, row: Row, examined: Given | None) -> list[str]:
    if not row.ground.is_examined:
        return []
    if examined is None:
        return [_("The evaluators’ scores differ: choose a whole number.")]
    if row.agreed is not None and examined != row.agreed:
        return [_("The evaluators gave the same score; it stands.")]
    if examined.value is not None and not 0 <= examined.value <= most_points(case, row.ground):
        return [_("A score is a whole number from 0 to %(most)d.") % {"most": most_points(case, row.ground)}]
    return []


def _test_problems(case: Case, row: Row, tested: Given | None) -> list[str]:
    proposed = row.tested
    if proposed is None or tested is None or tested.value is None or tested == proposed:
        return []
    if proposed.value is None:
        return [_("The tests demonstrated nothing: run them again, a score cannot be put in their place.")]
    limit = highest_test_score(case, row)
    if tested.value > limit:
        if limit == proposed.value:
            return [_("On a gate a test’s score is never raised: void the run and run it again.")]
        return [_("A test’s score may be raised to %(limit)s at most.") % {"limit": f"{limit // 10}.{limit % 10}"}]
    return [] if tested.value >= 0 else [_("A score is not below 0.")]


def highest_test_score(case: Case, row: Row) -> int:
    """Up to where the lead may raise a proposed score, in tenths."""
    proposed = row.tested.value if row.tested and row.tested.value is not None else 0
    scheme = case.application.scheme
    allowed: Mapping[str, Any] = scheme.content["decides"]["override"] if scheme else {}
    if row.ground.criterion.is_gate and not allowed.get("upward_on_gates", False):
        return proposed
    return min(FULL_TENTHS, proposed + int(allowed.get("upward_tenths", 0)))


def _write(
    case: Case,
    row: Row,
    tested: Given | None,
    examined: Given | None,
    *,
    actor: Any,
    rationale: str = "",
    revision: int = 0,
    guarded: bool = False,
) -> Settlement:
    scheme = case.application.scheme
    state, tenths = outcome(row.ground.route, tested, examined, scheme.rules.examined_at_most if scheme else 30)
    values = {
        "state": state,
        "origin": ORIGINS[row.ground.route],
        "proposed_tenths": row.tested.value if row.tested else None,
        "confirmed_tenths": tested.value if tested else None,
        "examined_points": examined.value if examined else None,
        "settled_tenths": tenths,
        "rationale": rationale,
        "overridden": tested != row.tested,
        "settled_by": actor,
        "settled_at": timezone.now(),
    }
    present = case.settlements.filter(criterion=row.ground.code)
    known = revision if guarded else (row.settlement.revision if row.settlement else 0)
    if present.filter(revision=known).update(revision=F("revision") + 1, **values):
        return present.get()
    if known or present.exists():
        raise Conflict
    try:
        with transaction.atomic():
            return Settlement.objects.create(case=case, criterion=row.ground.code, revision=1, **values)
    except IntegrityError as error:
        raise Conflict from error


def unsettled(rows: Iterable[Row]) -> list[str]:
    """The criteria that have no settlement on what is known now."""
    return [row.ground.code for row in rows if not row.is_current]


def differing(rows: Sequence[Row]) -> list[Row]:
    """The rows that the lead must decide: evaluators differ, and no settlement rests on these scores yet."""
    return [row for row in rows if row.needs_decision and not row.is_current]
