"""What a dashboard is made of: things that wait for the reader, figures, and tables."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from datetime import UTC, date, datetime, time
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.presentation.figures import day

SHOWN = 10  # rows of a table, before the link to all of them
READ_AT_MOST = 300  # rows that any one section looks at


@dataclass(frozen=True)
class Task:
    """One thing that waits for the reader: what it is, about what, since or until when, and where it is done."""

    text: str
    about: str
    url: str
    label: str
    since: datetime | None = None
    due: date | None = None
    reason: str = ""

    @property
    def is_late(self) -> bool:
        return self.due is not None and self.due < timezone.now().date()

    @property
    def waiting(self) -> str:
        return waiting_days(self.since)

    @property
    def order(self) -> tuple[datetime, datetime]:
        """What is due comes first, the nearest day before; then what has waited longest."""
        never = datetime.max.replace(tzinfo=UTC)
        due = datetime.combine(self.due, time.min, tzinfo=UTC) if self.due else never
        return due, self.since or never


@dataclass(frozen=True)
class Figure:
    """A number with its words; `url` leads to what was counted."""

    label: str
    value: object
    url: str = ""


@dataclass(frozen=True)
class Cell:
    """One cell of a table. With `status` (a state's code) the text is shown as a badge."""

    text: object
    url: str = ""
    status: str = ""
    tone: str = ""
    number: bool = False
    note: object = ""


@dataclass(frozen=True)
class Empty:
    """What stands in place of rows: what will be here, and how to make the first."""

    title: str
    text: str = ""
    url: str = ""
    label: str = ""


@dataclass(frozen=True)
class Section:
    """A part of the page with figures, a table, or both. `more` is (address, words) of the whole list."""

    anchor: str
    title: str
    empty: Empty | None = None
    headings: Sequence[str] = ()
    rows: Sequence[Sequence[Cell]] = ()
    figures: Sequence[Figure] = ()
    more: tuple[str, str] | None = None
    text: str = ""

    @property
    def columns(self) -> list[tuple[str, bool]]:
        """Each heading, and whether its column holds numbers."""
        numbers = [cell.number for cell in self.rows[0]] if self.rows else []
        return list(zip(self.headings, numbers, strict=False))

    @property
    def labelled_rows(self) -> list[list[tuple[str, Cell]]]:
        """The rows with each cell beside its heading, for a narrow screen."""
        return [list(zip(self.headings, row, strict=True)) for row in self.rows]


@dataclass
class Board:
    """What one role contributes to the page."""

    tasks: list[Task] = field(default_factory=list)
    sections: list[Section] = field(default_factory=list)
    # (address, words) of the page's one primary action.
    action: tuple[str, str] | None = None


def about(*parts: object) -> str:
    """Names that say what a line is about: "C-2026-0007 · Digit reader 1.0.0 · Aurora Vision Ltd"."""
    return " · ".join(str(part) for part in parts if part)


def waiting_days(since: datetime | None) -> str:
    """For how long something has waited, in whole days of UTC."""
    if since is None:
        return ""
    days = (timezone.now().date() - since.astimezone(UTC).date()).days
    if days <= 0:
        return _("since today")
    return ngettext("for %(count)d day", "for %(count)d days", days) % {"count": days}


def days_left(until: date) -> str:
    """How near a day is, in words; empty when it is more than 90 days away."""
    days = (until - timezone.now().date()).days
    if days < 0:
        return ngettext("%(count)d day overdue", "%(count)d days overdue", -days) % {"count": -days}
    if days == 0:
        return _("today")
    if days <= 90:
        return ngettext("in %(count)d day", "in %(count)d days", days) % {"count": days}
    return ""


def day_cell(value: date, *, near: bool = True) -> Cell:
    """A day, with how near it is."""
    return Cell(day(value), note=days_left(value) if near else "")


def due_cell(value: date | None) -> Cell:
    """The last day of a step, or that there is none."""
    return Cell("–") if value is None else day_cell(value)


def in_order(tasks: Iterable[Task]) -> list[Task]:
    return sorted(tasks, key=lambda task: task.order)


def grouped(rows: Iterable[Any], key: str) -> dict[Any, list[Any]]:
    """Rows by the value of an attribute or, for dictionaries, of an entry."""
    found: dict[Any, list[Any]] = {}
    for row in rows:
        found.setdefault(row[key] if isinstance(row, dict) else getattr(row, key), []).append(row)
    return found
