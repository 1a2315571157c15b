"""Attestation: what it demands, that it happens once, and that what is published never changes."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
from typing import Any

import pytest
from django.utils import timezone

from assessments.ledger.services import history, verify
from assessments.systems import storage
from evaluations.cases.models import Decision, Settlement
from portal.certificates import keyring, services, tasks
from portal.certificates.composing import in_its_language, in_order, last_day
from portal.certificates.keys import KeysError
from portal.certificates.models import Certificate, NumberSequence
from portal.certificates.number import is_valid
from portal.certificates.snapshot import canonical
from tests.factories.certified import MODEL_SHA256, accepted_plan, decided_case

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("quick_printing")]


def test_a_granted_decision_becomes_a_published_certificate(vendor: Any, body: Any, reviewer: Any) -> None:
    case = decided_case(vendor, body, reviewer)
    accepted_plan(case, "DI-15")
    tasks.sweep()
    certificate = Certificate.objects.published().get(case=case)
    assert is_valid(certificate.number)
    assert certificate.standing() == "in_force"
    with storage.open_blob(certificate.pdf_sha256) as file:
        signed = file.read()
    assert hashlib.sha256(signed).hexdigest() == certificate.pdf_sha256
    snapshot = certificate.snapshot
    assert snapshot["system"]["digest"] == MODEL_SHA256
    assert snapshot["level_name"] == {"en": "Enhanced (limited risk)", "zh": "增强级（有限风险）"}
    assert snapshot["scope"]["not_applicable"] == ["DP-5", "DP-6"]
    assert snapshot["scope"]["intended_use"] == {"en": "", "zh": "识别表单上的单个手写数字。"}
    assert snapshot["scope"]["data_supplied_by_vendor"] == ["test"]
    assert "DI-15" in snapshot["conditions"][0]["zh"]
    assert snapshot["dates"]["decided"] <= snapshot["dates"]["granted"]
    assert [c["tenths"] for c in snapshot["characteristics"]] == [800] * 6
    assert json.loads(canonical(snapshot)) == snapshot
    assert [entry.transition for entry in history(certificate)] == ["prepare", "issue"]
    assert [event.status for event in certificate.status_events.all()] == ["in_force"]
    assert list(verify()) == []


def test_a_scope_in_both_languages_stands_in_both(vendor: Any, body: Any, reviewer: Any) -> None:
    case = decided_case(vendor, body, reviewer)
    type(case.application.version).objects.update(intended_use_other="Reads one digit.", environment_other="扫描仪")
    tasks.sweep()
    scope = Certificate.objects.published().get(case=case).snapshot["scope"]
    assert scope["intended_use"] == {"en": "Reads one digit.", "zh": "识别表单上的单个手写数字。"}
    assert scope["environment"]["zh"] == "扫描仪"


def test_a_second_sweep_issues_nothing_more(vendor: Any, body: Any, reviewer: Any) -> None:
    decided_case(vendor, body, reviewer)
    tasks.sweep()
    (before,) = Certificate.objects.values_list("number", "pdf_sha256", "revision")
    tasks.sweep()
    assert list(Certificate.objects.values_list("number", "pdf_sha256", "revision")) == [before]


def test_a_task_received_twice_has_one_effect(vendor: Any, body: Any, reviewer: Any) -> None:
    certificate = services.prepare_certificate(decided_case(vendor, body, reviewer))
    assert services.issue_certificate(certificate.pk)
    assert not services.issue_certificate(certificate.pk)


def test_a_worker_whose_claim_is_old_publishes_nothing(vendor: Any, body: Any, reviewer: Any) -> None:
    certificate = services.prepare_certificate(decided_case(vendor, body, reviewer))
    slow = services.claim(certificate.pk)
    assert slow is not None
    assert services.claim(certificate.pk) is None
    Certificate.objects.update(lease_until=timezone.now() - dt.timedelta(seconds=1))
    assert services.issue_certificate(certificate.pk)
    certificate.refresh_from_db()
    published = certificate.pdf_sha256
    with pytest.raises(services.Conflict):
        services._publish(slow, services._signed(slow))
    certificate.refresh_from_db()
    assert certificate.pdf_sha256 == published
    assert certificate.status_events.count() == 1


def refused(case: Any) -> list[str]:
    with pytest.raises(services.NotAttestableError) as caught:
        services.prepare_certificate(case)
    assert not Certificate.objects.exists()
    assert not NumberSequence.objects.exists()
    return caught.value.reasons


def test_no_certificate_without_both_signatures_on_the_agreement(vendor: Any, body: Any, reviewer: Any) -> None:
    case = decided_case(vendor, body, reviewer)
    case.application.agreement.body_signed_at = None
    case.application.agreement.save()
    assert refused(case) == ["agreement"]


def test_no_certificate_with_an_open_major_nonconformity(vendor: Any, body: Any, reviewer: Any) -> None:
    case = decided_case(vendor, body, reviewer, RC_1=20)
    assert refused(case) == ["level", "major"]


def test_no_certificate_above_the_computed_level(vendor: Any, body: Any, reviewer: Any) -> None:
    case = decided_case(vendor, body, reviewer, tenths=32)
    assert refused(case) == ["level"]


def test_no_certificate_above_the_target(vendor: Any, body: Any, reviewer: Any) -> None:
    case = decided_case(vendor, body, reviewer, tenths=50)
    Decision.objects.update(level="excellent")
    case.refresh_from_db()
    assert refused(case) == ["level"]


def test_no_certificate_for_a_refusal_or_an_unfinished_assessment(vendor: Any, body: Any, reviewer: Any) -> None:
    case = decided_case(vendor, body, reviewer)
    Decision.objects.update(outcome="refused", level="")
    case.refresh_from_db()
    assert refused(case) == ["decision"]
    Decision.objects.update(outcome="granted", level="basic")
    Settlement.objects.filter(criterion="GM-1").delete()
    case.refresh_from_db()
    assert "level" in refused(case)


def test_numbers_run_by_scheme_and_year(db: None) -> None:
    from django.db import transaction

    with transaction.atomic():
        numbers = [services.allocate_number("TAI-YYYY-NNNNNN-C", 2026) for _ in range(3)]
        other = services.allocate_number("TAI-YYYY-NNNNNN-C", 2027)
    assert [n.running for n in numbers] == [1, 2, 3]
    assert other.running == 1


def test_a_name_that_cannot_be_printed_waits_with_the_reason(vendor: Any, body: Any, reviewer: Any) -> None:
    vendor.name_en = "Smile 😀 Ltd"
    vendor.save()
    decided_case(vendor, body, reviewer)
    tasks.sweep()
    certificate = Certificate.objects.get()
    assert certificate.status == "preparing"
    assert "U+1F600" in certificate.trouble
    assert not Certificate.objects.published().exists()
    assert certificate not in services.awaiting_file()


def test_production_never_signs_with_a_development_key(settings: Any) -> None:
    settings.EMBEDDED = False
    with pytest.raises(KeysError, match="PORTAL_SIGNING_PKCS12"):
        keyring.signing_keys()


def test_a_key_of_the_past_stays_ours(issued: Certificate, settings: Any, tmp_path: Any) -> None:
    from shutil import copytree

    copytree(settings.KEY_ROOT / "known", tmp_path / "known")
    old = keyring.signing_keys()
    settings.KEY_ROOT = tmp_path
    assert keyring.signing_keys().key_id != old.key_id
    assert old.trust_root_pem() in keyring.trust_bundle()
    assert keyring.signing_keys().trust_root_pem() in keyring.trust_bundle()


@pytest.mark.parametrize(
    ("start", "months", "end"),
    [
        ("2026-11-24", 24, "2028-11-23"),
        ("2026-12-01", 12, "2027-11-30"),
        ("2024-02-29", 12, "2025-02-27"),
        ("2026-08-31", 6, "2027-02-27"),
        ("2027-01-01", 36, "2029-12-31"),
    ],
)
def test_a_period_of_months_ends_the_day_before(start: str, months: int, end: str) -> None:
    assert last_day(dt.date.fromisoformat(start), months).isoformat() == end


def test_expiry_is_computed_when_read_last_day_inclusive(issued: Certificate) -> None:
    assert issued.standing(issued.valid_until) == "in_force"
    assert issued.standing(issued.valid_until + dt.timedelta(days=1)) == "expired"


def test_codes_stand_in_the_order_people_count() -> None:
    assert in_order(["RC-10", "DP-1", "RC-2"]) == ["DP-1", "RC-2", "RC-10"]


def test_a_text_stands_where_its_language_belongs() -> None:
    assert in_its_language("  Own\n servers ") == {"en": "Own servers", "zh": ""}
    assert in_its_language("本地 server") == {"en": "", "zh": "本地 server"}
