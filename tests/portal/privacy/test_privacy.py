"""Personal data: nothing is forgotten in the table, given out whole, erased whole; the ledger holds."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

import pytest
from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from django.apps import apps
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import translation

from assessments.accounts import services as accounts
from assessments.accounts.models import InterestDeclaration, Invitation, Person, Token
from assessments.accounts.tokens import make_token
from assessments.ledger import services as ledger
from assessments.ledger.models import Entry, Text
from evaluations.cases import assignment
from evaluations.cases.models import Case
from portal.notifications.models import Notification
from portal.privacy import erasure
from portal.privacy.duties import duties_of
from portal.privacy.inventory import PLACES, SECTIONS
from tests.factories import cases, evaluated
from tests.factories.people import person

pytestmark = pytest.mark.django_db


def test_every_field_that_names_a_person_is_in_the_table() -> None:
    found = {
        (model._meta.label, field.name)
        for model in apps.get_models()
        for field in model._meta.get_fields()
        if getattr(field, "concrete", False) and field.related_model is Person
    }
    assert found == {(place.model, place.field) for place in PLACES}
    assert {place.section for place in PLACES} <= set(SECTIONS)
    for place in PLACES:  # the columns exist, and none is a secret
        list(place.rows(Person(pk="00000000-0000-0000-0000-000000000001")).values(*place.columns))
        assert not {"digest", "session_key", "data", "password"} & set(place.columns)


def filled(who: Any, other: Any) -> None:
    """Something in every table that is erased."""
    make_token(who, "build server", scope="read", expires_at=None)
    Authenticator.objects.create(user=who, type="totp", data={"secret": "x"})
    InterestDeclaration.objects.create(
        person=who, organisation=other, nature="My sister works there.", since="2026-01-01"
    )
    Notification.objects.create(
        person=who, kind="returned", entry_sequence=1, object_type="x", object_id="1", happened_at=who.date_joined
    )


def test_all_of_it_is_given_out_as_a_file(
    client: Client, evaluator1: Any, other_vendor: Any, administrator: Any
) -> None:
    filled(evaluator1, other_vendor)
    client.force_login(evaluator1)
    page = client.get(reverse("privacy:own")).content.decode()
    assert reverse("privacy:own-export") in page
    answer = client.get(reverse("privacy:own-export"))
    archive = zipfile.ZipFile(io.BytesIO(answer.content))
    index = json.loads(archive.read("index.json"))
    assert {one["file"] for one in index["files"]} | {"index.json"} == set(archive.namelist())
    assert all(
        one[key][language] for one in index["files"] for key in ("title", "why", "until") for language in ("en", "zh")
    )
    account = json.loads(archive.read("account.json"))
    assert {"Erik", "erik@example.org"} <= {str(value) for row in account for value in row.values()}
    signing = archive.read("signing-in.json").decode()
    assert "build server" in signing
    assert Token.objects.get().digest not in signing
    assert "My sister works there." in archive.read("interests.json").decode()
    assert client.get("/api/me/data/").json()["account"]["rows"][0]["name"] == "Erik"
    client.force_login(administrator)
    assert client.post(reverse("privacy:person-export", args=[evaluator1.pk])).status_code == 200
    given = Entry.objects.filter(transition="data_exported", object_id=str(evaluator1.pk))
    assert [entry.actor for entry in given] == [administrator.pk]


def test_who_decided_is_erased_under_a_pseudonym_and_the_ledger_is_whole(client: Client) -> None:
    who = cases.people()
    case = evaluated.decided_case(who)
    Case.objects.filter(pk=case.pk).update(outcome="refused")  # no certificate is on its way
    reviewer = who.reviewer
    filled(reviewer, who.vendor)
    Invitation.objects.create(
        organisation=who.body, email=reviewer.email, roles=[], digest="0" * 64, expires_at=reviewer.date_joined,
        accepted_at=reviewer.date_joined, accepted_by=reviewer,
    )  # fmt: skip
    person("Rhea", who.body, "reviewer")
    before = Entry.objects.count()
    client.force_login(reviewer)
    page = client.get(reverse("privacy:own-erase")).content.decode()
    assert "Reviewer 7F3A" in page
    refused = client.post(reverse("privacy:own-erase"), {"email": "rolf@example.org", "password": "not it"})
    assert refused.status_code == 422
    assert Person.objects.get(pk=reviewer.pk).is_active
    done = client.post(reverse("privacy:own-erase"), {"email": "Rolf@example.org", "password": "a long password"})
    assert done["Location"] == "/"
    assert client.get(reverse("accounts:account")).status_code == 302

    gone = Person.objects.get(pk=reviewer.pk)
    assert not gone.is_active
    assert gone.name == str(gone) == f"Reviewer {gone.erased_tag}"
    with translation.override("zh-hans"):
        assert str(gone) == f"复核人员 {gone.erased_tag}"
    assert case.decision.decided_by_id == gone.pk
    everything = json.dumps(
        [list(model._default_manager.values()) for model in apps.get_models() if "Case" not in model.__name__],
        default=str,
    )
    for word in ("rolf@example.org", '"Rolf"', "My sister works there."):
        assert word not in everything
    for model in (Token, Authenticator, Notification, EmailAddress, InterestDeclaration):
        assert not any(row for place in PLACES if place.model == model._meta.label for row in place.rows(gone)), model
    assert list(ledger.verify()) == []
    assert Entry.objects.count() == before + 1
    entry = Entry.objects.get(transition="erased")
    assert (entry.details, entry.object_id) == ({"role": "reviewer", "tag": gone.erased_tag}, str(gone.pk))
    assert not client.login(email=gone.email, password="a long password")
    accounts.reactivate(gone, actor=None)
    assert not Person.objects.get(pk=gone.pk).is_active
    with pytest.raises(ValidationError):
        erasure.erase(gone, actor=None)


def test_what_is_still_to_be_settled_is_told_and_nothing_goes(client: Client, administrator: Any) -> None:
    who = cases.people()
    case = cases.staffed_case(who)
    first = who.evaluators[0]
    client.force_login(first)
    page = client.get(reverse("privacy:own-erase")).content.decode()
    assert case.number in page
    assert reverse("cases:case", args=[case.pk]) in page
    data = {"email": first.email, "password": "a long password"}
    assert client.post(reverse("privacy:own-erase"), data).status_code == 422
    assert Person.objects.get(pk=first.pk).name == "Emil"

    client.force_login(administrator)
    shown = client.get(reverse("privacy:person-erase", args=[first.pk])).content.decode()
    assert case.number in shown
    assert reverse("cases:case", args=[case.pk]) not in shown  # administrators see no cases
    told = [duty.text for duty in duties_of(administrator, administrator)]
    assert told == ["Is the last administrator of this portal."]
    (last,) = duties_of(who.applicant, who.applicant)
    assert last.url == reverse("organisations:organisation", args=[who.vendor.pk])
    # An ended part counts as well: the report of an open case is still to be composed, with names.
    assignment.recuse_oneself(case.assignments.get(person=first), actor=first, nature="A brother of mine works there.")
    assert duties_of(first, first)
    Case.objects.filter(pk=case.pk).update(status="closed")
    erasure.erase(first, actor=administrator)
    assert not Text.objects.filter(text__contains="A brother").exists()
    assert list(ledger.verify()) == []
