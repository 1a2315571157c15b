"""What happened in a case, told from its ledger to those who may see the case."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assessments.accounts.models import Person
from assessments.ledger.services import history

from .models import Assignment, Case

# A move that is not listed is not shown: a new kind of entry tells nothing by accident.
TITLES: dict[str, str | Promise] = {
    "open": _("Case opened"),
    "assign": _("Part given"),
    "declare": _("Statement on interests signed"),
    "recuse": _("Recused because of an interest"),
    "end_assignment": _("Part ended"),
    "edit_plan": _("Plan changed"),
    "approve_plan": _("Plan approved and frozen"),
    "begin": _("Seeds drawn, test runs requested"),
    "revise_plan": _("Plan revised"),
    "offer_version": _("Corrected version offered by the client"),
    "hand_in_scores": _("Scores handed in"),
    "reopen_scores": _("Scores opened again"),
    "settle_agreed": _("Equal scores settled"),
    "settle": _("Criterion settled"),
    "write_finding": _("Finding written"),
    "tell_findings": _("Findings told to the client"),
    "answer_finding": _("Finding answered by the client"),
    "accept_answer": _("Corrective action accepted"),
    "return_answer": _("Answer returned"),
    "close_findings": _("Findings closed"),
    "lower_target": _("Level applied for lowered by the client"),
    "hand_to_review": _("Results frozen, handed to review"),
    "return_for_rework": _("Returned for rework"),
    "recommend": _("Review finished"),
    "decide": _("Decided"),
    "close": _("Closed without decision: the application was withdrawn"),
}
TONES = {"return_for_rework": "attention", "revise_plan": "attention", "recuse": "attention", "decide": "passed"}
SHOWN_TEXT = "reason"


def events(case: Case, *, since: datetime | None = None) -> list[dict[str, Any]]:
    """The newest first, for the timeline component: at, title, who, text, tone; all, or those after a moment."""
    entries = [
        entry for entry in history(case) if entry.transition in TITLES and (since is None or entry.recorded_at > since)
    ]
    ids = {entry.actor for entry in entries} | {entry.details.get("person") for entry in entries}
    names = {str(p.pk): str(p) for p in Person.objects.filter(pk__in=[i for i in ids if i])}
    return [
        {
            "at": entry.recorded_at,
            "title": TITLES[entry.transition],
            "who": _who(entry, names),
            "text": next((text.text for text in entry.texts.all() if text.name == SHOWN_TEXT), ""),
            "tone": TONES.get(entry.transition, "quiet"),
        }
        for entry in reversed(entries)
    ]


def _who(entry: Any, names: dict[str, str]) -> str:
    """The actor, and whom and what the entry is about: "Lena · Erik, evaluator · RC-1"."""
    details = entry.details
    about = [names.get(str(details.get("person")), "")]
    if details.get("part") in Assignment.Part.values:
        about.append(str(Assignment.Part(details["part"]).label))
    about += [str(details[key]) for key in ("criterion", "method") if isinstance(details.get(key), str)]
    return " · ".join(part for part in (names.get(str(entry.actor), ""), *about) if part)
