"""Two runs side by side: what differs in how they were run and in what came out, for those who see both."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from evaluations.runs import comparing
from evaluations.runs.models import Run
from tests.factories.evaluated import finish, metric, result_for

pytestmark = pytest.mark.django_db
Ask = Callable[..., Run]


def ended(run: Run, value: float | None, **changes: Any) -> Run:
    """The run, ended with one metric of that value."""
    reason = {"en": "nothing to count", "zh": "无可计数"} if value is None else None
    shown = metric("claim_difference", value, undefined=reason, slice={"metric": "accuracy"}, **changes)
    finish(run, result_for(run, {}, metrics=[shown], environment={"numpy": changes.get("unit", "1")}))
    run.refresh_from_db()
    return run


def test_values_intervals_and_circumstances_stand_side_by_side(
    client: Client, request_run: Ask, evaluator1: Any
) -> None:
    first = ended(request_run(parameters={"replicates": 1000}), 0.01, low=0.0, high=0.02)
    second = ended(request_run(parameters={"replicates": 2000}), -0.05, low=-0.06, high=-0.04, unit="2")
    (row,) = comparing.measurements(first, second)
    assert row["difference"] == pytest.approx(-0.06)
    assert (row["verdict"], row["title"], row["note"]) == ("worse", "Measured minus claimed", "metric: accuracy")
    differing = {each["term"]: (each["first"], each["second"]) for each in comparing.circumstances(first, second)}
    assert differing["Bootstrap replicates"] == ("1000", "2000")
    assert differing["numpy"] == ("1", "2")
    client.force_login(evaluator1)
    pages = [
        client.get(reverse("runs:compare", args=[one.pk]), {"with": str(other.pk)}).content.decode()
        for one, other in ((first, second), (second, first))
    ]
    for page in pages:
        assert page.index("0.010") < page.index("-0.050"), "the older run is the first, whichever one came from"
        assert "second is worse" in page
        assert "no test of significance" in page
    assert (
        reverse("runs:compare", args=[second.pk]) in client.get(reverse("runs:run", args=[second.pk])).content.decode()
    )


@pytest.mark.parametrize(
    ("before", "after", "verdict"),
    [
        ({"value": 0.5, "low": 0.4, "high": 0.6}, {"value": 0.6, "low": 0.5, "high": 0.7}, "overlap"),
        ({"value": 0.5}, {"value": 0.5}, "same"),
        ({"value": 0.5}, {"value": 0.6}, "better"),
        ({"value": 0.5, "direction": "lower"}, {"value": 0.6, "direction": "lower"}, "worse"),
        ({"value": None}, {"value": 0.6}, ""),
    ],
)
def test_reading_of_a_difference(before: dict[str, Any], after: dict[str, Any], verdict: str) -> None:
    runs = [Run(method="performance.claim", result={"metrics": [metric("auc", **each)]}) for each in (before, after)]
    assert comparing.measurements(*runs)[0]["verdict"] == verdict


def test_a_run_alone_and_a_run_of_somebody_else(
    client: Client, request_run: Ask, evaluator1: Any, charlie: Any
) -> None:
    run = ended(request_run(), 0.01)
    client.force_login(evaluator1)
    assert "nothing to compare with" in client.get(reverse("runs:compare", args=[run.pk])).content.decode()
    other = reverse("runs:compare", args=[run.pk])
    assert client.get(other, {"with": str(run.pk)}).status_code == 404
    client.force_login(charlie)
    assert client.get(other).status_code == 404
