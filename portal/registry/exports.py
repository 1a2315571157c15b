"""The registry's records for machines: the same facts in CSV, JSON and the REST interface."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

from django.db.models import QuerySet
from django.urls import reverse

from assessments.presentation.spreadsheets import csv_line

from .models import SearchEntry

FIELDS = (
    "number",
    "status",
    "level",
    "tier",
    "system_en",
    "system_zh",
    "version",
    "holder_en",
    "holder_zh",
    "body_en",
    "body_zh",
    "standard",
    "sector",
    "modality",
    "granted_on",
    "valid_until",
    "pdf_sha256",
    "url",
)
Absolute = Callable[[str], str]


def record(entry: Any, absolute: Absolute) -> dict[str, str]:
    """One certificate's public facts; dates are ISO 8601 calendar dates, `status` counts expiry as of today."""
    certificate = entry.certificate
    return {
        "number": entry.number,
        "status": entry.standing,
        "level": certificate.level,
        "tier": certificate.tier,
        "system_en": entry.system_en,
        "system_zh": entry.system_zh,
        "version": entry.version,
        "holder_en": entry.holder_en,
        "holder_zh": entry.holder_zh,
        "body_en": certificate.body.name_en,
        "body_zh": certificate.body.name_zh,
        "standard": entry.standard,
        "sector": entry.sector,
        "modality": entry.modality,
        "granted_on": entry.granted_on.isoformat(),
        "valid_until": entry.valid_until.isoformat(),
        "pdf_sha256": certificate.pdf_sha256,
        "url": absolute(reverse("certificates:certificate", args=[entry.number])),
    }


def records(found: QuerySet[SearchEntry], absolute: Absolute) -> Iterator[dict[str, str]]:
    """All records that were found, newest first, read in portions so that a large registry fits in memory."""
    ordered = found.select_related("certificate__body").order_by("-granted_on", "-pk")
    for entry in ordered.iterator(chunk_size=500):
        yield record(entry, absolute)


def csv_lines(found: QuerySet[SearchEntry], absolute: Absolute) -> Iterator[str]:
    """The records as lines of CSV (RFC 4180), first the field names.

    A cell that a spreadsheet would take for a formula gets an apostrophe before it.
    """
    yield "\ufeff" + csv_line(FIELDS)
    for entry in records(found, absolute):
        yield csv_line(entry[name] for name in FIELDS)
