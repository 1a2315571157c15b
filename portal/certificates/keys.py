"""The keys that sign certificates, and the trust root by which everybody can check them.

Two sources: a development authority that is made on the first start and says DEVELOPMENT in every name, and a
PKCS#12 file in production. "Our signer" is decided by key, never by name: anybody can make a certificate with the
same names.
"""

from __future__ import annotations

import datetime as dt
import os
import secrets
import shutil
from dataclasses import dataclass
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
    load_pem_private_key,
    pkcs12,
)
from cryptography.x509.oid import ExtendedKeyUsageOID, NameOID, ObjectIdentifier
from django.utils import timezone

PrivateKey = ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey

DEVELOPMENT = "DEVELOPMENT"
_DOCUMENT_SIGNING = ObjectIdentifier("1.3.6.1.5.5.7.3.36")  # RFC 9336
_ROOT_DAYS, _SIGNER_DAYS = 3650, 2190


class KeysError(RuntimeError):
    """The signing keys cannot be used; the message says which file and why."""


@dataclass(frozen=True)
class SigningKeys:
    """A private key with its certificate and the chain up to the trust root (the last of `chain`)."""

    private_key: PrivateKey
    certificate: x509.Certificate
    chain: tuple[x509.Certificate, ...]

    @property
    def root(self) -> x509.Certificate:
        return self.chain[-1]

    @property
    def is_development(self) -> bool:
        """Made by this program for trying out: prints DEVELOPMENT across the page."""
        return DEVELOPMENT in self.root.subject.rfc4514_string()

    @property
    def key_id(self) -> str:
        """SHA-256 (hex) of the signer's public key: what "our signer" means."""
        return public_key_digest(self.certificate)

    def trust_root_pem(self) -> bytes:
        """The trust root alone, to give to everybody who wants to check a certificate."""
        return self.root.public_bytes(Encoding.PEM)

    def trust_bundle_pem(self) -> bytes:
        """Trust root and signer, for our own examination of files whose signature block is damaged."""
        return b"".join(c.public_bytes(Encoding.PEM) for c in (self.root, *self.chain[:-1], self.certificate))


def public_key_digest(certificate: x509.Certificate) -> str:
    digest = hashes.Hash(hashes.SHA256())
    digest.update(certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo))
    return digest.finalize().hex()


def production_keys(path: Path, passphrase: str) -> SigningKeys:
    """Read key, certificate and chain from a PKCS#12 file. Raises `KeysError` with a message for the operator."""
    try:
        key, certificate, others = pkcs12.load_key_and_certificates(path.read_bytes(), passphrase.encode())
    except (OSError, ValueError) as error:
        raise KeysError(f"{path}: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey | rsa.RSAPrivateKey) or certificate is None:
        raise KeysError(f"{path}: an EC or RSA key with its certificate is needed")
    return SigningKeys(key, certificate, _chain(path, certificate, others))


def _chain(path: Path, certificate: x509.Certificate, others: list[x509.Certificate]) -> tuple[x509.Certificate, ...]:
    """Order the other certificates from the issuer to the self-issued root."""
    chain: list[x509.Certificate] = []
    current = certificate
    while current.subject != current.issuer:
        issuer = next((c for c in others if c.subject == current.issuer and c not in chain), None)
        if issuer is None:
            raise KeysError(f"{path}: the certificate of the issuer {current.issuer.rfc4514_string()} is missing")
        current.verify_directly_issued_by(issuer)
        chain.append(issuer)
        current = issuer
    return tuple(chain) or (certificate,)


def development_keys(folder: Path, *, now: dt.datetime | None = None) -> SigningKeys:
    """The development authority kept in `folder`, made on first use.

    Root key and signer are written into a new folder that is then renamed into place, so that of two processes
    starting at once one wins and both use its keys. Files are readable by their owner only.
    """
    place = folder / "development"
    if not place.exists():
        _make_development(place, now or timezone.now())
    try:
        key = load_pem_private_key((place / "signer.key.pem").read_bytes(), None)
        certificate = x509.load_pem_x509_certificate((place / "signer.pem").read_bytes())
        root = x509.load_pem_x509_certificate((place / "root.pem").read_bytes())
    except (OSError, ValueError) as error:
        raise KeysError(f"{place}: {error}") from error
    if not isinstance(key, ec.EllipticCurvePrivateKey):
        raise KeysError(f"{place}: not an EC key")
    return SigningKeys(key, certificate, (root,))


def _make_development(place: Path, now: dt.datetime) -> None:
    fresh = place.parent / f".new-{secrets.token_hex(8)}"
    fresh.mkdir(parents=True, mode=0o700)
    root_key, signer_key = (ec.generate_private_key(ec.SECP256R1()) for _ in range(2))
    root = _certificate("trust root", root_key, None, root_key, now)
    signer = _certificate("certificate signer", signer_key, root, root_key, now)
    _write(fresh / "root.key.pem", _private_pem(root_key))
    _write(fresh / "signer.key.pem", _private_pem(signer_key))
    _write(fresh / "root.pem", root.public_bytes(Encoding.PEM))
    _write(fresh / "signer.pem", signer.public_bytes(Encoding.PEM))
    try:
        fresh.rename(place)
    except OSError:
        # Another process was quicker; its keys are as good as these.
        shutil.rmtree(fresh)
        if not place.exists():
            raise


def _certificate(
    role: str,
    key: ec.EllipticCurvePrivateKey,
    issuer: x509.Certificate | None,
    issuer_key: ec.EllipticCurvePrivateKey,
    now: dt.datetime,
) -> x509.Certificate:
    """A root (no issuer) or a signer. Extended key usage: document signing, and e-mail protection for older readers."""
    subject = x509.Name(
        [
            x509.NameAttribute(NameOID.ORGANIZATION_NAME, f"Trust Assessment Portal ({DEVELOPMENT})"),
            x509.NameAttribute(NameOID.COMMON_NAME, f"{DEVELOPMENT} {role}"),
        ]
    )
    is_root = issuer is None
    days = _ROOT_DAYS if is_root else _SIGNER_DAYS
    usages = [_DOCUMENT_SIGNING, ExtendedKeyUsageOID.EMAIL_PROTECTION]
    builder = (
        x509.CertificateBuilder()
        .subject_name(subject)
        .issuer_name(subject if issuer is None else issuer.subject)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(minutes=5))
        .not_valid_after(now + dt.timedelta(days=days))
        .add_extension(x509.BasicConstraints(ca=is_root, path_length=0 if is_root else None), critical=True)
        .add_extension(_key_usage(is_root), critical=True)
        .add_extension(x509.SubjectKeyIdentifier.from_public_key(key.public_key()), critical=False)
        .add_extension(x509.AuthorityKeyIdentifier.from_issuer_public_key(issuer_key.public_key()), critical=False)
    )
    if not is_root:
        builder = builder.add_extension(x509.ExtendedKeyUsage(usages), critical=False)
    return builder.sign(issuer_key, hashes.SHA256())


def _key_usage(is_root: bool) -> x509.KeyUsage:
    return x509.KeyUsage(
        digital_signature=not is_root,
        content_commitment=not is_root,
        key_cert_sign=is_root,
        crl_sign=is_root,
        key_encipherment=False,
        data_encipherment=False,
        key_agreement=False,
        encipher_only=False,
        decipher_only=False,
    )


def _private_pem(key: PrivateKey) -> bytes:
    return key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())


def _write(path: Path, content: bytes) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "wb") as file:
        file.write(content)
        file.flush()
        os.fsync(file.fileno())


def export_pkcs12(keys: SigningKeys, passphrase: str) -> bytes:
    """The keys as an encrypted PKCS#12 file, which `production_keys` reads."""
    return pkcs12.serialize_key_and_certificates(
        b"certificate signer",
        keys.private_key,
        keys.certificate,
        keys.chain,
        BestAvailableEncryption(passphrase.encode()),
    )
