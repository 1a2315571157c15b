"""Reading the ledger past the cursor: who is to be told what, written once however often a batch is read."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta
from typing import Any

from django.db import transaction
from django.utils import timezone

from assessments.ledger.models import Entry

from .concerned import RULES, concerned
from .models import Cursor, Delivery, Kind, Letter, Notification, Preference

BATCH = 200
# After a longer stop, or when the portal is first given this room, the inbox has it all; a flood of mail helps nobody.
MAIL_WITHIN = timedelta(days=1)
DETAILS_KEPT = ("to", "part", "findings", "criterion")

Told = tuple[Entry, Kind, set[Any]]


def read_ledger() -> int:
    """Read the next entries of the ledger; gives how many were read. Safe to run twice at the same time."""
    cursor, _made = Cursor.objects.get_or_create(pk=1)
    # Appends lock the ledger's head until they commit, so no entry appears later below one that was seen.
    entries = list(Entry.objects.filter(sequence__gt=cursor.sequence).order_by("sequence")[:BATCH])
    if not entries:
        return 0
    told: list[Told] = []
    for entry in entries:
        found = concerned(entry) if (entry.object_type, entry.transition) in RULES else None
        if found is not None:
            told.append((entry, *found))
    return len(entries) if _conclude(cursor.sequence, entries[-1].sequence, told) else 0


@transaction.atomic
def _conclude(start: int, end: int, told: Sequence[Told]) -> bool:
    """Move the cursor and write what was concluded; False when another worker has read this batch."""
    if not Cursor.objects.filter(pk=1, sequence=start).update(sequence=end):
        return False
    wanted = _deliveries(told)
    for entry, kind, people in told:
        for person in people:
            tell(person, kind, entry, wanted.get((person.pk, kind), Delivery.AT_ONCE))
    return True


def _deliveries(told: Sequence[Told]) -> dict[tuple[Any, str], str]:
    people = {person.pk for _entry, _kind, several in told for person in several}
    rows = Preference.objects.filter(person__in=people).values_list("person_id", "kind", "delivery")
    return {(person, kind): delivery for person, kind, delivery in rows}


def tell(person: Any, kind: Kind, entry: Entry, delivery: str) -> None:
    """Write a notification once, with the letter that carries it; inside the caller's transaction."""
    if delivery == Delivery.OFF:
        return
    if entry.recorded_at < timezone.now() - MAIL_WITHIN:
        delivery = Delivery.INBOX
    row, is_new = Notification.objects.get_or_create(
        person=person,
        kind=kind,
        entry_sequence=entry.sequence,
        defaults={
            "object_type": entry.object_type,
            "object_id": entry.object_id,
            "details": {name: entry.details[name] for name in DETAILS_KEPT if name in entry.details},
            "happened_at": entry.recorded_at,
            "delivery": delivery,
        },
    )
    if is_new and delivery == Delivery.AT_ONCE:
        row.letter = Letter.objects.create(person=person)
        row.save(update_fields=["letter"])
