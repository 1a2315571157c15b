"""The report of an evaluation as one JSON document: plan, runs, scores, settlement, findings, assessment.

Together with the standard and the scheme (both published) it lets anybody recompute every score and the level.
Scores are integer tenths; digests are SHA-256 in hexadecimal; times are ISO 8601, UTC.
"""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any

import rfc8785

from assessments.standards.outcome import Assessment
from evaluations.runs.models import Run

from .assessing import assess_case, grades, standard_of
from .models import Case, Finding, PlannedRun, PlanRevision, Score, Settlement
from .planning import approved_plan
from .proposing import Ground, grounds
from .scoring_sheet import are_complete

RESULTS_FORMAT = "trust-assessment-results/1"
SUMMARY_FORMAT = "trust-assessment-summary/1"
OF_RESULT = ("metrics", "flags", "undefined", "environment", "scored", "digests")


def results_json(case: Case) -> dict[str, Any]:
    """Everything that a score rests on: object, plan, every run (superseded attempts too), every score.

    Raises ValueError without an approved plan. Schema: docs/schemas/results.schema.json.
    """
    plan = approved_plan(case)
    if plan is None:
        raise ValueError(f"case {case.number} has no approved plan")
    edition, scheme = standard_of(case)
    application = case.application
    return {
        "format": RESULTS_FORMAT,
        "case": case.number,
        "application": application.number,
        "system": {"name": plan.version.system.name_en, "version": plan.version.label},
        "standard": {"code": edition.standard.code, "edition": edition.edition, "digest": edition.digest},
        "scheme": {"code": scheme.code, "edition": scheme.edition, "digest": scheme.digest},
        "tier": application.tier,
        "target": application.target_level,
        "plan": _plan(plan),
        "runs": [_run(planned) for planned in _planned_runs(case)],
        "criteria": _criteria(case),
    }


def summary_json(case: Case, *, number: str | None = None, status: str = "") -> dict[str, Any]:
    """The outcome in short. `number` and `status` are those of the certificate, which the case does not know.

    Without a certificate `status` is the case's outcome or progress. Schema: docs/schemas/summary.schema.json.
    """
    assessment = assess_case(case)
    decision = getattr(case, "decision", None)
    return {
        "format": SUMMARY_FORMAT,
        "case": case.number,
        "number": number,
        "status": status or (case.outcome if decision else case.status),
        "level": (decision.level or None) if decision else None,
        "achieved": assessment.level,
        "tier": assessment.tier,
        "target": assessment.target,
        "criteria": {row["code"]: _short(row) for row in _criteria(case)},
        "characteristics": _characteristics(assessment),
    }


def report_json(case: Case) -> dict[str, Any]:
    """The whole report: results, the people and their parts, findings, assessment with its explanation."""
    assessment = assess_case(case)
    return {
        **results_json(case),
        "round": case.round,
        "body": {"en": case.body.name_en, "zh": case.body.name_zh},
        "client": _client(case),
        "object": object_of(case),
        "people": _people(case),
        "findings": [_finding(row, grades(assessment)) for row in case.findings.all()],
        "assessment": {
            "level": assessment.level,
            "granted": assessment.granted,
            "characteristics": _characteristics(assessment),
            "gates_failed": list(assessment.gates_failed),
            "gates_not_applicable": list(assessment.gates_not_applicable),
            "nonconformities": {found.criterion: found.grade for found in assessment.nonconformities},
            "reasons": [line.as_json() for line in assessment.reasons],
            "missing": [line.as_json() for line in assessment.missing],
        },
    }


def object_of(case: Case) -> dict[str, Any]:
    """What was evaluated, in its client's words: the version of the approved plan with its intended use."""
    plan = approved_plan(case)
    version = plan.version if plan else case.application.version
    described = ("intended_use", "environment", "population", "languages")
    return {
        "name": {"en": version.system.name_en, "zh": version.system.name_zh},
        "version": version.label,
        **{name: getattr(version, name) for name in described},
    }


def digest_of(document: Mapping[str, Any]) -> str:
    """SHA-256 of a report as canonical JSON (RFC 8785)."""
    return hashlib.sha256(rfc8785.dumps(dict(document))).hexdigest()


def _plan(plan: PlanRevision) -> dict[str, Any]:
    return {
        "number": plan.number,
        "approved_at": moment(plan.approved_at),
        "reason": plan.reason,
        "impact": plan.impact,
        "profile": plan.profile,
        "inputs": plan.inputs,
        "manifest": plan.manifest,
        "basis": plan.basis,
        "tests": [
            {
                "method": item.method,
                "criteria": item.criteria,
                "parameters": item.parameters,
                "rationale": item.rationale,
                "seed": item.seed,
            }
            for item in plan.items.all()
        ],
    }


def _planned_runs(case: Case) -> list[PlannedRun]:
    rows = PlannedRun.objects.filter(item__plan__case=case).select_related("run", "item__plan")
    return list(rows.order_by("item__plan__number", "item__method", "run__requested_at"))


def _run(planned: PlannedRun) -> dict[str, Any]:
    run = planned.run
    result = run.result or {}
    return {
        "id": str(run.pk),
        "plan": planned.item.plan.number,
        "criteria": planned.item.criteria,
        "counted": planned.counted,
        "method": run.method,
        "version": run.method_version,
        "parameters": run.parameters,
        # A seed may exceed what some readers of JSON keep exactly; it is below 2^53.
        "seed": run.seed,
        "inputs": run.inputs,
        "status": run.status,
        "reason": run.reason,
        "supersedes": str(run.supersedes_id) if run.supersedes_id else None,
        "requested_at": moment(run.requested_at),
        "ended_at": moment(run.ended_at),
        "attempt": run.attempt,
        "sandbox_level": run.sandbox_level,
        "failure": _failure(run),
        "seal": run.seal,
        "result": {key: result[key] for key in OF_RESULT if key in result} if run.result is not None else None,
    }


def _failure(run: Run) -> dict[str, Any] | None:
    if run.status != Run.Status.FAILED:
        return None
    return {"kind": run.failure_kind, "reason": run.failure_reason}


def _criteria(case: Case) -> list[dict[str, Any]]:
    known = grounds(case)
    settled = {row.criterion: row for row in case.settlements.all()}
    scores: dict[str, list[Score]] = {}
    if are_complete(case, known):
        for score in case.scores.order_by("evaluator_id"):
            scores.setdefault(score.criterion, []).append(score)
    return [_criterion(ground, settled.get(code), scores.get(code, [])) for code, ground in known.items()]


def _criterion(ground: Ground, row: Settlement | None, scores: list[Score]) -> dict[str, Any]:
    criterion, proposal = ground.criterion, ground.proposal
    return {
        "code": criterion.code,
        "characteristic": criterion.characteristic,
        "title": {"en": criterion.title_en, "zh": criterion.title_zh},
        "gate": criterion.gate,
        "weight": criterion.weight,
        "route": ground.route,
        "because": ground.entry["because"],
        "obstacle": ground.entry.get("obstacle"),
        "unfit": ground.entry.get("unfit", []),
        "methods": ground.entry["methods"],
        "state": row.state if row else "not_assessed",
        "origin": row.origin if row else None,
        "proposed": proposal.tenths if proposal else None,
        "conclusion": proposal.conclusion if proposal else None,
        "lines": [line.as_json() for line in proposal.lines] if proposal else [],
        "scores": [
            {"points": score.points, "not_demonstrated": score.not_demonstrated, "rationale": score.rationale}
            for score in scores
            if ground.is_examined
        ],
        "confirmed": row.confirmed_tenths if row else None,
        "examined": row.examined_points if row else None,
        "settled": row.settled_tenths if row else None,
        "overridden": bool(row and row.overridden),
        "rationale": row.rationale if row else "",
    }


def _short(row: Mapping[str, Any]) -> dict[str, Any]:
    names = ("state", "proposed", "settled", "origin", "weight", "gate", "characteristic")
    return {name: row[name] for name in names}


def _characteristics(assessment: Assessment) -> dict[str, Any]:
    return {
        code: {
            "score": score.tenths if score.rated else None,
            "rated": score.rated,
            "coverage": {
                "assessed": score.assessed,
                "examined": score.examined,
                "not_applicable": score.not_applicable,
                "not_demonstrated": score.not_demonstrated,
                "not_assessed": score.not_assessed,
            },
        }
        for code, score in assessment.characteristics.items()
    }


def _client(case: Case) -> dict[str, str]:
    client = case.application.organisation
    return {"en": client.name_en, "zh": client.name_zh}


def _people(case: Case) -> list[dict[str, Any]]:
    rows = case.assignments.select_related("person").order_by("assigned_at", "pk")
    return [
        {
            "part": row.part,
            "name": row.person.name,
            "declared_at": moment(row.declared_at),
            "ended_at": moment(row.ended_at),
        }
        for row in rows
    ]


def _finding(row: Finding, derived: Mapping[str, str]) -> dict[str, Any]:
    return {
        "criterion": row.criterion,
        "kind": row.kind,
        "grade": derived.get(row.criterion) if row.kind == Finding.Kind.NONCONFORMITY else None,
        "status": row.status,
        "round": row.round,
        "text": row.text,
        "told_at": moment(row.told_at),
        "answer": row.answer,
        "answered_at": moment(row.answered_at),
        "due_on": row.due_on.isoformat() if row.due_on else None,
        "remark": row.remark,
    }


def moment(value: datetime | None) -> str | None:
    """A point in time in UTC, to the second."""
    return value.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ") if value else None
