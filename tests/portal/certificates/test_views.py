"""The public page of a certificate and its files."""

from __future__ import annotations

import hashlib
import json
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from evaluations.cases.models import Case
from portal.assurance.services import change_status
from portal.certificates import services
from portal.certificates.models import Certificate
from tests.factories.certified import decided_case

pytestmark = pytest.mark.django_db


def page(client: Client, name: str, number: str) -> Any:
    return client.get(reverse(f"certificates:{name}", args=[number]))


def test_everybody_reads_the_page_status_first(client: Client, issued: Certificate) -> None:
    response = page(client, "certificate", issued.number)
    text = response.content.decode()
    assert response.status_code == 200
    assert text.index("in force until") < text.index("What is attested")
    for words in (
        issued.number,
        "Aurora Vision Ltd",
        "Enhanced (limited risk)",
        issued.pdf_sha256,
        "development key",
        'href="/standards/TAI/0.9/#RC-1">RC-1</a>',
    ):
        assert words in text
    assert " style=" not in text.split("<body")[1]


def test_the_page_is_chinese_for_chinese_readers(client: Client, issued: Certificate) -> None:
    text = client.get(
        reverse("certificates:certificate", args=[issued.number]), headers={"accept-language": "zh-hans"}
    ).content.decode()
    assert "增强级（有限风险）" in text
    assert "极光视觉有限公司" in text
    assert "可靠可控" in text


def test_a_suspension_is_shown_with_its_reason(client: Client, issued: Certificate, reviewer: Any) -> None:
    change_status(issued, "suspend", actor=reviewer, reason="Surveillance overdue")
    text = page(client, "certificate", issued.number).content.decode()
    assert "do not rely on it" in text
    assert "Surveillance overdue" in text


def test_the_files_are_the_very_bytes_that_were_published(client: Client, issued: Certificate) -> None:
    pdf = page(client, "pdf", issued.number)
    assert pdf["Content-Type"] == "application/pdf"
    assert hashlib.sha256(pdf.content).hexdigest() == issued.pdf_sha256
    assert json.loads(page(client, "json", issued.number).content) == issued.snapshot
    assert b"BEGIN CERTIFICATE" in client.get(reverse("certificates:trust_root")).content


def test_another_way_of_typing_the_number_leads_to_its_address(client: Client, issued: Certificate) -> None:
    response = page(client, "certificate", issued.number.lower())
    assert response["Location"] == reverse("certificates:certificate", args=[issued.number])


@pytest.mark.parametrize("name", ["certificate", "pdf", "json"])
def test_what_was_not_published_does_not_exist(
    client: Client, vendor: Any, body: Any, reviewer: Any, name: str
) -> None:
    preparing = services.prepare_certificate(decided_case(vendor, body, reviewer))
    client.force_login(reviewer)
    assert page(client, name, preparing.number).status_code == 404
    assert page(client, name, "TAI-2026-999999-0").status_code == 404
    assert client.post(reverse(f"certificates:{name}", args=[preparing.number])).status_code == 405


def test_programs_read_status_history_and_data(client: Client, issued: Certificate) -> None:
    answer = client.get(f"/api/certificates/{issued.number}/").json()
    assert answer["status"] == "in_force"
    assert answer["snapshot"] == issued.snapshot
    assert [event["status"] for event in answer["history"]] == ["in_force"]
    assert client.get("/api/certificates/TAI-2026-999999-0/").status_code == 404


def test_the_holder_alone_is_led_to_the_report_that_the_certificate_rests_on(
    client: Client, issued: Certificate, alice: Any, charlie: Any
) -> None:
    Case.objects.filter(pk=issued.case_id).update(frozen_report={"sha256": "0" * 64, "report": {}, "earlier": []})
    report = reverse("cases:report", args=[issued.case_id])
    assert report not in page(client, "certificate", issued.number).content.decode()
    for person, sees in ((alice, True), (charlie, False)):
        client.force_login(person)
        assert (report in page(client, "certificate", issued.number).content.decode()) is sees
