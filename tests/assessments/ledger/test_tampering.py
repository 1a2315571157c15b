"""What somebody at the database could do to the ledger, past the application: every way is found, with its place."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection, transaction

from assessments.ledger import services
from assessments.ledger.models import Entry, Head, Text

LENGTH = 6


@pytest.fixture
def chain(vendor: Any, alice: Any) -> list[Entry]:
    with transaction.atomic():
        return [
            services.append(vendor, "step", actor=alice, details={"n": n}, texts={"reason": f"because {n}"})
            for n in range(LENGTH)
        ]


def sql(statement: str, *parameters: Any) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)


def found() -> list[tuple[int, str]]:
    return [(fault.sequence, fault.code) for fault in services.verify()]


@pytest.mark.parametrize(
    ("column", "value"),
    [
        ("recorded_at", "2026-01-01 00:00:00+00"),
        ("actor", None),
        ("object_type", "systems.system"),
        ("object_id", "0"),
        ("transition", "other"),
        ("details", '{"n": 7}'),
        ("details", "[]"),
        ("text_digests", "{}"),
        ("text_digests", "[]"),
        ("previous_hash", "0" * 64),
    ],
)
def test_each_column_is_held_by_the_hash(chain: list[Entry], column: str, value: Any) -> None:
    sql(f"UPDATE ledger_entry SET {column} = %s WHERE sequence = 3", value)  # noqa: S608
    assert (3, "altered") in found()
    assert {sequence for sequence, _ in found()} == {3}


def test_an_altered_entry_with_a_fitting_hash_is_left_by_the_next(chain: list[Entry]) -> None:
    sql("UPDATE ledger_entry SET transition = 'other' WHERE sequence = 3")
    sql("UPDATE ledger_entry SET hash = %s WHERE sequence = 3", services.hash_entry(Entry.objects.get(sequence=3)))
    assert found() == [(4, "unlinked")]


def test_an_entry_put_in_between_is_named(chain: list[Entry]) -> None:
    for sequence in range(LENGTH, 2, -1):
        sql("UPDATE ledger_entry SET sequence = sequence + 1 WHERE sequence = %s", sequence)
    sql(
        "INSERT INTO ledger_entry (sequence, recorded_at, object_type, object_id, transition, details, text_digests,"
        " previous_hash, hash) SELECT 3, recorded_at, object_type, object_id, 'forged', details, '{}', hash, 'f'"
        " FROM ledger_entry WHERE sequence = 2"
    )
    said = found()
    assert said[:2] == [(3, "altered"), (4, "unlinked")]
    assert (LENGTH + 1, "surplus") in said


def test_a_whole_chain_written_anew_does_not_end_where_the_head_says(chain: list[Entry]) -> None:
    sql("UPDATE ledger_entry SET transition = 'other' WHERE sequence = 1")
    previous = "0" * 64
    for entry in Entry.objects.order_by("sequence"):
        entry.previous_hash = previous
        previous = services.hash_entry(entry)
        sql("UPDATE ledger_entry SET previous_hash = %s WHERE id = %s", entry.previous_hash, entry.pk)
        sql("UPDATE ledger_entry SET hash = %s WHERE id = %s", previous, entry.pk)
    assert found() == [(LENGTH + 1, "cut")]


def test_a_head_turned_back_leaves_a_surplus(chain: list[Entry]) -> None:
    Head.objects.update(sequence=4, hash=chain[3].hash)
    assert found() == [(5, "surplus")]


def test_texts_that_were_altered_put_in_or_taken_are_named(chain: list[Entry]) -> None:
    Text.objects.filter(entry=chain[0]).update(text="another reason")
    sql("DELETE FROM ledger_text WHERE entry_id = %s", chain[1].pk)
    Text.objects.create(entry=chain[2], name="remark", salt="0", text="never said")
    Text.objects.filter(entry=chain[3]).update(text="erased, they say", erased_at=chain[0].recorded_at)
    assert found() == [(1, "text"), (2, "text"), (3, "text"), (4, "text")]
    Text.objects.filter(entry=chain[3]).update(text="")
    assert [sequence for sequence, _ in found()] == [1, 2, 3]


def test_an_untouched_chain_has_no_fault_and_the_walk_asks_little(
    chain: list[Entry], django_assert_max_num_queries: Any
) -> None:
    with django_assert_max_num_queries(6):
        assert found() == []
