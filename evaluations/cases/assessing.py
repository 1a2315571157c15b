"""The assessment of a case from its settled criteria: level, reasons, and the nonconformities that follow."""

from __future__ import annotations

from typing import Any, cast

from assessments.standards.outcome import Assessment, CriterionState, Origin, State
from assessments.standards.scoring import assess

from .models import Case, Settlement

# How the origin of a settlement counts: an examined criterion passes no gate.
COUNTED: dict[str, Origin] = {
    Settlement.Origin.TEST: "test",
    Settlement.Origin.BOTH: "test",
    Settlement.Origin.EXAMINATION: "examination",
    Settlement.Origin.EXAMINED: "examined",
    Settlement.Origin.PROFILE: "test",
}


def assess_case(case: Case) -> Assessment:
    """Assess what is settled; what is not counts as not assessed, which blocks every level."""
    edition, scheme = standard_of(case)
    application = case.application
    return assess(edition.scoring_rules, states_of(case), scheme.rules, application.tier, application.target_level)


def states_of(case: Case) -> dict[str, CriterionState]:
    """What is settled, by criterion, as `scoring.assess` takes it."""
    return {row.criterion: _state(row) for row in case.settlements.all()}


def standard_of(case: Case) -> tuple[Any, Any]:
    """Edition and scheme of the case. Raises ValueError without them: only an admitted application has both."""
    edition, scheme = case.application.edition, case.application.scheme
    if edition is None or scheme is None:
        raise ValueError(f"case {case.number} has no standard or no scheme")
    return edition, scheme


def _state(row: Settlement) -> CriterionState:
    tenths = row.settled_tenths if row.state == Settlement.State.SCORED else None
    return CriterionState(cast("State", row.state), tenths, COUNTED[row.origin])


def grades(assessment: Assessment) -> dict[str, str]:
    """{criterion: major, minor or observation}, derived from the scores."""
    return {found.criterion: found.grade for found in assessment.nonconformities}
