"""A database of the first landed release, with rows in every table, is carried forward whole."""

from __future__ import annotations

import os
import subprocess
import sys
import uuid
from collections.abc import Iterator
from datetime import date
from graphlib import TopologicalSorter
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import pytest
from django.conf import settings
from django.db import connections, models
from django.db.migrations.executor import MigrationExecutor
from django.utils import timezone
from environ import Env

from assessments.ledger.services import digest_text, hash_entry

# The release that was landed first: rooms that came later (notifications, operations) had no table yet.
ROOMS = {
    *("accounts", "applications", "cases", "certificates", "ledger"),
    *("registry", "runs", "standards", "systems", "verification"),
}
FIRST = [(room, "0001_initial") for room in sorted(ROOMS)]
ROWS = 3
SALT, TEXT = "5a17", "Because 因为"
# What a first choice or a text of ours would not satisfy.
FITTING = {"assignment.independence": "", "tenths": 30, "confirmed_tenths": 30, "email": "p{}@example.org"}


@pytest.fixture
def early(tmp_path: Path, django_db_blocker: Any) -> Iterator[str]:
    """The address of an empty database beside the tests' own, known to Django as `early`."""
    server = os.environ.get("DATABASE_URL", "")
    if server.startswith("postgres"):
        name = f"early_{uuid.uuid4().hex[:12]}"
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'CREATE DATABASE "{name}"')
        address = urlsplit(server)._replace(path=f"/{name}").geturl()
    else:
        address = f"sqlite:///{tmp_path / 'early.sqlite3'}"
    own = connections.settings["default"] | Env.db_url_config(address)
    connections.settings["early"] = own | {"OPTIONS": connections.settings["default"]["OPTIONS"]}
    with django_db_blocker.unblock():
        yield address
        connections["early"].close()
    del connections["early"], connections.settings["early"]
    if server.startswith("postgres"):
        with psycopg.connect(server, autocommit=True) as connection:
            connection.execute(f'DROP DATABASE "{name}" WITH (FORCE)')


def manage(address: str, folder: Path, *arguments: str) -> str:
    """What `manage.py` says of that database; it must succeed."""
    environment = os.environ | {"DATABASE_URL": address, "PORTAL_VAR": str(folder), "PORTAL_PLAIN_STATIC": "true"}
    environment.pop("DJANGO_SETTINGS_MODULE", None)
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        env=environment, cwd=settings.BASE_DIR, capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def value(field: models.Field[Any, Any], number: int, made: dict[Any, list[Any]]) -> Any:
    """Something that the column takes, another for each row."""
    named = FITTING.get(f"{field.model._meta.model_name}.{field.name}", FITTING.get(field.name))
    if named is not None:
        return named.format(number) if isinstance(named, str) else named
    if field.is_relation:
        rows = made.get(field.related_model)
        return rows[number % len(rows)] if rows else None
    if field.choices:
        return next(choice for choice, _ in field.flatchoices if choice not in (None, ""))
    if field.has_default() and not field.unique:
        return field.get_default()
    kinds: list[tuple[type, Any]] = [
        (models.UUIDField, uuid.uuid4()),
        (models.DateTimeField, timezone.now()),
        (models.DateField, date(2026, 11, 1 + number)),
        (models.BooleanField, False),
        (models.BinaryField, b"bytes"),
        (models.JSONField, {"n": number}),
        (models.IntegerField, number + 1),
        (models.FloatField, number / 2),
        (models.DurationField, timezone.timedelta(seconds=number)),
    ]
    chosen = next((one for kind, one in kinds if isinstance(field, kind)), None)
    text = f"{field.name} 文 {number}"[-(field.max_length or 60) :]
    return text if chosen is None else chosen


def fill(state: Any) -> dict[str, int]:
    """Rows in every table of our rooms, those first that others name; how many there are of each."""
    wanted = [model for model in state.get_models() if model._meta.app_label in ROOMS]
    order = TopologicalSorter(
        {
            model: {f.related_model for f in model._meta.concrete_fields if f.is_relation and not f.null}
            & set(wanted) - {model}
            for model in wanted
        }
    ).static_order()
    made: dict[Any, list[Any]] = {}
    for model in order:
        if model._meta.label == "ledger.Head":
            continue
        if model._meta.label == "ledger.Entry":
            made[model] = chain(model, state.get_model("ledger", "Head"))
            continue
        if model._meta.label == "ledger.Text":
            made[model] = [
                model._base_manager.using("early").create(entry=entry, name="reason", salt=SALT, text=TEXT)
                for entry in made[state.get_model("ledger", "Entry")]
            ]
            continue
        fields = [f for f in model._meta.concrete_fields if not isinstance(f, models.AutoField)]
        made[model] = [
            model._base_manager.using("early").create(**{f.name: value(f, number, made) for f in fields})
            for number in range(ROWS)
        ]
    return {model._meta.label: len(rows) for model, rows in made.items()}


def chain(entries: Any, heads: Any) -> list[Any]:
    """A chain as the first release wrote it."""
    made: list[Any] = []
    for number in range(1, ROWS + 1):
        entry = entries(
            sequence=number, recorded_at=timezone.now(), object_type="systems.system", object_id=str(uuid.uuid4()),
            transition="made", details={"n": number}, text_digests={"reason": digest_text(SALT, TEXT)},
            previous_hash=made[-1].hash if made else "0" * 64,
        )  # fmt: skip
        entry.hash = hash_entry(entry)
        entry.save(using="early")
        made.append(entry)
    heads._base_manager.using("early").create(pk=1, sequence=ROWS, hash=made[-1].hash)
    return made


def contents(tables: dict[str, list[str]]) -> dict[str, list[tuple[Any, ...]]]:
    """The rows of each table, of the columns that are named."""
    found = {}
    with connections["early"].cursor() as cursor:
        for table, columns in tables.items():
            listed = ", ".join(f'"{column}"' for column in columns)
            cursor.execute(f'SELECT {listed} FROM "{table}"')  # noqa: S608 - names of our own tables
            found[table] = sorted(cursor.fetchall(), key=repr)
    return found


def test_rows_of_the_first_release_are_all_there_after_the_upgrade(early: str, tmp_path: Path) -> None:
    executor = MigrationExecutor(connections["early"])
    executor.migrate(FIRST)
    state = executor.loader.project_state(FIRST).apps
    counts = fill(state)
    assert len(counts) >= 30
    assert set(counts.values()) == {ROWS}
    tables = {
        model._meta.db_table: [field.column for field in model._meta.concrete_fields]
        for model in state.get_models()
        if model._meta.app_label in ROOMS
    }
    before = contents(tables)

    manage(early, tmp_path / "var", "migrate")

    assert contents(tables) == before
    versions = connections["early"].cursor()
    versions.execute(
        "SELECT COUNT(*) FROM cases_planrevision AS plan JOIN cases_case AS c ON c.id = plan.case_id"
        " JOIN applications_application AS a ON a.id = c.application_id WHERE plan.version_id = a.version_id"
    )
    assert versions.fetchone() == (ROWS,)
    assert f"The ledger holds: {ROWS} entries." in manage(early, tmp_path / "var", "ledger", "verify")
