"""Attestation (ISO/IEC 17065, 7.7): from a granted decision to a signed, published certificate."""

from __future__ import annotations

import datetime as dt
import hashlib
from typing import Any

import structlog
from django.conf import settings
from django.db import models, transaction
from django.db.models import F, Q
from django.urls import reverse
from django.utils import timezone

from assessments.ledger.services import append
from assessments.ledger.workflow import Conflict, move
from assessments.presentation.paper.coverage import UncoveredCharactersError
from assessments.presentation.paper.printing import PrintingUnavailableError
from assessments.standards.outcome import Assessment
from assessments.systems import storage
from evaluations.cases.models import Case
from evaluations.readers.signed_pdf import TrustBundle
from evaluations.readers.signed_pdf.signatures import signatures

from . import keyring
from .composing import assessment_of, compose
from .document import DoesNotFitError, render_pdf
from .keys import KeysError
from .models import Certificate, NumberSequence, StatusEvent
from .number import CertificateNumber
from .signing import sign
from .workflow import WORKFLOW

log = structlog.get_logger(__name__)

LEASE = dt.timedelta(minutes=3)
MOST_ATTEMPTS = 8
_FORESEEN = (UncoveredCharactersError, DoesNotFitError, PrintingUnavailableError, KeysError)


class NotAttestableError(ValueError):
    """A certificate may not be issued for the case; `reasons` are codes (see `hindrances`)."""

    def __init__(self, reasons: list[str]) -> None:
        self.reasons = reasons
        super().__init__(", ".join(reasons))


def awaiting_attestation() -> models.QuerySet[Case]:
    """Decided cases with a granted decision for which no certificate was begun."""
    return Case.objects.filter(
        status=Case.Status.DECIDED, outcome=Case.Outcome.GRANTED, decision__outcome="granted", certificate=None
    )


def hindrances(case: Case, assessment: Assessment) -> list[str]:
    """What forbids an attestation, as codes; empty when nothing does.

    decision: none that grants a level; level: above the computed one or the target; major: an open major nonconformity;
    agreement: not signed by both.
    """
    decision = getattr(case, "decision", None)
    agreement = getattr(case.application, "agreement", None)
    rules = case.application.scheme.rules if case.application.scheme else None
    found = []
    if decision is None or decision.outcome != "granted" or not decision.level or rules is None:
        found.append("decision")
    elif rules.rank(decision.level) > rules.rank(assessment.granted):
        found.append("level")
    if assessment.open_majors:
        found.append("major")
    if agreement is None or not agreement.is_signed:
        found.append("agreement")
    return found


@transaction.atomic
def prepare_certificate(case: Case) -> Certificate:
    """Allocate the number and freeze the snapshot of a granted case; the file follows in `issue_certificate`.

    Raises `NotAttestableError`. One case has one certificate: asked again, the existing one is returned.
    """
    existing = Certificate.objects.filter(case=case).first()
    if existing:
        return existing
    assessment = assessment_of(case)
    reasons = hindrances(case, assessment)
    if reasons:
        raise NotAttestableError(reasons)
    keys = keyring.signing_keys()
    # The decision lies in the past by now, so the grant is never dated before it.
    granted = timezone.now().astimezone(dt.UTC).date()
    number = str(allocate_number(case.application.scheme.rules.number_format, granted.year))  # type: ignore[union-attr]
    url = settings.SITE_URL + reverse("certificates:certificate", args=[number])
    snapshot = compose(case, assessment, number, granted=granted, registry_url=url, development=keys.is_development)
    certificate = Certificate.objects.create(
        number=number,
        case=case,
        holder=case.application.organisation,
        body=case.body,
        level=snapshot["level"],
        tier=snapshot["tier"],
        granted_on=granted,
        valid_until=snapshot["dates"]["valid_until"],
        surveillance_due=snapshot["dates"]["surveillance_due"],
        snapshot=snapshot,
        is_development=keys.is_development,
    )
    append(certificate, "prepare", details={"number": number, "case": case.number})
    return certificate


def allocate_number(number_format: str, year: int) -> CertificateNumber:
    """The next number of a scheme in a year.

    Called inside the transaction that uses it, so that none is lost or given twice.
    """
    scheme = number_format.split("-", 1)[0]
    NumberSequence.objects.get_or_create(scheme=scheme, year=year)
    # The update locks the row until the transaction ends: two allocations happen one after the other.
    NumberSequence.objects.filter(scheme=scheme, year=year).update(last=F("last") + 1)
    return CertificateNumber(scheme, year, NumberSequence.objects.get(scheme=scheme, year=year).last)


def awaiting_file() -> models.QuerySet[Certificate]:
    """Prepared certificates that nobody is printing now."""
    return Certificate.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=timezone.now()),
        status=Certificate.Status.PREPARING,
        attempt__lt=MOST_ATTEMPTS,
    )


def claim(certificate_id: Any) -> Certificate | None:
    """Take a prepared certificate for this worker, or None when it is done or somebody else's."""
    now = timezone.now()
    taken = awaiting_file().filter(pk=certificate_id).update(attempt=F("attempt") + 1, lease_until=now + LEASE)
    return Certificate.objects.get(pk=certificate_id) if taken else None


def issue_certificate(certificate_id: Any) -> bool:
    """Print, sign, keep and publish a prepared certificate; True if this call published it.

    Safe to call twice: only the holder of the newest claim publishes, and the state moves once.
    """
    certificate = claim(certificate_id)
    if certificate is None:
        return False
    with structlog.contextvars.bound_contextvars(certificate=certificate.number, case=str(certificate.case_id)):
        try:
            _publish(certificate, _signed(certificate))
        except _FORESEEN as error:
            log.warning("certificate_not_issued", reason=str(error))
            _postpone(certificate, f"{type(error).__name__}: {error}")
            return False
        except Conflict:
            log.info("certificate_issued_elsewhere")
            return False
        log.info("certificate_issued", attempt=certificate.attempt)
    return True


def _signed(certificate: Certificate) -> bytes:
    keys = keyring.signing_keys()
    if keys.is_development != certificate.snapshot["development"]:
        raise KeysError("The signing key changed between a development and a production key since it was prepared.")
    keyring.remember(keys)
    return sign(render_pdf(certificate.snapshot), keys, timestamp_url=settings.TIMESTAMP_URL)


def _postpone(certificate: Certificate, trouble: str) -> None:
    """Try again later, ever more rarely; the reason is kept for the operator."""
    Certificate.objects.filter(pk=certificate.pk, attempt=certificate.attempt).update(
        trouble=trouble[:2000], lease_until=timezone.now() + dt.timedelta(seconds=30 * 2**certificate.attempt)
    )


def _publish(certificate: Certificate, signed: bytes) -> None:
    """Keep the signed bytes, then move the state, in one transaction with the public event and the ledger."""
    bundle = TrustBundle.from_pem(keyring.trust_bundle())
    (facts,) = signatures(signed, bundle)
    if not (facts.by_our_key and facts.intact and facts.covers_whole_file):
        raise KeysError(f"{certificate.number}: the signature just made does not hold")
    storage.keep_bytes(signed)
    now = timezone.now()
    with transaction.atomic():
        if not Certificate.objects.filter(pk=certificate.pk, attempt=certificate.attempt).exists():
            raise Conflict
        changes = {
            "pdf_sha256": hashlib.sha256(signed).hexdigest(),
            "signed_sha256": facts.signed_sha256,
            "signer_fingerprint": keyring.signing_keys().key_id,
            "issued_at": now,
            "lease_until": None,
            "trouble": "",
        }
        StatusEvent.objects.create(
            certificate=certificate,
            status=Certificate.Status.IN_FORCE,
            imposed_by_id=certificate.body_id,
            happened_at=now,
        )
        details = {"number": certificate.number, "pdf_sha256": changes["pdf_sha256"]}
        move(certificate, WORKFLOW, "issue", actor=None, changes=changes, details=details)
