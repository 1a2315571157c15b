"""The report on paper: asked for in the transaction that freezes it, printed by a worker, kept by its digest.

A row of `ReportPrint` is the truth and a message only a hint: the sweeper finds what waits. What was frozen is printed
in both languages; a preview in the one that was asked for, and it says on each page that it is one.
"""

from __future__ import annotations

import base64
import datetime as dt
from pathlib import Path
from typing import Any

import rfc8785
import structlog
from django.db import models, transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.utils import timezone, translation
from django.utils.safestring import mark_safe
from django.utils.translation import gettext as _

from assessments.presentation.charts import Palette
from assessments.presentation.paper.coverage import printable
from assessments.presentation.paper.printing import Attached, Paper, PrintingUnavailableError
from assessments.systems import storage
from evaluations.runs import dispatch

from .access import RELATED
from .models import Case, ReportPrint
from .report import digest_of, moment, report_json
from .report_view import report_view

log = structlog.get_logger(__name__)

LANGUAGES = ("en", "zh-hans")
TEMPLATE = "cases/pdf/report.html"
STYLE = Path(__file__).parent / "pdf" / "report.css"
PRINT = "evaluations.cases.tasks.print_report"
ATTACHMENT = "report.json"
LEASE = dt.timedelta(minutes=5)
PATIENCE = dt.timedelta(minutes=1)
MOST_ATTEMPTS = 6
# Our faces draw curly quotation marks as wide as a Chinese character, which tears English words apart.
_NARROW = str.maketrans({"’": "&#39;", "‘": "&#39;", "“": "&quot;", "”": "&quot;"})
_PALETTE = Palette(by_class=False, fonts="Trust Sans")


def request_frozen(case: Case) -> None:
    """Ask for the frozen report of a case in both languages; what is asked for already stays as it is."""
    if case.frozen_report:
        for language in LANGUAGES:
            _request(case, case.frozen_report["sha256"], language)


@transaction.atomic
def request_preview(case: Case, language: str) -> ReportPrint:
    """Ask for the report as it stands now. Older previews in this language are forgotten."""
    document = report_json(case)
    sha256 = digest_of(document)
    case.prints.filter(language=language).filter(preview__isnull=False).exclude(report_sha256=sha256).delete()
    return _request(case, sha256, language, document)


def _request(case: Case, sha256: str, language: str, preview: dict[str, Any] | None = None) -> ReportPrint:
    row, made = ReportPrint.objects.get_or_create(
        case=case, report_sha256=sha256, language=language, defaults={"preview": preview}
    )
    if not made and row.preview is not None and preview is None:
        # The same document, meanwhile frozen: it is printed anew, without the mark of a preview.
        ReportPrint.objects.filter(pk=row.pk).update(
            preview=None, status=ReportPrint.Status.WAITING, pdf_sha256="", attempt=F("attempt") + 1, lease_until=None
        )
        made = True
    if made:
        dispatch.send_on_commit(PRINT, row.pk)
    return row


def awaiting() -> models.QuerySet[ReportPrint]:
    """What waits to be printed and is in nobody's hands."""
    return ReportPrint.objects.filter(
        Q(lease_until=None) | Q(lease_until__lt=timezone.now()),
        status=ReportPrint.Status.WAITING,
        attempt__lt=MOST_ATTEMPTS,
    )


def overlooked() -> models.QuerySet[ReportPrint]:
    """What has waited so long that its message was surely lost."""
    return awaiting().filter(requested_at__lt=timezone.now() - PATIENCE)


def print_report(pk: Any) -> bool:
    """Print a waiting report; True if this call did. Safe to call twice: only the newest claim is kept."""
    now = timezone.now()
    if not awaiting().filter(pk=pk).update(attempt=F("attempt") + 1, lease_until=now + LEASE):
        return False
    row = ReportPrint.objects.get(pk=pk)
    case = Case.objects.select_related(*RELATED).get(pk=row.case_id)
    mine = ReportPrint.objects.filter(pk=pk, attempt=row.attempt, status=ReportPrint.Status.WAITING)
    document = row.preview or _frozen(case, row.report_sha256)
    if document is None:
        mine.delete()
        return False
    try:
        pdf = render_report(case, document, row)
    except PrintingUnavailableError as error:
        log.warning("report_not_printed", case=case.number, reason=str(error))
        mine.update(trouble=str(error), lease_until=now + dt.timedelta(seconds=30 * 2**row.attempt))
        return False
    blob = storage.keep_bytes(pdf)
    return bool(mine.update(status=ReportPrint.Status.READY, pdf_sha256=blob.sha256, lease_until=None, trouble=""))


def _frozen(case: Case, sha256: str) -> dict[str, Any] | None:
    """The frozen document of this digest, of this round or an earlier one."""
    held = case.frozen_report
    known = [held, *held["earlier"]] if held else []
    return next((entry["report"] for entry in known if entry["sha256"] == sha256), None)


def render_report(case: Case, document: dict[str, Any], row: ReportPrint) -> bytes:
    """The PDF (PDF/A-3a, PDF/UA-1) of a document in the language of the row, the document itself attached."""
    at = row.requested_at if row.preview is not None or case.frozen_at is None else case.frozen_at
    with translation.override(row.language):
        context = {
            # A character that no face holds would vanish without a word: it is written by its code point.
            "report": report_view(case, printable(document), palette=_PALETTE),
            "case": case,
            "is_preview": row.preview is not None,
            "watermark": watermark(_("PREVIEW")),
            "sha256": row.report_sha256,
            "at": moment(at),
            "lang": "zh-Hans" if row.language == "zh-hans" else row.language,
        }
        html = render_to_string(TEMPLATE, context)
        if row.language == "en":
            html = mark_safe(html.translate(_NARROW))  # noqa: S308  the same rendered template
        said = _("The report’s data")
    attached = Attached(ATTACHMENT, rfc8785.dumps(document).decode(), said, at.replace(microsecond=0))
    return Paper(html, STYLE).pdf(bytes.fromhex(row.report_sha256), [attached])


def watermark(word: str) -> str:
    """The word across a page, as the address of a picture."""
    svg = (
        '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 210 297">'
        '<g transform="rotate(-52 105 148.5)" fill="#a3231b" fill-opacity=".10" '
        'font-family="Trust Sans" font-weight="700" text-anchor="middle">'
        f'<text x="105" y="160" font-size="34" letter-spacing="3">{word}</text></g></svg>'
    )
    return "data:image/svg+xml;base64," + base64.b64encode(svg.encode()).decode()
