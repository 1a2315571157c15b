"""An organisation stores what it may and no more, whichever way a file comes and however many come at once."""

from __future__ import annotations

import io
import threading
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.core.files.uploadedfile import SimpleUploadedFile
from django.core.management import call_command
from django.core.management.base import CommandError
from django.db import connection
from django.urls import reverse

from assessments.accounts.tokens import make_token
from assessments.ledger.services import history
from assessments.systems import quotas, services, storage, uploads
from assessments.systems.models import Allowance, Artifact, Blob, SystemVersion, Upload

MB = 2**20


def begin(version: SystemVersion, person: Any, size: int, name: str = "m.onnx") -> Upload:
    organisation = version.system.organisation
    return uploads.start_upload(
        version, person=person, organisation=organisation, role="model", filename=name, size=size, origin="C"
    )


def send(client: Any, version: SystemVersion, content: bytes, name: str = "a.csv") -> Any:
    address = reverse("systems:upload", args=[version.pk])
    return client.post(address, {"role": "test", "file": SimpleUploadedFile(name, content)})


def test_upload_that_does_not_fit_is_refused_before_a_byte_arrives(
    client: Any, version: SystemVersion, alice: Any, vendor: Any
) -> None:
    Allowance.objects.create(organisation=vendor, megabytes=2)
    begin(version, alice, MB)
    asked = {"version": str(version.pk), "role": "model", "filename": "m.onnx", "size": MB + 1}
    head = {"HTTP_AUTHORIZATION": f"Bearer {make_token(alice, 'ci')}"}
    answer = client.post("/api/uploads/", asked, content_type="application/json", **head)
    assert answer.status_code == 400
    assert "1.0 MB of the 2.1 MB" in answer.json()["detail"][0]
    assert (
        client.post("/api/uploads/", {**asked, "size": MB}, content_type="application/json", **head).status_code == 201
    )
    assert quotas.used_by(vendor) == 2 * MB


def test_equal_bytes_and_ended_uploads_count_once_or_not_at_all(
    version: SystemVersion, alice: Any, vendor: Any, settings: Any
) -> None:
    settings.STORAGE_QUOTA_BYTES = 25
    for name in ("a.onnx", "b.onnx"):
        upload = begin(version, alice, 10, name)
        uploads.append_chunk(upload, 0, io.BytesIO(b"0123456789"))
        uploads.finish_upload(upload)
        assert quotas.used_by(vendor) == 10
    stale = begin(version, alice, 15)
    with pytest.raises(ValidationError, match="does not fit"):
        begin(version, alice, 1)
    Upload.objects.filter(pk=stale.pk).update(touched_at="2020-01-01T00:00:00Z")
    assert uploads.abandon_stale() == 1
    assert begin(version, alice, 15)


@pytest.mark.django_db(transaction=True)
def test_of_two_uploads_at_once_only_one_gets_the_room(version: SystemVersion, alice: Any, settings: Any) -> None:
    settings.STORAGE_QUOTA_BYTES = 10
    together = threading.Barrier(6)
    got: list[str] = []

    def ask() -> None:
        together.wait()
        try:
            got.append(str(begin(version, alice, 10).pk))
        except ValidationError:
            got.append("refused")
        finally:
            connection.close()

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert got.count("refused") == 5
    assert Upload.objects.count() == 1


def test_form_is_cut_off_where_the_room_ends_and_says_so(
    client: Any, version: SystemVersion, alice: Any, vendor: Any, settings: Any
) -> None:
    settings.VERIFICATION_MAX_BYTES = 1000
    Allowance.objects.create(organisation=vendor, megabytes=1)
    client.force_login(alice)
    for content in (b"x" * (MB + 1), b"x" * (3 * MB)):
        answer = send(client, version, content)
        assert answer.status_code == 422
        assert "has room for 1.0 MB" in answer.content.decode()
    assert not list(settings.UPLOAD_ROOT.iterdir())
    assert not Blob.objects.exists()
    assert send(client, version, b"x" * (MB - 10)).status_code == 302
    answer = send(client, version, b"y" * 800)
    assert answer.status_code == 422
    assert "does not fit: your organisation has 1.0 MB of the 1.0 MB" in answer.content.decode()
    assert Artifact.objects.count() == Blob.objects.count() == 1


def test_body_has_a_room_of_its_own(version: SystemVersion, alice: Any, vendor: Any, body: Any, lead: Any) -> None:
    Allowance.objects.create(organisation=vendor, megabytes=0)
    blob = storage.keep_bytes(b"held by the body")
    values = {"blob": blob, "filename": "t.csv", "role": "test", "origin": "A"}
    assert services.add_artifact(version, organisation=body, person=lead, **values)
    with pytest.raises(ValidationError, match="does not fit"):
        services.add_artifact(version, organisation=vendor, person=alice, **values)


def test_operator_sets_an_allowance_with_an_entry(vendor: Any, capsys: Any) -> None:
    call_command("storage", "allow", vendor.name_en, "7")
    call_command("storage", "allow", str(vendor.pk), "8")
    assert quotas.limit_of(vendor) == 8 * MB
    assert [entry.transition for entry in history(vendor)][-2:] == ["allow_storage"] * 2
    with pytest.raises(CommandError, match="0 organisations"):
        call_command("storage", "allow", "Nobody", "7")
