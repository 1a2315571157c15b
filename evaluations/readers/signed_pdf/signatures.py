"""The signatures in a PDF, read from its bytes and checked against known keys (ISO 32000-2 12.8, RFC 5652).

Nothing of the file's structure is trusted. A signature counts as covering the file only if its byte range is
everything but the one hexadecimal string that holds the signature itself, so no cross-reference trick, wrapped
signature or appended update can show other content under it. Certificates are matched by key, never by name.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass

from asn1crypto import cms
from cryptography import x509
from cryptography.exceptions import InvalidSignature, UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

_BYTE_RANGE = re.compile(rb"/ByteRange\s*\[\s*(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s+(\d{1,12})\s*\]")
_HASHES: dict[str, hashes.HashAlgorithm] = {
    "sha256": hashes.SHA256(),
    "sha384": hashes.SHA384(),
    "sha512": hashes.SHA512(),
}
PublicKey = ec.EllipticCurvePublicKey | rsa.RSAPublicKey


@dataclass(frozen=True)
class SignatureFacts:
    """One signature. `intact`: made by the key of `signer` over exactly the bytes that its byte range names.

    `signed_sha256` is the SHA-256 of those bytes: equal for two files that differ only in the unsigned gap.
    """

    signer: str
    by_our_key: bool
    intact: bool
    covers_whole_file: bool
    signed_sha256: str


@dataclass(frozen=True)
class TrustBundle:
    """Our certificates: authorities (trust roots, intermediates) and the signers known by now."""

    authorities: tuple[x509.Certificate, ...]
    signers: tuple[x509.Certificate, ...]

    @classmethod
    def from_pem(cls, pem: bytes) -> TrustBundle:
        """Read concatenated PEM certificates; authorities are told from signers by their basic constraints."""
        certificates = x509.load_pem_x509_certificates(pem)
        return cls(
            tuple(c for c in certificates if _is_authority(c)),
            # A self-issued signer is root and signer in one.
            tuple(c for c in certificates if not _is_authority(c)),
        )

    def is_ours(self, certificate: x509.Certificate) -> bool:
        """Is this one of our signers, or issued by the key of one of our authorities?"""
        if certificate in self.signers:
            return True
        if _is_authority(certificate):
            return False
        return any(_issued_by(certificate, authority) for authority in self.authorities)

    def key_occurs_in(self, data: bytes) -> bool:
        """Does the public key of a known signer stand in the file, as bytes or in hexadecimal?"""
        lower = data.lower()
        return any(
            point in data or point.hex().encode() in lower for point in (_public_bytes(c)[-64:] for c in self.signers)
        )


def _is_authority(certificate: x509.Certificate) -> bool:
    try:
        return certificate.extensions.get_extension_for_class(x509.BasicConstraints).value.ca
    except (x509.ExtensionNotFound, ValueError):
        return False


def _issued_by(certificate: x509.Certificate, authority: x509.Certificate) -> bool:
    try:
        certificate.verify_directly_issued_by(authority)
    except (ValueError, TypeError, InvalidSignature):
        return False
    return True


def _public_bytes(certificate: x509.Certificate) -> bytes:
    return certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)


def signatures(data: bytes, trust: TrustBundle) -> list[SignatureFacts]:
    """Every signature dictionary's facts, in file order. Unreadable ones are reported as not intact, never left out."""
    return [_examined(data, numbers, trust) for numbers in _byte_ranges(data)]


def _byte_ranges(data: bytes) -> Iterator[tuple[int, int, int, int]]:
    for match in _BYTE_RANGE.finditer(data):
        start, length, resume, rest = (int(group) for group in match.groups())
        yield start, length, resume, rest


def _examined(data: bytes, byte_range: tuple[int, int, int, int], trust: TrustBundle) -> SignatureFacts:
    start, length, resume, rest = byte_range
    gap = data[start + length : resume]
    signed = hashlib.sha256(data[start : start + length])
    signed.update(data[resume : resume + rest])
    covers = start == 0 and length < resume and resume + rest == len(data) and _is_hex_string(gap)
    content = [data[start : start + length], data[resume : resume + rest]]
    signer, ours, intact = _cms_facts(gap, content, trust)
    return SignatureFacts(signer, ours, intact, covers, signed.hexdigest())


def _is_hex_string(gap: bytes) -> bool:
    return re.fullmatch(rb"<[0-9A-Fa-f]*>", gap) is not None


def _cms_facts(gap: bytes, content: list[bytes], trust: TrustBundle) -> tuple[str, bool, bool]:
    """Signer's name, whether it is ours, whether the signature holds; `("", False, False)` if it cannot be read."""
    try:
        # A damaged digit is read as 0: the rest still tells whose signature this was.
        digits = re.sub(rb"[^0-9A-Fa-f]", b"0", gap[1:-1]).decode("ascii")
        der = bytes.fromhex(digits[: len(digits) // 2 * 2])
        signed_data = cms.ContentInfo.load(der)["content"]
        embedded = [x509.load_der_x509_certificate(c.chosen.dump()) for c in signed_data["certificates"]]
        info = signed_data["signer_infos"][0]
        attributes = info["signed_attrs"]
        values = {a["type"].native: a["values"] for a in attributes}
        digest = hashlib.new(info["digest_algorithm"]["algorithm"].native, b"".join(content)).digest()
        # Signed is the DER of a SET, whatever tag the attributes carry inside the structure (RFC 5652 5.4).
        message = b"\x31" + attributes.dump()[1:]
        signature = info["signature"].native
        algorithm = _HASHES[info["digest_algorithm"]["algorithm"].native]
        serial = info["sid"].chosen["serial_number"].native
        fits = values["message_digest"][0].native == digest
    except (ValueError, KeyError, TypeError, IndexError, AttributeError, x509.InvalidVersion, UnsupportedAlgorithm):
        return "", False, False
    named = next((c for c in embedded if c.serial_number == serial), None)
    for certificate in [*trust.signers, *(c for c in embedded if trust.is_ours(c))]:
        if _verifies(certificate, signature, message, algorithm):
            return _name(certificate), True, fits
    if named is None:
        return "", False, False
    return _name(named), trust.is_ours(named), fits and _verifies(named, signature, message, algorithm)


def _verifies(certificate: x509.Certificate, signature: bytes, message: bytes, algorithm: hashes.HashAlgorithm) -> bool:
    try:
        key = certificate.public_key()
        if isinstance(key, ec.EllipticCurvePublicKey):
            key.verify(signature, message, ec.ECDSA(algorithm))
        elif isinstance(key, rsa.RSAPublicKey):
            key.verify(signature, message, padding.PKCS1v15(), algorithm)
        else:
            return False
    except (InvalidSignature, ValueError, UnsupportedAlgorithm):
        return False
    return True


def _name(certificate: x509.Certificate) -> str:
    """The subject's name, for people to read: foreign text, so only what can be printed, and not too long."""
    try:
        name = certificate.subject.rfc4514_string()
    except ValueError:
        return ""
    return "".join(c for c in name if c.isprintable())[:300]
