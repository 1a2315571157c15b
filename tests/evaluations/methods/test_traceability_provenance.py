"""traceability.provenance: a real signed bundle, then one byte altered at each place."""

import base64
import hashlib
import json
from pathlib import Path

import pytest
import rfc8785
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

from evaluations.methods.registry import get
from evaluations.methods.results import run_method
from evaluations.readers.bundle import load_bundle
from tests.factories.bundles import diabetes_bundle

FILES = ("model.onnx", "test.csv", "training.csv")


@pytest.fixture
def bundle(tmp_path):
    """A bundle whose record lists every file and is signed."""
    folder = diabetes_bundle(tmp_path / "bundle")
    manifest = json.loads((folder / "manifest.json").read_text())
    key = Ed25519PrivateKey.from_private_bytes(bytes(range(32)))
    artifacts = [{"sha256": hashlib.sha256((folder / name).read_bytes()).hexdigest(), "file": name} for name in FILES]
    public = base64.b64encode(key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)).decode()
    manifest["record"] = {"artifacts": artifacts}
    (folder / "record.sig").write_bytes(key.sign(rfc8785.dumps(manifest["record"])))
    manifest["record"]["signature"] = {"file": "record.sig", "algorithm": "ed25519", "public_key": public}
    write(folder, manifest)
    return folder


def read(folder):
    return json.loads((folder / "manifest.json").read_text())


def write(folder, manifest):
    (folder / "manifest.json").write_text(json.dumps(manifest))


def measured(folder):
    document = run_method(get("traceability.provenance"), load_bundle(folder), {}, seed=1, folder=folder)
    return {metric["name"]: metric["value"] for metric in document["metrics"]}, document


def flip(path: Path, place: int = 10):
    content = bytearray(path.read_bytes())
    content[place] ^= 1
    path.write_bytes(bytes(content))


def test_untouched_signed_bundle_matches(bundle):
    values, document = measured(bundle)
    assert values == {"digests_match": 1.0, "signature_valid": 1.0}
    assert document["flags"] == {"unsigned": False, "signature_invalid": False}


def test_members_in_another_order_still_verify(bundle):
    manifest = read(bundle)
    manifest["record"]["artifacts"] = [dict(sorted(entry.items())) for entry in manifest["record"]["artifacts"]]
    write(bundle, manifest)
    assert measured(bundle)[0]["signature_valid"] == 1.0


@pytest.mark.parametrize("name", FILES)
def test_one_flipped_byte_in_an_artifact_is_found(bundle, name):
    flip(bundle / name)
    values, document = measured(bundle)
    assert values["digests_match"] == pytest.approx(2 / 3)
    assert values["signature_valid"] == 1.0
    assert [row[1] for row in document["tables"][0]["rows"] if row[0] == name] == ["digest differs"]


def test_altered_record_breaks_the_signature(bundle):
    flip(bundle / "test.csv")
    manifest = read(bundle)
    for entry in manifest["record"]["artifacts"]:
        entry["sha256"] = hashlib.sha256((bundle / entry["file"]).read_bytes()).hexdigest()
    write(bundle, manifest)
    values, document = measured(bundle)
    assert values == {"digests_match": 1.0, "signature_valid": 0.0}
    assert document["flags"]["signature_invalid"]


@pytest.mark.parametrize("place", [0, 63])
def test_one_flipped_bit_in_the_signature_is_found(bundle, place):
    flip(bundle / "record.sig", place)
    assert measured(bundle)[0]["signature_valid"] == 0.0


def test_another_key_does_not_verify(bundle):
    manifest = read(bundle)
    other = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()
    raw = other.public_bytes(Encoding.Raw, PublicFormat.Raw)
    manifest["record"]["signature"]["public_key"] = base64.b64encode(raw).decode()
    write(bundle, manifest)
    assert measured(bundle)[0]["signature_valid"] == 0.0


def test_unsigned_record_is_said_and_not_called_invalid(bundle):
    manifest = read(bundle)
    del manifest["record"]["signature"]
    write(bundle, manifest)
    values, document = measured(bundle)
    assert values == {"digests_match": 1.0, "signature_valid": 0.0}
    assert document["flags"] == {"unsigned": True, "signature_invalid": False}


def test_delivered_file_outside_the_record_does_not_match(bundle):
    manifest = read(bundle)
    manifest["record"]["artifacts"].pop()
    write(bundle, manifest)
    assert measured(bundle)[0]["digests_match"] == pytest.approx(2 / 3)


def test_data_of_the_body_is_no_delivery(bundle):
    manifest = read(bundle)
    (bundle / "drawn.csv").write_bytes((bundle / "test.csv").read_bytes())
    test = next(entry for entry in manifest["data"] if entry["role"] == "test")
    test.update(file="drawn.csv", origin="B")
    write(bundle, manifest)
    assert measured(bundle)[0] == {"digests_match": 1.0, "signature_valid": 1.0}


def test_recorded_file_that_was_not_delivered_does_not_match(bundle):
    manifest = read(bundle)
    manifest["record"]["artifacts"].append({"file": "notes.md", "sha256": "0" * 64})
    write(bundle, manifest)
    assert measured(bundle)[0]["digests_match"] == pytest.approx(3 / 4)


def test_no_record_is_undefined(bundle):
    manifest = read(bundle)
    del manifest["record"]
    write(bundle, manifest)
    values, document = measured(bundle)
    assert values == {}
    assert "no delivery record" in document["undefined"][0]["en"]


def test_library_verifies_the_published_vector():
    """RFC 8032, section 7.1, test 2: the primitive that the method relies on."""
    key = bytes.fromhex("3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c")
    signature = bytes.fromhex(
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da"
        "085ac1e43e15996e458f3613d0f11d8c387b2eaeb4302aeeb00d291612bb0c00"
    )
    Ed25519PublicKey.from_public_bytes(key).verify(signature, b"\x72")
