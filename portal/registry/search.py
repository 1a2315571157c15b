"""Finding certificates: free text, facets with counts, order. One meaning on both databases."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db import connections
from django.db.models import Case, CharField, Count, F, Q, QuerySet, Value, When
from django.db.models.expressions import RawSQL
from django.db.models.functions import ExtractYear
from django.utils import timezone

from .models import SearchEntry
from .terms import asked_terms

LONGEST_QUESTION = 200
LONGEST_VALUE = 100
ORDERS = {"newest": "-granted_on", "oldest": "granted_on", "number": "number", "validity": "valid_until"}
FACET_SIZE = 12

# The facets' names in an address, and the columns they count.
COLUMNS = {
    "status": "standing",
    "level": "certificate__level",
    "tier": "certificate__tier",
    "standard": "standard",
    "sector": "sector",
    "modality": "modality",
    "holder": "certificate__holder",
    "body": "certificate__body",
    "year": "year",
}


@dataclass(frozen=True)
class Question:
    """What somebody looks for: words, one chosen value for each facet, and an order."""

    words: str
    chosen: Mapping[str, str]
    order: str

    @classmethod
    def read(cls, parameters: Mapping[str, str]) -> Question:
        """From the parameters of an address; what is not known is left out."""
        words = _plain(parameters.get("q"))[:LONGEST_QUESTION]
        chosen = {name: _plain(parameters.get(name))[:LONGEST_VALUE] for name in COLUMNS}
        chosen = {name: value for name, value in chosen.items() if value}
        order = parameters.get("sort", "")
        return cls(words, chosen, order if order in ORDERS else "newest")

    @property
    def column(self) -> str:
        return ORDERS[self.order]


def listed(on: date | None = None) -> QuerySet[SearchEntry]:
    """All entries with their certificates, and `standing`: the status as of a day, expiry included."""
    day = on or timezone.now().date()
    lapsed = Q(certificate__status__in=["in_force", "suspended"], valid_until__lt=day)
    standing = Case(When(lapsed, then=Value("expired")), default=F("certificate__status"), output_field=CharField())
    return SearchEntry.objects.annotate(standing=standing, year=ExtractYear("granted_on"))


def answer(question: Question, *, without: str = "") -> QuerySet[SearchEntry]:
    """The entries that a question asks for, unordered; `without` leaves one facet's choice out."""
    found = containing(listed(), question.words)
    for name, value in question.chosen.items():
        if name == without:
            continue
        condition = _condition(name, value)
        found = found.none() if condition is None else found.filter(condition)
    return found


def containing(entries: QuerySet[SearchEntry], words: str) -> QuerySet[SearchEntry]:
    """The entries that hold every term of `words`; all of them if there are no words."""
    if not words:
        return entries
    terms = asked_terms(words)
    if not terms:
        return entries.none()
    # A query of its own, so that it holds under whatever name the entries go in the query around it.
    if connections[entries.db].vendor == "postgresql":
        # Terms are letters and digits only, so that quoting them is enough for the tsquery syntax.
        asked = " & ".join(f"'{term}'" for term in terms)
        held = "array_to_tsvector(string_to_array(terms, ' ')) @@ %s::tsquery"
        rows = RawSQL(f"SELECT id FROM registry_searchentry WHERE {held}", [asked])  # noqa: S608, S611  parameters are bound
    else:
        asked = " ".join(f'"{term}"' for term in terms)
        rows = RawSQL("SELECT rowid FROM registry_terms WHERE registry_terms MATCH %s", [asked])
    return entries.filter(pk__in=rows)


def facet_counts(question: Question) -> dict[str, list[tuple[str, int]]]:
    """For each facet its commonest values with counts, as they would be with the other choices kept."""
    counts: dict[str, list[tuple[str, int]]] = {}
    for name, column in COLUMNS.items():
        rows = answer(question, without=name).values_list(column).annotate(count=Count("pk")).order_by("-count", column)
        pairs = [(str(value), count) for value, count in rows[:FACET_SIZE] if value not in ("", None)]
        if name in question.chosen and question.chosen[name] not in dict(pairs):
            pairs.append((question.chosen[name], 0))
        counts[name] = pairs
    return counts


def _plain(text: str | None) -> str:
    """The text without NUL, which PostgreSQL does not take, and without spaces around it."""
    return (text or "").replace("\x00", "").strip()


def _condition(name: str, value: str) -> Q | None:
    """The filter of one facet's value; None if no entry can have such a value."""
    readers: dict[str, Callable[[str], Any]] = {"year": _year, "holder": _uuid, "body": _uuid}
    read = readers.get(name, str)(value)
    return None if read is None else Q(**{COLUMNS[name]: read})


def _year(value: str) -> int | None:
    return int(value) if value.isascii() and value.isdecimal() and len(value) == 4 else None


def _uuid(value: str) -> str | None:
    plain = value.replace("-", "").lower()
    return plain if len(plain) == 32 and _only(plain, "0123456789abcdef") else None


def _only(text: str, letters: Iterable[str]) -> bool:
    return set(text) <= set(letters)
