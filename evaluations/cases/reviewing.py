"""Review and decision (ISO/IEC 17065, 7.5 and 7.6), by somebody who did not evaluate."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.applications.models import Application
from assessments.applications.services import conclude
from assessments.applications.terms import due_after
from assessments.ledger.workflow import Conflict, move
from assessments.presentation.figures import joined

from .assessing import assess_case, standard_of
from .assignment import sync_grants
from .findings import nonconformities, unplanned_minors
from .models import Case, Decision, Review
from .workflow import WORKFLOW

CHECKLIST: dict[str, str | Promise] = {
    "complete": gettext_lazy("The report is complete: object, plan, every run, every score and every finding."),
    "predicates": gettext_lazy("What does not apply follows from the profile, and the profile fits the system."),
    "tier": gettext_lazy("The risk tier follows from the answers given at admission."),
    "competence": gettext_lazy("The evaluators were competent, and each signed the statement on interests."),
    "traceable": gettext_lazy("The scores looked at could be traced to a run or to evidence, and the reasons hold."),
    "overrides": gettext_lazy("Each score that was changed or settled by the lead has a reason that holds."),
    "findings": gettext_lazy("All nonconformities were told to the client; accepted corrective actions fit them."),
    "agreement": gettext_lazy("The agreement is signed by both, and the system is within its scope."),
}


def grantable_levels(case: Case) -> list[str]:
    """The levels that may be granted, lowest first; none while something stands against every level."""
    if against_granting(case):
        return []
    scheme = standard_of(case)[1].rules
    rank = scheme.rank(assess_case(case).granted)
    return [level.code for level in scheme.levels[:rank]]


def against_granting(case: Case) -> list[str]:
    """Why no level can be granted, in words; empty when one can."""
    assessment = assess_case(case)
    found = []
    if assessment.granted is None:
        found.append(_("The lowest level is not reached."))
    if assessment.open_majors:
        found.append(_("Open major nonconformities: %(codes)s.") % {"codes": joined(assessment.open_majors)})
    bare = unplanned_minors(case, nonconformities(case))
    if bare:
        found.append(
            _("Minor nonconformities without an accepted corrective action: %(codes)s.") % {"codes": joined(bare)}
        )
    agreement = getattr(case.application, "agreement", None)
    if agreement is None or not agreement.is_signed:
        found.append(_("The agreement is not signed by both."))
    return found


@transaction.atomic
def record_review(
    case: Case, *, actor: Any, checklist: Mapping[str, bool], recommendation: str, reasons: str
) -> Review:
    """Record the review of this round: recommend to grant or refuse, or return the case for rework.

    Raises PermissionDenied; ValidationError (unticked points with a recommendation to grant, no reasons, nothing to
    grant); Conflict.
    """
    if not actor.has_perm("cases.review_case", case):
        raise PermissionDenied
    if case.status != Case.Status.IN_REVIEW:
        raise Conflict
    ticked = {code: bool(checklist.get(code)) for code in CHECKLIST}
    _check_review(case, ticked, recommendation, reasons)
    try:
        with transaction.atomic():
            review = Review.objects.create(
                case=case,
                round=case.round,
                reviewer=actor,
                checklist=ticked,
                recommendation=recommendation,
                reasons=reasons.strip(),
                report_sha256=(case.frozen_report or {}).get("sha256", ""),
            )
    except IntegrityError as error:
        raise Conflict from error
    details = {"round": case.round, "recommendation": recommendation, "report_sha256": review.report_sha256}
    if recommendation == Review.Recommendation.REWORK:
        changes = {"round": case.round + 1, "result": Case.Result.PENDING, "due_on": due_after("evaluation")}
        move(case, WORKFLOW, "return_for_rework", actor=actor, reason=reasons, changes=changes, details=details)
    else:
        changes = {"due_on": due_after("decision")}
        move(case, WORKFLOW, "recommend", actor=actor, reason=reasons, changes=changes, details=details)
    sync_grants(case)
    return review


def _check_review(case: Case, ticked: Mapping[str, bool], recommendation: str, reasons: str) -> None:
    problems: dict[str, Any] = {}
    if recommendation not in Review.Recommendation.values:
        problems["recommendation"] = _("Choose what you recommend.")
    if not reasons.strip():
        problems["reasons"] = _("Give the reason: it is recorded and shown to those concerned.")
    if recommendation == Review.Recommendation.GRANT:
        if not all(ticked.values()):
            problems["checklist"] = _("To recommend granting, every point of the checklist must hold.")
        against = against_granting(case)
        if against:
            problems["recommendation"] = against
    if problems:
        raise ValidationError(problems)


@transaction.atomic
def decide(case: Case, *, actor: Any, outcome: str, level: str = "", reasons: str) -> Decision:
    """Decide: grant a level up to the computed one and the target, or refuse. It concludes the application.

    Raises PermissionDenied; ValidationError (no reasons, a level that may not be granted); Conflict (not reviewed, or
    decided already).
    """
    if not actor.has_perm("cases.decide_case", case):
        raise PermissionDenied
    if case.status != Case.Status.RECOMMENDED:
        raise Conflict
    _check_decision(case, outcome, level, reasons)
    granted = outcome == Case.Outcome.GRANTED
    try:
        with transaction.atomic():
            decision = Decision.objects.create(
                case=case,
                outcome=outcome,
                level=level if granted else "",
                reasons=reasons.strip(),
                decided_by=actor,
            )
    except IntegrityError as error:
        raise Conflict from error
    details = {"outcome": outcome, "level": decision.level}
    changes = {"outcome": outcome, "due_on": None}
    move(case, WORKFLOW, "decide", actor=actor, reason=reasons, changes=changes, details=details)
    sync_grants(case)
    conclude(Application.objects.get(pk=case.application_id))
    return decision


def _check_decision(case: Case, outcome: str, level: str, reasons: str) -> None:
    problems: dict[str, Any] = {}
    if outcome not in (Case.Outcome.GRANTED, Case.Outcome.REFUSED):
        problems["outcome"] = _("Choose whether the level is granted or refused.")
    if not reasons.strip():
        problems["reasons"] = _("Give the reason: it is recorded and shown to those concerned.")
    if outcome == Case.Outcome.GRANTED:
        allowed = grantable_levels(case)
        if not allowed:
            problems["outcome"] = against_granting(case)
        elif level not in allowed:
            problems["level"] = _("This level is above what was achieved or applied for.")
    if problems:
        raise ValidationError(problems)
