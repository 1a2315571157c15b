"""Backup and restore: one moment of the database, every file, and nothing at all from a file that is not whole."""

from __future__ import annotations

import io
import tarfile
import threading
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from django.db import connection, transaction

from assessments.accounts.models import Organisation, Person
from assessments.ledger.models import Entry
from assessments.ledger.services import append, verify
from assessments.systems import storage
from portal.operations.backup import archive, private_keys, rows
from portal.operations.backup.archive import DamagedBackupError
from portal.operations.backup.private_keys import WrongPassphraseError
from portal.operations.backup.reading import NotRestorableError, restore
from portal.operations.backup.writing import write
from tests.factories.people import organisation, person

pytestmark = pytest.mark.django_db(transaction=True)

PASSPHRASE = "a long passphrase"


@pytest.fixture
def keys(settings: Any, tmp_path: Path) -> Path:
    """A key folder with a public and a private part."""
    settings.KEY_ROOT = tmp_path / "keys"
    (settings.KEY_ROOT / "known").mkdir(parents=True)
    (settings.KEY_ROOT / "known" / f"{'a' * 64}.pem").write_text("public\n")
    (settings.KEY_ROOT / "result-seal.pem").write_text("private\n")
    return Path(settings.KEY_ROOT)


@pytest.fixture
def backup(keys: Path, tmp_path: Path) -> Path:
    """A backup of a body with two people, three ledger entries with microseconds, and one file."""
    body = organisation("body", "Meridian Evaluation Body", "子午评估中心")
    for name in ("Lena", "Erik"):
        person(name, body, "evaluator")
    for number in range(3):
        with transaction.atomic():
            append(body, "tested", details={"number": number, "share": 0.1}, texts={"reason": "理由：测试 “quoted”"})
    storage.keep_bytes(b"model " * 1000)
    path = tmp_path / "backup.tar"
    call_command("backup", "--out", str(path), stderr=io.StringIO())
    return path


def everything() -> dict[str, list[bytes]]:
    return {rows.label(model): list(rows.dump(model)) for model in rows.tables()}


def empty() -> None:
    """As a new installation is: tables, and nothing but what migrations make."""
    call_command("flush", interactive=False, verbosity=0)


def test_restored_is_what_was_backed_up_to_the_microsecond(backup: Path, settings: Any, tmp_path: Path) -> None:
    before = everything()
    empty()
    settings.ARTIFACT_ROOT, settings.KEY_ROOT = tmp_path / "other-store", tmp_path / "other-keys"
    call_command("restore", str(backup), stdout=io.StringIO(), stderr=io.StringIO())
    assert everything() == before
    assert Entry.objects.count() == 3
    assert list(verify()) == []
    assert len(list(Path(settings.ARTIFACT_ROOT).glob("*/*/*"))) == 1
    assert [path.name for path in Path(settings.KEY_ROOT).rglob("*.pem")] == [f"{'a' * 64}.pem"]
    # The counters of the database stand behind what was loaded.
    assert Person.objects.get(email="lena@example.org").check_password("a long password")
    person("Eva", Organisation.objects.get(), "evaluator")


def test_a_backup_holds_one_moment_and_holds_nobody_up() -> None:
    organisation("body", "Before", "之前")
    written = threading.Event()

    def write_meanwhile() -> None:
        try:
            organisation("body", "Meanwhile", "其间")
            written.set()
        finally:
            connection.close()

    with rows.snapshot():
        first = list(rows.dump(Organisation))
        thread = threading.Thread(target=write_meanwhile)
        thread.start()
        thread.join(20)
        assert written.is_set(), "who writes waited for the backup"
        assert list(rows.dump(Organisation)) == first
        assert len(first) == 1
    assert Organisation.objects.count() == 2


def test_an_installation_with_rows_is_not_overwritten(backup: Path) -> None:
    before = everything()
    with pytest.raises(CommandError, match=r"Nothing was restored\. This installation is not empty: there are rows in"):
        call_command("restore", str(backup))
    assert everything() == before


def alter(path: Path, kind: str) -> None:
    content = bytearray(path.read_bytes())
    if kind == "one byte of a file":
        content[content.index(b"model model")] ^= 1
    elif kind == "one letter of a table":
        content[content.index("理由".encode()) + 1] ^= 1
    elif kind == "the end is missing":
        del content[len(content) // 2 :]
    path.write_bytes(content)
    if kind == "a member too many":
        with tarfile.open(path, "a") as tar:
            tar.addfile(tarfile.TarInfo("../../etc/passwd"))


@pytest.mark.parametrize(
    "kind", ["one byte of a file", "one letter of a table", "the end is missing", "a member too many"]
)
def test_an_altered_backup_changes_nothing(backup: Path, settings: Any, tmp_path: Path, kind: str) -> None:
    alter(backup, kind)
    empty()
    before = everything()
    settings.ARTIFACT_ROOT = tmp_path / "other-store"
    with pytest.raises(DamagedBackupError):
        restore(backup)
    assert everything() == before
    assert not Path(settings.ARTIFACT_ROOT).exists()


def test_a_backup_of_another_release_is_refused_by_name(backup: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    empty()
    real = rows.migrations
    monkeypatch.setattr(rows, "migrations", lambda: [*real(), "systems.0099_later"])
    with pytest.raises(NotRestorableError, match=r"systems\.0099_later"):
        restore(backup)


def test_private_keys_come_back_with_their_passphrase_only(keys: Path, settings: Any, tmp_path: Path) -> None:
    path = tmp_path / "with-keys.tar"
    with path.open("wb") as file:
        write(file, tmp_path, passphrase=PASSPHRASE)
    assert b"private" not in path.read_bytes().replace(b"private-keys", b"")
    empty()
    settings.KEY_ROOT = tmp_path / "other-keys"
    with pytest.raises(WrongPassphraseError):
        restore(path, passphrase="another passphrase")
    restore(path, passphrase=PASSPHRASE)
    restored = settings.KEY_ROOT / "result-seal.pem"
    assert restored.read_text() == "private\n"
    assert restored.stat().st_mode & 0o777 == 0o600
    with pytest.raises(ValueError, match="12 characters"):
        private_keys.closed("short")


def test_a_file_that_changed_in_the_store_is_named_and_the_others_are_saved(keys: Path, tmp_path: Path) -> None:
    whole, altered, gone = (storage.keep_bytes(content).sha256 for content in (b"whole", b"altered", b"gone"))
    storage.path_of(altered).chmod(0o644)
    storage.path_of(altered).write_bytes(b"Altered")
    storage.path_of(gone).unlink()
    path = tmp_path / "backup.tar"
    with pytest.raises(CommandError) as told:
        call_command("backup", "--out", str(path), stderr=io.StringIO())
    assert altered in str(told.value)
    assert gone in str(told.value)
    assert whole not in str(told.value)
    assert sorted(archive.check(path).damaged) == sorted([altered, gone])
    with pytest.raises(CommandError, match="never overwritten"):
        call_command("backup", "--out", str(path))
    empty()
    assert restore(path).damaged
    assert storage.path_of(whole).exists()
