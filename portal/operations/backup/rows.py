"""Tables as lines of JSON: read in one snapshot of the database, written back as they were."""

from __future__ import annotations

import base64
import datetime as dt
import decimal
import itertools
import json
import uuid
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from typing import Any

from django.apps import apps
from django.core.management.color import no_style
from django.db import connection, models
from django.db.migrations.recorder import MigrationRecorder

# What is of this moment or this machine only: sign-ins under way, counters of throttles, processes that live.
LEFT_OUT = frozenset({"sessions.session", "accounts.remembered", "operations.process"})
# What migrations make by themselves. It is replaced, as other rows name it by number.
MADE_BY_MIGRATIONS = frozenset({"contenttypes.contenttype", "auth.permission"})
CHUNK = 500
# SQLite takes few values in one statement.
MOST_VALUES = 900

Model = type[models.Model]


def tables() -> list[Model]:
    """Every table that a backup holds, by name."""
    found = apps.get_models(include_auto_created=True)
    kept = [model for model in found if model._meta.managed and not model._meta.proxy and label(model) not in LEFT_OUT]
    return sorted(kept, key=label)


def label(model: Model) -> str:
    """How a table is named in a backup."""
    return model._meta.label_lower


def migrations() -> list[str]:
    """The migrations that the database has, as "app.name"."""
    return sorted(f"{app}.{name}" for app, name in MigrationRecorder(connection).applied_migrations())


@contextmanager
def snapshot() -> Iterator[None]:
    """Read the whole database as it is now, whatever others write meanwhile; nobody is held up.

    Raises RuntimeError inside a transaction, which sees a state of its own.
    """
    if connection.in_atomic_block:
        raise RuntimeError("a backup is made outside any transaction")
    begin = "BEGIN" if connection.vendor == "sqlite" else "BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY"
    with connection.cursor() as cursor:
        # Django's own transactions on SQLite take the right to write, which would make everybody else wait.
        cursor.execute(begin)
        try:
            cursor.execute("SELECT COUNT(*) FROM django_migrations")  # from here on the state is fixed
            cursor.fetchall()
            yield
        finally:
            cursor.execute("ROLLBACK")


def fields_of(model: Model) -> list[models.Field[Any, Any]]:
    """The columns that hold something of their own."""
    return [field for field in model._meta.local_concrete_fields if not getattr(field, "generated", False)]


def dump(model: Model) -> Iterator[bytes]:
    """One line of JSON for each row, a list of values in the order of `fields_of`, ordered by key."""
    names = [field.attname for field in fields_of(model)]
    rows = model._meta.base_manager.order_by("pk").values_list(*names)
    for row in rows.iterator(chunk_size=CHUNK):
        yield json.dumps([_plain(value) for value in row], ensure_ascii=False).encode() + b"\n"


def _plain(value: Any) -> Any:
    """The value for JSON; nothing is rounded, as the ledger's hashes cover microseconds."""
    if isinstance(value, dt.datetime | dt.date | dt.time):
        return value.isoformat()
    if isinstance(value, dt.timedelta):
        return value.total_seconds()
    if isinstance(value, bytes | memoryview):
        return base64.b64encode(bytes(value)).decode()
    return str(value) if isinstance(value, uuid.UUID | decimal.Decimal) else value


def load(model: Model, names: list[str], lines: Iterable[bytes]) -> int:
    """Write rows as they were: no default, no signal, no check of ours in between. Gives their number.

    `names` are the columns in the order of the lines. Raises ValueError when the table has others.
    """
    fields = {field.attname: field for field in fields_of(model)}
    if sorted(names) != sorted(fields):
        raise ValueError(f"{label(model)} has the columns {sorted(fields)}, the backup {sorted(names)}")
    ordered = [fields[name] for name in names]
    size = max(1, min(CHUNK, MOST_VALUES // len(ordered)))
    number = 0
    for batch in _batched(lines, size):
        rows = [_row(model, ordered, json.loads(line)) for line in batch]
        # As Model.save() with raw=True does: the ledger's own manager would refuse, and dates of saving would change.
        insert = model._meta.base_manager._insert  # type: ignore[attr-defined]  # noqa: SLF001
        insert(rows, fields=ordered, using=connection.alias, raw=True)
        number += len(rows)
    return number


def _batched(lines: Iterable[bytes], size: int) -> Iterator[tuple[bytes, ...]]:
    iterator = iter(lines)
    while batch := tuple(itertools.islice(iterator, size)):
        yield batch


def _row(model: Model, fields: list[models.Field[Any, Any]], values: list[Any]) -> models.Model:
    row = model()
    for field, value in zip(fields, values, strict=True):
        setattr(row, field.attname, _back(field, value))
    return row


def _back(field: models.Field[Any, Any], value: Any) -> Any:
    if value is None or isinstance(field, models.JSONField):
        return value
    if isinstance(field, models.ForeignKey):
        return _back(field.target_field, value)
    if isinstance(field, models.DurationField):
        return dt.timedelta(seconds=value)
    return field.to_python(value)


def filled() -> list[str]:
    """The tables that hold rows of somebody's, not of migrations."""
    names = set(connection.introspection.table_names())
    known = [model for model in tables() if model._meta.db_table in names and label(model) not in MADE_BY_MIGRATIONS]
    return [label(model) for model in known if model._meta.base_manager.exists()]


def is_new() -> bool:
    """Whether the database has no table at all."""
    return not connection.introspection.table_names()


def clear() -> None:
    """Remove what migrations put into a database that holds nothing else; inside a transaction."""
    with connection.cursor() as cursor:
        for model in tables():
            cursor.execute(f"DELETE FROM {connection.ops.quote_name(model._meta.db_table)}")  # noqa: S608 - our own name


def set_counters_on() -> None:
    """Let numbers that the database gives begin behind those that were loaded."""
    with connection.cursor() as cursor:
        for statement in connection.ops.sequence_reset_sql(no_style(), tables()):
            cursor.execute(statement)
