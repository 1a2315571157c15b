"""The hand-over to review: results and report are frozen, and nothing of the evaluation changes behind the review."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.applications.terms import due_after
from assessments.ledger.workflow import move
from assessments.presentation.figures import joined

from .assessing import assess_case
from .assignment import sync_grants
from .findings import nonconformities, untold, without_text
from .models import Case, Finding
from .printing import request_frozen
from .progress import adopt_repeats
from .report import digest_of, report_json
from .settling import rows_of, unsettled
from .workflow import WORKFLOW


def hindrances(case: Case, person: Any) -> list[str]:
    """What stands against the hand-over, in words, each with what to do; empty when nothing does."""
    found = []
    open_codes = unsettled(rows_of(case, person))
    if open_codes:
        found.append(_("Not settled on the present scores and tests: %(codes)s.") % {"codes": joined(open_codes)})
    derived = nonconformities(case)
    bare = without_text(case, derived)
    if bare:
        found.append(_("Nonconformities without a text: %(codes)s.") % {"codes": joined(bare)})
    if untold(case).exists():
        found.append(_("Findings that the client has not been told of."))
    answered = case.findings.filter(status=Finding.Status.ANSWERED).values_list("criterion", flat=True)
    if answered:
        found.append(_("Answers that nobody has accepted or returned: %(codes)s.") % {"codes": joined(answered)})
    return found


@transaction.atomic
def hand_to_review(case: Case, *, actor: Any) -> None:
    """Freeze results and report, and hand the case to review.

    Raises PermissionDenied, ValidationError (what stands against it), Conflict.
    """
    if not actor.has_perm("cases.lead_case", case):
        raise PermissionDenied
    # A repeat that somebody asked for a moment ago counts already: what it replaces must not be frozen.
    adopt_repeats()
    problems = hindrances(case, actor) if case.status == Case.Status.EVALUATING else []
    if problems:
        raise ValidationError(problems)
    assessment = assess_case(case)
    report = report_json(case) if case.status == Case.Status.EVALUATING else {}
    sha256 = digest_of(report)
    move(
        case,
        WORKFLOW,
        "hand_to_review",
        actor=actor,
        changes={
            "result": assessment.level or Case.Result.NONE,
            "frozen_report": {"sha256": sha256, "report": report, "earlier": earlier(case)},
            "frozen_at": timezone.now(),
            "due_on": due_after("review"),
        },
        details={"round": case.round, "report_sha256": sha256, "level": assessment.level or "none"},
    )
    request_frozen(case)
    sync_grants(case)


def earlier(case: Case) -> list[dict[str, Any]]:
    """The reports of earlier rounds, oldest first, each with its digest."""
    held = case.frozen_report
    if not held:
        return []
    return [*held["earlier"], {"sha256": held["sha256"], "report": held["report"]}]
