"""The keys: made once, readable by their owner only, marked where they are only for trying out."""

import datetime as dt
import stat
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from portal.certificates.keys import KeysError, SigningKeys, development_keys, export_pkcs12, production_keys


def key_id_made_in(folder: str) -> str:
    return development_keys(Path(folder)).key_id


def test_development_keys_are_made_once_and_kept(tmp_path: Path) -> None:
    first, second = development_keys(tmp_path), development_keys(tmp_path)
    assert first.key_id == second.key_id
    assert development_keys(tmp_path / "elsewhere").key_id != first.key_id


def test_two_processes_starting_at_once_use_the_same_keys(tmp_path: Path) -> None:
    with ProcessPoolExecutor(4) as pool:
        ids = set(pool.map(key_id_made_in, [str(tmp_path)] * 8))
    assert len(ids) == 1
    assert [entry.name for entry in tmp_path.iterdir()] == ["development"]


def test_private_keys_are_readable_by_their_owner_only(tmp_path: Path) -> None:
    development_keys(tmp_path)
    modes = {stat.S_IMODE(p.stat().st_mode) for p in (tmp_path / "development").glob("*.key.pem")}
    assert modes == {0o600}
    assert stat.S_IMODE((tmp_path / "development").stat().st_mode) == 0o700


def test_development_is_said_in_every_name(tmp_path: Path) -> None:
    keys = development_keys(tmp_path)
    assert keys.is_development
    for certificate in (keys.certificate, keys.root):
        assert certificate.subject.rfc4514_string().count("DEVELOPMENT") == 2
    keys.certificate.verify_directly_issued_by(keys.root)
    assert b"PRIVATE" not in keys.trust_bundle_pem() + keys.trust_root_pem()


def production_chain() -> SigningKeys:
    """A key, its certificate and the root that issued it, made as an operator's authority would."""
    now = dt.datetime.now(dt.UTC)
    keys = [ec.generate_private_key(ec.SECP256R1()) for _ in range(2)]
    names = [x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, n)]) for n in ("Root", "Signer")]
    certificates = [
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(names[0])
        .public_key(key.public_key())
        .serial_number(x509.random_serial_number())
        .not_valid_before(now)
        .not_valid_after(now + dt.timedelta(days=9))
        .add_extension(x509.BasicConstraints(ca=ca, path_length=None), critical=True)
        .sign(keys[0], hashes.SHA256())
        for name, key, ca in ((names[0], keys[0], True), (names[1], keys[1], False))
    ]
    return SigningKeys(keys[1], certificates[1], (certificates[0],))


def test_production_keys_come_from_a_pkcs12_file(tmp_path: Path) -> None:
    made = production_chain()
    file = tmp_path / "signer.p12"
    file.write_bytes(export_pkcs12(made, "opensesame"))
    read = production_keys(file, "opensesame")
    assert (read.key_id, read.root) == (made.key_id, made.root)
    assert not read.is_development
    with pytest.raises(KeysError, match=r"signer\.p12"):
        production_keys(file, "wrong")
    with pytest.raises(KeysError, match=r"absent\.p12"):
        production_keys(tmp_path / "absent.p12", "opensesame")
