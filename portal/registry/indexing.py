"""Keeping the registry's entries and the database's term index: pulled from published certificates, never pushed."""

from __future__ import annotations

from typing import Any

from django.db import connections, router, transaction
from django.db.models import Max

from portal.certificates.models import Certificate

from .models import SearchEntry
from .terms import stored_terms

BATCH = 200


def catch_up() -> int:
    """Enter the certificates issued since the newest entry; two cheap questions when there is nothing new."""
    newest = SearchEntry.objects.aggregate(newest=Max("issued_at"))["newest"]
    waiting = Certificate.objects.published()
    if newest is not None:
        waiting = waiting.filter(issued_at__gte=newest)
    return _enter(waiting.filter(search_entry=None))


def sweep() -> int:
    """Enter every published certificate that has no entry, whenever it was issued."""
    return _enter(Certificate.objects.published().filter(search_entry=None))


def _enter(waiting: Any) -> int:
    made = 0
    related = waiting.select_related("case__application__version__system").order_by("issued_at")
    for certificate in list(related[:BATCH]):
        made += enter(certificate)
    return made


@transaction.atomic
def enter(certificate: Certificate) -> bool:
    """Make the entry of one certificate from its frozen snapshot; False if somebody else did at the same moment."""
    entry, is_new = SearchEntry.objects.get_or_create(certificate=certificate, defaults=_facts(certificate))
    if is_new:
        index_terms([entry])
    return is_new


def index_terms(entries: list[SearchEntry]) -> None:
    """Give the entries' terms to SQLite's full-text table. PostgreSQL keeps its index by itself."""
    connection = connections[router.db_for_write(SearchEntry)]
    if connection.vendor != "sqlite":
        return
    with connection.cursor() as cursor:
        cursor.executemany(
            "INSERT OR REPLACE INTO registry_terms(rowid, terms) VALUES (%s, %s)",
            [(entry.pk, entry.terms) for entry in entries],
        )


def _facts(certificate: Certificate) -> dict[str, Any]:
    snapshot = certificate.snapshot
    version = certificate.case.application.version
    name, holder, body = snapshot["system"]["name"], snapshot["holder"]["name"], snapshot["body"]["name"]
    standard = snapshot["standard"]
    edition = f"{standard['code']} {standard['edition']}"
    modality = str(version.profile.get("modality", ""))
    intended = (snapshot.get("scope") or {}).get("intended_use") or {}
    texts = [
        certificate.number,
        *name.values(),
        snapshot["system"]["version"],
        snapshot["system"].get("digest", ""),
        *holder.values(),
        *body.values(),
        edition,
        *standard.get("title", {}).values(),
        version.system.sector,
        modality,
        *intended.values(),
    ]
    return {
        "number": certificate.number,
        "system_en": name.get("en") or name.get("zh", ""),
        "system_zh": name.get("zh", ""),
        "version": snapshot["system"]["version"],
        "holder_en": holder.get("en") or holder.get("zh", ""),
        "holder_zh": holder.get("zh", ""),
        "standard": edition,
        "sector": version.system.sector,
        "modality": modality[:40],
        "granted_on": certificate.granted_on,
        "valid_until": certificate.valid_until,
        "issued_at": certificate.issued_at,
        "terms": " ".join(stored_terms(text for text in texts if text)),
    }
