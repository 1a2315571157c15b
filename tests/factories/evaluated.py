"""Cases from the evaluation on: runs that ended with chosen results, scores handed in, settled, reviewed, decided.

Every step goes through the services. Only the measuring is left out: a run ends with a result that would give the
score asked for, checked by the schema and sealed as a worker's own.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from evaluations.cases import assignment, findings, reporting, reviewing, scoring_sheet, settling
from evaluations.cases.models import Assignment, Case, Finding, PlannedRun
from evaluations.cases.proposing import grounds
from evaluations.methods import results
from evaluations.runs import leases
from evaluations.runs.models import Run
from evaluations.runs.sealing import seal
from tests.factories import cases
from tests.factories.cases import People

SANDBOX = {"level": "S1", "reservations": [], "seconds": 1.0}
GIVEN = "Seen in the records of the applicant; fictional."


def metric(name: str, value: float | None, **changes: Any) -> dict[str, Any]:
    """One metric of a result, exact and of large n unless `changes` say otherwise."""
    plain = {
        "name": name,
        "value": value,
        "n": 5000,
        "direction": "higher",
        "unit": "",
        "low": None,
        "high": None,
        "bound": None,
        "interval": "",
        "slice": {},
        "undefined": None,
    }
    return {**plain, **changes}


def result_for(run: Run, rule: Mapping[str, Any], score: int = 5, **changes: Any) -> dict[str, Any]:
    """A result that proposes the whole `score` under the thresholds `rule`."""
    metrics = [metric(table["metric"], table["points"][score]) for table in rule.get("tables", ())]
    for step in rule.get("steps", ()):
        if step["score"] == score:
            metrics += [metric(t["metric"], t.get("at_least", t.get("at_most"))) for t in step["when"] if "metric" in t]
    named = {entry["name"] for entry in metrics}
    tests = [test for step in rule.get("steps", ()) for test in step["when"]]
    others = {t["metric"] for t in [*rule.get("caps", ()), *tests] if "metric" in t} - named
    metrics += [metric(name, 1.0 if rule.get("caps") else 0.0) for name in sorted(others)]
    document = {
        "result": 1,
        "method": run.method,
        "version": run.method_version or "1.0.0",
        "scored": True,
        "parameters": run.parameters,
        "seed": run.seed,
        "digests": {given["file"]: given["sha256"] for given in run.inputs},
        "environment": {"python": "3.11"},
        "start": "2026-11-24T08:00:00.000+00:00",
        "end": "2026-11-24T08:00:01.000+00:00",
        "metrics": metrics,
        "flags": {cap["unless"]: True for cap in rule.get("caps", ()) if "unless" in cap},
        "undefined": [],
        "tables": [],
        "charts": [],
        "images": [],
        "samples": {},
        "notes": [],
        "cost": {"seconds": 1.0},
    }
    return {**document, **changes}


def finish(run: Run, result: Mapping[str, Any]) -> None:
    """End a queued run with a result, as a worker does."""
    results.check(result)
    claimed = leases.claim_run(run.pk)
    assert claimed is not None
    assert leases.finish_run(claimed, result=result, seal=seal(claimed, result, SANDBOX), sandbox=SANDBOX, log="")


def finish_runs(case: Case, scores: Mapping[str, int] | None = None, otherwise: int = 5) -> None:
    """End every queued run of the case; `scores` by method."""
    thresholds = case.application.scheme.content["thresholds"]  # type: ignore[union-attr]
    waiting = PlannedRun.objects.filter(item__plan__case=case, counted=True, run__status=Run.Status.QUEUED)
    for planned in waiting.select_related("run"):
        run = planned.run
        finish(run, result_for(run, thresholds[run.method], (scores or {}).get(run.method, otherwise)))


def give_scores(case: Case, evaluator: Any, points: Mapping[str, int | None] | None = None, otherwise: int = 4) -> None:
    """Score all that is examined; None stands for not demonstrated."""
    known = grounds(case)
    given = {row.criterion: row.revision for row in case.scores.filter(evaluator=evaluator)}
    for code in scoring_sheet.examined_codes(known):
        chosen = (points or {}).get(code, min(otherwise, scoring_sheet.most_points(case, known[code])))
        scoring_sheet.save_score(
            case,
            code,
            actor=evaluator,
            points=chosen,
            not_demonstrated=chosen is None,
            rationale=GIVEN,
            revision=given.get(code, 0),
            known=known,
        )


def scored_case(
    who: People | None = None,
    *,
    tests: Mapping[str, int] | None = None,
    points: Mapping[str, int | None] | None = None,
    otherwise: int = 4,
    **kwargs: Any,
) -> Case:
    """A case whose runs have ended and whose evaluators have handed in the same scores."""
    who = who or cases.people()
    case = cases.planned_case(who, **kwargs)
    finish_runs(case, tests)
    for evaluator in who.evaluators:
        give_scores(case, evaluator, points, otherwise)
        scoring_sheet.hand_in(case, actor=evaluator)
    return case


def settled_case(who: People | None = None, **kwargs: Any) -> Case:
    """A case in which all that agrees is settled."""
    who = who or cases.people()
    case = scored_case(who, **kwargs)
    settling.settle_agreed(case, actor=who.lead)
    return case


def told_case(who: People | None = None, **kwargs: Any) -> Case:
    """A settled case whose nonconformities are written down and told to the client."""
    who = who or cases.people()
    case = settled_case(who, **kwargs)
    for code in findings.nonconformities(case):
        findings.write_finding(case, code, kind=Finding.Kind.NONCONFORMITY, text="Not shown.", actor=who.lead)
    findings.tell_client(case, actor=who.lead)
    return case


def evaluated_case(who: People | None = None, **kwargs: Any) -> Case:
    """A case in review, its reviewer assigned and declared."""
    who = who or cases.people()
    case = told_case(who, **kwargs)
    reporting.hand_to_review(case, actor=who.lead)
    assignment.assign(case, who.reviewer, Assignment.Part.REVIEWER, actor=who.lead)
    cases.sign(case, who.reviewer)
    return case


def reviewed_case(who: People | None = None, *, recommendation: str = "grant", **kwargs: Any) -> Case:
    """A case whose review recommends."""
    who = who or cases.people()
    case = evaluated_case(who, **kwargs)
    reviewing.record_review(
        case,
        actor=who.reviewer,
        checklist=dict.fromkeys(reviewing.CHECKLIST, True),
        recommendation=recommendation,
        reasons="The report holds.",
    )
    return case


def decided_case(who: People | None = None, *, level: str | None = None, **kwargs: Any) -> Case:
    """A case that was granted the highest level it may have, or `level`."""
    who = who or cases.people()
    case = reviewed_case(who, **kwargs)
    chosen = level or reviewing.grantable_levels(case)[-1]
    reviewing.decide(case, actor=who.reviewer, outcome="granted", level=chosen, reasons="As recommended.")
    return case
