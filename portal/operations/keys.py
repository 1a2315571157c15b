"""The signing key as the operator must know it: whose, how long it holds, and whether all workers have the same."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import urlsplit

import structlog
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from django.conf import settings
from django.utils import timezone

from portal.certificates import keyring
from portal.certificates.keys import KeysError, SigningKeys

log = structlog.get_logger(__name__)

WARN_BEFORE = timedelta(days=90)
ALARM_BEFORE = timedelta(days=30)


@dataclass(frozen=True)
class KeyCertificate:
    """One certificate of the chain: the signer's first, the trust root's last."""

    is_signer: bool
    is_root: bool
    subject: str
    valid_from: datetime
    valid_until: datetime
    fingerprint: str

    @property
    def left(self) -> timedelta:
        return self.valid_until - timezone.now()

    @property
    def state(self) -> str:
        """passed, attention (less than 90 days), or failed (less than 30 days, over, or not yet valid)."""
        if self.left < ALARM_BEFORE or self.valid_from > timezone.now():
            return "failed"
        return "attention" if self.left < WARN_BEFORE else "passed"


@dataclass(frozen=True)
class KeyRing:
    """What this process can say of the keys; without a key that can be used there are no certificates."""

    certificates: list[KeyCertificate]
    key_id: str
    is_development: bool

    @property
    def signer(self) -> KeyCertificate | None:
        return self.certificates[0] if self.certificates else None


def ring() -> KeyRing:
    """The keys that the settings name, read now."""
    try:
        found = keyring.signing_keys()
    except KeysError as error:
        log.error("no_signing_key", reason=str(error))
        return KeyRing([], "", is_development=False)
    return KeyRing(_chain(found), found.key_id, found.is_development)


def key_id() -> str:
    """SHA-256 of the signer's public key; empty when this process has no key."""
    try:
        return keyring.signing_keys().key_id
    except KeysError:
        return ""


def can_sign() -> bool:
    """Whether this process has a key whose certificate is valid now."""
    try:
        certificate = keyring.signing_keys().certificate
    except KeysError:
        return False
    return certificate.not_valid_before_utc <= timezone.now() <= certificate.not_valid_after_utc


def known_count() -> int:
    """How many keys have ever signed here, past ones included."""
    return len(list((Path(settings.KEY_ROOT) / "known").glob("*.pem")))


def timestamp_host() -> str:
    """The host of the timestamp authority; empty when there is none. The rest of its address may be secret."""
    return urlsplit(settings.TIMESTAMP_URL).hostname or "" if settings.TIMESTAMP_URL else ""


def _chain(keys: SigningKeys) -> list[KeyCertificate]:
    several = list(dict.fromkeys((keys.certificate, *keys.chain)))
    return [
        KeyCertificate(
            is_signer=certificate == keys.certificate,
            is_root=certificate == keys.root,
            subject=certificate.subject.rfc4514_string(),
            valid_from=certificate.not_valid_before_utc,
            valid_until=certificate.not_valid_after_utc,
            fingerprint=_fingerprint(certificate),
        )
        for certificate in several
    ]


def _fingerprint(certificate: x509.Certificate) -> str:
    return certificate.fingerprint(hashes.SHA256()).hex()
