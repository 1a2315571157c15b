"""The registry in figures: certificates of each kind, and the days that a decision takes. Only sums, never a case."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from statistics import median
from typing import Any

from django.db.models import Count
from django.db.models.functions import TruncMonth
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.accounts.models import Organisation
from assessments.applications.models import Level, Tier
from assessments.presentation.charts import count_bars
from evaluations.cases.models import Decision

from .facets import standing_word
from .search import listed

COUNTED = {
    "status": "standing",
    "level": "certificate__level",
    "tier": "certificate__tier",
    "sector": "sector",
    "standard": "standard",
    "body": "certificate__body",
}
STANDINGS = ("in_force", "suspended", "withdrawn", "cancelled", "expired")
SHOWN = 12  # rows of one chart; the rest of them are added up in one
MONTHS = 12
YEARS = 2  # decisions older than this say little about how long one takes today
FEWEST = 3  # with fewer cases a median would tell about a single one


@dataclass(frozen=True)
class Duration:
    """Whole days from submission to decision: how many cases, and their median (None when they are too few)."""

    cases: int
    days: float | None


@dataclass(frozen=True)
class Figures:
    """All figures of one day. `counts`: what is counted → code → certificates; `months`: "2026-11" → certificates
    granted; `durations`: "all", "tier" and "body" → code → duration; `names`: organisations by their key."""

    day: date
    counts: Mapping[str, Mapping[str, int]]
    months: Mapping[str, int]
    durations: Mapping[str, Mapping[str, Duration]]
    names: Mapping[str, Organisation]

    @property
    def total(self) -> int:
        return sum(self.counts["status"].values())

    def as_json(self) -> dict[str, Any]:
        """For programs: codes in place of words, bodies by both names, "too few" as null without the number."""
        return {
            "as_of": self.day.isoformat(),
            "certificates": self.total,
            **{f"by_{name}": self._named(name, counts) for name, counts in self.counts.items()},
            "by_month_of_grant": dict(self.months),
            "median_days_to_decision": {
                "decided_within_years": YEARS,
                "fewest_cases": FEWEST,
                **{name: self._named(name, _told(rows)) for name, rows in self.durations.items()},
            },
        }

    def _named(self, name: str, rows: Mapping[str, Any]) -> Any:
        if name != "body":
            return dict(rows)
        return [
            {"en": self.names[key].name_en, "zh": self.names[key].name_zh, "value": value}
            for key, value in rows.items()
        ]


def gather(day: date | None = None) -> Figures:
    """Read all figures, in a fixed number of queries whatever the registry holds."""
    today = day or timezone.now().date()
    counts = {name: _counts(column, today) for name, column in COUNTED.items()}
    counts["status"] = {code: counts["status"].get(code, 0) for code in STANDINGS}
    for name, choices in (("level", Level.values), ("tier", Tier.values)):
        counts[name] = {code: counts[name].get(code, 0) for code in choices if code != Tier.UNACCEPTABLE}
    durations = _durations(today)
    keys = {*counts["body"], *durations["body"]}
    names = {str(one.pk): one for one in Organisation.objects.filter(pk__in=keys)}
    return Figures(today, counts, _months(today), durations, names)


def page_context(figures: Figures) -> dict[str, Any]:
    """Everything for the template `registry/statistics.html`, in the reader's language."""
    return {
        "figures": figures,
        "charts": [_chart(figures, name) for name in COUNTED],
        "by_month": count_bars(
            list(figures.months.items()), title=_("Certificates by month of grant"), heading=_("Month")
        ),
        "durations": _duration_rows(figures),
        "fewest": FEWEST,
        "years": YEARS,
    }


def _counts(column: str, day: date) -> dict[str, int]:
    rows = listed(day).values_list(column).annotate(count=Count("pk")).order_by("-count", column)
    return {str(value or ""): count for value, count in rows}


def _months(day: date) -> dict[str, int]:
    """Certificates granted in each of the last twelve months, the empty ones too."""
    months = [divmod(day.year * 12 + day.month - 1 - back, 12) for back in range(MONTHS - 1, -1, -1)]
    first = date(months[0][0], months[0][1] + 1, 1)
    entries = listed(day).filter(granted_on__gte=first, granted_on__lte=day).annotate(month=TruncMonth("granted_on"))
    found = dict(entries.values_list("month").annotate(count=Count("pk")).order_by())
    return {f"{year}-{month + 1:02}": found.get(date(year, month + 1, 1), 0) for year, month in months}


def _durations(day: date) -> dict[str, dict[str, Duration]]:
    """From the submission that was admitted to the decision, whether it granted or refused."""
    since = datetime(day.year - YEARS, day.month, 1, tzinfo=UTC)
    decided = Decision.objects.filter(decided_at__gte=since)
    rows = decided.values_list("case__application__submitted_at", "decided_at", "case__application__tier", "case__body")
    found: dict[str, dict[str, list[int]]] = {"all": {"": []}, "tier": {}, "body": {}}
    for submitted, at, tier, body in rows.iterator(chunk_size=2000):
        if submitted is None:  # nothing says when its clock began
            continue
        days = (at - submitted).days
        found["all"][""].append(days)
        found["tier"].setdefault(tier, []).append(days)
        found["body"].setdefault(str(body), []).append(days)
    return {
        name: {key: _duration(days) for key, days in sorted(groups.items(), key=lambda group: -len(group[1]))}
        for name, groups in found.items()
    }


def _duration(days: Sequence[int]) -> Duration:
    return Duration(len(days), median(days) if len(days) >= FEWEST else None)


def _told(rows: Mapping[str, Duration]) -> dict[str, dict[str, float] | None]:
    return {key: None if row.days is None else {"cases": row.cases, "days": row.days} for key, row in rows.items()}


def _chart(figures: Figures, name: str) -> Any:
    titles = {
        "status": (_("Certificates by status"), _("Status")),
        "level": (_("Certificates by level"), _("Level")),
        "tier": (_("Certificates by risk tier"), _("Risk tier")),
        "sector": (_("Certificates by sector"), _("Sector")),
        "standard": (_("Certificates by standard"), _("Standard")),
        "body": (_("Certificates by evaluation body"), _("Evaluation body")),
    }
    title, heading = titles[name]
    rows = [(_word(figures, name, code), count) for code, count in figures.counts[name].items()]
    return count_bars(_cut(rows), title=title, heading=heading)


def _cut(rows: Iterable[tuple[str, int]]) -> list[tuple[str, int]]:
    kept = list(rows)
    if len(kept) <= SHOWN:
        return kept
    return [*kept[: SHOWN - 1], (_("all others"), sum(count for _word, count in kept[SHOWN - 1 :]))]


def _word(figures: Figures, name: str, code: str) -> str:
    words: dict[str, Mapping[str, Any]] = {"level": dict(Level.choices), "tier": dict(Tier.choices)}
    if name == "status":
        return standing_word(code)
    if name == "body":
        return figures.names[code].name
    return str(words.get(name, {}).get(code, code)) if code else _("not stated")


def _duration_rows(figures: Figures) -> list[tuple[str, Duration]]:
    rows = [(_("All decisions"), figures.durations["all"][""])]
    for name in ("tier", "body"):
        rows += [(_word(figures, name, code), one) for code, one in figures.durations[name].items()]
    return rows
