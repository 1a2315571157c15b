"""The board: the registry by sector, tier, level and body with what is wrong in it, and what came of applications."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.db.models import Count, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from assessments.accounts.models import Organisation
from assessments.applications.models import Application, Level, Tier
from evaluations.cases.models import Decision
from portal.assurance.models import SurveillanceOrder
from portal.certificates.models import Certificate
from portal.registry.facets import address, standing_word
from portal.registry.search import Question, listed
from portal.registry.statistics import STANDINGS, Duration, Figures, gather

HOLDING = ("in_force", "suspended")
SHOWN = 25
BY = {
    "sector": "sector",
    "tier": "certificate__tier",
    "level": "certificate__level",
    "body": "certificate__body",
}


@dataclass(frozen=True)
class Row:
    """Certificates of one sector, tier, level or body: how many of each standing, how many of them overdue."""

    code: str
    word: str
    standings: Mapping[str, int]
    overdue: int
    duration: Duration | None = None

    @property
    def total(self) -> int:
        return sum(self.standings.values())


@dataclass(frozen=True)
class Applications:
    """What came of the applications to one body: handed in, declined, taken back, granted, refused."""

    body: str
    submitted: int
    declined: int
    withdrawn: int
    granted: int
    refused: int


@dataclass(frozen=True)
class Oversight:
    """All figures of the board, of one day (server's UTC date)."""

    day: date
    tables: Mapping[str, list[Row]]
    applications: list[Applications]
    durations: Mapping[str, Mapping[str, Duration]]
    overdue: int
    orders_open: int
    orders_overdue: int

    @property
    def standings(self) -> dict[str, int]:
        rows = self.tables["level"]
        return {code: sum(row.standings[code] for row in rows) for code in STANDINGS}

    def as_json(self) -> dict[str, Any]:
        """For programs: codes in place of words, bodies by name; a median of too few cases is null."""
        return {
            "as_of": self.day.isoformat(),
            "certificates": self.standings,
            "surveillance_overdue": self.overdue,
            "orders": {"open": self.orders_open, "overdue": self.orders_overdue},
            **{f"by_{name}": [_plain(name, row) for row in rows] for name, rows in self.tables.items()},
            "applications_by_body": [vars(row) for row in self.applications],
            "median_days_to_decision": self.durations["all"][""].days,
        }


def read(day: date | None = None) -> Oversight:
    """Read all figures, in a fixed number of queries whatever the registry holds."""
    today = day or timezone.now().date()
    figures = gather(today)
    bodies = {str(one.pk): one.name for one in Organisation.objects.filter(kind=Organisation.Kind.BODY)}
    tables = {name: _table(name, column, today, figures, bodies) for name, column in BY.items()}
    unfinished = SurveillanceOrder.objects.unfinished().aggregate(
        all=Count("pk"), late=Count("pk", filter=Q(status=SurveillanceOrder.Status.OPEN, due_on__lt=today))
    )
    return Oversight(
        day=today,
        tables=tables,
        applications=_applications(bodies),
        durations=figures.durations,
        overdue=sum(row.overdue for row in tables["level"]),
        orders_open=unfinished["all"],
        orders_overdue=unfinished["late"],
    )


def _table(name: str, column: str, day: date, figures: Figures, bodies: Mapping[str, str]) -> list[Row]:
    late = Q(certificate__surveillance_due__lt=day, certificate__status__in=HOLDING, valid_until__gte=day)
    counted = listed(day).values_list(column, "standing").order_by()
    found: dict[str, dict[str, int]] = {}
    overdue: dict[str, int] = {}
    for value, standing, count, behind in counted.annotate(count=Count("pk"), behind=Count("pk", filter=late)):
        code = str(value or "")
        found.setdefault(code, dict.fromkeys(STANDINGS, 0))[standing] = count
        overdue[code] = overdue.get(code, 0) + behind
    words: dict[str, Mapping[str, Any]] = {"tier": dict(Tier.choices), "level": dict(Level.choices), "body": bodies}
    order = (
        list(words[name]) if name in ("tier", "level") else sorted(found, key=lambda code: -sum(found[code].values()))
    )
    return [
        Row(
            code,
            str(words.get(name, {}).get(code, code)) or _("not stated"),
            found[code],
            overdue[code],
            figures.durations.get(name, {}).get(code),
        )
        for code in order
        if code in found
    ]


def _applications(bodies: Mapping[str, str]) -> list[Applications]:
    """By body, the busiest first. A draft is nobody's business but the vendor's."""
    S = Application.Status
    rows = (
        Application.objects.exclude(status=S.DRAFT)
        .exclude(body=None)
        .values_list("body")
        .annotate(
            submitted=Count("pk"),
            declined=Count("pk", filter=Q(status=S.DECLINED)),
            withdrawn=Count("pk", filter=Q(status=S.WITHDRAWN)),
        )
        .order_by("-submitted", "body")
    )
    decided = {
        str(body): (granted, refused)
        for body, granted, refused in Decision.objects.values_list("case__body").annotate(
            granted=Count("pk", filter=Q(outcome="granted")), refused=Count("pk", filter=Q(outcome="refused"))
        )
    }
    return [
        Applications(bodies.get(str(body), ""), submitted, declined, withdrawn, *decided.get(str(body), (0, 0)))
        for body, submitted, declined, withdrawn in rows
    ]


def overdue(day: date) -> QuerySet[Certificate]:
    """Certificates that still hold though their surveillance is due, the longest overdue first."""
    holding = Certificate.objects.published().filter(status__in=HOLDING, surveillance_due__lt=day, valid_until__gte=day)
    return holding.select_related("holder", "body").order_by("surveillance_due", "number")


def page_context(board: Oversight) -> dict[str, Any]:
    """Everything for the template `oversight/board.html`, in the reader's language."""
    titles = {
        "sector": (_("By sector"), _("Sector")),
        "tier": (_("By risk tier"), _("Risk tier")),
        "level": (_("By level"), _("Level")),
        "body": (_("By evaluation body"), _("Evaluation body")),
    }
    return {
        "board": board,
        "standings": [(standing_word(code), board.standings[code], _found(status=code)) for code in STANDINGS],
        "headings": [standing_word(code) for code in STANDINGS],
        "tables": [
            {
                "anchor": f"by-{name}",
                "title": titles[name][0],
                "heading": titles[name][1],
                "rows": [_shown(name, row) for row in board.tables[name]],
                "timed": name in ("tier", "body"),
            }
            for name in BY
        ],
        "late": [(one, standing_word(one.standing())) for one in overdue(board.day)[:SHOWN]],
        "too_few": pgettext("cases", "too few"),
        "days": board.durations["all"][""],
    }


def _shown(name: str, row: Row) -> dict[str, Any]:
    """One row of a table; each count leads to the certificates that it counts."""
    chosen = {name: row.code} if row.code else {}
    return {
        "row": row,
        "url": _found(**chosen) if chosen else "",
        "cells": [
            (row.standings[code], _found(status=code, **chosen) if chosen else "", standing_word(code))
            for code in STANDINGS
        ],
    }


def _found(**chosen: str) -> str:
    return address(Question("", {}, "newest"), chosen=chosen)


def _plain(name: str, row: Row) -> dict[str, Any]:
    days = {"median_days_to_decision": row.duration.days} if row.duration else {}
    return {
        name: row.word if name == "body" else row.code,
        **row.standings,
        "surveillance_overdue": row.overdue,
        **days,
    }
