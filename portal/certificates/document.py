"""From a certificate's snapshot to its PDF: PDF/A-3a and PDF/UA-1 in one file, the same bytes each time, not yet
signed.

WeasyPrint lays out `templates/certificates/pdf/certificate.html`; the snapshot itself is attached as JSON. Nothing
is fetched from outside: only `data:` addresses and this folder's faces and style sheet.
"""

from __future__ import annotations

import base64
import datetime as dt
import importlib
from pathlib import Path
from types import ModuleType
from typing import Any

from django.template.loader import render_to_string

from assessments.presentation.charts import Palette, radar
from portal.certificates import ornament, wording
from portal.certificates.coverage import require_coverage
from portal.certificates.snapshot import BothLanguages, Characteristic, Snapshot, canonical, digest

TEMPLATE = "certificates/pdf/certificate.html"
STYLE = Path(__file__).parent / "pdf" / "certificate.css"
ATTACHMENT = "certificate.json"
_PALETTE = Palette(by_class=False, fonts="Trust Sans")
_CLIP = {"en": 150, "zh": 56}

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


class DoesNotFitError(ValueError):
    """The certificate proper needs more than its one page."""


def render_pdf(snapshot: Snapshot) -> bytes:
    """The unsigned PDF of a certificate.

    Raises `UncoveredCharactersError` for text that the faces cannot print, `DoesNotFitError` when names are too
    long for one page, `PrintingUnavailableError` when pango is not installed.
    """
    require_coverage(snapshot)
    weasyprint = _weasyprint()
    html = render_to_string(TEMPLATE, context(snapshot))
    fonts = weasyprint.text.fonts.FontConfiguration()
    fetcher = _own_files_only(weasyprint)
    style = weasyprint.CSS(filename=str(STYLE), font_config=fonts, url_fetcher=fetcher)
    page = weasyprint.HTML(string=html, base_url=STYLE.parent.as_uri() + "/", url_fetcher=fetcher)
    options = {"pdf_variant": "pdf/a-3a", "pdf_tags": True}
    document = page.render(stylesheets=[style], font_config=fonts, **options)
    if "annex" not in document.pages[1].anchors:
        raise DoesNotFitError(snapshot["number"])
    return bytes(
        document.write_pdf(
            pdf_identifier=digest(snapshot),
            finisher=_declare_pdf_ua,
            attachments=[_attachment(weasyprint, snapshot)],
            **options,
        )
    )


def _weasyprint() -> ModuleType:
    """WeasyPrint, imported only here: its native libraries may be missing where nobody prints."""
    try:
        module = importlib.import_module("weasyprint")
        importlib.import_module("weasyprint.text.fonts")
        importlib.import_module("weasyprint.urls")
    except OSError as error:
        raise PrintingUnavailableError(
            "Certificates cannot be printed: install libpango-1.0-0 libpangoft2-1.0-0 libharfbuzz-subset0."
        ) from error
    return module


def _own_files_only(weasyprint: ModuleType) -> Any:
    folder = Path(__file__).parent.as_uri() + "/"

    class OwnFilesOnly(weasyprint.urls.URLFetcher):  # type: ignore[misc, name-defined]
        def fetch(self, url: str, headers: Any = None) -> Any:
            if not (url.startswith("data:") or (url.startswith(folder) and "/../" not in url)):
                raise ValueError(f"not fetched while printing: {url}")
            return super().fetch(url, headers)

    return OwnFilesOnly()


def _attachment(weasyprint: ModuleType, snapshot: Snapshot) -> Any:
    moment = dt.datetime.fromisoformat(snapshot["dates"]["granted"]).replace(tzinfo=dt.UTC)
    return weasyprint.Attachment(
        string=canonical(snapshot).decode(),
        name=ATTACHMENT,
        description="The certificate's data / 证书数据",
        created=moment,
        modified=moment,
        relationship="Data",
    )


def _declare_pdf_ua(_document: Any, pdf: Any) -> None:
    """Add the PDF/UA-1 identification to the metadata, with the schema description that PDF/A-3 asks for."""
    for item in pdf.objects:
        if getattr(item, "extra", {}).get("Type") == "/Metadata":
            item.stream = [s.replace(b"</rdf:RDF>", _PDF_UA) if isinstance(s, bytes) else s for s in item.stream]


def context(snapshot: Snapshot) -> dict[str, Any]:
    """What the template shows, computed from the snapshot alone."""
    mark = digest(snapshot)
    attestation = wording.ATTESTATIONS[snapshot["scheme"]["attestation"]]
    body = snapshot["body"]["name"]
    dates = snapshot["dates"]
    return {
        "c": snapshot,
        "attestation": attestation,
        "level": snapshot["level_name"],
        "dates": [
            (label, dates[key], wording.date_in_chinese(dates[key]))  # type: ignore[literal-required]
            for key, label in (
                ("granted", wording.Pair("Granted", "发证日期")),
                ("valid_until", wording.Pair("Valid until", "有效期至")),
                ("surveillance_due", wording.Pair("First surveillance due", "首次监督不晚于")),
            )
        ],
        "decided_zh": wording.date_in_chinese(dates["decided"]),
        "characteristics": [_figures(c) for c in snapshot["characteristics"]],
        "scope": [(label, _clipped(snapshot["scope"][key])) for key, label in wording.SCOPE],  # type: ignore[literal-required]
        "full_scope": [(label, snapshot["scope"][key]) for key, label in wording.SCOPE],  # type: ignore[literal-required]
        "vendor_data": [wording.DATA_ROLES[role] for role in snapshot["scope"]["data_supplied_by_vendor"]],
        "groups": _groups(snapshot),
        "radar": _data(_radar(snapshot)),
        "frame": _data(ornament.frame(mark)),
        "rosette": _data(ornament.rosette(mark)),
        "seal": _data(ornament.seal(body["zh"] or body["en"], attestation.seal)),
        "qr": _data(ornament.qr_code(snapshot["registry_url"])),
        "development": _data(ornament.development_mark()) if snapshot["development"] else "",
        "data_digest": mark.hex(),
    }


def _radar(snapshot: Snapshot) -> str:
    """The principal characteristics on the thresholds of the levels; what stands beside them is in the table only."""
    axes = [c for c in snapshot["characteristics"] if not c["beside"]]
    scores = [(c["code"], _axis_label(c), None if c["tenths"] is None else c["tenths"] / 10) for c in axes]
    return str(radar(scores, "en", palette=_PALETTE))


def _axis_label(characteristic: Characteristic) -> str:
    short = wording.RADAR.get(characteristic["code"])
    title = characteristic["title"]
    return f"{short.zh}\n{short.en}" if short else f"{title['zh']}\n{title['en']}"


def _figures(characteristic: Characteristic) -> dict[str, Any]:
    coverage = characteristic["coverage"]
    return {
        "code": characteristic["code"],
        "title": characteristic["title"],
        "score": wording.score(characteristic["tenths"]),
        "rated": characteristic["tenths"] is not None,
        "assessed": coverage["assessed"],
        "applicable": coverage["assessed"] + coverage["not_demonstrated"],
        **coverage,
    }


def _groups(snapshot: Snapshot) -> list[dict[str, Any]]:
    """The criteria of the annex, by characteristic, in the standard's order."""
    groups = []
    for characteristic in snapshot["characteristics"]:
        rows = [
            {
                **criterion,
                "score": wording.score(criterion["tenths"]),
                "state_words": wording.STATES[criterion["state"]],
                "origin_words": wording.ORIGINS.get(criterion["origin"], wording.Pair("", "")),
            }
            for criterion in snapshot["criteria"]
            if criterion["characteristic"] == characteristic["code"]
        ]
        groups.append({**_figures(characteristic), "rows": rows})
    return groups


def _clipped(text: BothLanguages) -> BothLanguages:
    """A scope text short enough for the first page; the annex has it whole."""
    return {
        "en": text["en"]
        if len(text["en"]) <= _CLIP["en"]
        else text["en"][: _CLIP["en"]].rsplit(" ", 1)[0] + " … (annex)",
        "zh": text["zh"] if len(text["zh"]) <= _CLIP["zh"] else text["zh"][: _CLIP["zh"]] + "……（见附件）",
    }


def _data(svg: str) -> str:
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
