"""A vendor sees who read its files: once an hour, for what, in which part; noting never stands in the way."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.db import DatabaseError
from django.urls import reverse
from django.utils import timezone

from assessments.accounts.services import open_object
from assessments.systems import readings, services, storage
from assessments.systems.models import Artifact, Reading, SystemVersion

pytestmark = pytest.mark.django_db


@pytest.fixture
def policy(version: SystemVersion, alice: Any, vendor: Any) -> Artifact:
    return services.add_artifact(
        version,
        blob=storage.keep_bytes(b"Our policy."),
        filename="policy.txt",
        role="evidence",
        origin="C",
        organisation=vendor,
        person=alice,
    )


def read(client: Any, person: Any, artifact: Artifact) -> None:
    client.force_login(person)
    answer = client.get(reverse("systems:download", args=[artifact.pk]))
    assert answer.status_code == 200
    assert b"".join(answer) == b"Our policy."


def test_the_hour_counts_once_and_the_next_one_again(
    client: Any, policy: Artifact, evaluator1: Any, evaluator2: Any, body: Any, alice: Any
) -> None:
    for person in (evaluator1, evaluator2):
        open_object(person, "systems.systemversion", policy.version_id, "TAC-2026-000001 evaluator")
        read(client, person, policy)
        read(client, person, policy)
    Reading.objects.filter(person=evaluator1).update(last_at=timezone.now() - timedelta(minutes=61))
    read(client, evaluator1, policy)
    assert Reading.objects.filter(person=evaluator1).count() == 2
    (row,) = Reading.objects.filter(person=evaluator2)
    assert (row.kind, row.title, row.organisation) == ("file", "policy.txt", body)
    assert (row.occasion, row.part) == ("TAC-2026-000001", "evaluator")
    assert row.last_at > row.first_at

    client.force_login(alice)
    page = client.get(reverse("systems:readings", args=[policy.version_id])).content.decode()
    assert all(word in page for word in ("policy.txt", "Erik", "Eva", body.name_en, "TAC-2026-000001", "evaluator"))
    told = client.get(f"/api/versions/{policy.version_id}/readings/").json()
    assert [one["person"] for one in told["results"]].count("Erik") == 2
    assert told["next"] == ""


def test_the_page_asks_no_more_as_the_list_grows(
    client: Any, policy: Artifact, alice: Any, evaluator1: Any, body: Any, django_assert_num_queries: Any
) -> None:
    client.force_login(alice)
    address = reverse("systems:readings", args=[policy.version_id])
    about = {"version": policy.version, "kind": "file", "person": evaluator1, "organisation": body}
    times = [timezone.now() - timedelta(hours=hour) for hour in range(60)]
    Reading.objects.create(**about, object_id="1", title="first.txt", first_at=times[0], last_at=times[0])
    client.get(address)
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    with CaptureQueriesContext(connection) as few:
        client.get(address)
    Reading.objects.bulk_create(
        Reading(**about, object_id=str(n), title=f"{n}.txt", first_at=at, last_at=at) for n, at in enumerate(times)
    )
    with CaptureQueriesContext(connection) as many:
        assert client.get(address).context["page"].next
    assert len(many) == len(few)


def test_what_cannot_be_noted_is_given_out_all_the_same(
    client: Any, policy: Artifact, evaluator1: Any, monkeypatch: Any, caplog: Any
) -> None:
    def full(*args: Any, **kwargs: Any) -> None:
        raise DatabaseError("disk full")

    open_object(evaluator1, "systems.systemversion", policy.version_id, "TAC-2026-000001 evaluator")
    monkeypatch.setattr(readings, "_why", full)
    read(client, evaluator1, policy)
    assert "could not be noted" in caplog.text
    assert not Reading.objects.exists()
