"""From HTML to a PDF that is PDF/A-3a and PDF/UA-1 in one, the same bytes each time, set in our own faces.

Nothing is fetched from outside: only `data:` addresses, the faces of this folder and the given style sheet.
"""

from __future__ import annotations

import datetime as dt
import importlib
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from types import ModuleType
from typing import Any
from urllib.parse import urlsplit
from urllib.request import url2pathname

FACES = Path(__file__).parent / "faces.css"
_OPTIONS = {"pdf_variant": "pdf/a-3a", "pdf_tags": True}

_PDF_UA = b"""<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about=""
 xmlns:pdfuaid="http://www.aiim.org/pdfua/ns/id/" pdfuaid:part="1"/>
<rdf:Description xmlns:rdf="http://www.w3.org/1999/02/22-rdf-syntax-ns#" rdf:about=""
 xmlns:pdfaExtension="http://www.aiim.org/pdfa/ns/extension/" xmlns:pdfaSchema="http://www.aiim.org/pdfa/ns/schema#"
 xmlns:pdfaProperty="http://www.aiim.org/pdfa/ns/property#"><pdfaExtension:schemas><rdf:Bag>
<rdf:li rdf:parseType="Resource"><pdfaSchema:schema>PDF/UA identification schema</pdfaSchema:schema>
<pdfaSchema:namespaceURI>http://www.aiim.org/pdfua/ns/id/</pdfaSchema:namespaceURI>
<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix><pdfaSchema:property><rdf:Seq><rdf:li rdf:parseType="Resource">
<pdfaProperty:name>part</pdfaProperty:name><pdfaProperty:valueType>Integer</pdfaProperty:valueType>
<pdfaProperty:category>internal</pdfaProperty:category>
<pdfaProperty:description>Part of ISO 14289 that the file conforms to</pdfaProperty:description></rdf:li></rdf:Seq>
</pdfaSchema:property></rdf:li></rdf:Bag></pdfaExtension:schemas></rdf:Description></rdf:RDF>"""


class PrintingUnavailableError(RuntimeError):
    """The system libraries that lay out the page are missing; the message names the packages."""


@dataclass(frozen=True)
class Attached:
    """A file inside the PDF that holds the same content for machines; `moment` is its date."""

    name: str
    text: str
    description: str
    moment: dt.datetime


class Paper:
    """An HTML text laid out on pages by a style sheet, which may name files of its own folder only."""

    def __init__(self, html: str, style: Path) -> None:
        self._weasyprint = _weasyprint()
        fonts = self._weasyprint.text.fonts.FontConfiguration()
        fetcher = _own_files_only(self._weasyprint, FACES.parent, style.parent)
        sheets = [
            self._weasyprint.CSS(filename=str(file), font_config=fonts, url_fetcher=fetcher) for file in (FACES, style)
        ]
        page = self._weasyprint.HTML(string=html, base_url=style.parent.as_uri() + "/", url_fetcher=fetcher)
        self._document = page.render(stylesheets=sheets, font_config=fonts, **_OPTIONS)

    def page_of(self, anchor: str) -> int | None:
        """The page (from 1) on which an element with this id stands."""
        for number, page in enumerate(self._document.pages, 1):
            if anchor in page.anchors:
                return number
        return None

    def pdf(self, identifier: bytes, attached: Sequence[Attached] = ()) -> bytes:
        """The file. `identifier` is its ID: the same content must give the same one."""
        files = [
            self._weasyprint.Attachment(
                string=each.text,
                name=each.name,
                description=each.description,
                created=each.moment,
                modified=each.moment,
                relationship="Data",
            )
            for each in attached
        ]
        return bytes(
            self._document.write_pdf(pdf_identifier=identifier, finisher=_declare_pdf_ua, attachments=files, **_OPTIONS)
        )


def _weasyprint() -> ModuleType:
    """WeasyPrint, imported only here: its native libraries may be missing where nobody prints."""
    try:
        module = importlib.import_module("weasyprint")
        importlib.import_module("weasyprint.text.fonts")
        importlib.import_module("weasyprint.urls")
    except OSError as error:
        raise PrintingUnavailableError(
            "Nothing can be printed: install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0."
        ) from error
    return module


def _own_files_only(weasyprint: ModuleType, *folders: Path) -> Any:
    class OwnFilesOnly(weasyprint.urls.URLFetcher):  # type: ignore[misc, name-defined]
        def fetch(self, url: str, headers: Any = None) -> Any:
            if not (url.startswith("data:") or _is_within(url, folders)):
                raise ValueError(f"not fetched while printing: {url}")
            return super().fetch(url, headers)

    return OwnFilesOnly()


def _is_within(url: str, folders: Sequence[Path]) -> bool:
    """Whether an address is that of a file in one of the folders, however it is written and wherever its links lead."""
    parts = urlsplit(url)
    if parts.scheme != "file" or parts.netloc:
        return False
    place = Path(url2pathname(parts.path)).resolve()
    return any(place.is_relative_to(folder.resolve()) for folder in folders)


def _declare_pdf_ua(_document: Any, pdf: Any) -> None:
    """Add the PDF/UA-1 identification to the metadata, with the schema description that PDF/A-3 asks for."""
    for item in pdf.objects:
        if getattr(item, "extra", {}).get("Type") == "/Metadata":
            item.stream = [s.replace(b"</rdf:RDF>", _PDF_UA) if isinstance(s, bytes) else s for s in item.stream]
