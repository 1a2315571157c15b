"""Who said what to each finding, told from the case's ledger, and who must do something about it by when."""

from __future__ import annotations

from collections import defaultdict
from datetime import date
from typing import Any
from uuid import UUID

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.accounts.models import Person
from assessments.applications.terms import today
from assessments.ledger.models import Entry
from assessments.ledger.services import history
from assessments.systems.models import Artifact

from .findings import answer_by, days_allowed
from .models import Case, Finding

CLOSED = gettext_lazy("Closed: the settled score carries it no longer")
# What is told of a finding, with the text of the entry that holds what was said. What the client has not been told, and
# how the words came about before, is the body's own.
TOLD: dict[str, tuple[str | Promise, str]] = {
    "tell_findings": (gettext_lazy("Told to the client"), ""),
    "answer_finding": (gettext_lazy("Answered by the client"), "answer"),
    "accept_answer": (gettext_lazy("Corrective action accepted"), "remark"),
    "return_answer": (gettext_lazy("Another answer asked for"), "remark"),
    "close_findings": (CLOSED, ""),
}
# The reason of a settlement may speak of scores, which the client does not see before the decision.
OWN: dict[str, tuple[str | Promise, str]] = {
    "write_finding": (gettext_lazy("Written or changed"), "text"),
    "close_findings": (CLOSED, "reason"),
}
TONES = {"return_answer": "attention", "accept_answer": "passed", "close_findings": "passed"}
OF_CLIENT = "answer_finding"


def histories(case: Case, *, inside: bool) -> dict[int, list[dict[str, Any]]]:
    """For each finding of the case what happened to it, the oldest first, as the timeline component takes it.

    The client reads of the body where its own people read names; at most three questions to the
    database, however many findings.
    """
    shown = {**TOLD, **OWN} if inside else TOLD
    entries = list(history(case))
    names = {p.pk: str(p) for p in Person.objects.filter(pk__in={entry.actor for entry in entries if entry.actor})}
    sent = {key: digest for entry in entries for key, digest in entry.details.get("files", {}).items()}
    files = dict(Artifact.objects.filter(pk__in=sent).values_list("pk", "filename")) if sent else {}
    found: dict[int, list[dict[str, Any]]] = defaultdict(list)
    for entry in (entry for entry in entries if entry.transition in shown):
        by_body = not inside and entry.transition != OF_CLIENT
        who = case.body.name if by_body else names.get(entry.actor, "") if entry.actor else ""
        for key in _findings_of(entry):
            found[key].append(_event(entry, shown[entry.transition], who, files))
    return found


def _findings_of(entry: Entry) -> list[int]:
    several = entry.details.get("findings")
    return list(several) if several is not None else [entry.details["finding"]]


def _event(entry: Entry, words: tuple[str | Promise, str], who: str, files: dict[UUID, str]) -> dict[str, Any]:
    title, name = words
    said = next((text.text for text in entry.texts.all() if text.name == name), "")
    return {
        "at": entry.recorded_at,
        "title": title,
        "who": who,
        "text": said,
        # By the ledger; the name is gone when the file is over its time, the digest stays.
        "files": [(files.get(UUID(key), ""), digest) for key, digest in entry.details.get("files", {}).items()],
        "tone": TONES.get(entry.transition, "quiet"),
    }


def next_act(case: Case, finding: Finding) -> tuple[str, date | None, bool] | None:
    """(what is to be done and by whom, by when, whether the day has passed); None where nothing is."""
    if finding.kind != Finding.Kind.NONCONFORMITY or finding.told_at is None or case.status != Case.Status.EVALUATING:
        return None
    client, body = case.application.organisation.name, case.body.name
    if finding.status == Finding.Status.OPEN:
        day = answer_by(finding.told_at, days_allowed(case))
        return _("%(client)s answers") % {"client": client}, day, day is not None and day < today()
    if finding.status == Finding.Status.ANSWERED:
        day = case.due_on
        return _("%(body)s accepts the answer or asks for another") % {"body": body}, day, bool(day and day < today())
    if finding.status == Finding.Status.ACCEPTED:
        day = finding.due_on
        return _("%(client)s carries out the action") % {"client": client}, day, bool(day and day < today())
    return None
