"""What the pages of inbox, organisation, dashboard, files, consultation and certificates do, programs do too."""

from __future__ import annotations

from typing import Any

import pytest
from django.core import mail
from rest_framework.test import APIClient

from assessments.accounts.tokens import make_token
from assessments.ledger.models import Entry
from portal.notifications.models import Kind, Notification

pytestmark = pytest.mark.django_db


def api(person: Any, scope: str = "submit") -> APIClient:
    client = APIClient(headers={"Authorization": f"Bearer {make_token(person, 'test', scope=scope)}"})
    client.default_format = "json"
    return client


def test_one_reads_and_clears_ones_own_inbox(issued: Any, alice: Any, charlie: Any) -> None:
    last = Entry.objects.order_by("sequence").last()
    assert last is not None
    rows = [
        Notification.objects.create(
            person=alice,
            kind=Kind.CERTIFIED,
            entry_sequence=last.sequence + place,
            object_type="certificates.certificate",
            object_id=str(issued.pk),
            happened_at=last.recorded_at,
        )
        for place in range(3)
    ]
    client = api(alice)
    page = client.get("/api/inbox/").json()
    assert [row["id"] for row in page["results"]] == [row.pk for row in reversed(rows)]
    assert page["results"][0]["url"].endswith(f"/certificates/{issued.number}/")
    assert api(charlie).post(f"/api/inbox/{rows[0].pk}/read/").status_code == 404
    assert client.post(f"/api/inbox/{rows[0].pk}/read/").json()["read_at"]
    assert client.post("/api/inbox/read/", {"newest": rows[1].entry_sequence}).json() == {"read": 1}
    assert [row["id"] for row in client.get("/api/inbox/?show=unread").json()["results"]] == [rows[2].pk]


def test_preferences_and_the_calendar(issued: Any, alice: Any) -> None:
    client = api(alice)
    before = client.get("/api/inbox/preferences/").json()["preferences"]
    assert before["certified"] == "at_once"
    assert "in_review" not in before  # concerns no vendor
    refused = client.patch("/api/inbox/preferences/", {"preferences": {"in_review": "off"}})
    assert refused.status_code == 400
    assert client.patch("/api/inbox/preferences/", {"preferences": {"certified": "never"}}).status_code == 400
    after = client.patch("/api/inbox/preferences/", {"preferences": {"certified": "daily"}}).json()["preferences"]
    assert after == {**before, "certified": "daily"}
    days = client.get("/api/calendar/").json()
    assert {f"validity-{issued.number}", f"surveillance-{issued.number}"} == {day["key"] for day in days}
    assert client.get("/api/calendar/address/").json() == {"url": ""}
    address = client.post("/api/calendar/address/").json()["url"]
    path = address.split("/", 3)[3]
    assert APIClient().get(f"/{path}").status_code == 200
    assert client.delete("/api/calendar/address/").status_code == 204
    assert APIClient().get(f"/{path}").status_code == 404


def test_a_members_organisation_people_and_invitations(vendor: Any, alice: Any, bob: Any, charlie: Any) -> None:
    client = api(alice)
    assert [row["id"] for row in client.get("/api/organisations/").json()] == [str(vendor.pk)]
    page = f"/api/organisations/{vendor.pk}/"
    assert api(charlie).get(page).status_code == 404
    assert client.patch(page, {"address_en": "1 Harbour Road", "kind": "body"}).json()["kind"] == "vendor"
    vendor.refresh_from_db()
    assert vendor.address_en == "1 Harbour Road"
    made = client.post(f"{page}invitations/", {"email": "new@example.org", "roles": ["vendor_member"]})
    assert made.status_code == 201, made.json()
    assert mail.outbox[-1].to == ["new@example.org"]
    assert client.post(f"{page}invitations/", {"email": "x@example.org", "roles": ["reviewer"]}).status_code == 400
    one = f"/api/invitations/{made.json()['id']}/"
    assert api(charlie).delete(one).status_code == 404
    assert client.post(one).status_code == 200
    assert len(mail.outbox) == 2
    assert client.delete(one).status_code == 204
    assert client.delete(one).status_code == 409
    rows = {row["person"]: row["id"] for row in client.get(page).json()["memberships"]}
    assert client.delete(f"{page}members/{rows['Bob']}/").status_code == 204
    last = client.delete(f"{page}members/{rows['Alice']}/")
    assert last.status_code == 400
    assert "last person" in last.json()["detail"][0]


def test_oneself_the_tasks_and_the_search(issued: Any, alice: Any) -> None:
    client = api(alice)
    assert client.get("/api/me/").json()["roles"][0]["role"] == "vendor_member"
    assert client.patch("/api/me/", {"name": "Alice Li", "email": "other@example.org"}).json()["email"] == alice.email
    assert client.patch("/api/me/", {"language": "fr"}).status_code == 400
    assert isinstance(client.get("/api/tasks/").json(), list)
    found = {group["kind"]: group["hits"] for group in client.get(f"/api/search/?q={issued.number}").json()}
    assert found["certificates"][0]["number"] == issued.number
    seen = {group["kind"] for group in APIClient().get("/api/search/?q=Aurora").json()}
    assert "organisations" not in seen
    assert APIClient().get("/api/registry/statistics/").json()["certificates"] == 1


def test_a_holder_lists_and_cancels_and_an_authority_suspends(
    *, issued: Any, alice: Any, charlie: Any, lead: Any, regulator: Any
) -> None:
    for person, held in ((alice, 1), (charlie, 0), (lead, 1), (regulator, 1)):
        assert len(api(person).get("/api/certificates/").json()["results"]) == held
    place = f"/api/certificates/{issued.number}"
    reason = {"reason": "Surveillance is overdue since March."}
    assert api(alice).post(f"{place}/suspend/", reason).status_code == 404
    assert api(regulator, "read").post(f"{place}/suspend/", reason).status_code == 403
    assert api(regulator).post(f"{place}/suspend/", {"reason": "short"}).status_code == 400
    answer = api(regulator).post(f"{place}/suspend/", reason).json()
    assert (answer["status"], answer["history"][-1]["reason"]) == ("suspended", reason["reason"])
    assert api(regulator).post(f"{place}/suspend/", reason).status_code == 409
    assert (
        api(regulator).post(f"{place}/reinstate/", {"reason": "Surveillance was done."}).json()["status"] == "in_force"
    )
    ended = api(alice).post(f"{place}/cancel/", {"reason": "The product is no longer sold."})
    assert ended.json()["status"] == "cancelled"
