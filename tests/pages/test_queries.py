"""No list asks the database more often when it grows: each with one of everything and with thirty."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from assessments.accounts.tokens import make_token
from portal.certificates import services as certificates
from portal.notifications import reading
from portal.registry import indexing
from tests.factories import cases, evaluated
from tests.pages.multiplying import multiply
from tests.portal.access.conftest import small_pdf
from tests.portal.access.expectations import TABLE

pytestmark = [pytest.mark.django_db, pytest.mark.timeout(600)]
TIMES = 30
# Addresses without an object that are no lists of what people make, or only send: their questions are counted, too,
# but nothing of theirs grows here.
OF_ONE_OBJECT = {
    "systems:system": "system",
    "systems:version": "version",
    "cases:case": "case",
    "cases:runs": "case",
    "cases:findings": "case",
    "cases:client": "case",
    "api:versions": "system",
    "api:files": "version",
    "api:version-runs": "version",
    "api:case-findings": "case",
}
# Lists that must have become longer, or the test would prove nothing.
GROWING = {
    "registry:search",
    "registry:csv",
    "registry:json",
    "registry:feed",
    "api:registry",
    "systems:list",
    "api:systems",
    "applications:list",
    "api:applications",
    "cases:board",
    "api:cases",
    "notifications:inbox",
    "search:results",
    "accounts:account",
}
QUERIES = {"search:results": {"q": "digits"}}


@pytest.fixture
def small(monkeypatch: pytest.MonkeyPatch) -> dict[str, Any]:
    """One vendor with a case under evaluation and one that was certified; clients of everybody who has lists."""
    monkeypatch.setattr("portal.certificates.services.render_pdf", lambda snapshot: small_pdf())
    who = cases.people()
    case = evaluated.told_case(who, label="1.0.0")
    decided = evaluated.decided_case(who, label="2.0.0")
    assert certificates.issue_certificate(certificates.prepare_certificate(decided).pk)
    make_token(who.applicant, "build server")
    indexing.sweep()
    reading.read_ledger()
    version = case.application.version
    return {
        "people": [who.applicant, who.lead, who.evaluators[0], who.reviewer, None],
        "keys": {"system": version.system_id, "version": version.pk, "case": case.pk},
    }


def test_no_list_asks_more_when_it_grows(small: dict[str, Any], regulator: Any, administrator: Any) -> None:
    clients = [signed_in(person) for person in (*small["people"], regulator, administrator)]
    before = measured(clients, small["keys"])
    multiply(TIMES)
    indexing.sweep()
    after = measured(clients, small["keys"])
    more = {key: f"{before[key][0]} → {after[key][0]} queries" for key in before if after[key][0] > before[key][0]}
    assert more == {}
    grown = {name for name, _who in before if any(after[k][1] > 1.5 * before[k][1] for k in before if k[0] == name)}
    assert grown >= GROWING
    assert before.keys() == after.keys()


def signed_in(person: Any) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client


def measured(clients: list[Client], keys: dict[str, Any]) -> dict[tuple[str, int], tuple[int, int]]:
    """For each list and each person who gets it: how many questions, and how long the answer is."""
    found = {}
    for name, address in lists(keys):
        for number, client in enumerate(clients):
            given = QUERIES.get(name, {})
            if client.get(address, given).status_code != 200:
                continue
            with CaptureQueriesContext(
                connection,
            ) as asked:
                response = client.get(address, given)
                content = b"".join(response) if response.streaming else response.content
            found[name, number] = (len(asked), len(content))
    return found


def lists(keys: dict[str, Any]) -> list[tuple[str, str]]:
    """Every address to read that names no object, and those of one object that list what belongs to it."""
    plain = [
        (name, reverse(name, args=[argument[1:] for argument in rule.arguments]))
        for name, rule in TABLE.items()
        if "GET" in rule.methods and all(a.startswith("=") for a in rule.arguments)
    ]
    return plain + [(name, reverse(name, args=[keys[kind]])) for name, kind in OF_ONE_OBJECT.items()]
