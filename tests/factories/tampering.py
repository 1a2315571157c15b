"""What can be done to a signed PDF, and other people's signatures with our names on them."""

from __future__ import annotations

import asyncio
import hashlib
import io
import re
import zlib
from collections.abc import Callable
from typing import Any

from pyhanko.pdf_utils import generic
from pyhanko.pdf_utils.generic import ArrayObject, DictionaryObject, NumberObject, pdf_name
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.pdf_utils.writer import PdfFileWriter, copy_into_new_writer
from pyhanko.sign import signers


def gap(pdf: bytes) -> tuple[int, int]:
    """Where the hexadecimal string of the (last) signature begins and ends, brackets included."""
    numbers = re.findall(rb"/ByteRange\s*\[\s*(\d+)\s+(\d+)\s+(\d+)\s+(\d+)", pdf)[-1]
    return int(numbers[1]), int(numbers[2])


def flipped(pdf: bytes, at: int, bit: int = 1) -> bytes:
    changed = bytearray(pdf)
    changed[at] ^= bit
    return bytes(changed)


def stripped(pdf: bytes) -> bytes:
    """The revision before the signature: the file as it was, signature cut off."""
    return pdf[: pdf.rfind(b"%%EOF", 0, gap(pdf)[0]) + 6]


def saved_anew(pdf: bytes) -> bytes:
    """Every object copied into a new file, as an editor saves it, without the form that holds the signature."""
    reader = PdfFileReader(io.BytesIO(stripped(pdf)))
    writer: PdfFileWriter = copy_into_new_writer(reader)
    for key in ("/Metadata", "/Names"):
        writer.root.pop(pdf_name(key), None)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def updated(pdf: bytes, change: Callable[[IncrementalPdfFileWriter], Any]) -> bytes:
    """An incremental update appended to the file, as any PDF editor does."""
    writer = IncrementalPdfFileWriter(io.BytesIO(pdf))
    change(writer)
    output = io.BytesIO()
    writer.write(output)
    return output.getvalue()


def with_page(pdf: bytes) -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        stream = writer.add_object(generic.StreamObject(stream_data=b"BT ET"))
        pages_ref = writer.root.raw_get("/Pages")
        pages = pages_ref.get_object()
        page = DictionaryObject(
            {
                pdf_name("/Type"): pdf_name("/Page"),
                pdf_name("/Parent"): pages_ref,
                pdf_name("/Contents"): stream,
                pdf_name("/MediaBox"): ArrayObject([NumberObject(n) for n in (0, 0, 595, 842)]),
                pdf_name("/Resources"): DictionaryObject(),
            }
        )
        pages["/Kids"].append(writer.add_object(page))
        pages["/Count"] = NumberObject(int(pages["/Count"]) + 1)
        writer.update_container(pages)
        writer.update_container(pages["/Kids"])

    return updated(pdf, change)


def with_annotation(pdf: bytes, words: str = "Excellent") -> bytes:
    def change(writer: IncrementalPdfFileWriter) -> None:
        page = writer.find_page_for_modification(0)[0].get_object()
        annotation = writer.add_object(
            DictionaryObject(
                {
                    pdf_name("/Type"): pdf_name("/Annot"),
                    pdf_name("/Subtype"): pdf_name("/FreeText"),
                    pdf_name("/Rect"): ArrayObject([NumberObject(n) for n in (100, 300, 400, 400)]),
                    pdf_name("/Contents"): generic.pdf_string(words),
                    pdf_name("/F"): NumberObject(4),
                }
            )
        )
        if "/Annots" in page:
            page["/Annots"].append(annotation)
            writer.update_container(page["/Annots"])
        else:
            page[pdf_name("/Annots")] = ArrayObject([annotation])
        writer.update_container(page)

    return updated(pdf, change)


def signed_over(pdf: bytes, signer: signers.Signer, room: int = 16000) -> bytes:
    """A further signature appended, over everything before it, in spite of what the first one forbids."""
    head, tail = b"\n9999 0 obj\n<</Type/Sig/Filter/Adobe.PPKLite/Contents", b">>\nendobj\n%%EOF\n"
    begin = len(pdf) + len(head)
    end = begin + room + 2
    tail = (
        b"/ByteRange[0 %d %d %6d]" % (begin, end, len(tail) + len(b"/ByteRange[0 %d %d %6d]" % (begin, end, 0))) + tail
    )
    digest = hashlib.sha256(pdf + head + tail).digest()
    cms = asyncio.run(signer.async_sign(digest, "sha256")).dump().hex().encode()
    return pdf + head + b"<" + cms.ljust(room, b"0") + b">" + tail


def plain_pdf(words: str) -> bytes:
    """A small PDF by hand: one page, a standard font, compressed content, no metadata."""
    content = zlib.compress(b"BT /F1 12 Tf 72 720 Td (" + words.encode("latin-1") + b") Tj ET")
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Kids[3 0 R]/Count 1>>",
        b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 595 842]/Contents 4 0 R/Resources<</Font<</F1 5 0 R>>>>>>",
        b"<</Length %d/Filter/FlateDecode>>stream\n" % len(content) + content + b"\nendstream",
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    file, places = b"%PDF-1.7\n", []
    for number, item in enumerate(objects, 1):
        places.append(len(file))
        file += b"%d 0 obj\n" % number + item + b"\nendobj\n"
    table = b"".join(b"%010d 00000 n \n" % place for place in places)
    return (
        file
        + b"xref\n0 %d\n0000000000 65535 f \n" % (len(objects) + 1)
        + table
        + b"trailer<</Size %d/Root 1 0 R>>\nstartxref\n%d\n%%%%EOF\n" % (len(objects) + 1, len(file))
    )
