"""Two runs of one method side by side: what was the same, what differed, and what came out."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.utils.translation import gettext as _

from assessments.presentation.figures import in_language, spelled
from evaluations.methods import registry

from .models import Run


def comparable(run: Run, person: Any) -> list[Run]:
    """The other runs of the same method and scope with a result that the person may see, the newest first."""
    mine = Run.objects.visible_to(person).filter(scope=run.scope, method=run.method, result__isnull=False)
    return list(mine.exclude(pk=run.pk).order_by("-requested_at")[:50])


def circumstances(first: Run, second: Run) -> list[dict[str, Any]]:
    """How the two were run, row by row: term, one value each, and whether they are the same; what differs first."""
    known = registry.get(first.method).parameters if registry.is_installed(first.method) else ()
    titles = {parameter.name: in_language(parameter.title) for parameter in known}
    pairs = [
        (_("Version of the method"), first.method_version, second.method_version),
        (_("Seed"), first.seed, second.seed),
        *_both(first.parameters, second.parameters, titles),
        (_("Sandbox"), first.sandbox_level, second.sandbox_level),
        *_both(_environment(first), _environment(second), {}),
        (_("Run again because"), first.reason, second.reason),
    ]
    rows = [_row(*pair) for pair in pairs if any(value not in ("", None) for value in pair[1:])]
    rows += [_row(*pair, is_digest=True) for pair in _both(_digests(first), _digests(second), {})]
    return sorted(rows, key=lambda row: row["same"])


def _row(term: str, one: Any, other: Any, *, is_digest: bool = False) -> dict[str, Any]:
    return {
        "term": term,
        "first": spelled(one),
        "second": spelled(other),
        "same": one == other,
        "is_digest": is_digest,
    }


def _both(one: Mapping[str, Any], other: Mapping[str, Any], titles: Mapping[str, str]) -> list[tuple[str, Any, Any]]:
    return [(titles.get(name, name), one.get(name), other.get(name)) for name in {**one, **other}]


def _digests(run: Run) -> dict[str, str]:
    return {given["file"]: given["sha256"] for given in run.inputs}


def _environment(run: Run) -> dict[str, str]:
    return dict((run.result or {}).get("environment", {}))


def measurements(first: Run, second: Run) -> list[dict[str, Any]]:
    """Each metric with its value and interval in both runs, the difference, and whether the intervals overlap."""
    meanings = registry.meanings(first.method)
    one, other = _metrics(first), _metrics(second)
    rows = []
    for key in {**one, **other}:
        name, where = key
        a, b = one.get(key), other.get(key)
        meaning = meanings.get(name)
        rows.append(
            {
                "name": name,
                "title": in_language(meaning.title) if meaning else name,
                "note": " · ".join(f"{label}: {value}" for label, value in where),
                "first": a,
                "second": b,
                "difference": _difference(a, b),
                "verdict": _verdict(a, b),
            }
        )
    return rows


def _metrics(run: Run) -> dict[tuple[str, tuple[tuple[str, str], ...]], dict[str, Any]]:
    measured = (run.result or {}).get("metrics", ())
    return {(metric["name"], tuple(sorted(metric["slice"].items()))): metric for metric in measured}


def _difference(a: Mapping[str, Any] | None, b: Mapping[str, Any] | None) -> float | None:
    """Second minus first; None where either is undefined."""
    if not a or not b or a["value"] is None or b["value"] is None:
        return None
    return float(b["value"] - a["value"])


def _verdict(a: Mapping[str, Any] | None, b: Mapping[str, Any] | None) -> str:
    """better, worse or same for the second run; overlap where the intervals do; empty where nothing can be said."""
    difference = _difference(a, b)
    if difference is None or a is None or b is None:
        return ""
    if difference == 0:
        return "same"
    bounds = (a["low"], a["high"], b["low"], b["high"])
    if all(bound is not None for bound in bounds) and a["low"] <= b["high"] and b["low"] <= a["high"]:
        return "overlap"
    return "better" if (difference > 0) == (b["direction"] == "higher") else "worse"
