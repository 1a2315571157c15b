"""Scores of the evaluators: each on a sheet of their own, blind to the other's until both are handed in."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from typing import Any

import rfc8785
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.ledger.services import append
from assessments.ledger.workflow import Conflict
from assessments.presentation.figures import joined

from .assignment import declared_evaluators, people_needed
from .models import Case, Score, ScoreSheet
from .proposing import Ground, grounds

FULL_POINTS = 5


def most_points(case: Case, ground: Ground) -> int:
    """5; for a criterion that is examined because no automated method fits, what the scheme allows (3)."""
    scheme = case.application.scheme
    if ground.route == "examined" and scheme is not None:
        return min(FULL_POINTS, scheme.rules.examined_at_most // 10)
    return FULL_POINTS


def examined_codes(known: Mapping[str, Ground]) -> list[str]:
    """The criteria that evaluators score."""
    return [code for code, ground in known.items() if ground.is_examined]


@transaction.atomic
def save_score(
    case: Case,
    criterion: str,
    *,
    actor: Any,
    points: int | None,
    not_demonstrated: bool = False,
    rationale: str = "",
    revision: int = 0,
    known: Mapping[str, Ground] | None = None,
) -> Score:
    """Keep one score of an evaluator, also a half-written one; `revision` is that of the score as read (0: none).

    Raises PermissionDenied; ValidationError (not a criterion that is examined, above the limit, sheet handed in);
    Conflict when it was changed in another window.
    """
    if not actor.has_perm("cases.score_case", case):
        raise PermissionDenied
    ground = (known if known is not None else grounds(case)).get(criterion)
    if ground is None or not ground.is_examined:
        raise ValidationError(_("This criterion is not scored by evaluators."))
    if case.status != Case.Status.EVALUATING or is_handed_in(case, actor):
        raise ValidationError(_("Your scores are handed in; they no longer change."))
    if points is not None and not 0 <= points <= most_points(case, ground):
        raise ValidationError(_("A score is a whole number from 0 to %(most)d.") % {"most": most_points(case, ground)})
    values = {
        "points": None if not_demonstrated else points,
        "not_demonstrated": not_demonstrated,
        "rationale": rationale.strip(),
    }
    return _store(case, criterion, actor, values, revision)


def _store(case: Case, criterion: str, actor: Any, values: dict[str, Any], revision: int) -> Score:
    mine = Score.objects.filter(case=case, criterion=criterion, evaluator=actor)
    present = mine.first()
    if present is None:
        if revision:
            raise Conflict
        try:
            with transaction.atomic():
                return Score.objects.create(case=case, criterion=criterion, evaluator=actor, revision=1, **values)
        except IntegrityError as error:
            raise Conflict from error
    if all(getattr(present, name) == value for name, value in values.items()):
        return present
    changed = mine.filter(revision=revision).update(revision=F("revision") + 1, saved_at=timezone.now(), **values)
    if not changed:
        raise Conflict
    return mine.get()


def missing_scores(case: Case, evaluator: Any, known: Mapping[str, Ground]) -> list[str]:
    """Criteria for which the evaluator has not given both a score and a rationale."""
    given = {
        score.criterion
        for score in case.scores.filter(evaluator=evaluator)
        if (score.points is not None or score.not_demonstrated) and score.rationale
    }
    return [code for code in examined_codes(known) if code not in given]


@transaction.atomic
def hand_in(case: Case, *, actor: Any) -> None:
    """Hand in all one's scores; they no longer change. The ledger keeps a digest of them.

    Raises PermissionDenied; ValidationError (scores or rationales are missing); Conflict (handed in already).
    """
    if not actor.has_perm("cases.score_case", case):
        raise PermissionDenied
    if case.status != Case.Status.EVALUATING:
        raise Conflict
    known = grounds(case)
    missing = missing_scores(case, actor, known)
    if missing:
        raise ValidationError(_("A score or its rationale is still missing: %(codes)s.") % {"codes": joined(missing)})
    sheet, _made = ScoreSheet.objects.get_or_create(case=case, evaluator=actor)
    if not ScoreSheet.objects.filter(pk=sheet.pk, handed_in_at=None).update(handed_in_at=timezone.now()):
        raise Conflict
    details = {"criteria": len(examined_codes(known)), "scores_sha256": digest_of_scores(case, actor)}
    append(case, "hand_in_scores", actor=actor, details=details)


def digest_of_scores(case: Case, evaluator: Any) -> str:
    """SHA-256 of an evaluator's scores and rationales as canonical JSON (RFC 8785)."""
    rows = case.scores.filter(evaluator=evaluator).order_by("criterion")
    content = [[row.criterion, row.points, row.not_demonstrated, row.rationale] for row in rows]
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


@transaction.atomic
def reopen_scores(case: Case, *, actor: Any, reason: str) -> None:
    """Give the sheets back to the evaluators, after a corrective action or a return for rework; the lead does it.

    Raises PermissionDenied, ValidationError (no reason), Conflict (not evaluating, or nothing is handed in).
    """
    if not actor.has_perm("cases.settle_case", case):
        raise PermissionDenied
    if not reason.strip():
        raise ValidationError({"reason": _("Give the reason: it is recorded and shown to those concerned.")})
    if case.status != Case.Status.EVALUATING:
        raise Conflict
    if not case.sheets.exclude(handed_in_at=None).update(handed_in_at=None):
        raise Conflict
    append(case, "reopen_scores", actor=actor, texts={"reason": reason.strip()})


def is_handed_in(case: Case, evaluator: Any) -> bool:
    return case.sheets.filter(evaluator=evaluator).exclude(handed_in_at=None).exists()


def are_complete(case: Case, known: Mapping[str, Ground] | None = None) -> bool:
    """Whether all the evaluators that the scheme asks for have handed in scores for all that is examined."""
    evaluators = declared_evaluators(case)
    handed_in = set(case.sheets.exclude(handed_in_at=None).values_list("evaluator_id", flat=True))
    if len(evaluators) < people_needed(case) or any(person.pk not in handed_in for person in evaluators):
        return False
    codes = examined_codes(known if known is not None else grounds(case))
    given = set(
        case.scores.filter(evaluator__in=evaluators)
        .exclude(points=None, not_demonstrated=False)
        .values_list("criterion", "evaluator_id")
    )
    return all((code, person.pk) in given for code in codes for person in evaluators)


def scores_open_to(case: Case, person: Any, *, complete: bool) -> list[Score]:
    """The scores that a person may see: their own; those of the evaluators once all are complete."""
    rows = case.scores.select_related("evaluator").order_by("criterion", "evaluator__name")
    if complete:
        return list(rows.filter(evaluator__in=declared_evaluators(case)))
    return list(rows.filter(evaluator_id=person.pk))
