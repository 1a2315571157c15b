"""A folder and a bucket hold the same contract; what jobs read of a bucket is whole, bounded and on this computer."""

from __future__ import annotations

import hashlib
import io
import threading
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import call_command
from django.urls import reverse

from assessments.systems import services, storage, storekeeping
from assessments.systems.bucket import Bucket
from assessments.systems.local_copies import Changed, LocalCopies
from assessments.systems.models import Blob, SystemVersion
from tests.factories.object_store import ObjectStore

CONTENT = bytes(range(256)) * 200
DIGEST = hashlib.sha256(CONTENT).hexdigest()
LARGE = 9 * 2**20  # sent in parts


@pytest.fixture
def spoil(settings: Any, request: pytest.FixtureRequest) -> Callable[[str, bytes], None]:
    """Changes stored bytes behind the portal's back."""

    def change(sha256: str, content: bytes) -> None:
        if settings.STORE is None:
            path = storage.path_of(sha256)
            path.chmod(0o644)
            path.write_bytes(content)
        else:
            bucket, name = storage.backing().where(sha256).removeprefix("s3://").split("/", 1)
            request.getfixturevalue("object_store").client.put_object(Bucket=bucket, Key=name, Body=content)

    return change


@pytest.fixture(params=["folder", "bucket"])
def kind(request: pytest.FixtureRequest, settings: Any) -> str:
    if request.param == "bucket":
        settings.STORE = request.getfixturevalue("object_store").new_bucket("portal/")
    return str(request.param)


@pytest.mark.django_db
def test_bytes_lie_under_their_digest_once_and_come_back(kind: str, tmp_path: Path, settings: Any) -> None:
    for _ in range(2):
        assert storage.keep_bytes(CONTENT).sha256 == DIGEST
    large = tmp_path / "large"
    large.write_bytes(b"\x07" * LARGE)
    kept = storage.keep(large)
    assert (kept.size, large.exists(), Blob.objects.count()) == (LARGE, False, 2)
    assert {(one.sha256, one.size) for one in storage.backing().stored()} == {(DIGEST, 51_200), (kept.sha256, LARGE)}
    assert storage.digest_of(kept.sha256) == kept.sha256
    with storage.open_blob(DIGEST) as file:
        assert (file.read(256), file.read()) == (CONTENT[:256], CONTENT[256:])
    with storage.local(DIGEST) as path:
        assert path.read_bytes() == CONTENT
        assert not path.stat().st_mode & 0o222
    assert storage.backing().where(DIGEST).endswith(f"/{DIGEST[:2]}/{DIGEST[2:4]}/{DIGEST}")
    assert not [path for path in settings.UPLOAD_ROOT.rglob("*") if path.is_file()]
    storage.backing().try_out()
    assert len(list(storage.backing().stored())) == 2
    for act in (storage.open_blob, storage.backing().size_of, lambda digest: storage.local(digest).__enter__()):
        with pytest.raises(FileNotFoundError):
            act("ab" * 32)


@pytest.mark.django_db
def test_what_changed_or_went_is_found_and_no_job_gets_it(kind: str, spoil: Any) -> None:
    for content in (CONTENT, b"sound", b"gone"):
        storage.keep_bytes(content)
    assert list(storekeeping.verify()) == []
    spoil(DIGEST, CONTENT[:-1] + b"!")
    gone = hashlib.sha256(b"gone").hexdigest()
    assert [storage.backing().remove(gone, before=4e9) for _ in range(2)] == [True, False]
    Blob.objects.update(checked_at=None)
    found = {one.sha256: (one.fault, one.place) for one in storekeeping.verify()}
    where = storage.backing().where
    assert found == {DIGEST: ("changed", where(DIGEST)), gone: ("missing", where(gone))}
    if kind == "bucket":
        with pytest.raises(Changed), storage.local(DIGEST):
            pass
    with pytest.raises(FileNotFoundError), storage.local(gone):
        pass


@pytest.mark.django_db
def test_sweep_takes_what_no_row_names_after_its_grace(kind: str) -> None:
    storage.keep_bytes(CONTENT)
    orphan = storage.keep_bytes(b"no row").sha256
    Blob.objects.filter(pk=orphan).delete()
    assert storekeeping.sweep().store == 0
    assert storekeeping.sweep(timedelta(seconds=-60)).store == 1
    assert [one.sha256 for one in storage.backing().stored()] == [DIGEST]


@pytest.mark.django_db(transaction=True)
def test_nothing_is_removed_from_a_bucket_while_a_file_is_brought(settings: Any, object_store: ObjectStore) -> None:
    """The sweeper does not wait, for everybody who brings a file would then wait behind it; it comes again."""
    settings.STORE = object_store.new_bucket()
    storage.keep_bytes(CONTENT)
    store = storage.backing()
    assert isinstance(store, Bucket)
    removed: list[bool] = []

    def remove() -> None:
        from django.db import connection

        removed.append(store.remove(DIGEST, before=4e9))
        connection.close()

    for expected in (False, True):
        with store._held(alone=False) as held:
            assert held
            if not expected:
                sweeper = threading.Thread(target=remove)
                sweeper.start()
                sweeper.join()
    remove()
    assert removed == [False, True]


@pytest.mark.django_db
def test_transfers_that_were_cut_off_are_given_up(settings: Any, object_store: ObjectStore) -> None:
    settings.STORE = object_store.new_bucket("portal/")
    bucket = settings.STORE["bucket"]
    object_store.client.create_multipart_upload(Bucket=bucket, Key=f"portal/ab/ab/{'ab' * 32}")
    storage.backing().tidy(0)
    assert object_store.client.list_multipart_uploads(Bucket=bucket).get("Uploads")
    storekeeping.sweep()  # this server says of every transfer that it began in 2010
    assert not object_store.client.list_multipart_uploads(Bucket=bucket).get("Uploads")


@pytest.mark.django_db
def test_download_passes_through_the_portal_with_its_length(
    kind: str, client: Any, version: SystemVersion, alice: Any, charlie: Any
) -> None:
    artifact = services.add_artifact(
        version, blob=storage.keep_bytes(CONTENT), filename="data.bin", role="evidence", origin="C",
        organisation=version.system.organisation, person=alice,
    )  # fmt: skip
    address = reverse("systems:download", args=[artifact.pk])
    client.force_login(alice)
    answer = client.get(address)
    assert (b"".join(answer.streaming_content), answer["Content-Length"]) == (CONTENT, str(len(CONTENT)))
    assert (answer.status_code, answer["Content-Disposition"]) == (200, 'attachment; filename="data.bin"')
    client.force_login(charlie)
    assert client.get(address).status_code == 404


@pytest.mark.django_db(transaction=True)
def test_backup_moves_from_a_folder_to_a_bucket_and_back(
    settings: Any, object_store: ObjectStore, tmp_path: Path
) -> None:
    settings.KEY_ROOT = tmp_path / "keys"
    storage.keep_bytes(CONTENT)
    for number, store in enumerate((object_store.new_bucket(), None)):
        path = tmp_path / f"{number}.tar"
        call_command("backup", "--out", str(path), stderr=io.StringIO())
        call_command("flush", interactive=False, verbosity=0)
        settings.STORE, settings.ARTIFACT_ROOT = store, tmp_path / "other"
        assert list(storage.backing().stored()) == []
        call_command("restore", str(path), stdout=io.StringIO(), stderr=io.StringIO())
        assert list(storekeeping.verify()) == []
        assert [(one.sha256, one.size) for one in storage.backing().stored()] == [(DIGEST, len(CONTENT))]


def test_a_bucket_that_is_away_is_an_error_of_input_and_output(settings: Any, client: Any, db: Any) -> None:
    settings.STORE = {
        "bucket": "files", "prefix": "", "endpoint": "http://127.0.0.1:9", "region": "us-east-1",
        "key_id": "key", "secret": "secret",
    }  # fmt: skip
    with pytest.raises(OSError, match="does not answer"):
        storage.backing().try_out()
    answer = client.get("/readyz")
    assert (answer.status_code, answer.json()["files"]) == (503, "unavailable")


class Shelf:
    """Files by digest, and how often each was asked for."""

    def __init__(self, *contents: bytes) -> None:
        self.contents = {hashlib.sha256(content).hexdigest(): content for content in contents}
        self.asked: list[str] = []

    def open(self, sha256: str) -> Any:
        self.asked.append(sha256)
        return io.BytesIO(self.contents[sha256])

    def size_of(self, sha256: str) -> int:
        return len(self.contents[sha256])


@pytest.fixture
def shelf() -> Shelf:
    return Shelf(b"a" * 40, b"b" * 40, b"c" * 40)


def test_copies_are_bounded_and_the_last_used_stay(tmp_path: Path, shelf: Shelf) -> None:
    copies = LocalCopies(tmp_path / "copies", limit=100)
    first, second, third = shelf.contents
    for digest in (first, second, first, third):
        with copies.hold(digest, shelf) as path:
            assert hashlib.sha256(path.read_bytes()).hexdigest() == digest
    assert shelf.asked == [first, second, third]
    assert {path.name for path in copies.root.iterdir()} == {first, third}
    with copies.hold(first, shelf) as one, copies.hold(third, shelf) as other, copies.hold(second, shelf):
        # What is in use stays, even above the bound.
        assert one.exists()
        assert other.exists()


def test_a_copy_that_somebody_wrote_to_is_fetched_anew(tmp_path: Path, shelf: Shelf) -> None:
    copies = LocalCopies(tmp_path / "copies", limit=1000)
    digest = next(iter(shelf.contents))
    with copies.hold(digest, shelf) as path:
        pass
    path.chmod(0o600)
    path.write_bytes(b"!" * 40)
    with copies.hold(digest, shelf) as path:
        assert path.read_bytes() == shelf.contents[digest]
    assert shelf.asked == [digest, digest]
    shelf.contents[digest] = b"?" * 40
    path.unlink()
    with pytest.raises(Changed), copies.hold(digest, shelf):
        pass
    assert list(copies.root.iterdir()) == []
