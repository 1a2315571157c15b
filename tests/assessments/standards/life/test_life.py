"""From draft through public consultation and a committee's resolution to published, superseded and withdrawn."""

from __future__ import annotations

import csv
import io
from datetime import date, timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.ledger.services import history, verify
from assessments.ledger.workflow import Conflict
from assessments.standards import consulting, drafting
from assessments.standards.models import Comment, Consultation, Edition, Scheme, Status

pytestmark = pytest.mark.django_db


def today() -> date:
    return timezone.now().date()


def signed_in(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def opened(draft: Edition, owner: Any) -> Consultation:
    return consulting.open_consultation(draft, opens_on=today(), closes_on=today() + timedelta(days=20), actor=owner)


def close(round_: Consultation) -> None:
    past = today() - timedelta(days=1)
    Consultation.objects.filter(pk=round_.pk).update(opens_on=past - timedelta(days=20), closes_on=past)


VOTES = {
    "vendors_members": 3, "vendors_in_favour": 2, "vendors_against": 1,
    "users_members": 3, "users_in_favour": 3, "users_against": 0,
    "evaluators_members": 3, "evaluators_in_favour": 2, "evaluators_against": 0,
}  # fmt: skip


def resolution(draft: Edition, **more: Any) -> dict[str, Any]:
    draft.refresh_from_db()
    return {"number": "2026/9", "date": today().isoformat(), "digest": draft.digest, **VOTES, **more}


def test_whole_life_in_the_browser(draft: Edition, published: Edition, owner: Any, alice: Any) -> None:
    """Drafted, consulted on, commented by a visitor and a member, answered, revised, adopted, withdrawn."""
    keeper, visitor = signed_in(owner), Client()
    public = reverse("standards:edition", args=["PRE", "2"])
    page = reverse("standards:consultation", args=["PRE", "2"])
    assert visitor.get(public).status_code == visitor.get(page).status_code == 404
    own = reverse("drafts:consultation", args=[draft.pk])
    short = {"opens_on": today().isoformat(), "closes_on": (today() + timedelta(days=5)).isoformat()}
    assert "lasts at least 14 days" in keeper.post(own, short).content.decode()
    assert keeper.post(own, {**short, "closes_on": (today() + timedelta(days=20)).isoformat()}).status_code == 302
    draft.refresh_from_db()
    assert draft.status == Status.CONSULTATION
    assert "Comment on PU-1" in visitor.get(public).content.decode()

    said = {"criterion": "PU-1", "text": "Say who answers.", "name": "=Vera", "email": "vera@example.org"}
    assert visitor.post(page, {**said, "email": ""}).status_code == 400
    assert visitor.post(page, said).status_code == 302
    assert signed_in(alice).post(page, {"text": "Good.", "name": "Alice"}).status_code == 302
    shown = visitor.get(page).content.decode()
    assert "Say who answers." not in shown
    first, second = Comment.objects.order_by("pk")
    assert (first.person_id, second.person_id, second.email) == (None, alice.pk, alice.email)
    act = lambda row, **data: keeper.post(reverse("drafts:comment", args=[draft.pk, row.pk]), data)  # noqa: E731
    act(first, act="release")
    act(second, act="withhold", reason="")
    second.refresh_from_db()
    assert second.status == "received"
    act(second, act="withhold", reason="Says nothing about the text.")
    shown = visitor.get(page).content.decode()
    assert "Say who answers." in shown
    assert "vera@example.org" not in shown
    assert "1 comment was withheld" in shown

    publish = reverse("drafts:publish", args=[draft.pk])
    assert "public consultation runs until" in keeper.post(publish, resolution(draft)).content.decode()
    close(draft.consultations.get())
    assert visitor.post(page, said).status_code == 409
    assert "comments without an answer: 1" in keeper.post(publish, resolution(draft)).content.decode()
    act(
        first,
        act="answer",
        **{f"comment-{first.pk}-outcome": "accepted", f"comment-{first.pk}-answer": "PU-1 says so."},
    )
    assert keeper.post(reverse("drafts:consultation-end", args=[draft.pk])).status_code == 302
    assert visitor.get(public).status_code == 404
    assert "PU-1 says so." in visitor.get(page).content.decode()
    rows = list(
        csv.DictReader(
            io.StringIO(visitor.get(reverse("standards:comments", args=["PRE", "2"])).content.decode("utf-8-sig"))
        )
    )
    assert [(row["name"], row["outcome"]) for row in rows] == [("'=Vera", "accepted")]

    begins, until = today() + timedelta(days=30), today() + timedelta(days=90)
    days = {"effective_on": begins.isoformat(), "supersedes": [published.pk]}
    refused = keeper.post(publish, resolution(draft, **days)).content.decode()
    assert "name the last day" in refused
    unbalanced = resolution(draft, **days, transition_until=until.isoformat(), vendors_members=9, vendors_in_favour=9)
    assert "vendors predominate" in keeper.post(publish, unbalanced).content.decode()
    adopted = keeper.post(publish, resolution(draft, **days, transition_until=until.isoformat()))
    assert adopted.status_code == 302, adopted.content.decode()
    draft.refresh_from_db()
    published.refresh_from_db()
    assert (draft.status, draft.effective_on, draft.is_in_effect) == (Status.PUBLISHED, begins, False)
    assert (published.status, published.applications_until) == (Status.SUPERSEDED, until)
    assert Scheme.objects.get(standard_edition=draft).status == Status.PUBLISHED
    entry = history(draft).get(transition="publish")
    assert (entry.actor, entry.details["digest"], entry.details["resolution"]) == (owner.pk, draft.digest, "2026/9")

    withdraw = reverse("drafts:withdraw", args=[draft.pk])
    assert keeper.post(withdraw, {"reason": " "}).status_code == 400
    assert keeper.post(withdraw, {"reason": "A mistake in DA-2."}).status_code == 302
    assert "A mistake in DA-2." in visitor.get(public).content.decode()
    assert set(Edition.objects.filter(pk=draft.pk).values_list("status", "schemes__status")) == {
        ("withdrawn", "withdrawn")
    }
    moves = [entry.transition for entry in history(draft)]
    assert moves == ["draft", "consult", "revise", "publish", "withdraw"]
    assert list(verify()) == []


def test_text_rests_while_the_public_comments(draft: Edition, owner: Any) -> None:
    opened(draft, owner)
    draft.refresh_from_db()
    with pytest.raises(Conflict):
        drafting.change_edition(draft, lambda content: None, actor=owner, revision=draft.revision)
    assert signed_in(owner).get(reverse("drafts:criterion", args=[draft.pk, "PU-1"])).status_code == 404


def test_draft_scheme_lies_before_the_public_with_its_edition(draft: Edition, owner: Any, other_owner: Any) -> None:
    """Readable by page and interface, commented on, at rest; a draft again afterwards."""
    scheme = draft.schemes.get()
    page, file = (reverse(f"{room}:scheme", args=[scheme.code, scheme.edition]) for room in ("standards", "api"))
    keeper, visitor = signed_in(owner), Client()
    assert [visitor.get(each).status_code for each in (page, file)] == [404, 404]
    assert signed_in(other_owner).get(page).status_code == 404
    assert "nothing is evaluated by it yet" in keeper.get(page).content.decode()

    round_ = opened(draft, owner)
    draft.refresh_from_db()
    assert [row["digest"] for row in round_.schemes] == [scheme.digest]
    assert history(draft).get(transition="consult").details["schemes"] == {str(scheme): scheme.digest}
    shown = visitor.get(page).content.decode()
    assert "open for comments together with its standard" in shown
    assert visitor.get(file).json()["content"] == scheme.content
    assert page in visitor.get(draft.get_absolute_url()).content.decode()
    assert page in visitor.get(reverse("standards:list")).content.decode()
    said = {"criterion": "scheme", "text": "Say why 60.", "name": "Vera", "email": "vera@example.org"}
    talk = reverse("standards:consultation", args=["PRE", "2"])
    assert visitor.post(talk, said).status_code == 302
    assert (
        "The scheme: thresholds, levels" in keeper.get(reverse("drafts:consultation", args=[draft.pk])).content.decode()
    )
    with pytest.raises(Conflict):
        drafting.change_scheme(scheme, scheme.content, actor=owner, revision=scheme.revision)
    assert keeper.get(reverse("drafts:scheme", args=[draft.pk, scheme.pk])).status_code == 404

    consulting.end_consultation(round_, actor=owner)
    assert [visitor.get(each).status_code for each in (page, file)] == [404, 404]


def test_unsound_draft_is_not_put_to_the_public(draft: Edition, owner: Any) -> None:
    def spoil(content: dict[str, Any]) -> None:
        content["criteria"][0]["statement"]["zh"] = ""

    drafting.change_edition(draft, spoil, actor=owner, revision=draft.revision)
    own = reverse("drafts:consultation", args=[draft.pk])
    days = {"opens_on": today().isoformat(), "closes_on": (today() + timedelta(days=20)).isoformat()}
    answer = signed_in(owner).post(own, days)
    assert answer.status_code == 400
    assert "criteria[0].statement.zh: is empty" in answer.content.decode()
    assert "PRE 2, criteria[0].statement.zh: is empty" in answer.content.decode().replace("&quot;", '"')
    assert Edition.objects.get(pk=draft.pk).status == Status.DRAFT


def test_flood_of_unread_comments_of_visitors_is_stopped(
    draft: Edition, owner: Any, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(consulting, "UNREAD_AT_MOST", 1)
    opened(draft, owner)
    page = reverse("standards:consultation", args=["PRE", "2"])
    said = {"text": "More.", "name": "Vera", "email": "vera@example.org"}
    assert Client().post(page, said).status_code == 302
    assert "Please sign in" in Client().post(page, said).content.decode()
    assert signed_in(alice).post(page, said).status_code == 302


def test_another_body_neither_sees_nor_moves_it(
    draft: Edition, other_owner: Any, lead: Any, published: Edition
) -> None:
    for person in (other_owner, lead):
        client = signed_in(person)
        assert client.get(reverse("drafts:draft", args=[draft.pk])).status_code == 404
        assert client.get(reverse("standards:edition", args=["PRE", "2"])).status_code == 404
    assert signed_in(other_owner).get(reverse("drafts:list")).status_code == 200
    assert signed_in(lead).get(reverse("drafts:list")).status_code == 404


def test_dates_decide_which_editions_a_new_application_may_choose(full_edition: Any) -> None:
    """A pilot in transition beside a full edition that takes effect later, and each of them alone."""
    old, new = full_edition
    day = today()
    Edition.objects.filter(pk=new.pk).update(effective_on=day + timedelta(days=1))
    assert list(Edition.objects.open_for_applications()) == [old]
    Edition.objects.filter(pk=new.pk).update(effective_on=day)
    assert set(Scheme.objects.open_for_applications()) == {old.schemes.get(), new.schemes.get()}
    Edition.objects.filter(pk=old.pk).update(applications_until=day - timedelta(days=1))
    assert list(Edition.objects.open_for_applications()) == [new]
