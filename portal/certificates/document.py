"""From a certificate's snapshot to its PDF: PDF/A-3a and PDF/UA-1 in one file, the same bytes each time, not yet
signed.

The template is `certificates/pdf/certificate.html`; the snapshot itself is attached as JSON.
"""

from __future__ import annotations

import base64
import datetime as dt
from pathlib import Path
from typing import Any

from django.template.loader import render_to_string

from assessments.presentation.charts import Palette, radar
from assessments.presentation.paper.coverage import require_coverage
from assessments.presentation.paper.printing import Attached, Paper
from portal.certificates import ornament, wording
from portal.certificates.snapshot import BothLanguages, Characteristic, Snapshot, canonical, digest

TEMPLATE = "certificates/pdf/certificate.html"
STYLE = Path(__file__).parent / "pdf" / "certificate.css"
ATTACHMENT = "certificate.json"
_PALETTE = Palette(by_class=False, fonts="Trust Sans")
_CLIP = {"en": 150, "zh": 56}


class DoesNotFitError(ValueError):
    """The certificate proper needs more than its one page."""


def render_pdf(snapshot: Snapshot) -> bytes:
    """The unsigned PDF of a certificate.

    Raises `UncoveredCharactersError` for text that the faces cannot print, `DoesNotFitError` when names are too
    long for one page, `PrintingUnavailableError` when pango is not installed.
    """
    require_coverage(snapshot)
    paper = Paper(render_to_string(TEMPLATE, context(snapshot)), STYLE)
    if paper.page_of("annex") != 2:
        raise DoesNotFitError(snapshot["number"])
    return paper.pdf(digest(snapshot), [_attachment(snapshot)])


def _attachment(snapshot: Snapshot) -> Attached:
    moment = dt.datetime.fromisoformat(snapshot["dates"]["granted"]).replace(tzinfo=dt.UTC)
    return Attached(ATTACHMENT, canonical(snapshot).decode(), "The certificate's data / 证书数据", moment)


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
