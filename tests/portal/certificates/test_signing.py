"""The signature, confirmed by programs that know nothing of ours: poppler's pdfsig and pyHanko's validator."""

import io
import subprocess
from pathlib import Path

import pytest
from asn1crypto import x509 as asn1_x509
from cryptography.hazmat.primitives.serialization import Encoding
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.diff_analysis import ModificationLevel
from pyhanko.sign.fields import MDPPerm
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko_certvalidator import ValidationContext

from portal.certificates.document import render_pdf
from portal.certificates.keys import SigningKeys, development_keys
from portal.certificates.signing import FIELD, sign
from tests.factories.certificates import snapshot


@pytest.fixture(scope="module")
def keys(tmp_path_factory: pytest.TempPathFactory) -> SigningKeys:
    return development_keys(tmp_path_factory.mktemp("keys"))


@pytest.fixture(scope="module")
def unsigned() -> bytes:
    return render_pdf(snapshot())


@pytest.fixture(scope="module")
def signed(unsigned: bytes, keys: SigningKeys) -> bytes:
    return sign(unsigned, keys)


def test_pyhanko_confirms_a_certified_document_with_nothing_after_the_signature(
    signed: bytes, keys: SigningKeys
) -> None:
    root = asn1_x509.Certificate.load(keys.root.public_bytes(Encoding.DER))
    embedded = PdfFileReader(io.BytesIO(signed)).embedded_signatures
    assert [s.field_name for s in embedded] == [FIELD]
    status = validate_pdf_signature(
        embedded[0], signer_validation_context=ValidationContext(trust_roots=[root], allow_fetching=False)
    )
    assert status.bottom_line
    assert status.modification_level == ModificationLevel.NONE
    assert embedded[0].docmdp_level == MDPPerm.NO_CHANGES
    assert embedded[0].sig_object["/SubFilter"] == "/ETSI.CAdES.detached"


def test_pdfsig_confirms_the_signature_over_the_whole_file(signed: bytes, tmp_path: Path) -> None:
    file = tmp_path / "certificate.pdf"
    file.write_bytes(signed)
    said = subprocess.run(["pdfsig", "-nocert", file], capture_output=True, text=True, check=True).stdout
    assert "Signature is Valid." in said
    assert "Total document signed" in said


def test_signing_appends_and_changes_nothing(unsigned: bytes, signed: bytes) -> None:
    assert signed.startswith(unsigned)


def test_the_signature_field_can_be_reached_by_a_screen_reader(signed: bytes) -> None:
    root = PdfFileReader(io.BytesIO(signed)).root
    field = root["/AcroForm"]["/Fields"][0]
    assert "数字签名" in field["/TU"]
    numbers = root["/StructTreeRoot"]["/ParentTree"]["/Nums"]
    entries = {int(numbers[i]): numbers[i + 1] for i in range(0, len(numbers), 2)}
    element = entries[int(field["/StructParent"])]
    assert element["/S"] == "/Form"
    assert element["/K"]["/Type"] == "/OBJR"
    assert root["/Pages"]["/Kids"][0]["/Tabs"] == "/S"
