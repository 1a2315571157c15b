"""Invitations: who may invite whom, the letter, its link used once, accounts new and old; leaving again."""

from __future__ import annotations

import re
from datetime import timedelta
from typing import Any

import pytest
from django.core import mail
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from django.utils import timezone

from assessments.accounts import invitations, services
from assessments.accounts.models import AccessGrant, Invitation, Membership, Organisation, Person
from assessments.accounts.services import open_object
from assessments.ledger.services import history, verify

NEWCOMER = {"name": "Nora", "password": "a long password", "again": "a long password"}


def link() -> str:
    found = re.search(r"http://localhost:8000(/account/invitation/\S+)", str(mail.outbox[-1].body))
    assert found
    return found[1]


@pytest.fixture
def as_alice(alice: Any) -> Client:
    client = Client()
    client.force_login(alice)
    return client


@pytest.fixture
def as_administrator(administrator: Any) -> Client:
    client = Client()
    client.force_login(administrator)
    return client


def test_a_colleague_is_invited_joins_and_is_signed_in(as_alice: Client, vendor: Any) -> None:
    page = as_alice.get(f"/organisations/{vendor.pk}/")
    assert f"/organisations/{vendor.pk}/invite/" in page.content.decode()
    as_alice.post(f"/organisations/{vendor.pk}/invite/", {"email": "Nora@Example.org"})
    letter = mail.outbox[-1]
    assert letter.to == ["nora@example.org"]
    assert "Alice invites you to Aurora Vision Ltd" in letter.body
    assert "Alice邀请您加入可信评估平台中的极光视觉有限公司" in letter.body
    assert letter.alternatives
    newcomer, address = Client(), link()
    assert "nora@example.org" in newcomer.get(address).content.decode()
    assert newcomer.post(address, {**NEWCOMER, "again": "another long one"}).status_code == 422
    assert newcomer.post(address, {**NEWCOMER, "password": "1234567890", "again": "1234567890"}).status_code == 422
    assert newcomer.post(address, NEWCOMER)["Location"] == "/dashboard/"
    nora = Person.objects.get(email="nora@example.org")
    assert list(nora.memberships.values_list("organisation", "role")) == [(vendor.pk, "vendor_member")]
    assert newcomer.get("/account/").status_code == 200
    assert [entry.transition for entry in history(vendor)] == ["invited", "member_added", "invitation_accepted"]
    assert list(verify()) == []
    assert Client().get(address).status_code == 404  # used once
    assert Client().post(address, NEWCOMER).status_code == 404


def test_the_link_is_stored_as_a_digest_only(alice: Any, vendor: Any) -> None:
    invitation, secret = invitations.invite(vendor, "nora@example.org", ["vendor_member"], actor=alice)
    row = Invitation.objects.values().get(pk=invitation.pk)
    assert secret not in str(row)
    assert invitations.find(secret) == invitation
    assert invitations.find(invitation.digest) is None


def test_expired_withdrawn_and_resent(as_alice: Client, alice: Any, vendor: Any) -> None:
    invitation, secret = invitations.invite(vendor, "nora@example.org", ["vendor_member"], actor=alice)
    Invitation.objects.update(expires_at=timezone.now() - timedelta(seconds=1))
    assert Client().get(f"/account/invitation/{secret}/").status_code == 404
    as_alice.post(f"/organisations/invitations/{invitation.pk}/resend/")
    fresh = link()
    assert secret not in fresh
    assert Client().get(fresh).status_code == 200
    as_alice.post(f"/organisations/invitations/{invitation.pk}/withdraw/")
    assert Client().get(fresh).status_code == 404
    answer = as_alice.post(f"/organisations/invitations/{invitation.pk}/resend/", follow=True)
    assert "accepted or withdrawn meanwhile" in answer.content.decode()
    # The same address may be invited anew, once.
    invitations.invite(vendor, "nora@example.org", ["vendor_member"], actor=alice)
    with pytest.raises(ValidationError, match="invited already"):
        invitations.invite(vendor, "NORA@example.org", ["vendor_member"], actor=alice)


def test_a_mail_server_that_is_down_is_said(as_alice: Client, vendor: Any, settings: Any) -> None:
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    answer = as_alice.post(f"/organisations/{vendor.pk}/invite/", {"email": "nora@example.org"}, follow=True)
    assert "could not be sent" in answer.content.decode()
    assert Invitation.objects.open().count() == 1


def test_an_account_that_is_there_accepts(administrator: Any, lead: Any, body: Any) -> None:
    _invitation, secret = invitations.invite(body, lead.email, ["reviewer"], actor=administrator)
    address = f"/account/invitation/{secret}/"
    visitor = Client()
    assert f"/accounts/login/?next={address}" in visitor.get(address).content.decode()
    assert visitor.post(address, NEWCOMER).status_code == 200  # no second account for the address
    visitor.post(f"/accounts/login/?next={address}", {"login": lead.email, "password": "a long password"})
    assert visitor.post(address)["Location"] == "/dashboard/"
    assert set(lead.memberships.values_list("role", flat=True)) == {"lead_evaluator", "reviewer"}


def test_somebody_else_cannot_take_it(administrator: Any, lead: Any, alice: Any, body: Any) -> None:
    _invitation, secret = invitations.invite(body, lead.email, ["reviewer"], actor=administrator)
    client = Client()
    client.force_login(alice)
    address = f"/account/invitation/{secret}/"
    assert "you are signed in as alice@example.org" in client.get(address).content.decode()
    client.post(address)
    assert not Membership.objects.filter(person=alice, role="reviewer").exists()


def test_a_person_stays_in_one_kind_of_organisation(administrator: Any, alice: Any, body: Any) -> None:
    invitation, secret = invitations.invite(body, alice.email, ["evaluator"], actor=administrator)
    client = Client()
    client.force_login(alice)
    answer = client.post(f"/account/invitation/{secret}/")
    assert answer.status_code == 422
    assert "of one kind" in answer.content.decode()
    assert Invitation.objects.open().filter(pk=invitation.pk).exists()  # nothing was used up


def test_roles_belong_to_the_kind(as_administrator: Client, administrator: Any, body: Any, vendor: Any) -> None:
    for roles in ([], ["vendor_member"], ["administrator"], ["no such role"]):
        with pytest.raises(ValidationError):
            invitations.invite(body, "nora@example.org", roles, actor=administrator)
    asked = as_administrator.post(
        f"/organisations/{body.pk}/invite/", {"email": "n@example.org", "roles": ["regulator"]}
    )
    assert asked.status_code == 422
    # A vendor's form has no roles to choose, and takes none.
    as_administrator.post(f"/organisations/{vendor.pk}/invite/", {"email": "n@example.org", "roles": ["administrator"]})
    assert Invitation.objects.get().roles == ["vendor_member"]


def test_an_administrator_founds_a_body_and_invites_its_people(as_administrator: Client) -> None:
    words = {
        "kind": "body",
        "name_en": "Solstice Evaluation",
        "name_zh": "至日评估",
        "address_en": "",
        "address_zh": "",
    }
    answer = as_administrator.post("/organisations/new/", words)
    body = Organisation.objects.get(name_en="Solstice Evaluation")
    assert answer["Location"] == f"/organisations/{body.pk}/invite/"
    assert as_administrator.post("/organisations/new/", words).status_code == 422  # the name is taken
    both = {"email": "sol@example.org", "roles": ["evaluator", "reviewer"]}
    as_administrator.post(f"/organisations/{body.pk}/invite/", both)
    assert "sol@example.org" in as_administrator.get("/organisations/invitations/").content.decode()
    Client().post(link(), {**NEWCOMER, "name": "Sol"})
    assert set(body.memberships.values_list("role", flat=True)) == {"evaluator", "reviewer"}
    assert [entry.transition for entry in history(body)][:2] == ["founded", "invited"]


def test_the_first_administrator_comes_by_command(db: None, capsys: pytest.CaptureFixture[str]) -> None:
    call_command("invite", "root@example.org")
    assert link() in capsys.readouterr().out
    Client().post(link(), NEWCOMER)
    assert Membership.objects.get().role == "administrator"


def test_leaving_takes_what_was_opened(administrator: Any, lead: Any, evaluator1: Any, body: Any) -> None:
    open_object(evaluator1, "systems.systemversion", body.pk, "evaluation")
    services.end_membership(evaluator1.memberships.get(), actor=administrator)
    assert not evaluator1.memberships.exists()
    assert not AccessGrant.objects.active().filter(person=evaluator1).exists()
    assert history(body).last().transition == "member_removed"


def test_the_last_of_a_vendor_and_of_the_administrators_stays(alice: Any, bob: Any, administrator: Any) -> None:
    services.end_membership(bob.memberships.get(), actor=alice)
    for last in (alice, administrator):
        with pytest.raises(ValidationError, match="last person"):
            services.end_membership(last.memberships.get(), actor=administrator)


def test_lists_ask_the_same_number_of_questions(
    as_administrator: Client, administrator: Any, body: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(1, 31):
        person = Person.objects.create_user(f"p{number}@example.org", None, name=f"P {number}")
        services.add_member(person, body, "evaluator", actor=administrator)
        invitations.invite(body, f"i{number}@example.org", ["evaluator"], actor=administrator)
        Organisation.objects.create(kind="vendor", name_en=f"Vendor {number}")
        if number in (1, 30):
            for address in ("/people/", "/organisations/", "/organisations/invitations/", f"/organisations/{body.pk}/"):
                with django_assert_max_num_queries(12):
                    assert as_administrator.get(address).status_code == 200


def test_pages_in_chinese_speak_chinese(as_administrator: Client, administrator: Any, body: Any, lead: Any) -> None:
    _invitation, secret = invitations.invite(body, "n@example.org", ["evaluator"], actor=None)
    as_administrator.cookies["django_language"] = "zh-hans"
    visitor = Client()
    visitor.cookies["django_language"] = "zh-hans"
    own = ["/people/", f"/people/{lead.pk}/", "/organisations/", "/organisations/new/", "/organisations/invitations/"]
    own += [f"/organisations/{body.pk}{part}" for part in ("/", "/edit/", "/invite/")] + ["/account/sign-ins/"]
    shown = [(path, as_administrator.get(path)) for path in own]
    shown += [(path, visitor.get(path)) for path in (f"/account/invitation/{secret}/", "/account/invitation/unknown/")]
    for path, answer in shown:
        text = re.sub(r"<[^>]+>", "\n", answer.content.decode().partition("<main")[2].partition("</main>")[0])
        assert not re.findall(r"(?:\b[a-z]{2,}\b ){2,}[a-z]+", text), path
