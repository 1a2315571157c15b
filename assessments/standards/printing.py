"""An edition as a PDF (PDF/A-3a, PDF/UA-1) in the reader's language, made once by a worker and kept.

The row is the truth and the message a hint: whoever waits on the page sends another one when the first was lost.
"""

from __future__ import annotations

import datetime as dt
from functools import partial
from pathlib import Path

import structlog
from celery import current_app
from django.db import models, transaction
from django.db.models import F, Q
from django.template.loader import render_to_string
from django.utils import timezone, translation
from kombu.exceptions import OperationalError

from assessments.presentation.paper.coverage import printable
from assessments.presentation.paper.printing import Attached, Paper, PrintingUnavailableError

from .edition_text import characteristics, general, scheme_of
from .exchange.formats import write_yaml
from .models import Edition, EditionPrint

log = structlog.get_logger(__name__)

LANGUAGES = ("en", "zh-hans")
TEMPLATE = "standards/pdf/edition.html"
STYLE = Path(__file__).parent / "pdf" / "edition.css"
TASK = "assessments.standards.tasks.print_edition"
LEASE = dt.timedelta(minutes=5)
MOST_ATTEMPTS = 4
# Our faces draw curly quotation marks as wide as a Chinese character, which tears English words apart.
_NARROW = str.maketrans({"’": "&#39;", "‘": "&#39;", "“": "&quot;", "”": "&quot;"})


def wanted(edition: Edition, language: str) -> EditionPrint:
    """The print of the text as it stands; a worker is told when it is not there and in nobody's hands.

    Prints of earlier states of a draft are forgotten.
    """
    chosen = "zh-hans" if language.startswith("zh") else "en"
    row, made = EditionPrint.objects.defer("pdf").get_or_create(edition=edition, digest=edition.digest, language=chosen)
    if made:
        EditionPrint.objects.filter(edition=edition, language=chosen).exclude(pk=row.pk).delete()
    if _awaiting().filter(pk=row.pk).exists():
        transaction.on_commit(partial(_tell, row.pk))
    return row


def has_failed(row: EditionPrint) -> bool:
    """Whether nobody tries any more."""
    return row.status == EditionPrint.Status.WAITING and row.attempt >= MOST_ATTEMPTS


def _tell(pk: int) -> None:
    try:
        current_app.send_task(TASK, args=[str(pk)], retry=False)
    except (OperationalError, OSError) as error:
        log.warning("queue_unreachable", task=TASK, object_id=str(pk), error=str(error))


def _awaiting() -> models.QuerySet[EditionPrint]:
    free = Q(lease_until=None) | Q(lease_until__lt=timezone.now())
    return EditionPrint.objects.filter(free, status=EditionPrint.Status.WAITING, attempt__lt=MOST_ATTEMPTS)


def print_edition(pk: int | str) -> bool:
    """Print what waits; True if this call did. Safe to call twice: only the newest claim is kept."""
    now = timezone.now()
    if not _awaiting().filter(pk=pk).update(attempt=F("attempt") + 1, lease_until=now + LEASE):
        return False
    row = EditionPrint.objects.select_related("edition__standard").get(pk=pk)
    mine = EditionPrint.objects.filter(pk=pk, attempt=row.attempt, status=EditionPrint.Status.WAITING)
    if row.edition.digest != row.digest:
        mine.delete()  # the draft has changed; its new text is asked for by whoever wants it
        return False
    try:
        pdf = render_edition(row.edition, row.language)
    except PrintingUnavailableError as error:
        log.warning("edition_not_printed", edition=str(row.edition), reason=str(error))
        mine.update(trouble=str(error), lease_until=now + dt.timedelta(seconds=30 * 2**row.attempt))
        return False
    return bool(mine.update(status=EditionPrint.Status.READY, pdf=pdf, lease_until=None, trouble=""))


def render_edition(edition: Edition, language: str) -> bytes:
    """The PDF of an edition, its YAML attached."""
    at = edition.published_at or timezone.now()
    with translation.override(language):
        scheme = scheme_of(edition)
        shown = {
            **general(edition),
            "edition": edition,
            "scheme": scheme,
            "characteristics": characteristics(edition, scheme),
            "at": at.isoformat(timespec="seconds"),
            "lang": "zh-Hans" if language == "zh-hans" else "en",
        }
        # A character that no face holds would vanish without a word: it is written by its code point.
        html = printable(str(render_to_string(TEMPLATE, shown)))
        if language == "en":
            html = html.translate(_NARROW)
    attached = Attached("standard.yaml", write_yaml(edition.content).decode(), str(edition), at.replace(microsecond=0))
    return Paper(html, STYLE).pdf(bytes.fromhex(edition.digest), [attached])
