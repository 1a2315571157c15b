"""Service times: working days by an independent count, and which day stands with an application at each step."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import numpy as np
import pytest
from django.core.exceptions import ImproperlyConfigured

from assessments.applications import services
from assessments.applications.models import Application
from assessments.applications.terms import due_after, working_days_after
from portal.environment import counts
from tests.assessments.applications.conftest import ANSWERS


@pytest.mark.parametrize("start", [date(2026, 11, 20) + timedelta(days=n) for n in range(8)])
@pytest.mark.parametrize("count", [1, 3, 5, 6, 10, 30])
def test_working_days_are_those_of_an_independent_library(start: date, count: int) -> None:
    # numpy counts from the last working day on or before the start.
    expected = np.busday_offset(start, count, roll="backward").astype(date)
    assert working_days_after(start, count) == expected


def test_the_figures_come_from_the_operator(monkeypatch: Any, settings: Any) -> None:
    monkeypatch.setenv("TERMS", "review=4")
    assert counts("TERMS", {"review": 10, "decision": 5}) == {"review": 4, "decision": 5}
    for wrong in ("reviews=4", "review", "review=-1"):
        monkeypatch.setenv("TERMS", wrong)
        with pytest.raises(ImproperlyConfigured, match="known: review, decision"):
            counts("TERMS", {"review": 10, "decision": 5})
    settings.SERVICE_TERMS = {"review": 4}
    assert due_after("review", date(2026, 11, 24)) == date(2026, 11, 30)


@pytest.mark.django_db
def test_each_step_has_its_day(ready: Application, alice: Any, lead: Any) -> None:
    def due() -> date | None:
        return Application.objects.get(pk=ready.pk).due_on

    assert due() is None
    services.submit(ready, actor=alice)
    assert due() == due_after("admission")
    services.return_application(ready, actor=lead, reason="The claim is unclear.")
    assert due() is None
    services.submit(ready, actor=alice)
    services.admit(ready, actor=lead, answers=ANSWERS, reason="Complete.")
    assert due() == due_after("agreement")
    services.sign_agreement(ready, actor=alice)
    services.countersign(ready, actor=lead)
    assert due() is None
