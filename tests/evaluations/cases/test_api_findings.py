"""A client's own programs read findings, answer them and read the result; nobody else's do."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from evaluations.cases import reviewing
from tests.factories import cases, evaluated

pytestmark = pytest.mark.django_db


def api(person: Any) -> APIClient:
    client = APIClient()
    client.force_authenticate(person)
    return client


def test_findings_are_read_and_answered_by_the_client_alone(charlie: Any, regulator: Any) -> None:
    who = cases.people()
    case = evaluated.told_case(who, points={"RC-10": 1})
    url = f"/api/cases/{case.pk}/findings/"
    (finding,) = api(who.applicant).get(url).json()
    assert (finding["criterion"], finding["grade"], finding["status"]) == ("RC-10", "minor", "open")
    answer = {"answer": "We rehearse.", "revision": finding["revision"]}
    answer["due_on"] = (timezone.now().date() + timedelta(days=20)).isoformat()
    place = f"{url}{finding['id']}/answer/"
    for person in (charlie, regulator, who.lead, who.reviewer):
        assert api(person).get(url).status_code == 404
        assert api(person).post(place, answer, format="json").status_code == 404
    assert APIClient().get(url).status_code in (401, 403)
    late = {**answer, "due_on": (timezone.now().date() + timedelta(days=120)).isoformat()}
    assert "due_on" in api(who.applicant).post(place, late, format="json").json()
    assert api(who.applicant).post(place, answer, format="json").json()["status"] == "answered"
    assert api(who.applicant).post(place, answer, format="json").status_code == 409


def test_the_result_is_read_after_the_decision(charlie: Any) -> None:
    who = cases.people()
    case = evaluated.evaluated_case(who)
    url = f"/api/cases/{case.pk}/result/"
    assert api(who.applicant).get(url).status_code == 404
    ticked = dict.fromkeys(reviewing.CHECKLIST, True)
    reviewing.record_review(case, actor=who.reviewer, checklist=ticked, recommendation="grant", reasons="Sound.")
    reviewing.decide(case, actor=who.reviewer, outcome="granted", level="basic", reasons="Sound.")
    assert api(who.applicant).get(url).json()["level"] == "basic"
    assert api(charlie).get(url).status_code == 404
