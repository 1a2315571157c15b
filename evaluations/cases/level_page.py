"""The level of a case as a page shows it: the ladder, the characteristics, the lines that explain it."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from assessments.presentation.charts import radar
from assessments.presentation.figures import in_language
from assessments.standards.models import in_current_language
from assessments.standards.outcome import Assessment, Requirement
from assessments.standards.scheme import SchemeRules

from .assessing import assess_case, standard_of
from .models import Case

AT_A_GLANCE = 6  # so many lines on criteria are listed; more are folded, one fold a characteristic


def level_view(case: Case) -> dict[str, Any]:
    """Everything that explains the level on what is settled now."""
    edition, scheme = standard_of(case)
    assessment = assess_case(case)
    rules: SchemeRules = scheme.rules
    characteristics = _characteristics(edition.content["characteristics"], assessment)
    places = {row.code: row.characteristic for row in edition.criteria.all()}
    names = {entry["code"]: f"{entry['code']} {entry['title']}" for entry in characteristics}
    of = {code: names.get(place, place) for code, place in places.items()}
    reached = rules.rank(assessment.level)
    following = [item for level in rules.levels[reached : reached + 1] for item in _unmet(assessment, level.code)]
    return {
        "assessment": assessment,
        "title": in_language(rules.level_title(assessment.level, assessment.tier)),
        "granted": in_language(rules.level_title(assessment.granted, assessment.tier)),
        "target": in_language(rules.level_title(assessment.target, assessment.tier)),
        "rungs": _rungs(rules, assessment, of),
        "characteristics": characteristics,
        "radar": _radar(rules, characteristics),
        "reasons": [in_language(line) for line in assessment.reasons] if assessment.level else [],
        "missing": folded(following, of),
        "not_assessed": sum(score.not_assessed for score in assessment.characteristics.values()),
    }


def folded(unmet: Sequence[Requirement], of: Mapping[str, str]) -> dict[str, Any]:
    """What does not hold as lines to read: `plain` ones, and `folds` of many lines on criteria (title and lines).

    `of` gives the name of each criterion's characteristic. A gate that was not assessed is not told a second time.
    """
    open_ones = {item.subject for item in unmet if item.kind == "assessed"}
    shown = [item for item in unmet if item.kind != "gate" or item.subject not in open_ones]
    many = sum(item.subject in of for item in shown) > AT_A_GLANCE
    plain, folds = dict[str, None](), dict[str, dict[str, None]]()
    for item in shown:
        place = of.get(item.subject or "") if many else None
        lines = plain if place is None else folds.setdefault(place, {})
        lines[in_language(item.text)] = None
    return {"plain": list(plain), "folds": [{"title": name, "lines": list(lines)} for name, lines in folds.items()]}


def _unmet(assessment: Assessment, level: str) -> list[Requirement]:
    return [item for item in assessment.requirements if item.level == level and not item.met]


def _rungs(rules: SchemeRules, assessment: Assessment, of: Mapping[str, str]) -> list[dict[str, Any]]:
    reached = rules.rank(assessment.level)
    rungs = []
    for place, level in enumerate(rules.levels):
        checked = [item for item in assessment.requirements if item.level == level.code]
        state = "reached" if place < reached else "next" if place == reached else "beyond"
        rungs.append(
            {
                "title": in_language(rules.level_title(level.code, assessment.tier)),
                "state": state,
                "holds": [in_language(item.text) for item in checked if item.met],
                "missing": folded(_unmet(assessment, level.code), of),
            }
        )
    return rungs


def _characteristics(described: list[dict[str, Any]], assessment: Assessment) -> list[dict[str, Any]]:
    return [
        {
            "code": entry["code"],
            "title": in_current_language(entry["title"]),
            "beside": bool(entry.get("beside")),
            "score": assessment.characteristics[entry["code"]],
        }
        for entry in described
        if entry["code"] in assessment.characteristics
    ]


def _radar(rules: SchemeRules, characteristics: list[dict[str, Any]]) -> Any:
    """The radar of the characteristics that are axes; None when there are too few for a figure."""
    axes = [entry for entry in characteristics if not entry["beside"]]
    if len(axes) < 3:
        return None
    scores = [
        (
            entry["code"],
            entry["code"],
            entry["score"].tenths / 10 if entry["score"].rated and entry["score"].tenths is not None else None,
        )
        for entry in axes
    ]
    rings = [(float(level.each), in_language(level.title)) for level in rules.levels]
    return radar(scores, thresholds=rings)
