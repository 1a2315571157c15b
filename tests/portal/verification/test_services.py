"""From an uploaded file to the answer: through the sandbox, once, and nothing stays behind."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.core import mail
from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from assessments.systems import storage
from portal.certificates.models import Certificate
from portal.verification import services, tasks
from portal.verification.models import Examination
from tests.factories import tampering

pytestmark = pytest.mark.django_db


def signed_file(certificate: Certificate) -> bytes:
    with storage.open_blob(certificate.pdf_sha256) as file:
        return file.read()


def answered(data: bytes) -> Examination:
    examination = services.accept(SimpleUploadedFile("a.pdf", data))
    assert services.place_of(examination.pk).exists()
    tasks.examine(str(examination.pk))
    examination.refresh_from_db()
    assert not services.place_of(examination.pk).exists()
    return examination


def test_each_of_the_five_answers(issued: Certificate, settings: Any) -> None:
    settings.ADMINS = [("Operator", "operator@example.org")]
    data = signed_file(issued)
    genuine = answered(data)
    assert (genuine.status, genuine.answer, genuine.certificate) == ("done", "genuine", issued)
    assert answered(tampering.with_page(data)).answer == "altered"
    assert answered(tampering.flipped(data, tampering.gap(data)[1] - 9)).answer == "altered"
    forged = answered(tampering.stripped(data))
    assert (forged.answer, forged.certificate) == ("forged", issued)
    assert answered(tampering.plain_pdf("An invoice")).answer == "not_ours"
    assert mail.outbox == []
    Certificate.objects.update(pdf_sha256="0" * 64, signed_sha256="0" * 64)
    assert answered(data).answer == "unknown"
    assert issued.number in mail.outbox[0].subject


def test_a_file_that_breaks_the_reader_gets_an_answer_too(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    limits = services.Limits(cpu_seconds=1, wall_seconds=0.01)
    monkeypatch.setattr(services, "LIMITS", limits)
    examination = answered(tampering.plain_pdf("slow"))
    assert (examination.status, examination.facts) == ("failed", {"trouble": "unreadable"})


def test_a_task_received_twice_examines_once(issued: Certificate) -> None:
    examination = answered(signed_file(issued))
    tasks.examine(str(examination.pk))
    examination.refresh_from_db()
    assert examination.attempt == 1


def test_what_a_dead_worker_left_is_sent_again_and_capped(db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    sent: list[str] = []
    monkeypatch.setattr(tasks.examine, "delay", sent.append)
    examination = services.accept(SimpleUploadedFile("a.pdf", b"x"))
    past = timezone.now() - dt.timedelta(minutes=5)
    services.claim(examination.pk)
    Examination.objects.update(lease_until=past, redispatch_after=past)
    tasks.sweep()
    tasks.sweep()
    assert sent == [str(examination.pk)]
    Examination.objects.update(lease_until=past, redispatch_after=past, attempt=services.MOST_ATTEMPTS)
    tasks.sweep()
    examination.refresh_from_db()
    assert (examination.status, examination.facts["trouble"]) == ("failed", "platform")
    assert sent == [str(examination.pk)]


def test_answers_and_files_are_deleted(db: None) -> None:
    examination = services.accept(SimpleUploadedFile("a.pdf", b"x"))
    place = services.place_of(examination.pk)
    services.tidy()
    assert place.exists()
    long_ago = (timezone.now() - dt.timedelta(days=2)).timestamp()
    import os

    os.utime(place, (long_ago, long_ago))
    Examination.objects.update(asked_at=timezone.now() - dt.timedelta(days=2))
    services.tidy()
    assert not place.exists()
    assert not Examination.objects.exists()
