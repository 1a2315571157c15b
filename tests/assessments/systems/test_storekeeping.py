"""A changed byte is noticed, what nobody names goes after a while, and what somebody names stays."""

from __future__ import annotations

import fcntl
import os
import threading
import time
from io import StringIO
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import transaction

from assessments.systems import services, storage, storekeeping, tasks, uploads
from assessments.systems.folder import Folder
from assessments.systems.models import Artifact, Blob, SystemVersion, Upload

pytestmark = pytest.mark.django_db


def keep(version: SystemVersion, person: Any, content: bytes, name: str = "x.csv") -> Artifact:
    return services.add_artifact(
        version, blob=storage.keep_bytes(content), filename=name, role="evidence", origin="C",
        organisation=version.system.organisation, person=person,
    )  # fmt: skip


def command(action: str, *arguments: str) -> tuple[str, str, bool]:
    out, err = StringIO(), StringIO()
    try:
        call_command("storage", action, *arguments, stdout=out, stderr=err)
    except CommandError as error:
        return out.getvalue(), f"{err.getvalue()}{error}", False
    return out.getvalue(), err.getvalue(), True


def spoil(path: Path, change: Any) -> None:
    path.chmod(0o644)
    content = bytearray(path.read_bytes())
    change(content)
    path.write_bytes(content)


@pytest.mark.parametrize(
    ("change", "fault"),
    [
        (lambda path: spoil(path, lambda content: content.__setitem__(3, content[3] ^ 1)), "changed"),
        (lambda path: spoil(path, lambda content: content.append(0)), "changed"),
        (Path.unlink, "missing"),
    ],
    ids=["one bit", "one byte more", "gone"],
)
def test_verify_names_what_is_not_what_it_was(version: SystemVersion, alice: Any, change: Any, fault: str) -> None:
    keep(version, alice, b"sound")
    bad = keep(version, alice, b"to be spoiled", "evidence.txt")
    assert command("verify")[::2] == ("The store holds: 2 files.\n", True)
    path = storage.path_of(bad.blob_id)
    change(path)
    _, said, passed = command("verify")
    assert not passed
    assert said == (
        f"{bad.blob_id} {fault} at {path}: Digit reader / 1.0.0 / evidence / evidence.txt\n"
        "The store does not hold: 1 of 2 files."
    )
    standing = storekeeping.standing()
    assert (standing.files, standing.unchecked, standing.faults) == (2, 0, 1)
    path.unlink(missing_ok=True)
    storage.keep_bytes(b"to be spoiled")
    assert command("verify")[2]
    assert storekeeping.standing().faults == 0


def test_clock_checks_the_longest_unchecked_first_and_goes_on(
    version: SystemVersion, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    for number in range(3):
        keep(version, alice, b"%d" % number, f"{number}.txt")
    list(storekeeping.verify())
    Blob.objects.filter(pk=Artifact.objects.get(filename="1.txt").blob_id).update(checked_at=None)
    checked: list[str] = []

    def slow(blob: Blob) -> str:
        checked.append(blob.artifacts.get().filename)
        time.sleep(0.05)
        return ""

    monkeypatch.setattr(storekeeping, "_fault_of", slow)
    monkeypatch.setattr(tasks, "CHECK_SECONDS", 0.01)
    for _ in range(3):
        tasks.check_store()
    assert checked[0] == "1.txt"
    assert sorted(checked) == ["0.txt", "1.txt", "2.txt"]


def test_sweep_takes_orphans_after_a_grace_and_nothing_else(version: SystemVersion, alice: Any, settings: Any) -> None:
    organisation = version.system.organisation
    artifact = keep(version, alice, b"named")
    upload = uploads.start_upload(
        version, person=alice, organisation=organisation, role="model", filename="m", size=5, origin="C"
    )
    uploads.quarantine_path(upload).write_bytes(b"abc")
    orphan = storage.path_of("ab" * 32)
    orphan.parent.mkdir(parents=True)
    lost = [settings.UPLOAD_ROOT / name for name in (f"upload-{version.pk}", "form-0123", "made-1-00")]
    foreign = [settings.UPLOAD_ROOT / "notes.txt", settings.ARTIFACT_ROOT / "ab" / "ab" / "README"]
    for path in (orphan, *lost, *foreign):
        path.write_bytes(b"?")
    assert storekeeping.sweep() == storekeeping.Swept(0, 0, 0)
    old = time.time() - storekeeping.GRACE.total_seconds() - 60
    for path in (orphan, *lost, *foreign, storage.path_of(artifact.blob_id), uploads.quarantine_path(upload)):
        os.utime(path, (old, old))
    assert command("sweep") == ("Removed: 3 files in quarantine, 1 in the store; 0 uploads given up.\n", "", True)
    assert not any(path.exists() for path in (orphan, *lost))
    assert all(path.exists() for path in (*foreign, storage.path_of(artifact.blob_id)))
    assert uploads.received(upload) == 3
    Upload.objects.update(touched_at="2020-01-01T00:00:00Z")
    tasks.sweep_store()
    upload.refresh_from_db()
    assert upload.status == Upload.Status.ABANDONED
    assert uploads.received(upload) == 0


def test_file_kept_again_while_it_is_being_swept_stays(settings: Any) -> None:
    """The file has no row yet and is old; whoever keeps equal bytes now finds it there, and names it afterwards."""
    with transaction.atomic():
        blob = storage.keep_bytes(b"wanted again")
        transaction.set_rollback(True)
    assert not Blob.objects.exists()
    store, path = Folder(settings.ARTIFACT_ROOT), storage.path_of(blob.pk)
    old = time.time() - storekeeping.GRACE.total_seconds() - 60
    os.utime(path, (old, old))
    waiting = threading.Event()
    removed: list[bool] = []

    def sweep() -> None:
        waiting.set()
        removed.append(store.remove(blob.pk, old + 1))

    with store._held(fcntl.LOCK_SH):
        sweeper = threading.Thread(target=sweep)
        sweeper.start()
        waiting.wait()
        time.sleep(0.1)
        assert not removed
        os.utime(path)
    sweeper.join()
    assert removed == [False]
    assert path.read_bytes() == b"wanted again"
