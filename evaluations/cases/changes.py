"""What changed since an evaluation was handed to review, and between two rounds, for those who review and decide."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import rfc8785
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assessments.accounts.rules import has_interest_in
from assessments.presentation.figures import in_language

from .models import Case, Finding, Settlement
from .report import report_json
from .timeline import events

Document = Mapping[str, Any]

# The parts of a report that nobody may change behind a review. People are not among them: a reviewer joins later.
FIXED: dict[str, str | Promise] = {
    "object": _("Object"),
    "standard": _("Standard"),
    "scheme": _("Scheme"),
    "tier": _("Risk tier"),
    "target": _("Level applied for"),
    "plan": _("Plan"),
    "runs": _("Test runs"),
    "criteria": _("Scores"),
    "findings": _("Findings"),
    "assessment": _("Level"),
}


def since_freeze(case: Case) -> dict[str, Any]:
    """What happened since the report was frozen, and which of its parts would read differently today."""
    held = case.frozen_report
    if not held or case.frozen_at is None:
        return {"events": [], "differing": [], "rounds": None}
    frozen, now = held["report"], report_json(case)
    return {
        "events": events(case, since=case.frozen_at)[:-1],  # the oldest of them is the hand-over itself
        "differing": [title for part, title in FIXED.items() if part in frozen and not _same(frozen[part], now[part])],
        "rounds": between_rounds(held["earlier"][-1]["report"], frozen) if held["earlier"] else None,
    }


def _same(before: Any, after: Any) -> bool:
    return bool(rfc8785.dumps(before) == rfc8785.dumps(after))


def between_rounds(before: Document, after: Document) -> dict[str, Any]:
    """What a rework changed: criteria whose state or score differs, runs that came, findings that moved, the level."""
    earlier = {row["code"]: row for row in before["criteria"]}
    known = {row["id"] for row in before["runs"]}
    return {
        "before": before["round"],
        "after": after["round"],
        "criteria": [
            {"code": row["code"], "title": in_language(row["title"]), "before": _standing(was), "after": _standing(row)}
            for row in after["criteria"]
            if _standing(was := earlier.get(row["code"], {})) != _standing(row)
        ],
        "runs": [row for row in after["runs"] if row["id"] not in known],
        "findings": _moved(before["findings"], after["findings"]),
        "level": (before["assessment"]["level"], after["assessment"]["level"]),
    }


def _standing(row: Mapping[str, Any]) -> str:
    """A criterion's settled score, or its state in words."""
    if row.get("settled") is not None:
        return f"{row['settled'] // 10}.{row['settled'] % 10}"
    return str(Settlement.State(row["state"]).label) if row else "–"


def _moved(before: list[Any], after: list[Any]) -> list[dict[str, Any]]:
    earlier = {(row["criterion"], row["kind"], row["text"]): row["status"] for row in before}
    found = []
    for row in after:
        was = earlier.get((row["criterion"], row["kind"], row["text"]))
        if was != row["status"]:
            found.append(
                {
                    "criterion": row["criterion"],
                    "before": Finding.Status(was).label if was else "–",
                    "after": Finding.Status(row["status"]).label,
                }
            )
    return found


def independence(case: Case) -> list[dict[str, Any]]:
    """Everybody who has or had a part in the case, with the statement signed and what is on record today."""
    client = case.application.organisation_id
    scored = set(case.scores.values_list("evaluator_id", flat=True))
    settled = set(case.settlements.values_list("settled_by_id", flat=True))
    return [
        {
            "assignment": row,
            "interest": has_interest_in(row.person, client),
            "scored": row.person_id in scored,
            "settled": row.person_id in settled,
        }
        for row in case.assignments.select_related("person").order_by("assigned_at", "pk")
    ]
