"""Searching the audit trail: entries of the ledger by object, person, transition, time and codes.

The operator has no part in cases, so only codes are shown: an entry's free texts are never read here, and of its
details only what looks like a code. A file's name or a version's label may say something of a product: left out.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from typing import Any
from uuid import UUID

from django import forms
from django.apps import apps
from django.db.models import Q, QuerySet, TextField
from django.db.models.functions import Cast
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessments.accounts.models import Person
from assessments.applications.models import Application
from assessments.ledger.models import Entry
from assessments.ledger.services import object_key
from assessments.presentation.spreadsheets import csv_line
from evaluations.cases.models import Case
from portal.certificates.models import Certificate

from .models import Tally

CODE = re.compile(r"[\w.:/+@-]{1,80}", re.ASCII)
UNTOLD = frozenset({"label", "files", "file", "filename", "name", "edition"})
PEOPLE_AT_MOST = 50
EXPORTED_AT_MOST = 100_000
COLUMNS = (
    "sequence", "recorded_at", "actor", "actor_email", "object_type", "object_id", "transition", "details", "texts",
    "hash",
)  # fmt: skip


class AuditForm(forms.Form):
    """What is looked for; every field narrows the search."""

    about = forms.CharField(
        label=pgettext_lazy("of an entry", "Object"),
        max_length=60,
        required=False,
        help_text=_("A number, or an identifier of an entry below."),
    )
    kind = forms.ChoiceField(label=_("Kind of object"), required=False)
    who = forms.CharField(
        label=_("Person"), max_length=120, required=False, help_text=_("Part of a name or an e-mail address.")
    )
    step = forms.ChoiceField(label=_("Step"), required=False)
    since = forms.DateField(label=_("From"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    until = forms.DateField(label=_("To"), required=False, widget=forms.DateInput(attrs={"type": "date"}))
    words = forms.CharField(
        label=_("Code in the details"), max_length=80, required=False, help_text=_("Such as a criterion or a digest.")
    )

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        for field in self.fields.values():
            field.asked = True  # type: ignore[attr-defined]  # in a search no field is worth being called optional
        kinds, steps = kinds_and_steps()
        anything = ("", _("any"))
        self.fields["kind"].choices = [anything, *((kind, kind_word(kind)) for kind in kinds)]  # type: ignore[attr-defined]
        self.fields["step"].choices = [anything, *((step, step) for step in steps)]  # type: ignore[attr-defined]


def kinds_and_steps() -> tuple[list[str], list[str]]:
    """Every kind of object and every transition that the ledger was seen to hold."""
    labels = Tally.objects.filter(name="ledger_entries").values_list("labels", flat=True)
    rows = [json.loads(label) for label in labels]
    return sorted({row["object"] for row in rows}), sorted({row["transition"] for row in rows})


def kind_word(kind: str) -> str:
    """A kind of object in words; its code when the room that wrote it is not there any more."""
    try:
        return str(apps.get_model(kind)._meta.verbose_name)
    except (LookupError, ValueError):
        return kind


def search(given: Mapping[str, Any]) -> QuerySet[Entry]:
    """The entries that fit the cleaned data of an `AuditForm`."""
    found = Entry.objects.all()
    if given.get("about"):
        found = found.filter(_about(given["about"].strip()))
    if given.get("kind"):
        found = found.filter(object_type=given["kind"])
    if given.get("step"):
        found = found.filter(transition=given["step"])
    if given.get("who"):
        found = found.filter(actor__in=_people(given["who"].strip()))
    if given.get("since"):
        found = found.filter(recorded_at__gte=datetime.combine(given["since"], time.min, UTC))
    if given.get("until"):
        found = found.filter(recorded_at__lt=datetime.combine(given["until"] + timedelta(days=1), time.min, UTC))
    if given.get("words"):
        found = found.annotate(codes=Cast("details", TextField())).filter(codes__icontains=given["words"].strip())
    return found


def _about(key: str) -> Q:
    """Entries about the object with this identifier, or of the application, case or certificate with this number."""
    found = Q(object_id=key)
    for model in (Application, Case, Certificate):
        for row in model._default_manager.filter(number=key):
            object_type, object_id = object_key(row)
            found |= Q(object_type=object_type, object_id=object_id)
    return found


def _people(words: str) -> list[UUID]:
    try:
        return [UUID(words)]
    except ValueError:
        named = Person.objects.filter(Q(name__icontains=words) | Q(email__icontains=words))
        return list(named.values_list("pk", flat=True)[:PEOPLE_AT_MOST])


@dataclass(frozen=True)
class Line:
    """One entry as it is shown. `actor` is empty when the portal itself acted."""

    entry: Entry
    kind: str
    actor: str
    details: list[tuple[str, str]]

    @property
    def short_id(self) -> str:
        """The head of a long identifier, the whole of a short one."""
        key = self.entry.object_id
        return f"{key[:8]}…" if len(key) > 12 else key


def lines(entries: list[Entry]) -> list[Line]:
    """The entries in words, with two queries for all of them."""
    names = {p.pk: f"{p} <{p.email}>" for p in Person.objects.filter(pk__in={e.actor for e in entries if e.actor})}
    return [
        Line(
            entry,
            kind_word(entry.object_type),
            names.get(entry.actor, str(entry.actor)) if entry.actor else "",
            [(key, as_text(value)) for key, value in codes(entry.details).items()],
        )
        for entry in entries
    ]


def codes(details: Mapping[str, Any]) -> dict[str, Any]:
    """The details that are codes, numbers or lists of such; whatever may be a name or a text is left out."""
    return {key: value for key, value in details.items() if key not in UNTOLD and _is_code(value)}


def _is_code(value: Any) -> bool:
    if isinstance(value, str):
        return CODE.fullmatch(value) is not None
    if isinstance(value, list):
        return all(_is_code(item) for item in value)
    return value is None or isinstance(value, bool | int | float)


def as_text(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(as_text(item) for item in value)
    return value if isinstance(value, str) else json.dumps(value)


def csv_lines(found: QuerySet[Entry]) -> Iterator[str]:
    """The entries as lines of CSV (RFC 4180), newest first: the codes of the page, and the chain's hashes."""
    emails = dict(Person.objects.values_list("pk", "email"))
    yield "\ufeff" + csv_line(COLUMNS)
    entries = found.order_by("-sequence")[:EXPORTED_AT_MOST]
    for entry in entries.iterator(chunk_size=1000):
        yield csv_line(
            (
                str(entry.sequence),
                entry.recorded_at.isoformat(),
                str(entry.actor or ""),
                emails.get(entry.actor, "") if entry.actor else "",
                entry.object_type,
                entry.object_id,
                entry.transition,
                json.dumps(codes(entry.details), sort_keys=True),
                " ".join(sorted(entry.text_digests)),
                entry.hash,
            )
        )
