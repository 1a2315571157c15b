"""The report as people read it, on a page and on paper: everything is taken from one document of `report_json`.

After the hand-over that document is the frozen one, so what is read is what was frozen. Charts and pictures come from
the sealed results of its runs, which never change.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from assessments.presentation.charts import PAGE, Drawing, Palette, level_ladder, radar
from assessments.presentation.figures import in_language
from assessments.presentation.paper.coverage import printable
from assessments.standards.models import in_current_language
from assessments.systems.models import Artifact
from evaluations.methods import registry
from evaluations.methods.frame import Meaning
from evaluations.runs.drawings import draw_all, draw_pictures
from evaluations.runs.models import Run
from evaluations.runs.views import named_parameters

from .assessing import standard_of
from .models import Assignment, Case, Finding, Settlement
from .proposing import proposal_of
from .report import object_of
from .sheet_page import CONCLUSIONS, ROUTES, metric_rows

Document = Mapping[str, Any]
MOST_PICTURES = 4


def report_view(case: Case, document: Document, *, palette: Palette = PAGE) -> dict[str, Any]:
    """What the templates of the report show, in the active language, drawn with `palette`."""
    edition, scheme = standard_of(case)
    rules, assessed = scheme.rules, document["assessment"]
    tests = _tests(document, palette)
    return {
        "document": document,
        "object": {**object_of(case), **document.get("object", {})},
        "standard": {"en": edition.standard.title_en, "zh": edition.standard.title_zh},
        "standard_url": edition.get_absolute_url(),
        "is_pilot": edition.is_pilot,
        "tier": in_language(rules.tiers[document["tier"]].title),
        "level": in_language(rules.level_title(assessed["level"], document["tier"])),
        "target": in_language(rules.level_title(document["target"], document["tier"])),
        "ladder": level_ladder(
            [in_language(level.title) for level in rules.levels],
            rules.rank(assessed["level"]),
            target=rules.rank(document["target"]),
            palette=palette,
        ),
        "radar": _radar(document, edition, rules, palette),
        "groups": _groups(document, edition, tests),
        "tests": [test for test in tests if test["counted"]],
        "runs": tests,
        "meanings": _meanings(tests),
        "findings": _findings(document),
        "people": [{**row, "part_word": _label(Assignment.Part, row["part"])} for row in document["people"]],
        "counts": _counts(document),
        "files": [
            {**row, "role_word": _label(Artifact.Role, row["role"])} for row in document["plan"]["basis"]["files"]
        ],
        "vendor_data": [
            _label(Artifact.Role, row["role"])
            for row in document["plan"]["manifest"].get("data", ())
            if row["origin"] == "C"
        ],
    }


def _radar(document: Document, edition: Any, rules: Any, palette: Palette) -> Drawing | None:
    """The radar of the principal characteristics; None when there are too few for a figure."""
    scores = document["assessment"]["characteristics"]
    axes = [
        entry for entry in edition.content["characteristics"] if entry["code"] in scores and not entry.get("beside")
    ]
    if len(axes) < 3:
        return None
    rings = [(float(level.each), in_language(level.title)) for level in rules.levels]
    points = [(entry["code"], entry["code"], _of_hundred(scores[entry["code"]]["score"])) for entry in axes]
    return radar(points, thresholds=rings, palette=palette)


def _of_hundred(tenths: int | None) -> float | None:
    return None if tenths is None else tenths / 10


def _groups(document: Document, edition: Any, tests: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """The criteria by characteristic, in the standard's order, each with the tests that its score rests on."""
    by_criterion: dict[str, list[dict[str, Any]]] = {}
    for test in tests:
        for code in test["criteria"] if test["counted"] else ():
            by_criterion.setdefault(code, []).append(test)
    groups = []
    for entry in edition.content["characteristics"]:
        rows = [row for row in document["criteria"] if row["characteristic"] == entry["code"]]
        score = document["assessment"]["characteristics"].get(entry["code"])
        if rows and score:
            shown = [_criterion(row, by_criterion.get(row["code"], [])) for row in rows]
            groups.append(
                {
                    "code": entry["code"],
                    "title": in_current_language(entry["title"]),
                    "score": score["score"],
                    "rows": shown,
                    "reasoned": [row for row in shown if row["rationale"] or row["scores"]],
                    **score["coverage"],
                }
            )
    return groups


def _criterion(row: Mapping[str, Any], tests: list[dict[str, Any]]) -> dict[str, Any]:
    return {
        **row,
        "title_word": in_language(row["title"]),
        "route_word": ROUTES[row["route"]],
        "state_word": _label(Settlement.State, row["state"]),
        "conclusion_word": CONCLUSIONS[row["conclusion"]] if row["conclusion"] else "",
        "because_word": in_language(row["because"]),
        "said": [in_language(line) for line in row["lines"]],
        "tests": tests,
    }


def _tests(document: Document, palette: Palette) -> list[dict[str, Any]]:
    """Every run of the document, the counted ones with metrics, charts and pictures."""
    known = {str(pk): run for pk, run in Run.objects.in_bulk([row["id"] for row in document["runs"]]).items()}
    thresholds = document["plan"]["basis"].get("thresholds", {})
    declared = registry.declared()
    tests = []
    for row in document["runs"]:
        run = known.get(row["id"])
        title = declared.get(row["method"])
        test = {
            **row,
            "run": run,
            "title": in_language(title.title) if title else row["method"],
            "status_word": _label(Run.Status, row["status"]),
            "failure_word": in_language(row["failure"]["reason"]) if row["failure"] else "",
        }
        if run is not None and row["counted"]:
            test |= _measured(run, thresholds.get(row["method"], {}), palette)
        tests.append(test)
    return tests


def _measured(run: Run, rule: Mapping[str, Any], palette: Palette) -> dict[str, Any]:
    """What a counted run measured, and what the thresholds make of it."""
    method = registry.get(run.method) if registry.is_installed(run.method) else None
    proposal = proposal_of(run, {run.method: rule} if rule else {})
    shown: dict[str, Any] = {
        "description": in_language(method.description) if method else "",
        "named_parameters": named_parameters(run),
        "proposed": proposal.tenths,
        "conclusion_word": CONCLUSIONS[proposal.conclusion],
        "lines": [in_language(line) for line in proposal.lines],
        "rule_source": in_language(rule["source"]) if rule.get("source") else "",
    }
    if run.result is None:
        return shown
    result = run.result if palette.by_class else _on_paper(run.result)
    return {
        **shown,
        "metrics": metric_rows(run.method, result, rule, palette),
        "charts": [drawn for drawn in draw_all(result, palette) if drawn.drawing],
        "pictures": draw_pictures(result, palette)[:MOST_PICTURES],
        "notes": [in_language(note) for note in result["notes"]],
    }


def _on_paper(result: Mapping[str, Any]) -> dict[str, Any]:
    """A result whose texts, which a vendor's data may have given, hold only characters that can be printed."""
    pictures = [{**image, "title": printable(image["title"])} for image in result["images"]]
    return {**printable({key: value for key, value in result.items() if key != "images"}), "images": pictures}


def _meanings(tests: list[dict[str, Any]]) -> list[Meaning]:
    """What each number of the report means, once for each."""
    found: dict[tuple[str, str], Meaning] = {}
    for test in tests:
        for metric in test.get("metrics", ()):
            if metric["meaning"]:
                found.setdefault((metric["meaning"].name, metric["meaning"].says.en), metric["meaning"])
    return list(found.values())


def _findings(document: Document) -> list[dict[str, Any]]:
    titles = {row["code"]: in_language(row["title"]) for row in document["criteria"]}
    grades = {"major": _("major nonconformity"), "minor": _("minor nonconformity"), "observation": _("observation")}
    return [
        {
            **row,
            "title_word": titles.get(row["criterion"], ""),
            "kind_word": grades.get(row["grade"] or "") or _label(Finding.Kind, row["kind"]),
            "status_word": _label(Finding.Status, row["status"]) if row["kind"] == Finding.Kind.NONCONFORMITY else "",
        }
        for row in document["findings"]
    ]


def _counts(document: Document) -> dict[str, int]:
    """The figures of the summary."""
    rows, grades = document["criteria"], list(document["assessment"]["nonconformities"].values())
    return {
        "criteria": len(rows),
        "apply": sum(row["route"] != "none" for row in rows),
        "tested": sum(row["route"] in ("test", "both") for row in rows),
        "not_demonstrated": sum(row["state"] == "not_demonstrated" for row in rows),
        "not_assessed": sum(row["state"] == "not_assessed" for row in rows),
        "without_method": sum(row["origin"] == "examined" for row in rows),
        "changed": sum(row["overridden"] for row in rows),
        "runs": sum(row["counted"] for row in document["runs"]),
        "major": grades.count("major"),
        "minor": grades.count("minor"),
        "evaluators": sum(row["part"] == "evaluator" and not row["ended_at"] for row in document["people"]),
    }


def _label(choices: Any, value: str) -> str:
    """The word of a choice; a value that is no longer one of them as it stands."""
    return str(choices(value).label) if value in choices.values else value
