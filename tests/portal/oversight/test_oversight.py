"""An authority finds everything that happened, published or not, and takes it away; nobody else finds any of it."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone
from openpyxl import load_workbook
from rest_framework.test import APIClient

from assessments.accounts.tokens import make_token
from assessments.applications.models import Application
from assessments.applications.workflow import WORKFLOW
from assessments.ledger.workflow import move
from evaluations.cases import reviewing
from portal.assurance.ordering import order_surveillance
from portal.assurance.services import change_status
from portal.certificates.models import Certificate
from portal.oversight import board, history
from portal.registry import indexing
from tests.factories import cases, evaluated
from tests.factories.certified import issued_certificate

pytestmark = pytest.mark.django_db
FORMULA = "=HYPERLINK(1) was found in the log of the system."


def handed_in(team: cases.People, label: str) -> Application:
    """An application that waits for its admission."""
    edition, scheme = cases.shipped_standard()
    application = Application.objects.create(
        number=f"A-2026-{Application.objects.count() + 1:04d}",
        organisation=team.vendor,
        version=cases.submitted_version(team, label=label),
        edition=edition,
        scheme=scheme,
        target_level="enhanced",
        body=team.body,
    )
    move(application, WORKFLOW, "submit", actor=team.applicant)
    return application


@pytest.fixture
def past(quick_printing: None, regulator: Any) -> dict[str, Any]:
    """A certificate suspended with a dangerous reason, one ordered to be looked at, and three without a certificate."""
    team = cases.people()
    refused = evaluated.reviewed_case(team, recommendation="refuse")
    reviewing.decide(refused, actor=team.reviewer, outcome="refused", reasons="The robustness is too low.")
    declined, taken = (handed_in(team, label) for label in ("7.0.0", "8.0.0"))
    move(declined, WORKFLOW, "decline", actor=team.lead, reason="Outside our competence.")
    move(taken, WORKFLOW, "withdraw", actor=team.applicant)
    suspended = issued_certificate(team.vendor, team.body, team.reviewer, name="Digit reader")
    change_status(suspended, "suspend", actor=regulator, reason=FORMULA)
    ordered = issued_certificate(team.vendor, team.body, team.reviewer, name="Second reader")
    yesterday = timezone.now().date() - timedelta(days=1)
    Certificate.objects.filter(pk=ordered.pk).update(surveillance_due=yesterday)
    day = timezone.now().date() + timedelta(days=30)
    order_surveillance(ordered, actor=regulator, reason="It is overdue since yesterday.", due_on=day)
    indexing.sweep()
    return {"team": team, "refused": refused, "declined": declined, "taken": taken, "suspended": suspended,
            "ordered": ordered}  # fmt: skip


def codes(**given: Any) -> list[str]:
    return [line.code for line in history.lines(history.entries(**given).order_by("-sequence"))]


def test_the_history_holds_what_the_registry_does_not(past: dict[str, Any], regulator: Any, reviewer: Any) -> None:
    assert codes() == ["ordered", "issued", "suspended", "issued", "taken_back", "declined", "refused"]
    assert codes(kind="declined") == ["declined"]
    assert codes(words="second reader") == ["ordered", "issued"]
    assert codes(words=past["suspended"].number) == ["suspended", "issued"]
    assert codes(words="7.0.0") == ["declined"]
    assert codes(body=past["team"].body) == codes()
    assert codes(body=past["team"].vendor) == []
    assert codes(until=timezone.now().date() - timedelta(days=1)) == []
    told = {line.code: line for line in history.lines(history.entries())}
    assert told["suspended"].reason == FORMULA
    assert told["suspended"].is_published
    for code in ("refused", "declined", "taken_back"):
        assert told[code].reason == "", "reasons of a case are not an authority's"
        assert not told[code].is_published
        assert told[code].url == ""
    client = Client()
    page = reverse("oversight:history")
    assert client.get(page).status_code == 302
    client.force_login(reviewer)
    assert client.get(page).status_code == 404
    client.force_login(regulator)
    text = client.get(page).content.decode()
    assert past["refused"].application.number in text
    assert "robustness is too low" not in text
    assert "Nothing fits" in client.get(f"{page}?words=zzzz").content.decode()
    assert client.get(f"{page}?since=someday").status_code == 422
    client.cookies["django_language"] = "zh-hans"
    assert "未予批准" in client.get(page).content.decode()


def test_no_more_queries_for_more_events(past: dict[str, Any], regulator: Any) -> None:
    client = Client()
    client.force_login(regulator)

    def asked(address: str) -> int:
        with CaptureQueriesContext(connection) as found:
            assert client.get(address).status_code == 200
        return len(found)

    pages = [reverse("oversight:history"), reverse("oversight:board")]
    before = [asked(page) for page in pages]
    for action in ("reinstate", "suspend", "reinstate", "suspend"):
        past["suspended"].refresh_from_db()
        change_status(past["suspended"], action, actor=regulator, reason="It was looked at once more.")
    assert [asked(page) for page in pages] == before


def test_the_board_counts(past: dict[str, Any], regulator: Any) -> None:
    read = board.read()
    assert read.standings == {"in_force": 1, "suspended": 1, "withdrawn": 0, "cancelled": 0, "expired": 0}
    assert (read.overdue, read.orders_open, read.orders_overdue) == (1, 1, 0)
    (body,) = read.tables["body"]
    assert (body.word, body.total, body.overdue) == (past["team"].body.name, 2, 1)
    (row,) = [one for one in read.applications if one.body == past["team"].body.name]
    assert (row.declined, row.withdrawn, row.granted, row.refused) == (1, 1, 2, 1)
    client = Client()
    client.force_login(regulator)
    text = client.get(reverse("oversight:board")).content.decode()
    assert reverse("orders:new", args=[past["ordered"].number]) in text
    assert f"/registry/?status=suspended&amp;body={past['team'].body.pk}" in text, "a figure leads to what it counts"


def test_everything_can_be_taken_away(past: dict[str, Any], regulator: Any) -> None:
    client = Client()
    client.force_login(regulator)

    def got(what: str, kind: str, query: str = "") -> bytes:
        answer = client.get(f"/oversight/export/{what}.{kind}{query}")
        assert answer.status_code == 200
        return b"".join(answer.streaming_content) if answer.streaming else answer.content

    rows = list(csv.DictReader(io.StringIO(got("history", "csv").decode("utf-8-sig"))))
    assert [row["event"] for row in rows] == codes()
    assert next(row["reason"] for row in rows if row["event"] == "suspended") == f"'{FORMULA}"
    sheet = load_workbook(io.BytesIO(got("history", "xlsx"))).active
    cells = [cell for row in sheet.iter_rows() for cell in row if cell.value == FORMULA]
    assert [(cell.data_type, cell.quotePrefix) for cell in cells] == [("s", True)]
    assert sheet.max_row == len(rows) + 1
    narrowed = list(csv.DictReader(io.StringIO(got("history", "csv", "?kind=refused").decode("utf-8-sig"))))
    assert [row["number"] for row in narrowed] == [past["refused"].application.number]
    certificates = json.loads(got("certificates", "json"))
    assert {row["number"]: (row["status"], row["orders"], row["last_reason"]) for row in certificates} == {
        past["suspended"].number: ("suspended", 0, FORMULA),
        past["ordered"].number: ("in_force", 1, ""),
    }
    (order,) = json.loads(got("orders", "json"))
    assert (order["certificate"], order["status"]) == (past["ordered"].number, "open")
    assert client.get("/oversight/export/people.csv").status_code == 404

    api = APIClient(headers={"Authorization": f"Bearer {make_token(regulator, 'test', scope='read')}"})
    listed = api.get("/api/oversight/history/?kind=refused").json()["results"]
    assert [row["number"] for row in listed] == [past["refused"].application.number]
    assert api.get("/api/oversight/history/?since=x").status_code == 400
    assert api.get("/api/oversight/").json()["surveillance_overdue"] == 1
