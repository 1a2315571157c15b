"""What is past its period goes, a legal hold stops it, bytes stay while a row keeps them, and the ledger says so."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.accounts.models import SignIn
from assessments.applications import services as applications
from assessments.applications.models import Application
from assessments.ledger import services as ledger
from assessments.ledger.models import Entry
from assessments.systems.models import Artifact, Blob, Reading
from evaluations.cases.models import Case
from portal.certificates.models import Certificate
from portal.notifications.models import Notification
from portal.privacy import erasure, holds, retention
from portal.privacy.models import LegalHold, RetentionRun
from tests.factories import cases, evaluated
from tests.factories.people import person

pytestmark = pytest.mark.django_db


def counts(now: Any = None) -> dict[str, int]:
    return {code: len(rows) for code, rows in retention.found(now).items() if rows}


def test_what_is_past_its_period_goes_and_the_rest_stays(capsys: Any) -> None:
    who = cases.people()
    version = cases.submitted_version(who)
    draft = applications.start_application(version, actor=who.applicant)
    now = timezone.now()
    about = {"person": who.lead, "kind": "returned", "object_type": "x", "object_id": "1", "happened_at": now}
    for n, days in enumerate((0, 364, 366)):
        row = Notification.objects.create(**about, entry_sequence=n)
        Notification.objects.filter(pk=row.pk).update(created_at=now - timedelta(days=days))
        at = now - timedelta(days=3 * days)
        Reading.objects.create(
            version=version, kind="file", object_id=str(n), title="f", person=who.lead, first_at=at, last_at=at
        )
        SignIn.objects.create(person=who.lead, session_key=f"key-{n}", seen_at=now - timedelta(days=days))
    assert counts() == {"inbox": 1, "readings": 1, "sign_ins": 2}
    call_command("retention", "--dry-run")
    assert "readings" in capsys.readouterr().out
    assert Notification.objects.count() == 3

    hold = holds.place(organisation=who.body, reason="Proceedings 12/26.", actor=None)
    assert counts() == {"readings": 1}  # the lead belongs to the body
    holds.lift(hold, reason="They ended.", actor=None)
    assert retention.run().deleted | {} == {
        **dict.fromkeys((kind.code for kind in retention.KINDS), 0), "inbox": 1, "readings": 1, "sign_ins": 2
    }  # fmt: skip
    assert counts() == {}
    # A year on the draft goes too, unless somebody wrote in it; its version and files stay.
    later = now + timedelta(days=400)
    assert counts(later)["drafts"] == 1
    hold = holds.place(organisation=who.vendor, reason="Proceedings 13/26.", actor=None)
    assert "drafts" not in counts(later)
    holds.lift(hold, reason="They ended.", actor=None)
    retention.run(later)
    assert not Application.objects.filter(pk=draft.pk).exists()
    assert Artifact.objects.filter(version=version).exists()
    entry = Entry.objects.get(object_id=str(draft.pk), transition="discard")
    assert entry.details == {"number": draft.number, "cause": "retention"}
    assert Entry.objects.filter(transition="retention").count() == RetentionRun.objects.count() == 2
    assert list(ledger.verify()) == []


def test_files_go_years_after_the_last_validity_and_bytes_when_no_row_keeps_them(settings: Any) -> None:
    who = cases.people()
    case = evaluated.decided_case(who)
    version = case.application.version
    Certificate.objects.create(
        number="TAI-2026-000001-X", case=case, holder=who.vendor, body=who.body, level="basic", tier="limited",
        granted_on="2026-01-01", valid_until="2029-01-01", surveillance_due="2027-01-01", snapshot={},
    )  # fmt: skip
    shared = Artifact.objects.filter(version=version).first()
    assert shared is not None
    other = cases.submitted_version(who, label="9.0.0")  # the same bundle: equal bytes, another row
    assert Artifact.objects.filter(version=other, blob=shared.blob_id).exists()
    only = Artifact.objects.filter(version=other).exclude(
        blob__in=Artifact.objects.filter(version=version).values("blob")
    )
    assert not only.exists()
    years = timezone.now().replace(year=2034, month=12, day=1)
    assert "files" not in counts(years)
    due = years.replace(year=2035)
    assert counts(due)["files"] == 1
    hold = holds.place(case=Case.objects.get(pk=case.pk), reason="Appeal.", actor=None)
    assert "files" not in counts(due)
    holds.lift(hold, reason="Settled.", actor=None)
    retention.run(due)
    assert not Artifact.objects.filter(version=version).exists()
    assert Blob.objects.filter(pk=shared.blob_id).exists()  # the other version keeps it
    Artifact.objects.filter(version=other).delete()
    entry = Entry.objects.get(transition="files_expired")
    assert shared.blob_id in entry.details["sha256"]
    assert Path(settings.ARTIFACT_ROOT).exists()
    assert list(ledger.verify()) == []


def test_an_administrator_places_and_lifts_a_hold(client: Client, administrator: Any, lead: Any, body: Any) -> None:
    client.force_login(administrator)
    where = reverse("privacy:holds")
    assert client.post(where, {"reason": "x"}).status_code == 422
    assert client.post(where, {"case": "no-such", "reason": "x"}).status_code == 422
    assert client.post(where, {"organisation": body.pk, "reason": "Proceedings 14/26."}).status_code == 302
    assert client.post(where, {"organisation": body.pk, "reason": "Again."}).status_code == 422
    hold = LegalHold.objects.get()
    assert "Proceedings 14/26." in client.get(where).content.decode()
    shown = client.get(reverse("organisations:organisation", args=[body.pk])).content.decode()
    assert "nothing of this organisation is deleted or erased" in shown
    person("Lotte", body, "lead_evaluator")
    with pytest.raises(ValidationError):
        erasure.erase(lead, actor=administrator)
    assert "A legal hold is on" in client.get(reverse("privacy:person-erase", args=[lead.pk])).content.decode()
    lift = reverse("privacy:hold-lift", args=[hold.pk])
    client.post(lift, {"reason": ""})
    assert holds.active().exists()
    client.post(lift, {"reason": "The court has decided."})
    assert not holds.active().exists()
    erasure.erase(lead, actor=administrator)
    told = Entry.objects.filter(object_id=str(hold.pk)).values_list("transition", flat=True)
    assert list(told) == ["place", "lift"]
