"""Whether the portal says truly that it lives and that it is ready."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest
from django.db import OperationalError, connection


def test_healthz_answers_without_a_database(client: Any, settings: Any) -> None:
    """No database is allowed in this test: touching it would raise."""
    answer = client.get("/healthz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok"}
    assert "no-store" in answer["Cache-Control"]


@pytest.mark.django_db
def test_readyz_names_each_part_when_all_work(client: Any) -> None:
    answer = client.get("/readyz")
    assert answer.status_code == 200
    assert answer.json() == {"status": "ok", "database": "ok", "queue": "ok", "files": "ok", "key": "ok"}


@pytest.mark.django_db
def test_readyz_is_503_without_the_database(client: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    def refuse(*_: Any) -> Any:
        raise OperationalError("connection refused")

    monkeypatch.setattr(connection, "cursor", refuse)
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json() == {
        "status": "unavailable",
        "database": "unavailable",
        "queue": "ok",
        "files": "ok",
        "key": "ok",
    }


@pytest.mark.django_db
def test_readyz_is_503_when_the_folder_of_the_queue_is_gone(client: Any, settings: Any, tmp_path: Path) -> None:
    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"data_folder_out": str(tmp_path / "gone")}
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["queue"] == "unavailable"


@pytest.mark.django_db
def test_readyz_is_503_when_nobody_answers_at_the_address_of_the_queue(
    client: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    from portal.celery import app

    settings.CELERY_BROKER_TRANSPORT_OPTIONS = {"visibility_timeout": 3600}
    real = app.connection_for_write
    monkeypatch.setattr(app, "connection_for_write", lambda: real("redis://127.0.0.1:9/0"))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["queue"] == "unavailable"
    assert answer.json()["database"] == "ok"


@pytest.mark.django_db
def test_readyz_is_503_when_files_cannot_be_stored(client: Any, settings: Any, tmp_path: Path) -> None:
    in_the_way = tmp_path / "file"
    in_the_way.write_text("not a folder")
    settings.ARTIFACT_ROOT = in_the_way / "artifacts"
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["files"] == "unavailable"


@pytest.mark.parametrize("path", ["/healthz", "/readyz"])
def test_nothing_is_posted_to_them(client: Any, path: str) -> None:
    assert client.post(path).status_code == 405
