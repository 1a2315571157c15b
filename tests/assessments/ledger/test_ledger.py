"""The chain is append-only and finds what was altered, removed, inserted or reordered."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from assessments.ledger import services
from assessments.ledger.models import Entry, Text


@pytest.fixture
def chain(vendor: Any, alice: Any) -> list[Entry]:
    entries = []
    for number in range(4):
        with transaction.atomic():
            entries.append(
                services.append(
                    vendor, "step", actor=alice, details={"n": number}, texts={"reason": f"because {number}"}
                )
            )
    return entries


def sql(statement: str, *parameters: Any) -> None:
    """What somebody with access to the database could do, past the application."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def remove(sequence: int) -> None:
    sql("DELETE FROM ledger_text WHERE entry_id = (SELECT id FROM ledger_entry WHERE sequence = %s)", sequence)
    sql("DELETE FROM ledger_entry WHERE sequence = %s", sequence)


def faults() -> list[int]:
    return [fault.sequence for fault in services.verify()]


def test_untouched_chain_holds(chain: list[Entry]) -> None:
    assert faults() == []
    assert [e.sequence for e in chain] == [1, 2, 3, 4]
    call_command("ledger", "verify")


def test_altered_entry_is_named(chain: list[Entry]) -> None:
    sql("UPDATE ledger_entry SET transition = 'other' WHERE sequence = 2")
    assert faults() == [2]
    with pytest.raises(CommandError, match="1 places"):
        call_command("ledger", "verify")


def test_removed_entry_is_named(chain: list[Entry]) -> None:
    remove(3)
    assert set(faults()) == {3, 4}  # its place, and the one after it that follows nothing


def test_removed_end_is_named(chain: list[Entry]) -> None:
    remove(4)
    assert faults() == [4]


def test_entry_put_behind_the_end_is_named(chain: list[Entry]) -> None:
    sql(
        "INSERT INTO ledger_entry (sequence, recorded_at, object_type, object_id, transition, details, text_digests,"
        " previous_hash, hash) SELECT 5, recorded_at, object_type, object_id, transition, details, text_digests,"
        " hash, 'f' FROM ledger_entry WHERE sequence = 4"
    )
    assert [(fault.sequence, fault.code) for fault in services.verify()] == [(5, "surplus")]


def test_walk_is_not_disturbed_by_what_is_appended_meanwhile(
    chain: list[Entry], vendor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = services.hash_entry
    walked: list[int] = []

    def append_meanwhile(entry: Entry) -> str:
        if not walked:
            walked.append(entry.sequence)
            services.append(vendor, "meanwhile")
        return real(entry)

    monkeypatch.setattr(services, "hash_entry", append_meanwhile)
    assert faults() == []
    assert Entry.objects.count() == 5


def test_inserted_and_reordered_entries_are_named(chain: list[Entry]) -> None:
    sql("UPDATE ledger_entry SET sequence = 99 WHERE sequence = 2")
    sql("UPDATE ledger_entry SET sequence = 2 WHERE sequence = 3")
    sql("UPDATE ledger_entry SET sequence = 3 WHERE sequence = 99")
    assert {2, 3} <= set(faults())


def test_altered_text_is_named_and_erased_text_is_not(chain: list[Entry]) -> None:
    Text.objects.filter(entry=chain[0]).update(text="another reason")
    assert faults() == [1]
    from django.utils import timezone

    Text.objects.filter(entry=chain[0]).update(text="", erased_at=timezone.now())
    assert faults() == []


def test_application_can_neither_change_nor_delete(chain: list[Entry]) -> None:
    for attempt in (
        lambda: Entry.objects.update(transition="x"),
        lambda: Entry.objects.all().delete(),
        lambda: Entry.objects.bulk_create([]),
        chain[0].save,
        chain[0].delete,
    ):
        with pytest.raises(TypeError, match="append-only"):
            attempt()


@pytest.mark.django_db(transaction=True)
def test_append_outside_a_transaction_is_refused(vendor: Any) -> None:
    with pytest.raises(RuntimeError, match="inside the transaction"):
        services.append(vendor, "step")
    assert not Entry.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_rolled_back_change_leaves_no_entry_and_no_gap(vendor: Any) -> None:
    def change_and_fail() -> None:
        with transaction.atomic():
            services.append(vendor, "step")
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        change_and_fail()
    with transaction.atomic():
        assert services.append(vendor, "step").sequence == 1
    assert faults() == []
