"""An authority orders surveillance; the body answers; the authority returns, accepts or takes back; all are told."""

from __future__ import annotations

from datetime import date, timedelta
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from rest_framework.test import APIClient

from assessments.accounts.models import InterestDeclaration
from assessments.accounts.tokens import make_token
from assessments.ledger.models import Entry
from assessments.ledger.workflow import Conflict
from portal.assurance.models import SurveillanceOrder
from portal.assurance.ordering import act_on, order_surveillance
from portal.certificates.models import Certificate
from portal.dashboards import views as dashboards
from portal.notifications import reading
from portal.notifications.deadlines import deadlines_of
from portal.notifications.models import Notification
from tests.factories.people import organisation, person

pytestmark = pytest.mark.django_db
WHY = "Several users report wrong readings."


def in_days(days: int) -> date:
    return timezone.now().date() + timedelta(days=days)


def told(who: Any) -> list[str]:
    while reading.read_ledger():
        pass
    return list(Notification.objects.filter(person=who).order_by("entry_sequence").values_list("kind", flat=True))


def waiting(who: Any) -> list[str]:
    return [task.url for board in dashboards.boards_of(who) for task in board.tasks]


@pytest.fixture
def order(issued: Any, regulator: Any) -> SurveillanceOrder:
    return order_surveillance(issued, actor=regulator, reason=WHY, due_on=in_days(30))


def test_from_the_order_to_its_end_on_the_pages(
    issued: Any, regulator: Any, reviewer: Any, lead: Any, alice: Any, charlie: Any
) -> None:
    clients = {}
    for who in (regulator, reviewer, alice, charlie):
        clients[who] = Client()
        clients[who].force_login(who)
    certificate_page = reverse("certificates:certificate", args=[issued.number])
    new = reverse("orders:new", args=[issued.number])
    assert new in clients[regulator].get(certificate_page).content.decode()
    assert new not in clients[reviewer].get(certificate_page).content.decode()
    too_late = clients[regulator].post(new, {"reason": WHY, "due_on": in_days(400).isoformat()})
    assert too_late.status_code == 422
    assert "within a year" in too_late.content.decode()
    assert clients[regulator].post(new, {"reason": WHY, "due_on": in_days(30).isoformat()}).status_code == 302
    order = SurveillanceOrder.objects.get()
    page = reverse("orders:order", args=[order.pk])
    assert page in clients[regulator].get(new).content.decode(), "the form leads to the unfinished order"

    # Those concerned are told; nobody else sees it, and the public page says nothing.
    assert [told(who)[-1:] for who in (reviewer, lead, alice)] == [["order_made"]] * 3
    assert "order_made" not in told(charlie) + told(regulator)
    assert waiting(reviewer).count(page) == waiting(lead).count(page) == 1
    assert [row.day for row in deadlines_of(lead) if row.key == f"order-{order.pk}"] == [in_days(30)]
    assert clients[charlie].get(page).status_code == 404
    assert "surveillance of" not in Client().get(certificate_page).content.decode().lower()
    for who in (regulator, reviewer, alice):
        text = clients[who].get(page).content.decode()
        assert WHY in text
        assert (reverse("orders:answer", args=[order.pk]) in text) == (who == reviewer)

    said = "The model was run again on new data; one class fails."
    step = reverse("orders:answer", args=[order.pk])
    assert clients[alice].post(step, {"reason": said, "outcome": "fulfilled"}).status_code == 404
    assert clients[reviewer].post(step, {"reason": said}).status_code == 422
    assert clients[reviewer].post(step, {"reason": said, "outcome": "not_fulfilled"}).status_code == 302
    assert told(regulator)[-1] == "order_answered"
    assert waiting(regulator) == [page]
    twice = clients[reviewer].post(step, {"reason": said, "outcome": "fulfilled"})
    assert twice.status_code == 409
    assert said in twice.content.decode(), "what was typed is not lost"

    back = {"reason": "Which class, and since when?", "due_on": in_days(10).isoformat()}
    assert clients[regulator].post(reverse("orders:return", args=[order.pk]), back).status_code == 302
    assert told(lead)[-1] == "order_returned"
    answer = {"reason": "The digit 7, since version 1.2.0; the model was retrained.", "outcome": "measures"}
    assert clients[reviewer].post(step, answer).status_code == 302
    accept = reverse("orders:accept", args=[order.pk])
    assert clients[regulator].post(accept, {"reason": "The answer is complete."}).status_code == 302
    assert told(alice)[-1] == "order_ended"
    order.refresh_from_db()
    assert (order.status, order.outcome, order.due_on) == ("closed", "measures", in_days(10))
    issued.refresh_from_db()
    assert issued.status == "in_force", "an order changes no status"
    steps = Entry.objects.filter(object_id=str(order.pk)).values_list("transition", flat=True)
    assert list(steps) == ["order", "answer", "return", "answer", "accept"]
    assert [event.act for event in order.events.all()] == list(steps)
    final = clients[alice].get(page).content.decode()
    assert "the order has ended" in final
    assert order.events.count() == final.count("timeline-when")
    clients[alice].cookies["django_language"] = "zh-hans"
    assert "监督令" in clients[alice].get(reverse("orders:list")).content.decode()


def test_only_who_may(order: Any, issued: Any, regulator: Any, reviewer: Any, lead: Any, vendor: Any) -> None:
    with pytest.raises(PermissionDenied):
        order_surveillance(issued, actor=reviewer, reason=WHY, due_on=in_days(5))
    InterestDeclaration.objects.create(person=lead, organisation=vendor, nature="Advised it.", since="2026-01-01")
    with pytest.raises(PermissionDenied):
        act_on(order, "answer", actor=lead, reason=WHY, outcome="fulfilled")
    assert not any("orders" in url for url in waiting(lead))
    assert "order_made" not in told(lead)
    elsewhere = person("Ottilie", organisation("authority", "Another authority", "另一机构"), "regulator")
    with pytest.raises(PermissionDenied):
        act_on(order, "lift", actor=elsewhere, reason=WHY)
    # Another authority sees the order, and may make one of its own.
    assert SurveillanceOrder.objects.visible_to(elsewhere).get() == order
    order_surveillance(issued, actor=elsewhere, reason=WHY, due_on=in_days(5))
    act_on(order, "lift", actor=regulator, reason="It was settled by telephone.")
    assert order.status == "lifted"
    # Who has an interest in the holder neither orders nor ends an order.
    second = order_surveillance(issued, actor=regulator, reason=WHY, due_on=in_days(5))
    InterestDeclaration.objects.create(person=regulator, organisation=vendor, nature="Owns a part.", since="2026-01-01")
    with pytest.raises(PermissionDenied):
        act_on(second, "lift", actor=regulator, reason=WHY)
    InterestDeclaration.objects.create(person=elsewhere, organisation=vendor, nature="Owns it.", since="2026-01-01")
    SurveillanceOrder.objects.filter(authority=elsewhere.memberships.get().organisation).update(status="lifted")
    with pytest.raises(PermissionDenied):
        order_surveillance(issued, actor=elsewhere, reason=WHY, due_on=in_days(5))


def test_one_unfinished_order_and_only_of_what_holds(order: Any, issued: Any, regulator: Any) -> None:
    with pytest.raises(Conflict):
        order_surveillance(issued, actor=regulator, reason=WHY, due_on=in_days(5))
    for wrong in ({"reason": "  ", "due_on": in_days(5)}, {"reason": WHY, "due_on": in_days(-1)}):
        with pytest.raises(ValidationError):
            order_surveillance(issued, actor=regulator, **wrong)
    act_on(order, "lift", actor=regulator, reason="It was settled by telephone.")
    Certificate.objects.filter(pk=issued.pk).update(valid_until=in_days(-1))
    issued.refresh_from_db()
    with pytest.raises(Conflict):
        order_surveillance(issued, actor=regulator, reason=WHY, due_on=in_days(5))


def test_programs_do_the_same(issued: Any, regulator: Any, reviewer: Any, charlie: Any) -> None:
    def api(who: Any) -> APIClient:
        return APIClient(headers={"Authorization": f"Bearer {make_token(who, 'test', scope='submit')}"})

    address = f"/api/certificates/{issued.number}/order-surveillance/"
    given = {"reason": WHY, "due_on": in_days(30).isoformat()}
    assert api(reviewer).post(address, given, format="json").status_code == 404
    made = api(regulator).post(address, given, format="json")
    assert made.status_code == 201, made.json()
    assert api(regulator).post(address, given, format="json").status_code == 409
    one = f"/api/orders/{made.json()['id']}/"
    assert api(charlie).get(one).status_code == 404
    assert api(charlie).get("/api/orders/").json()["results"] == []
    answer = {"reason": "It was looked at and is well.", "outcome": "fulfilled"}
    assert api(reviewer).post(f"{one}answer/", {**answer, "outcome": "?"}, format="json").status_code == 400
    assert api(reviewer).post(f"{one}answer/", answer, format="json").json()["status"] == "answered"
    listed = api(regulator).get("/api/orders/?show=answered").json()["results"]
    assert [(row["outcome"], [event["act"] for event in row["events"]]) for row in listed] == [
        ("fulfilled", ["order", "answer"])
    ]
    late = {"reason": "Which users were asked?", "due_on": in_days(-3).isoformat()}
    assert api(regulator).post(f"{one}return/", late, format="json").status_code == 400
    assert api(regulator).post(f"{one}accept/", {"reason": "Complete."}, format="json").status_code == 400
    assert (
        api(regulator).post(f"{one}accept/", {"reason": "It is complete."}, format="json").json()["status"] == "closed"
    )
    assert api(regulator).post(f"{one}lift/", {"reason": "It is complete."}, format="json").status_code == 409
