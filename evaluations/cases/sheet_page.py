"""What the scoring sheet and the settlement show of a criterion: anchors, evidence, metrics on their thresholds."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.urls import reverse
from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.applications.models import Evidence
from assessments.presentation.charts import PAGE, Drawing, Palette, metric_ruler
from assessments.presentation.figures import in_language
from assessments.standards.models import in_current_language
from assessments.standards.thresholds import Part, propose
from evaluations.methods import registry
from evaluations.methods.words import unit_words
from evaluations.runs.models import Run

from .models import Case, Finding, Score
from .proposing import Ground, thresholds_of
from .scoring_sheet import most_points

ROUTES: dict[str, str | Promise] = {
    "test": gettext_lazy("tested"),
    "examination": gettext_lazy("examined by the evaluators"),
    "both": gettext_lazy("tested and examined; the lower counts"),
    "examined": gettext_lazy("examined, no automated method fits; at most 3, passes no gate"),
    "none": gettext_lazy("does not apply"),
}

CONCLUSIONS: dict[str, str | Promise] = {
    "pass": gettext_lazy("pass"),
    "conditional_pass": gettext_lazy("conditional pass: the bound alone would not"),
    "conditional_fail": gettext_lazy("conditional fail: within the interval it could pass"),
    "fail": gettext_lazy("fail"),
}


@dataclass
class Entry:
    """One criterion on the sheet."""

    ground: Ground
    anchors: list[dict[str, Any]]
    evidence: Evidence | None
    score: Score | None = None
    error: str = ""
    tests: list[dict[str, Any]] = field(default_factory=list)
    findings: list[Finding] = field(default_factory=list)

    @property
    def code(self) -> str:
        return self.ground.code

    @property
    def value(self) -> str:
        """The value of the score control."""
        if self.score is None:
            return ""
        if self.score.not_demonstrated:
            return "not_demonstrated"
        return "" if self.score.points is None else str(self.score.points)

    @property
    def route(self) -> str | Promise:
        return ROUTES[self.ground.route]

    @property
    def conclusion(self) -> str | Promise:
        """What the tests conclude, in words."""
        return CONCLUSIONS[self.ground.proposal.conclusion] if self.ground.proposal else ""

    @property
    def legend(self) -> str:
        return _("Your score for %(code)s") % {"code": self.code}


def entries(
    case: Case, known: Iterable[Ground], scores: Mapping[str, Score], plan: Any, findings: Iterable[Finding] = ()
) -> list[Entry]:
    """The criteria of a sheet with what stands beside them; `findings` are those that the reader wrote."""
    written: dict[str, list[Finding]] = {}
    for finding in findings:
        written.setdefault(finding.criterion, []).append(finding)
    evidence = {row.criterion: row for row in case.application.evidence.select_related("artifact")}
    thresholds = thresholds_of(case, plan)
    return [
        Entry(
            ground,
            anchors_of(case, ground),
            evidence.get(ground.code),
            scores.get(ground.code),
            tests=test_views(ground, thresholds),
            findings=written.get(ground.code, []),
        )
        for ground in known
    ]


def anchors_of(case: Case, ground: Ground) -> list[dict[str, Any]]:
    """The written anchors 0 to 5 of a criterion; the edition's own where it has none."""
    edition = case.application.edition
    shared = edition.content.get("anchors", []) if edition else []
    texts = ground.criterion.content.get("anchors") or shared
    return [
        {"value": value, "text": in_current_language(text)}
        for value, text in enumerate(texts)
        if value <= most_points(case, ground)
    ]


def test_views(ground: Ground, thresholds: Mapping[str, Any]) -> list[dict[str, Any]]:
    """Each counted run of a criterion with its metrics on the rulers of the thresholds."""
    if ground.tested is None:
        return []
    return [test_view(run, thresholds.get(run.method, {})) for run in ground.tested.runs]


def test_view(run: Run, rule: Mapping[str, Any]) -> dict[str, Any]:
    """One run with its metrics on the rulers of its thresholds."""
    declared = registry.declared().get(run.method)
    finished = run.status == Run.Status.FINISHED and run.result is not None
    return {
        "run": run,
        "title": in_language(declared.title) if declared else run.method,
        "url": reverse("runs:run", args=[run.pk]),
        "metrics": metric_rows(run.method, run.result, rule) if finished and run.result else [],
    }


def metric_rows(
    method: str, result: Mapping[str, Any], rule: Mapping[str, Any], palette: Palette = PAGE
) -> list[dict[str, Any]]:
    """The metrics that the thresholds `rule` reads, for the component metric_row; the first of a name explained."""
    parts = {(part.metric, _key(part.slice)): part for part in propose(result, rule).parts} if rule else {}
    tables = {table["metric"]: table["points"] for table in rule.get("tables", ())}
    stepped = {test["metric"] for step in rule.get("steps", ()) for test in step["when"] if "metric" in test}
    capped = {cap["metric"] for cap in rule.get("caps", ()) if "metric" in cap}
    known, told, rows = registry.meanings(method), set(), []
    for metric in result["metrics"]:
        name = metric["name"]
        if name not in tables and name not in stepped | capped:
            continue
        meaning = known.get(name)
        title = in_language(meaning.title) if meaning else name
        row = _metric_row(metric, title, parts.get((name, _key(metric.get("slice", {})))))
        if tables.get(name) and metric["value"] is not None:
            row["ruler"] = _ruler(metric, tables[name], title, palette)
        rows.append({**row, "meaning": meaning if name not in told else None})
        told.add(name)
    return rows


def _metric_row(metric: Mapping[str, Any], title: str, part: Part | None) -> dict[str, Any]:
    undefined = metric.get("undefined")
    return {
        "title": title,
        "note": " · ".join(f"{name}: {value}" for name, value in metric.get("slice", {}).items()),
        "value": metric["value"],
        "unit": in_language(unit_words(metric["unit"])),
        "low": metric["low"],
        "high": metric["high"],
        "n": metric["n"],
        "score": part.tenths if part else None,
        "undefined": in_language(undefined) if undefined else "",
    }


def _ruler(metric: Mapping[str, Any], points: list[float], title: str, palette: Palette) -> Drawing:
    return metric_ruler(
        [(point, float(score)) for score, point in enumerate(points)],
        metric["value"],
        metric["low"],
        metric["high"],
        metric["n"],
        direction="higher" if points[-1] > points[0] else "lower",
        title=title,
        palette=palette,
    )


def _key(where: Mapping[str, str]) -> tuple[tuple[str, str], ...]:
    return tuple(sorted(where.items()))
