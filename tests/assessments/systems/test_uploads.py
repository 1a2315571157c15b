"""Uploads in pieces resume where they stopped; equal bytes are kept once; a frozen version stays as it is."""

from __future__ import annotations

import hashlib
import io
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.db import OperationalError
from django.urls import reverse

from assessments.accounts.tokens import make_token
from assessments.ledger.services import verify
from assessments.systems import services, storage, uploads
from assessments.systems.models import Artifact, Blob, SystemVersion, Upload


def start(version: SystemVersion, person: Any, size: int, name: str = "model.onnx") -> Upload:
    organisation = version.system.organisation
    return uploads.start_upload(
        version, person=person, organisation=organisation, role="model", filename=name, size=size, origin="C"
    )


def test_upload_resumes_after_a_lost_connection(version: SystemVersion, alice: Any) -> None:
    content = bytes(range(256)) * 1000
    upload = start(version, alice, len(content))

    class Broken(io.BytesIO):
        def read(self, *args: Any) -> bytes:
            block = super().read(*args)
            if not block:
                raise OSError("connection lost")
            return block

    with pytest.raises(OSError, match="lost"):
        uploads.append_chunk(upload, 0, Broken(content[:100_000]))
    assert uploads.received(upload) == 100_000
    with pytest.raises(uploads.WrongOffset) as wrong:
        uploads.append_chunk(upload, 0, io.BytesIO(content))
    assert wrong.value.offset == 100_000
    uploads.append_chunk(upload, 100_000, io.BytesIO(content[100_000:]))
    artifact = uploads.finish_upload(upload)
    assert artifact.blob_id == hashlib.sha256(content).hexdigest()
    assert storage.path_of(artifact.blob_id).read_bytes() == content
    upload.refresh_from_db()
    assert uploads.finish_upload(upload).pk == artifact.pk
    assert list(verify()) == []


def test_what_was_received_stays_when_its_rows_are_not_written(
    version: SystemVersion, alice: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    upload = start(version, alice, 4)
    uploads.append_chunk(upload, 0, io.BytesIO(b"data"))

    def lost(*_: Any, **__: Any) -> None:
        raise OperationalError("the database is away")

    with monkeypatch.context() as broken:
        broken.setattr(uploads, "add_artifact", lost)
        with pytest.raises(OperationalError):
            uploads.finish_upload(upload)
    upload.refresh_from_db()
    assert (upload.status, uploads.received(upload)) == ("open", 4)
    assert uploads.finish_upload(upload).blob_id == hashlib.sha256(b"data").hexdigest()
    assert list(uploads.quarantine_path(upload).parent.iterdir()) == []


def test_more_bytes_than_announced_are_refused(version: SystemVersion, alice: Any) -> None:
    upload = start(version, alice, 10)
    with pytest.raises(ValidationError, match="More bytes"):
        uploads.append_chunk(upload, 0, io.BytesIO(b"x" * 11))
    assert uploads.received(upload) == 0


def test_finish_before_all_has_arrived_names_the_offset(version: SystemVersion, alice: Any) -> None:
    upload = start(version, alice, 10)
    uploads.append_chunk(upload, 0, io.BytesIO(b"x" * 4))
    with pytest.raises(uploads.WrongOffset) as wrong:
        uploads.finish_upload(upload)
    assert wrong.value.offset == 4
    assert not Artifact.objects.exists()


def test_equal_bytes_are_kept_once_and_old_files_are_not_lost(client: Any, version: SystemVersion, alice: Any) -> None:
    client.force_login(alice)
    for name in ("a.csv", "b.csv"):
        answer = client.post(
            reverse("systems:upload", args=[version.pk]),
            {"role": "test", "file": SimpleUploadedFile(name, b"x,y\n1,2\n")},
        )
        assert answer.status_code == 302
    assert Blob.objects.count() == 1
    assert version.artifacts.count() == 2
    assert [a.filename for a in services.current_artifacts(version)] == ["b.csv"]


def test_file_over_the_limit_is_refused_with_the_limit(
    client: Any, version: SystemVersion, alice: Any, settings: Any
) -> None:
    settings.UPLOAD_MAX_BYTES = 1024 * 1024
    client.force_login(alice)
    answer = client.post(
        reverse("systems:upload", args=[version.pk]),
        {"role": "test", "file": SimpleUploadedFile("a.csv", b"x" * (1024 * 1024 + 1))},
    )
    assert answer.status_code == 422
    assert "the limit is 1 MB" in answer.content.decode()
    assert not Artifact.objects.exists()
    assert not list(settings.UPLOAD_ROOT.iterdir())


def test_frozen_version_takes_no_model(version: SystemVersion, alice: Any) -> None:
    services.freeze_version(version, actor=alice)
    upload = start(version, alice, 1)
    uploads.append_chunk(upload, 0, io.BytesIO(b"x"))
    with pytest.raises(ValidationError, match="frozen"):
        uploads.finish_upload(upload)


def test_download_is_never_inline(client: Any, version: SystemVersion, alice: Any, charlie: Any) -> None:
    blob = storage.keep_bytes(b"<script>alert(1)</script>")
    artifact = services.add_artifact(
        version,
        blob=blob,
        filename="x.html",
        role="evidence",
        origin="C",
        organisation=version.system.organisation,
        person=alice,
    )
    client.force_login(alice)
    answer = client.get(reverse("systems:download", args=[artifact.pk]))
    assert b"".join(answer) == b"<script>alert(1)</script>"
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["X-Content-Type-Options"] == "nosniff"
    assert answer.headers["Content-Type"] == "application/octet-stream"
    assert answer.headers["Content-Security-Policy"] == "sandbox; default-src 'none'"
    client.force_login(charlie)
    assert client.get(reverse("systems:download", args=[artifact.pk])).status_code == 404


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("a.csv", "text/csv"), ("a.PDF", "application/pdf"), ("a.png", "image/png"),
        ("a.svg", "application/octet-stream"), ("a.html", "application/octet-stream"),
        ("a", "application/octet-stream"), ("a.xhtml", "application/octet-stream"),
        ("a.pdf.html", "application/octet-stream"),
    ],
)  # fmt: skip
def test_download_is_typed_only_where_the_type_cannot_run(
    client: Any, version: SystemVersion, alice: Any, name: str, kind: str
) -> None:
    artifact = services.add_artifact(
        version, blob=storage.keep_bytes(b"%PDF-1.4"), filename=name, role="evidence", origin="C",
        organisation=version.system.organisation, person=alice,
    )  # fmt: skip
    client.force_login(alice)
    answer = client.get(reverse("systems:download", args=[artifact.pk]))
    assert b"".join(answer) == b"%PDF-1.4"
    assert answer.headers["Content-Type"] == kind
    assert answer.headers["Content-Disposition"].startswith("attachment")
    assert answer.headers["Cache-Control"] == "private, no-store"


@pytest.mark.parametrize(
    ("given", "kept"),
    [
        ("../../etc/passwd", "passwd"),
        ("C:\\models\\a.onnx", "a.onnx"),
        ("a\x00b\n.csv", "ab.csv"),
        ("", "unnamed"),
        ("模型.onnx", "模型.onnx"),
    ],
)
def test_file_name_is_its_last_part(given: str, kept: str) -> None:
    assert services.clean_filename(given) == kept
    assert len(services.clean_filename("x" * 500 + ".onnx")) <= 201


def test_api_upload_end_to_end_and_outsider_sees_nothing(
    client: Any, version: SystemVersion, alice: Any, charlie: Any, settings: Any
) -> None:
    settings.UPLOAD_CHUNK_BYTES = 1000
    content = b"0123456789" * 250
    head = {"HTTP_AUTHORIZATION": f"Bearer {make_token(alice, 'ci')}"}
    started = client.post(
        "/api/uploads/",
        {"version": str(version.pk), "role": "model", "filename": "m.onnx", "size": len(content)},
        content_type="application/json",
        **head,
    )
    assert started.status_code == 201, started.content
    url, offset = f"/api/uploads/{started.json()['id']}/", 0
    while offset < len(content):
        piece = content[offset : offset + 1000]
        answer = client.patch(
            url, piece, content_type="application/offset+octet-stream", HTTP_UPLOAD_OFFSET=str(offset), **head
        )
        assert answer.status_code == 200, answer.content
        offset = answer.json()["offset"]
    again = client.patch(url, b"x", content_type="application/offset+octet-stream", HTTP_UPLOAD_OFFSET="5", **head)
    assert (again.status_code, again.json()["offset"]) == (409, len(content))
    finished = client.post(f"{url}finish/", **head)
    assert finished.json()["sha256"] == hashlib.sha256(content).hexdigest()
    outsider = {"HTTP_AUTHORIZATION": f"Bearer {make_token(charlie, 'ci')}"}
    assert client.get(url, **outsider).status_code == 404
    assert client.get(f"/api/versions/{version.pk}/", **outsider).status_code == 404
    assert client.get(f"/api/versions/{version.pk}/").status_code == 401


def test_inspection_is_recorded_once_and_only_by_the_holder_of_the_lease(version: SystemVersion, alice: Any) -> None:
    artifact = services.add_artifact(
        version,
        blob=storage.keep_bytes(b"x"),
        filename="m.onnx",
        role="model",
        origin="C",
        organisation=version.system.organisation,
        person=alice,
    )
    claimed = services.claim_inspection(artifact.pk)
    assert claimed is not None
    assert services.claim_inspection(artifact.pk) is None
    assert not services.record_inspection(claimed, claimed.attempt + 1, description={"kind": "onnx"})
    assert services.record_inspection(claimed, claimed.attempt, description={"kind": "onnx"})
    assert not services.record_inspection(claimed, claimed.attempt, refusal={"reason": {}})
    artifact.refresh_from_db()
    assert artifact.inspection == Artifact.Inspection.ACCEPTED


def test_page_says_why_a_file_was_refused(client: Any, version: SystemVersion, alice: Any) -> None:
    artifact = services.add_artifact(
        version,
        blob=storage.keep_bytes(b"x"),
        filename="m.pkl",
        role="model",
        origin="C",
        organisation=version.system.organisation,
        person=alice,
    )
    claimed = services.claim_inspection(artifact.pk)
    assert claimed is not None
    refused = {"en": "Pickle files are not opened.", "zh": "不打开 pickle 文件。"}
    services.record_inspection(claimed, claimed.attempt, refusal={"refused": refused, "place": "byte 0"})
    client.force_login(alice)
    page = client.get(reverse("systems:version", args=[version.pk])).content.decode()
    assert refused["en"] in page
    assert "byte 0" in page
