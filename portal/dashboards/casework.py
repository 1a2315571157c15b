"""How cases stand, read for many cases in a fixed number of queries; the words of what comes next in each.

The rooms below answer the same for one case at a time (`standing.next_step`, `scoring_sheet.missing_scores`,
`settling.differing`); tests hold the counts here against theirs.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from django.db.models import BooleanField, Q, Value
from django.db.models import Case as When
from django.db.models import When as Condition
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.presentation.figures import joined
from evaluations.cases.assignment import people_needed
from evaluations.cases.models import Assignment, Case, Finding, PlannedRun, PlanRevision, Score, ScoreSheet, Settlement
from evaluations.cases.progress import ENDED
from evaluations.cases.proposing import EXAMINED
from evaluations.runs.models import Run

from .sections import grouped

Part, Status = Assignment.Part, Case.Status


@dataclass
class Facts:
    """One case with all that its line on a dashboard needs. `routes` are {criterion: route} of the approved plan."""

    case: Case
    parts: list[Assignment] = field(default_factory=list)
    plan: Mapping[str, Any] | None = None
    runs: list[Mapping[str, Any]] = field(default_factory=list)
    scores: list[Mapping[str, Any]] = field(default_factory=list)
    handed_in: set[Any] = field(default_factory=set)
    settled: dict[str, datetime] = field(default_factory=dict)
    findings: list[Mapping[str, Any]] = field(default_factory=list)

    @property
    def routes(self) -> dict[str, str]:
        return {code: entry["route"] for code, entry in (self.plan or {}).get("applicability", {}).items()}

    @property
    def examined(self) -> list[str]:
        return [code for code, route in self.routes.items() if route in EXAMINED]

    @property
    def evaluators(self) -> list[Assignment]:
        """The evaluators who have signed their statement."""
        return [row for row in self.parts if row.part == Part.EVALUATOR and row.declared_at]

    @property
    def unsigned(self) -> list[Assignment]:
        return [row for row in self.parts if row.declared_at is None]

    def holder(self, part: str) -> Assignment | None:
        """Who has a part, signed or not."""
        return next((row for row in self.parts if row.part == part), None)

    def holds(self, person: Any, *parts: str) -> bool:
        """Whether the person has one of the parts, with the statement signed."""
        return any(row.person_id == person.pk and row.part in parts and row.declared_at for row in self.parts)

    @property
    def evaluators_missing(self) -> int:
        return max(0, people_needed(self.case) - sum(row.part == Part.EVALUATOR for row in self.parts))

    def scores_missing(self, person: Any) -> int:
        """For how many criteria the person has not given both a score and a rationale."""
        given = {row["criterion"] for row in self.scores if row["evaluator"] == person.pk and row["is_whole"]}
        return len(set(self.examined) - given)

    @property
    def runs_ended(self) -> int:
        return sum(run["run__status"] in ENDED for run in self.runs)

    @property
    def runs_to_repeat(self) -> int:
        """Counted runs that ended without a result through no fault of the system."""
        failed = [run for run in self.runs if run["run__status"] == Run.Status.FAILED]
        cancelled = sum(run["run__status"] == Run.Status.CANCELLED for run in self.runs)
        return cancelled + sum(run["run__failure_kind"] != Run.FailureKind.VENDOR for run in failed)

    @property
    def scores_complete(self) -> bool:
        """Whether all the evaluators that the scheme asks for have handed in."""
        people = {row.person_id for row in self.evaluators}
        return len(people) >= people_needed(self.case) and people <= self.handed_in

    @property
    def differing(self) -> list[str]:
        """Criteria on which the handed-in scores differ and which were not settled since."""
        if not self.scores_complete:
            return []
        people, found = {row.person_id for row in self.evaluators}, []
        scores = grouped((row for row in self.scores if row["evaluator"] in people), "criterion")
        for code in self.examined:
            rows = scores.get(code, [])
            values = {None if row["not_demonstrated"] else row["points"] for row in rows}
            last = max((row["saved_at"] for row in rows), default=None)
            if len(values) > 1 and not (code in self.settled and last is not None and self.settled[code] >= last):
                found.append(code)
        return found

    @property
    def unsettled(self) -> int:
        return len(set(self.routes) - set(self.settled))

    def told(self, status: str) -> int:
        """How many nonconformities that the client knows are in a state."""
        kind = Finding.Kind.NONCONFORMITY
        return sum(row["status"] == status and row["kind"] == kind and row["is_told"] for row in self.findings)


def facts_of(cases: Iterable[Case]) -> list[Facts]:
    """The facts of cases that were fetched with application, organisation, version, system and scheme."""
    found = {case.pk: Facts(case) for case in cases}
    evaluating = [pk for pk, facts in found.items() if facts.case.status == Status.EVALUATING]
    parts = Assignment.objects.filter(case__in=found, ended_at=None).select_related("person")
    for row in parts.order_by("part", "assigned_at"):
        found[row.case_id].parts.append(row)
    _read_plans(found, evaluating)
    _read_scores(found, evaluating)
    return list(found.values())


def _read_plans(found: Mapping[Any, Facts], evaluating: list[Any]) -> None:
    approved = PlanRevision.objects.filter(case__in=evaluating, status=PlanRevision.Status.APPROVED)
    for plan in approved.values("pk", "case", "applicability"):
        found[plan["case"]].plan = plan
    runs = PlannedRun.objects.filter(item__plan__case__in=evaluating, counted=True)
    columns = ("item__plan__case", "run__status", "run__failure_kind")
    for row in runs.filter(item__plan__status=PlanRevision.Status.APPROVED).values(*columns):
        found[row["item__plan__case"]].runs.append(row)


def _read_scores(found: Mapping[Any, Facts], evaluating: list[Any]) -> None:
    given = (Q(points__isnull=False) | Q(not_demonstrated=True)) & ~Q(rationale="")
    whole = When(Condition(given, then=Value(value=True)), default=Value(value=False), output_field=BooleanField())
    columns = ("case", "criterion", "evaluator", "points", "not_demonstrated", "saved_at")
    for row in Score.objects.filter(case__in=evaluating).annotate(is_whole=whole).values(*columns, "is_whole"):
        found[row["case"]].scores.append(row)
    handed_in = ScoreSheet.objects.filter(case__in=evaluating, handed_in_at__isnull=False)
    for case, person in handed_in.values_list("case", "evaluator"):
        found[case].handed_in.add(person)
    settlements = Settlement.objects.filter(case__in=evaluating)
    for case, criterion, at in settlements.values_list("case", "criterion", "settled_at"):
        found[case].settled[criterion] = at
    told = When(Condition(told_at__isnull=False, then=Value(value=True)), default=Value(value=False))
    findings = Finding.objects.filter(case__in=evaluating).annotate(is_told=told)
    for row in findings.values("case", "kind", "status", "is_told"):
        found[row["case"]].findings.append(row)


def what_next(facts: Facts) -> str:
    """What a case waits for, with the name of who must act."""
    match facts.case.status:
        case Status.PLANNING:
            return _planning(facts)
        case Status.PLAN_APPROVED:
            return _("The portal draws the seeds and requests the test runs, within seconds.")
        case Status.EVALUATING:
            return _evaluating(facts)
        case Status.IN_REVIEW | Status.RECOMMENDED:
            return _reviewing(facts)
        case Status.DECIDED:
            return _("The decision was made: %(outcome)s.") % {"outcome": facts.case.get_outcome_display()}
    return _("The application was withdrawn; the case is closed.")


def _planning(facts: Facts) -> str:
    lead = facts.holder(Part.LEAD)
    if lead is None:
        return _("The case needs a lead evaluator.")
    if facts.evaluators_missing:
        text = ngettext(
            "%(count)d evaluator is still to be assigned.",
            "%(count)d evaluators are still to be assigned.",
            facts.evaluators_missing,
        )
        return text % {"count": facts.evaluators_missing}
    unsigned = [row.person for row in facts.unsigned if row.part != Part.REVIEWER]
    if unsigned:
        return _("To sign the statement on interests: %(names)s.") % {"names": joined(unsigned)}
    return _("The plan is drafted. %(name)s approves it.") % {"name": lead.person}


def _evaluating(facts: Facts) -> str:
    waiting = [row.person for row in facts.evaluators if row.person_id not in facts.handed_in]
    ended = {"ended": facts.runs_ended, "planned": len(facts.runs)}
    if facts.runs_ended < len(facts.runs):
        return _("%(ended)d of %(planned)d test runs have ended.") % ended
    if waiting:
        return _("To hand in their scores: %(names)s.") % {"names": joined(waiting)}
    open_findings = facts.told(Finding.Status.OPEN)
    if open_findings and not facts.unsettled:
        text = ngettext(
            "The client answers %(count)d finding.", "The client answers %(count)d findings.", open_findings
        )
        return text % {"count": open_findings}
    lead = facts.holder(Part.LEAD)
    if facts.unsettled or facts.differing:
        return _("%(name)s settles the scores.") % {"name": lead.person if lead else _("The lead evaluator")}
    return _("Findings are told to the client; then the case goes to review.")


def _reviewing(facts: Facts) -> str:
    reviewer = facts.holder(Part.REVIEWER)
    if reviewer is None:
        return _("The case needs a reviewer who took no part in it.")
    if facts.case.status == Status.IN_REVIEW:
        return _("%(name)s reviews the case.") % {"name": reviewer.person}
    return _("%(name)s decides.") % {"name": reviewer.person}
