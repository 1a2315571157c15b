"""Beside pages: letters with their subjects, and what the interface answers, are Chinese for a Chinese reader."""

from __future__ import annotations

import re
from collections.abc import Iterator
from typing import Any

import pytest
from django.core import mail as outgoing
from django.test import Client
from django.urls import reverse

from portal.assurance.services import change_status
from portal.certificates import services as certificates
from portal.notifications import mail, reading
from tests.factories import cases, evaluated
from tests.pages.chinese import english_in
from tests.portal.access.conftest import small_pdf
from tests.portal.access.expectations import TABLE

pytestmark = pytest.mark.django_db
TAGS = re.compile(r"<(style|head)\b.*?</\1>|<[^>]+>", re.DOTALL)


@pytest.fixture
def people(monkeypatch: pytest.MonkeyPatch) -> cases.People:
    """Readers of Chinese in a case that came to a certificate, which was suspended."""
    monkeypatch.setattr("portal.certificates.services.render_pdf", lambda snapshot: small_pdf())
    who = cases.people()
    for person in (who.applicant, who.lead, *who.evaluators, who.reviewer):
        person.language = "zh-hans"
        person.save(update_fields=["language"])
    certificate = certificates.prepare_certificate(evaluated.decided_case(who))
    assert certificates.issue_certificate(certificate.pk)
    certificate.refresh_from_db()
    change_status(certificate, "suspend", actor=who.reviewer, reason="A serious incident is being looked into.")
    return who


def test_letters_and_their_subjects(people: cases.People, client: Client) -> None:
    reading.read_ledger()
    mail.send_waiting()
    client.post(reverse("set_language"), {"language": "zh-hans"})
    client.post(reverse("account_reset_password"), {"email": people.applicant.email})
    assert len({letter.subject for letter in outgoing.outbox}) >= 5
    for letter in outgoing.outbox:
        bodies = [letter.body, *(TAGS.sub(" ", str(html)) for html, _kind in getattr(letter, "alternatives", []))]
        found = english_in([letter.subject, *bodies])
        assert found == [], letter.subject
        assert re.search(r"[\u4e00-\u9fff]", letter.subject)


def test_what_the_interface_answers_to_a_wrong_request(people: cases.People) -> None:
    client = Client(headers={"accept-language": "zh-hans"})
    client.force_login(people.applicant)
    answered, found = 0, {}
    for name, rule in TABLE.items():
        if not name.startswith("api:") or not all(argument.startswith("=") for argument in rule.arguments):
            continue
        address = reverse(name, args=[argument[1:] for argument in rule.arguments])
        for method in ("POST", "DELETE"):
            response = client.generic(method, address, "{}", content_type="application/json")
            if response.status_code >= 400 and response.headers.get("Content-Type") == "application/json":
                answered += 1
                if told := english_in(list(words(response.json()))):
                    found[f"{method} {name}"] = told
    missing = client.get(reverse("api:run", args=["00000000-0000-0000-0000-000000000000"]))
    assert english_in(list(words(missing.json()))) == []
    assert answered >= 10
    assert found == {}


def words(value: Any) -> Iterator[str]:
    if isinstance(value, dict):
        for each in value.values():
            yield from words(each)
    elif isinstance(value, list):
        for each in value:
            yield from words(each)
    elif isinstance(value, str):
        yield value
