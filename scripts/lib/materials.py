"""The secrets of an installation for a rehearsal: keys and certificates made now, on this machine, for nothing else."""

from __future__ import annotations

import datetime as dt
import ipaddress
import secrets
from pathlib import Path

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from cryptography.x509.oid import NameOID

from portal.certificates.keys import development_keys, export_pkcs12


def make(folder: Path, *, host: str, database: str, queue: str) -> None:
    """Write every secret that docker-compose.yml names. `database` and `queue` are HOST:PORT; the folder is new."""
    folder.mkdir(parents=True)
    password, passphrase, word = (secrets.token_urlsafe(24) for _ in range(3))
    keys = development_keys(folder.parent / "signing", now=dt.datetime.now(dt.UTC))  # no settings are read here
    certificate, key = server_certificate(host)
    contents = {
        "secret-key": secrets.token_urlsafe(48).encode(),
        "postgres-password": password.encode(),
        "database-url": f"postgres://portal:{password}@{database}/portal".encode(),
        "redis.conf": f"requirepass {word}\n".encode(),
        "broker-url": f"redis://:{word}@{queue}/0".encode(),
        "signing.p12": export_pkcs12(keys, passphrase),
        "signing-passphrase": passphrase.encode(),
        "tls-certificate": certificate,
        "tls-key": key,
    }
    for name, content in contents.items():
        (folder / name).write_bytes(content)


def server_certificate(host: str) -> tuple[bytes, bytes]:
    """A certificate for `host` and this machine that signs itself, and its key, as PEM; good for a week."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, host)])
    now = dt.datetime.now(dt.UTC)
    names = [x509.DNSName(host), x509.IPAddress(ipaddress.ip_address("127.0.0.1"))]
    certificate = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now - dt.timedelta(hours=1))
        .not_valid_after(now + dt.timedelta(days=7))
        .add_extension(x509.SubjectAlternativeName(names), critical=False)
        .add_extension(x509.BasicConstraints(ca=True, path_length=0), critical=True)
        .sign(key, SHA256())
    )
    private = key.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption())
    return certificate.public_bytes(Encoding.PEM), private
