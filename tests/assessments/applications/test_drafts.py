"""A draft is thrown away, or filled from an earlier application; the way and the queue say by when, to whom."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments.applications import drafts, services
from assessments.applications.models import Application
from assessments.applications.steps import evidence_of
from assessments.applications.terms import due_after, today
from assessments.ledger.models import Entry
from assessments.ledger.workflow import Conflict
from assessments.systems.models import SystemVersion
from assessments.systems.services import create_version

pytestmark = pytest.mark.django_db


def page(client: Client, person: Any, name: str, *args: Any, **query: str) -> Any:
    client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
    return client.get(reverse(f"applications:{name}", args=args), query)


def test_a_draft_is_discarded_once_and_the_version_stays(client: Client, ready: Application, alice: Any) -> None:
    shown = page(client, alice, "application", ready.pk).content.decode()
    assert "The answers of this draft are deleted" in shown
    assert "6 of 6 steps done." in shown
    address, seen = reverse("applications:discard", args=[ready.pk]), {"revision": ready.revision}
    assert client.post(address, {"revision": ready.revision - 1}).status_code == 409
    assert client.post(address, seen).status_code == 302
    assert client.post(address, seen).status_code == 404  # the second click finds nothing
    assert not Application.objects.filter(pk=ready.pk).exists()
    assert SystemVersion.objects.filter(pk=ready.version_id).exists()
    assert Entry.objects.get(transition="discard").details == {"number": ready.number}


def test_only_a_draft_is_discarded(submitted: Application, alice: Any) -> None:
    with pytest.raises(Conflict):
        drafts.discard(submitted, actor=alice)
    assert Application.objects.filter(pk=submitted.pk).exists()


def test_answers_are_copied_where_nothing_stands(client: Client, ready: Application, alice: Any, charlie: Any) -> None:
    following = create_version(ready.version.system, actor=alice, label="2.0", intended_use="As before.")
    draft = services.start_application(following, actor=alice)
    first = evidence_of(ready).first()
    services.save_declarations(draft, actor=alice, declarations={"truthful": True})
    assert page(client, charlie, "application", draft.pk).status_code == 404
    assert f'value="{ready.pk}"' in page(client, alice, "application", draft.pk).content.decode()
    address = reverse("applications:copy", args=[draft.pk])
    assert client.post(address, {"source": "no key"}).status_code == 404
    assert client.post(address, {"source": ready.pk}).status_code == 302
    draft = Application.objects.get(pk=draft.pk)
    assert (draft.scheme, draft.target_level, draft.body) == (ready.scheme, ready.target_level, ready.body)
    assert draft.version.schema == ready.version.schema
    assert draft.declarations == {"truthful": True}
    assert draft.evidence.count() == ready.evidence.count()
    # What the applicant wrote since is theirs: a second copy changes nothing.
    assert first is not None
    draft.evidence.filter(criterion=first.criterion).update(explanation="New words.")
    client.post(address, {"source": ready.pk})
    assert draft.evidence.get(criterion=first.criterion).explanation == "New words."


def test_the_way_says_who_what_and_by_when(client: Client, submitted: Application, alice: Any, lead: Any) -> None:
    body = page(client, lead, "application", submitted.pk).content.decode()
    assert 'aria-current="step"><span>Admission</span>' in body
    assert "Step 2 of 8: Admission" in body
    assert f'href="{reverse("applications:admission", args=[submitted.pk])}">Check that it is complete' in body
    assert due_after("admission").isoformat() in body
    checks = page(client, lead, "admission", submitted.pk).content.decode()
    for step in ("profile", "model", "evidence", "declarations"):
        address = reverse("applications:answers", args=[submitted.pk])
        assert f'href="{address}#section-{step}"' in checks
    assert "overdue" not in body
    Application.objects.update(due_on=today() - timedelta(days=2))
    vendor = page(client, alice, "application", submitted.pk).content.decode()
    assert "2 days overdue" in vendor
    assert str(submitted.body) in vendor
    client.cookies["django_language"] = "zh-hans"
    chinese = page(client, alice, "application", submitted.pk).content.decode()
    assert "第2步，共8步：受理" in chinese


def test_the_queue_is_by_last_day_and_can_be_narrowed(
    client: Client, submitted: Application, lead: Any, alice: Any
) -> None:
    queue = page(client, lead, "queue")
    assert [row.pk for row in queue.context["rows"]] == [submitted.pk]
    counts = {code: count for code, _label, count in queue.context["filters"]}
    assert counts == {"": 1, "body": 1, "late": 0, "applicant": 0}
    assert not page(client, lead, "queue", show="late").context["rows"]
    Application.objects.update(due_on=today() - timedelta(days=1))
    late = page(client, lead, "queue", show="late")
    assert [row.pk for row in late.context["rows"]] == [submitted.pk]
    assert "overdue" in late.content.decode()


def test_the_scope_is_asked_for_in_both_languages(client: Client, draft: Application, alice: Any) -> None:
    assert "in one language only" in page(client, alice, "step", draft.pk, "profile").content.decode()
    address = reverse("systems:version-edit", args=[draft.version_id])
    shown = client.get(address).content.decode()
    assert "The same in the other language, for the certificate" in shown
    revision = SystemVersion.objects.get(pk=draft.version_id).revision
    words = {"label": "1.0", "intended_use": "Reads digits.", "intended_use_other": "识别数字。", "revision": revision}
    assert client.post(address, words).status_code == 302
    late = client.post(address, {**words, "intended_use": "Reads letters."})
    assert late.status_code == 409  # made on an older sight: both versions are shown, nothing is overwritten
    assert "Reads digits." in late.content.decode()
    assert "Reads letters." in late.content.decode()
    assert SystemVersion.objects.get(pk=draft.version_id).intended_use == "Reads digits."
    assert "识别数字。" in page(client, alice, "answers", draft.pk).content.decode()
    assert "English and Chinese" in page(client, alice, "step", draft.pk, "profile").content.decode()
