"""A scheme owner's own program: reads a draft, checks and replaces it, and answers comments."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone
from rest_framework.test import APIClient

from assessments.accounts.tokens import make_token
from assessments.standards import consulting
from assessments.standards.models import Edition

pytestmark = pytest.mark.django_db


def api(person: Any, scope: str = "submit") -> APIClient:
    client = APIClient(headers={"Authorization": f"Bearer {make_token(person, 'test', scope=scope)}"})
    client.default_format = "json"
    return client


def test_a_draft_is_read_checked_and_replaced_as_a_whole(draft: Edition, owner: Any, other_owner: Any) -> None:
    program, address = api(owner), f"/api/drafts/{draft.pk}/"
    assert {(row["standard"], row["edition"]) for row in program.get("/api/drafts/").json()} == {
        ("PRE", "1"),
        ("PRE", "2"),
    }
    held = program.get(address).json()
    assert held["content"] == draft.content
    assert [row["code"] for row in held["schemes"]] == ["PRE"]
    assert program.get(f"{address}check/").json() == []

    content = {**held["content"], "criteria": [dict(item) for item in held["content"]["criteria"]]}
    content["criteria"][0]["weight"] = 0
    refused = program.put(address, {"revision": held["revision"], "content": content})
    assert refused.status_code == 400
    assert "criteria[0].weight" in str(refused.json())
    content["criteria"][0]["weight"] = 2 if draft.content["criteria"][0]["weight"] != 2 else 1
    # The name of the edition is not the text's to change.
    sent = {"revision": held["revision"], "content": {**content, "edition": "3", "status": "published"}}
    kept = program.put(address, sent).json()
    assert (kept["edition"], kept["status"]) == ("2", "draft")
    assert kept["content"] == content
    again = program.put(address, {**sent, "content": held["content"]})
    assert again.status_code == 409

    assert api(owner, "read").put(address, sent).status_code == 403
    stranger = api(other_owner)
    assert [stranger.get(address).status_code, stranger.put(address, sent).status_code] == [404, 404]
    assert stranger.get("/api/drafts/").json() == []


def test_comments_are_let_through_and_answered(draft: Edition, owner: Any, other_owner: Any) -> None:
    day = timezone.now().date()
    round_ = consulting.open_consultation(draft, opens_on=day, closes_on=day + timedelta(days=20), actor=owner)
    row = consulting.comment(round_, name="Vera", email="vera@example.org", text="Say who answers.")
    program, address = api(owner), f"/api/drafts/{draft.pk}/comments/"
    (seen,) = program.get(address).json()
    assert (seen["id"], seen["status"]) == (row.pk, "received")
    assert "vera@example.org" not in str(seen)
    one = f"{address}{row.pk}/"
    assert api(other_owner).post(one, {"act": "release"}).status_code == 404
    assert program.post(one, {"act": "answer", "outcome": "accepted", "answer": "Yes."}).status_code == 409
    assert program.post(one, {"act": "withhold"}).status_code == 400
    assert program.post(one, {"act": "release"}).json()["status"] == "public"
    assert program.post(one, {"act": "answer", "answer": "Yes."}).status_code == 400
    done = program.post(one, {"act": "answer", "outcome": "accepted", "answer": "PU-1 says so."}).json()
    assert (done["status"], done["answer"]) == ("answered", "PU-1 says so.")
    draft.refresh_from_db()
    # The text rests while the public comments on it.
    sent = {"revision": draft.revision, "content": draft.content}
    assert program.put(f"/api/drafts/{draft.pk}/", sent).status_code == 409
