"""Connections that drop, crawl or lie while a file comes, at a real server with real sockets."""

from __future__ import annotations

import gzip
import json
import socket
import struct
import time
import urllib.request
from typing import Any

import pytest
from django.urls import reverse

from assessments.accounts.tokens import make_token
from assessments.systems import services, storage, uploads
from assessments.systems.models import Artifact, SystemVersion, Upload


@pytest.fixture
def begun(version: SystemVersion, alice: Any) -> Upload:
    organisation = version.system.organisation
    return uploads.start_upload(
        version, person=alice, organisation=organisation, role="model", filename="m.onnx", size=300_000, origin="C"
    )


def head(upload: Upload, token: str, offset: int, length: int) -> bytes:
    return (
        f"PATCH /api/uploads/{upload.pk}/ HTTP/1.1\r\nHost: localhost\r\nAuthorization: Bearer {token}\r\n"
        f"Content-Type: application/offset+octet-stream\r\nUpload-Offset: {offset}\r\nContent-Length: {length}\r\n\r\n"
    ).encode()


def wait_for(upload: Upload, length: int) -> int:
    deadline = time.monotonic() + 10
    while uploads.received(upload) < length and time.monotonic() < deadline:
        time.sleep(0.05)
    return uploads.received(upload)


@pytest.mark.django_db(transaction=True)
def test_upload_goes_on_after_dropped_and_crawling_connections(live_server: Any, begun: Upload, alice: Any) -> None:
    token, content = make_token(alice, "ci"), bytes(range(250)) * 1200
    place = (live_server.thread.host, live_server.thread.port)
    with socket.create_connection(place) as dropped:
        dropped.sendall(head(begun, token, 0, 200_000) + content[:130_000])
        # What the server has read in whole blocks is on disk while the rest is still missing.
        arrived = wait_for(begun, 65_536)
        assert arrived >= 65_536
        dropped.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # ends it by a reset
    time.sleep(0.5)
    address = f"{live_server.url}/api/uploads/{begun.pk}/"
    request = urllib.request.Request(address, headers={"Authorization": f"Bearer {token}"})  # noqa: S310 - our own server
    with urllib.request.urlopen(request) as answer:  # noqa: S310
        offset = json.load(answer)["offset"]
    assert 65_536 <= offset <= 130_000
    with socket.create_connection(place, timeout=30) as crawling:
        crawling.sendall(head(begun, token, offset, len(content) - offset))
        crawling.sendall(content[offset : offset + 10])
        time.sleep(0.5)
        with urllib.request.urlopen(request, timeout=5) as answer:  # noqa: S310 - others are served meanwhile
            assert json.load(answer)["offset"] >= offset
        crawling.sendall(content[offset + 10 :])
        assert crawling.recv(65_536).startswith(b"HTTP/1.1 200")
    assert uploads.received(begun) == len(content)
    assert storage.path_of(uploads.finish_upload(begun).blob_id).read_bytes() == content


@pytest.mark.django_db
def test_packed_request_bodies_are_never_unpacked(client: Any, version: SystemVersion, alice: Any) -> None:
    """A body in gzip is bytes that nobody asked for: read as JSON it is none, and as a file it stays what it is."""
    head = {"HTTP_AUTHORIZATION": f"Bearer {make_token(alice, 'ci')}", "HTTP_CONTENT_ENCODING": "gzip"}
    bomb = gzip.compress(b'{"name_en": "' + b"x" * 30_000_000 + b'"}')
    assert len(bomb) < 50_000
    answer = client.post("/api/systems/", bomb, content_type="application/json", **head)
    assert answer.status_code == 400
    assert b"JSON" in answer.content
    organisation = version.system.organisation
    upload = uploads.start_upload(
        version, person=alice, organisation=organisation, role="test", filename="a.csv", size=len(bomb), origin="C"
    )
    answer = client.patch(
        f"/api/uploads/{upload.pk}/",
        bomb,
        content_type="application/offset+octet-stream",
        HTTP_UPLOAD_OFFSET="0",
        **head,
    )
    assert (answer.status_code, answer.json()["offset"]) == (200, len(bomb))


@pytest.mark.django_db
def test_page_shows_evidence_as_text_and_never_lets_it_run(client: Any, version: SystemVersion, alice: Any) -> None:
    def add(name: str, preview: dict[str, Any], kind: str = "svg") -> Artifact:
        artifact = services.add_artifact(
            version, blob=storage.keep_bytes(name.encode()), filename=name, role="evidence", origin="C",
            organisation=version.system.organisation, person=alice,
        )  # fmt: skip
        claimed = services.claim_inspection(artifact.pk)
        assert claimed is not None
        described = {
            "kind": kind,
            "summary": {"en": name, "zh": name},
            "facts": {"preview": preview} if preview else {},
        }
        services.record_inspection(claimed, claimed.attempt, description=described)
        return artifact

    add("a.svg", {"text": "<svg onload=alert(1)><script>alert(2)</script>", "more": True})
    add("b.png", {"jpeg": "/9j/4AAQ"}, "picture")
    add("c.pdf", {}, "pdf")
    client.force_login(alice)
    page = client.get(reverse("systems:version", args=[version.pk])).content.decode()
    assert "&lt;svg onload=alert(1)&gt;&lt;script&gt;" in page
    assert "<svg onload" not in page
    assert "This is the beginning" in page
    assert 'src="data:image/jpeg;base64,/9j/4AAQ"' in page
    assert "A PDF is not drawn here" in page
