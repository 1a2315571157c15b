"""A certificate's print over WeasyPrint itself, and its signature over pyHanko itself."""

from __future__ import annotations

import io
from collections.abc import Iterator

from asn1crypto import keys as asn1_keys
from asn1crypto import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from django.template.loader import render_to_string
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import signers
from pyhanko_certvalidator.registry import SimpleCertificateStore
from weasyprint import CSS, HTML
from weasyprint.text.fonts import FontConfiguration

from assessments.presentation.paper.printing import FACES
from benchmarks.measuring import Row, Setting, measured
from portal.certificates.document import STYLE, TEMPLATE, context, render_pdf
from portal.certificates.keys import development_keys
from portal.certificates.signing import sign
from tests.factories.certificates import snapshot

TOPIC = "printing"


def rows(setting: Setting) -> Iterator[Row]:
    yield printed(setting)
    yield signed(setting, render_pdf(snapshot()))


def printed(setting: Setting) -> Row:

    data = snapshot()
    html = render_to_string(TEMPLATE, context(data))

    def bare() -> None:
        fonts = FontConfiguration()
        sheets = [CSS(filename=file, font_config=fonts) for file in (FACES, STYLE)]
        page = HTML(string=html, base_url=STYLE.parent.as_uri() + "/")
        page.write_pdf(stylesheets=sheets, font_config=fonts, pdf_variant="pdf/a-3a", pdf_tags=True)

    row = Row(TOPIC, "certificate: data to PDF", "WeasyPrint on the finished HTML", note="with charts, QR code, seal")
    return measured(row, lambda: render_pdf(data), bare, setting.pairs(5))


def signed(setting: Setting, pdf: bytes) -> Row:

    keys = development_keys(setting.folder / "keys")
    private = keys.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    certificate = x509.Certificate.load(keys.certificate.public_bytes(Encoding.DER))
    signer = signers.SimpleSigner(certificate, asn1_keys.PrivateKeyInfo.load(private), SimpleCertificateStore())

    def bare() -> None:
        metadata = signers.PdfSignatureMetadata(field_name="Signature", md_algorithm="sha256")
        signers.sign_pdf(IncrementalPdfFileWriter(io.BytesIO(pdf)), metadata, signer=signer, output=io.BytesIO())

    note = f"{len(pdf) / 1000:.0f} kB; ours is PAdES, certifying, tagged for screen readers"
    row = Row(TOPIC, "certificate: signature", "pyHanko's sign_pdf, plain", note=note)
    return measured(row, lambda: sign(pdf, keys), bare, setting.pairs(21))
