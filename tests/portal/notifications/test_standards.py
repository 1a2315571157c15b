"""Who is told about standards: a draft before the public, comments and answers, editions that come and go."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.utils import timezone, translation

from assessments.standards import consulting, withdrawing
from assessments.standards.drafting import begin_edition, entrust
from assessments.standards.loading import DATA
from assessments.standards.models import Edition, Scheme
from assessments.standards.services import load_scheme, load_standard, publish
from portal.notifications import mail, reading
from portal.notifications.models import Notification
from portal.notifications.wording import shown_to
from tests.factories.people import person

pytestmark = pytest.mark.django_db


def told(who: Any) -> list[str]:
    while reading.read_ledger():
        pass
    return list(Notification.objects.filter(person=who).order_by("entry_sequence").values_list("kind", flat=True))


def shown(who: Any, kind: str) -> Any:
    (item,) = shown_to(who, Notification.objects.filter(person=who, kind=kind))
    return item


@pytest.fixture
def owner(body: Any) -> Any:
    return person("Sofia", body, "scheme_owner")


@pytest.fixture
def edition(body: Any, owner: Any) -> Edition:
    """The pre-check, published and in the keeping of the body; its draft scheme is published with it."""
    row = load_standard(DATA / "PRE-1.yaml")
    publish(row)
    publish(load_scheme(DATA / "PRE-scheme.yaml"))
    entrust(row.standard, body)
    while reading.read_ledger():
        pass
    Notification.objects.all().delete()
    return Edition.objects.select_related("standard").get(pk=row.pk)


def test_a_consultation_from_announcement_to_answer(
    edition: Edition, owner: Any, application: Any, alice: Any, charlie: Any, lead: Any, mailoutbox: Any
) -> None:
    type(application).objects.filter(pk=application.pk).update(edition=edition)
    draft = Edition.objects.select_related("standard").get(pk=begin_edition(edition, "2", actor=owner).pk)
    day = timezone.now().date()
    round_ = consulting.open_consultation(draft, opens_on=day, closes_on=day + timedelta(days=20), actor=owner)
    assert "draft_public" in told(lead)
    assert told(alice) == ["draft_public"]
    assert told(charlie) == told(owner) == []
    item = shown(alice, "draft_public")
    assert (item.about, item.url) == (f"PRE 2 · {draft.title}", "/standards/PRE/2/consultation/")
    assert Client().get(item.url).status_code == 200

    said = {"name": "Alice", "email": alice.email, "text": "Say who answers."}
    own = consulting.comment(round_, person=alice, criterion="PU-1", **said)
    visitors = consulting.comment(round_, **said)
    assert told(owner) == ["comment_received"] * 2
    for row in (own, visitors):
        consulting.release(row, actor=owner)
        consulting.answer(row, actor=owner, outcome="accepted", text="PU-1 says so.")
    assert told(alice) == ["draft_public", "comment_answered"]
    item = shown(alice, "comment_answered")
    assert (item.title, item.about) == ("Your comment on a draft was answered", f"PRE 2 · PU-1 · #{own.pk}")
    page = Client().get(item.url.partition("#")[0]).content.decode()
    assert f'id="{item.url.partition("#")[2]}"' in page

    type(alice).objects.filter(pk=alice.pk).update(language="zh-hans")
    mail.send_waiting()
    subjects = [letter.subject for letter in mailoutbox if letter.to == [alice.email]]
    assert any("您对草案提出的意见已得到答复" in subject for subject in subjects)


def test_editions_that_come_and_go_concern_those_who_work_with_them(
    edition: Edition, owner: Any, application: Any, alice: Any, charlie: Any, lead: Any, regulator: Any
) -> None:
    type(application).objects.filter(pk=application.pk).update(edition=edition)
    new = begin_edition(edition, "2", actor=owner)
    for row in (new, new.schemes.get()):
        publish(row, actor=owner, resolution=None)
    assert told(alice) == ["edition_published"]
    assert "edition_published" in told(regulator)
    assert told(charlie) == []
    withdrawing.withdraw(edition, actor=owner, reason="A mistake in DA-2.")
    assert told(alice)[-1] == "edition_ended"
    assert told(lead)[-1] == "edition_ended"
    assert "edition_ended" not in told(regulator)
    with translation.override("zh-hans"):
        item = shown(alice, "edition_ended")
    assert item.title == "您所用的标准版本已废止"
    assert item.url == edition.get_absolute_url()
    assert Scheme.objects.get(standard_edition=edition).status == "withdrawn"
