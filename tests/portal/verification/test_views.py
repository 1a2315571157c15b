"""The verification pages: a file or a number in, an answer out, without script and without an account."""

from __future__ import annotations

import uuid
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.urls import reverse

from portal.assurance.services import change_status
from portal.certificates.models import Certificate
from portal.verification import services, tasks
from portal.verification.models import Examination
from tests.factories import tampering
from tests.portal.verification.test_services import signed_file

pytestmark = pytest.mark.django_db
START = "/verify/"


def handed_in(client: Client, data: bytes) -> str:
    response = client.post(START, {"file": SimpleUploadedFile("certificate.pdf", data, "application/pdf")})
    assert response.status_code == 302
    return str(response["Location"])


def test_a_file_is_checked_while_the_page_waits(client: Client, issued: Certificate) -> None:
    address = handed_in(client, signed_file(issued))
    waiting = client.get(address).content.decode()
    assert "being checked" in waiting
    assert f'hx-get="{address}"' in waiting
    assert 'http-equiv="refresh"' in waiting
    tasks.examine(str(Examination.objects.get().pk))
    done = client.get(address).content.decode()
    assert "Genuine" in done
    assert "in force until" in done
    assert "hx-get" not in done
    part = client.get(address, headers={"HX-Request": "true"}).content.decode()
    assert part.lstrip().startswith("<div")
    assert "<html" not in part


@pytest.mark.parametrize(
    ("change", "words"),
    [(tampering.with_annotation, "Altered"), (tampering.stripped, "treat it as forged")],
    ids=["annotation", "stripped"],
)
def test_a_tampered_file_gets_a_plain_warning(client: Client, issued: Certificate, change: Any, words: str) -> None:
    address = handed_in(client, change(signed_file(issued)))
    tasks.examine(str(Examination.objects.get().pk))
    text = client.get(address).content.decode()
    assert words in text
    assert "in force until" not in text


def test_nothing_is_opened_in_the_web_process(
    client: Client, issued: Certificate, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(*_args: Any, **_options: Any) -> None:
        raise AssertionError("the web process must not read the file")

    monkeypatch.setattr("portal.verification.services._facts_of", refuse)
    monkeypatch.setattr("evaluations.readers.signed_pdf.examine", refuse)
    assert client.get(handed_in(client, signed_file(issued))).status_code == 200


def test_a_number_gives_the_status_today(client: Client, issued: Certificate, reviewer: Any) -> None:
    response = client.get(START, {"number": issued.number.lower()}, follow=True)
    assert response.redirect_chain[-1][0] == reverse("verification:number", args=[issued.number])
    assert "in force until" in response.content.decode()
    change_status(issued, "withdraw", actor=reviewer, reason="Fraud")
    assert "withdrawn for cause" in client.get(START, {"number": issued.number}, follow=True).content.decode()


def test_a_slip_of_the_pen_is_told_from_an_unknown_number(client: Client, issued: Certificate) -> None:
    wrong = client.get(START, {"number": issued.number[:-1] + ("1" if issued.number[-1] != "1" else "2")})
    assert wrong.status_code == 422
    assert "check character is wrong" in wrong.content.decode()
    unknown = client.get("/verify/number/TAI-2026-000123-6/")
    assert unknown.status_code == 404
    assert "no certificate of this number" in unknown.content.decode()


def test_what_is_too_large_or_missing_is_refused_plainly(client: Client, settings: Any, db: None) -> None:
    settings.VERIFICATION_MAX_BYTES = 1000
    assert client.post(START, {"file": SimpleUploadedFile("a.pdf", b"x" * 70_000)}).status_code == 413
    assert client.post(START, {"file": SimpleUploadedFile("a.pdf", b"x" * 1001)}).status_code == 413
    assert client.post(START, {}).status_code == 422
    assert not Examination.objects.exists()


def test_when_many_wait_the_page_says_so(client: Client, db: None, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(services, "MOST_WAITING", 0)
    response = client.post(START, {"file": SimpleUploadedFile("a.pdf", b"x")})
    assert response.status_code == 503
    assert "Try again in a minute" in response.content.decode()


def test_forms_are_guarded_against_forgery(db: None) -> None:
    strict = Client(enforce_csrf_checks=True)
    assert strict.post(START, {"file": SimpleUploadedFile("a.pdf", b"x")}).status_code == 403


def test_an_unknown_check_does_not_exist(client: Client, db: None) -> None:
    assert client.get(reverse("verification:result", args=[uuid.uuid4()])).status_code == 404
    assert client.post(reverse("verification:result", args=[uuid.uuid4()])).status_code == 405


def test_the_pages_are_chinese_for_chinese_readers(client: Client, issued: Certificate) -> None:
    text = client.get(START, headers={"accept-language": "zh-hans"}).content.decode()
    assert "核验证书" in text
    number = client.get(f"/verify/number/{issued.number}/", headers={"accept-language": "zh-hans"}).content.decode()
    assert "有效" in number


def test_programs_check_files_and_numbers(client: Client, issued: Certificate) -> None:
    handed = client.post("/api/verify/", {"file": SimpleUploadedFile("a.pdf", signed_file(issued))})
    assert handed.status_code == 202
    tasks.examine(handed.json()["id"])
    answer = client.get(handed.json()["url"]).json()
    assert (answer["answer"], answer["number"], answer["certificate_status"]) == ("genuine", issued.number, "in_force")
    assert client.get(f"/api/verify/number/{issued.number}/").json()["status"] == "in_force"
    assert client.get("/api/verify/number/TAI-2026-000123-6/").status_code == 404
    assert client.post("/api/verify/", {}).status_code == 400
