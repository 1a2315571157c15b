"""A full disk is told to programs as what it is, and what had arrived before stays."""

from __future__ import annotations

import errno
import io
from typing import Any

import pytest
from django.db import OperationalError

from assessments.accounts.tokens import make_token
from assessments.systems import services, uploads


@pytest.mark.parametrize(
    "error", [OSError(errno.ENOSPC, "No space left on device"), OperationalError("database or disk is full")]
)
def test_full_disk_is_told(client: Any, alice: Any, vendor: Any, monkeypatch: pytest.MonkeyPatch, error: Any) -> None:
    system = services.create_system(organisation=vendor, actor=alice, name_en="Reader")
    version = services.create_version(system, actor=alice, label="1")
    upload = uploads.start_upload(
        version, person=alice, organisation=vendor, role="evidence", filename="a.csv", size=8, origin="C"
    )
    uploads.append_chunk(upload, 0, io.BytesIO(b"a,b\n"))

    def full(*_: Any) -> None:
        raise error

    monkeypatch.setattr(uploads, "append_chunk", full)
    headers = {"Authorization": f"Bearer {make_token(alice, 'program')}", "Upload-Offset": "4"}
    for language, words in {"en": "no room", "zh-hans": "没有可用空间"}.items():
        answer = client.patch(
            f"/api/uploads/{upload.pk}/",
            b"1,2\n",
            content_type="application/offset+octet-stream",
            headers={**headers, "Accept-Language": language},
        )
        assert answer.status_code == 507
        assert words in answer.json()["detail"]
    assert uploads.received(upload) == 4
