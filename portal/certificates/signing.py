"""The electronic signature of a certificate: PAdES baseline B-B, or B-T with a timestamp authority (ETSI EN 319
142-1).

The signature certifies the document and allows no change after it (DocMDP 1), so whatever is appended later is
visible as such. It stays invisible on the page: a picture of a signature proves nothing.
"""

from __future__ import annotations

import io

from asn1crypto import keys as asn1_keys
from asn1crypto import x509 as asn1_x509
from cryptography import x509
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat
from pyhanko.pdf_utils.generic import (
    ArrayObject,
    DictionaryObject,
    IndirectObject,
    NumberObject,
    pdf_name,
    pdf_string,
)
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.sign import fields, signers
from pyhanko.sign.fields import MDPPerm, SigFieldSpec, SigSeedSubFilter
from pyhanko.sign.timestamps import HTTPTimeStamper
from pyhanko_certvalidator.registry import SimpleCertificateStore

from portal.certificates.keys import SigningKeys

FIELD = "IssuerSignature"
_FIELD_TITLE = "Digital signature of the issuing body / 发证机构数字签名"


def sign(pdf: bytes, keys: SigningKeys, *, timestamp_url: str = "") -> bytes:
    """The signed file: `pdf` unchanged, followed by one incremental update that holds the signature.

    With `timestamp_url` (RFC 3161) a trusted time is added; a timestamp authority that does not answer is an error,
    never silently a signature without time.
    """
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    fields.append_signature_field(writer, SigFieldSpec(FIELD, on_page=0, box=None))
    _keep_accessible(writer)
    metadata = signers.PdfSignatureMetadata(
        field_name=FIELD,
        md_algorithm="sha256",
        subfilter=SigSeedSubFilter.PADES,
        certify=True,
        docmdp_permissions=MDPPerm.NO_CHANGES,
    )
    timestamper = HTTPTimeStamper(timestamp_url) if timestamp_url else None
    output = io.BytesIO()
    signers.PdfSigner(metadata, signer=_signer(keys), timestamper=timestamper).sign_pdf(writer, output=output)
    return output.getvalue()


def _signer(keys: SigningKeys) -> signers.SimpleSigner:
    private = keys.private_key.private_bytes(Encoding.DER, PrivateFormat.PKCS8, NoEncryption())
    store = SimpleCertificateStore()
    store.register_multiple([_asn1(certificate) for certificate in keys.chain])
    return signers.SimpleSigner(_asn1(keys.certificate), asn1_keys.PrivateKeyInfo.load(private), store)


def _asn1(certificate: x509.Certificate) -> asn1_x509.Certificate:
    return asn1_x509.Certificate.load(certificate.public_bytes(Encoding.DER))


def _keep_accessible(writer: IncrementalPdfFileWriter) -> None:
    """Give the signature field what PDF/UA-1 asks of a form field.

    A name for screen readers (/TU), a place in the structure tree (a Form element with an object reference, ISO 14289-1
    7.18.4) and a tab order that follows the structure (7.18.3).
    """
    page_ref = writer.find_page_for_modification(0)[0]
    page = page_ref.get_object()
    page[pdf_name("/Tabs")] = pdf_name("/S")
    writer.update_container(page)
    field_ref = writer.root["/AcroForm"]["/Fields"].raw_get(0)
    field = field_ref.get_object()
    field[pdf_name("/TU")] = pdf_string(_FIELD_TITLE)
    tree = writer.root["/StructTreeRoot"]
    element = _form_element(writer, tree, field_ref, page_ref)
    field[pdf_name("/StructParent")] = NumberObject(_enter_parent(writer, tree, element))
    writer.update_container(field)


def _form_element(
    writer: IncrementalPdfFileWriter, tree: DictionaryObject, field: IndirectObject, page: IndirectObject
) -> IndirectObject:
    """Append a Form element for the field to the document element and return its reference."""
    kids = tree["/K"]
    document_ref = kids.raw_get(0) if isinstance(kids, ArrayObject) else tree.raw_get("/K")
    document = document_ref.get_object()
    reference = DictionaryObject(
        {
            pdf_name("/Type"): pdf_name("/OBJR"),
            pdf_name("/Obj"): field,
            pdf_name("/Pg"): page,
        }
    )
    element = writer.add_object(
        DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/StructElem"),
                pdf_name("/S"): pdf_name("/Form"),
                pdf_name("/P"): document_ref,
                pdf_name("/Pg"): page,
                pdf_name("/Alt"): pdf_string(_FIELD_TITLE),
                pdf_name("/K"): reference,
            }
        )
    )
    children = document["/K"]
    if isinstance(children, ArrayObject):
        children.append(element)
        writer.update_container(children)
    else:
        document[pdf_name("/K")] = ArrayObject([document.raw_get("/K"), element])
    writer.update_container(document)
    return element


def _enter_parent(writer: IncrementalPdfFileWriter, tree: DictionaryObject, element: IndirectObject) -> int:
    """Enter the element into the parent tree under the next free key, and return that key."""
    numbers = tree["/ParentTree"]["/Nums"]
    key = max(int(numbers[i]) for i in range(0, len(numbers), 2)) + 1
    numbers.extend([NumberObject(key), element])
    writer.update_container(numbers)
    tree[pdf_name("/ParentTreeNextKey")] = NumberObject(key + 1)
    writer.update_container(tree)
    return key
