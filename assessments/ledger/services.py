"""Writing and checking the ledger."""

from __future__ import annotations

import hashlib
import secrets
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import rfc8785
from django.db import models, transaction
from django.db.models import F
from django.utils import timezone

from assessments.presentation.characters import refuse_unseen

from .models import Entry, Head, Text


@dataclass(frozen=True)
class Fault:
    """A place where the chain does not hold. `code`: missing, unlinked, altered, surplus, cut or text."""

    sequence: int
    code: str
    reason: str


def object_key(obj: models.Model) -> tuple[str, str]:
    """How an object is named in the ledger: its model's label and its primary key."""
    return obj._meta.label_lower, str(obj.pk)


def append(
    obj: models.Model,
    transition: str,
    *,
    actor: Any = None,
    details: Mapping[str, Any] | None = None,
    texts: Mapping[str, str] | None = None,
) -> Entry:
    """Append one entry about `obj`; the last statement of the transaction that changes it.

    `details` holds codes, numbers and identifiers only: never a name, an address or a free text. Free
    texts go to `texts`; the entry keeps their salted digests. Raises RuntimeError outside a transaction, and
    ValidationError when a person's text holds a character that nobody sees, whichever way it came.
    """
    if not transaction.get_connection().in_atomic_block:
        raise RuntimeError("ledger.append must be called inside the transaction that changes the object.")
    salted = {name: (secrets.token_hex(16), text) for name, text in (texts or {}).items() if text}
    for _salt, text in salted.values() if actor is not None else ():
        refuse_unseen(text)
    # The update locks the single row until the transaction ends: appends happen one after the other.
    if not Head.objects.filter(pk=1).update(sequence=F("sequence") + 1):
        Head.objects.get_or_create(pk=1)
        Head.objects.filter(pk=1).update(sequence=F("sequence") + 1)
    head = Head.objects.get(pk=1)
    object_type, object_id = object_key(obj)
    entry = Entry(
        sequence=head.sequence,
        recorded_at=timezone.now(),
        actor=getattr(actor, "pk", actor),
        object_type=object_type,
        object_id=object_id,
        transition=transition,
        details=dict(details or {}),
        text_digests={name: digest_text(salt, text) for name, (salt, text) in salted.items()},
        previous_hash=head.hash,
    )
    entry.hash = hash_entry(entry)
    entry.save(force_insert=True)
    for name, (salt, text) in salted.items():
        Text.objects.create(entry=entry, name=name, salt=salt, text=text)
    Head.objects.filter(pk=1).update(hash=entry.hash)
    return entry


def digest_text(salt: str, text: str) -> str:
    """SHA-256 of salt and text; without the salt, the digest says nothing about a short text."""
    return hashlib.sha256(f"{salt}\n{text}".encode()).hexdigest()


def hash_entry(entry: Entry) -> str:
    """SHA-256 over the canonical JSON (RFC 8785) of the entry, its predecessor's hash included."""
    content = {
        "sequence": entry.sequence,
        "recorded_at": entry.recorded_at.isoformat(),
        "actor": str(entry.actor) if isinstance(entry.actor, UUID) else entry.actor,
        "object_type": entry.object_type,
        "object_id": entry.object_id,
        "transition": entry.transition,
        "details": entry.details,
        "text_digests": entry.text_digests,
        "previous_hash": entry.previous_hash,
    }
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def verify() -> Iterator[Fault]:
    """Walk the whole chain and yield each place where it does not hold: altered, removed, inserted, reordered.

    May run while entries are appended: the head is read first, and with it all entries up to it were written.
    """
    recorded = _head()
    expected, previous = 1, "0" * 64
    walked = Entry.objects.filter(sequence__lte=recorded[0]).order_by("sequence").prefetch_related("texts")
    for entry in walked.iterator(chunk_size=500):
        if entry.sequence != expected:
            yield Fault(expected, "missing", f"entries {expected} to {entry.sequence - 1} are missing")
        if entry.previous_hash != previous:
            yield Fault(entry.sequence, "unlinked", "it does not follow the entry before it")
        if not _is_as_hashed(entry):
            yield Fault(entry.sequence, "altered", "its content was altered")
        yield from _faults_of_texts(entry)
        expected, previous = entry.sequence + 1, entry.hash
    if recorded != (expected - 1, previous):
        said = f"the head says {recorded[0]} entries, the chain has {expected - 1}: the end was removed"
        yield Fault(expected, "cut", said)
    last = Entry.objects.aggregate(last=models.Max("sequence"))["last"] or 0
    if last > (end := _head()[0]):  # read in this order, an entry appended meanwhile is known to the head
        yield Fault(end + 1, "surplus", f"the chain has {last} entries, the head says {end}: entries were inserted")


def _is_as_hashed(entry: Entry) -> bool:
    try:
        return entry.hash == hash_entry(entry)
    except (AttributeError, TypeError, ValueError):  # what was put in its place is not even of the form
        return False


def _faults_of_texts(entry: Entry) -> Iterator[Fault]:
    """An erased text leaves its row, empty; one without a row was removed, one without a digest put in."""
    digests = entry.text_digests if isinstance(entry.text_digests, dict) else {}
    texts = {text.name: text for text in entry.texts.all()}
    for name in digests.keys() - texts.keys():
        yield Fault(entry.sequence, "text", f"its text “{name}” was removed")
    for name, text in texts.items():
        erased = text.erased_at is not None and not text.text and name in digests
        if not erased and digests.get(name) != digest_text(text.salt, text.text):
            yield Fault(entry.sequence, "text", f"its text “{name}” was altered")


def _head() -> tuple[int, str]:
    head = Head.objects.filter(pk=1).first()
    return (head.sequence, head.hash) if head else (0, "0" * 64)


def history(obj: models.Model) -> models.QuerySet[Entry]:
    """All that happened to an object, oldest first, with its texts."""
    object_type, object_id = object_key(obj)
    return Entry.objects.filter(object_type=object_type, object_id=object_id).prefetch_related("texts")
