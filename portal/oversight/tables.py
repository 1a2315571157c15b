"""What an authority takes away: certificates, history and orders as CSV, as a workbook, or as JSON."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator
from io import BytesIO
from itertools import islice
from typing import Any

from openpyxl import Workbook

from assessments.presentation.spreadsheets import csv_line
from assessments.standards.exchange.cells import write_sheet
from portal.assurance.models import SurveillanceOrder
from portal.registry import exports
from portal.registry.search import Question, answer

from . import history

# A workbook is made in memory; the other two formats hold everything.
WORKBOOK_ROWS = 20_000
FORMATS = ("csv", "xlsx", "json")
Absolute = Callable[[str], str]
Record = dict[str, Any]

CERTIFICATE_FIELDS = (*exports.FIELDS, "surveillance_due", "orders", "last_reason")
HISTORY_FIELDS = ("at", "event", "published", "number", "system", "vendor", "body", "tier", "level", "reason")
ORDER_FIELDS = (
    "id", "certificate", "holder", "body", "authority", "status", "due_on", "overdue", "outcome", "made_at", "reason",
    "answer",
)  # fmt: skip


def certificates(absolute: Absolute) -> Iterator[Record]:
    """Every certificate as the registry gives it, with its surveillance, its orders and the last reason."""
    found = answer(Question("", {}, "newest")).select_related("certificate__body")
    rows = found.prefetch_related("certificate__status_events", "certificate__orders").order_by("-granted_on", "-pk")
    for entry in rows.iterator(chunk_size=500):
        events = list(entry.certificate.status_events.all())
        yield {
            **exports.record(entry, absolute),
            "surveillance_due": entry.certificate.surveillance_due.isoformat(),
            "orders": len(entry.certificate.orders.all()),
            "last_reason": events[-1].reason if events else "",
        }


def events(rows: Any) -> Iterator[Record]:
    """The history, newest first."""
    return (line.as_json() for line in history.portions(rows))


def orders(rows: Any) -> Iterator[Record]:
    """The orders, newest first, each with its first words and the body's last answer."""
    for order in rows.prefetch_related("events").order_by("-made_at", "-pk").iterator(chunk_size=500):
        said = list(order.events.all())
        answers = [event.text for event in said if event.act == "answer"]
        yield {
            "id": str(order.pk),
            "certificate": order.certificate.number,
            "holder": order.certificate.holder.name,
            "body": order.certificate.body.name,
            "authority": order.authority.name,
            "status": order.status,
            "due_on": order.due_on.isoformat(),
            "overdue": order.is_overdue(),
            "outcome": order.outcome,
            "made_at": order.made_at.isoformat(),
            "reason": said[0].text if said else "",
            "answer": answers[-1] if answers else "",
        }


def csv_lines(fields: Iterable[str], records: Iterable[Record]) -> Iterator[str]:
    """UTF-8 with byte order mark, as spreadsheet programs expect it."""
    names = list(fields)
    yield "\ufeff" + csv_line(names)
    for record in records:
        yield csv_line(record[name] for name in names)


def json_parts(records: Iterable[Record]) -> Iterator[str]:
    """A JSON array, one record a line."""
    yield "["
    for place, record in enumerate(records):
        yield ("," if place else "") + "\n" + json.dumps(record, ensure_ascii=False)
    yield "\n]\n"


def workbook(name: str, fields: Iterable[str], records: Iterable[Record]) -> bytes:
    """An .xlsx with one sheet of at most `WORKBOOK_ROWS` records; no text in it acts as a formula."""
    names, book = list(fields), Workbook()
    book.remove(book.active)
    rows = [[_cell(record[one]) for one in names] for record in islice(records, WORKBOOK_ROWS)]
    write_sheet(book, name, names, rows)
    raw = BytesIO()
    book.save(raw)
    return raw.getvalue()


def _cell(value: Any) -> Any:
    return str(value).lower() if isinstance(value, bool) else value


def order_rows() -> Any:
    return SurveillanceOrder.objects.select_related("certificate__body", "certificate__holder", "authority")
