"""What the workers do for certificates. Thin, and safe to receive twice; the sweeper finds what was missed."""

from __future__ import annotations

import structlog
from celery import shared_task
from django.db import IntegrityError

from . import services
from .keys import KeysError

log = structlog.get_logger(__name__)


@shared_task
def issue(certificate_id: str) -> None:
    """Print, sign and publish a prepared certificate."""
    services.issue_certificate(certificate_id)


@shared_task
def sweep() -> None:
    """Begin a certificate for each granted decision that has none, and make the files that wait."""
    for case in services.awaiting_attestation().select_related("application__scheme", "decision"):
        try:
            services.prepare_certificate(case)
        except services.NotAttestableError as error:
            log.warning("case_not_attestable", case=case.number, reasons=error.reasons)
        except KeysError as error:
            log.error("no_signing_key", reason=str(error))
            return
        except IntegrityError:
            # Another sweeper was quicker with the same case.
            continue
    for certificate_id in services.awaiting_file().values_list("pk", flat=True):
        services.issue_certificate(certificate_id)
