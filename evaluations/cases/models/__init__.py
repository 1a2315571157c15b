"""The case: how an admitted application is planned, evaluated, reviewed and decided."""

from .case import SORTS, Assignment, Case, CaseQuerySet, NumberSequence
from .conclusion import Decision, ReportPrint, Review
from .findings import AnswerFile, Finding
from .plan import OfferedVersion, PlanItem, PlannedRun, PlanRevision
from .scores import Score, ScoreSheet, Settlement

__all__ = [
    "SORTS",
    "AnswerFile",
    "Assignment",
    "Case",
    "CaseQuerySet",
    "Decision",
    "Finding",
    "NumberSequence",
    "OfferedVersion",
    "PlanItem",
    "PlanRevision",
    "PlannedRun",
    "ReportPrint",
    "Review",
    "Score",
    "ScoreSheet",
    "Settlement",
]
