"""By when each step is to be done: service times in working days, counted from the day (UTC) on which it begins.

The figures are the operator's (`PORTAL_SERVICE_TERMS`, docs/settings.md). A day is computed once, when the step
begins, and stored with it: another figure later moves no day that somebody was told. Saturdays and Sundays do not
count; public holidays differ from place to place and are not known to the portal.
"""

from __future__ import annotations

from datetime import date, timedelta

from django.conf import settings
from django.utils import timezone

SATURDAY = 5


def today() -> date:
    """The server's day, in UTC."""
    return timezone.now().date()


def due_after(step: str, begun: date | None = None) -> date:
    """The last day for a step that begins on `begun` (default: today)."""
    return working_days_after(begun or today(), settings.SERVICE_TERMS[step])


def working_days_after(start: date, count: int) -> date:
    """The day that is `count` working days, Monday to Friday, after `start`."""
    weeks, rest = divmod(count, 5)
    day = start + timedelta(weeks=weeks)
    while day.weekday() >= SATURDAY and not rest:
        day -= timedelta(days=1)
    while rest:
        day += timedelta(days=1)
        rest -= day.weekday() < SATURDAY
    return day
