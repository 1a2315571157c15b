"""The operator's pages: how things stand in words, work and workers, storage, keys; for administrators only."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from assessments.systems.models import Blob
from portal.celery import app
from portal.certificates import keyring
from portal.certificates.keys import KeysError, SigningKeys, development_keys
from portal.certificates.models import Certificate
from portal.notifications.models import Letter
from portal.operations import queues
from portal.operations.models import ChainCheck, Tally

pytestmark = pytest.mark.django_db
NAMES = ("overview", "work", "storage", "keys", "audit")
ENGLISH = re.compile(r"[A-Za-z]{3,}(?: [A-Za-z]{2,}){2,}")


@pytest.fixture
def look(client: Client, administrator: Any) -> Callable[..., Any]:
    def see(name: str, language: str = "en") -> Any:
        client.force_login(administrator)
        client.cookies["django_language"] = language
        answer = client.get(reverse(f"operations:{name}"))
        assert answer.status_code == 200
        return answer

    return see


@pytest.fixture
def well(heard: Any) -> None:
    """Workers for both queues, a clock that ticks, and a chain that was checked."""
    heard(
        "runs@host-1",
        queues=["runs"],
        slots=2,
        level="S3",
        level_reason="",
        doing=[],
        key=keyring.signing_keys().key_id,
    )
    heard("quick@host-1", queues=["quick"], slots=2, level="S3", doing=[], key=keyring.signing_keys().key_id)
    heard("clock@host-1", kind="clock", ticked_at=timezone.now().isoformat())
    ChainCheck.objects.create(ended_at=timezone.now(), entries=12)


def state_of(answer: Any, code: str) -> tuple[str, str, str]:
    part = next(part for part in answer.context["parts"] if part.code == code)
    return part.state, part.text, part.advice


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("who", ["alice", "lead", "reviewer", "regulator"])
def test_others_find_nothing_there(client: Client, request: Any, name: str, who: str) -> None:
    client.force_login(request.getfixturevalue(who))
    assert client.get(reverse(f"operations:{name}")).status_code == 404


def test_administrator_is_led_there(client: Client, administrator: Any, alice: Any) -> None:
    client.force_login(alice)
    assert 'href="/operations/"' not in client.get("/dashboard/").content.decode()
    client.force_login(administrator)
    assert 'href="/operations/"' in client.get("/dashboard/").content.decode()


def test_when_all_is_well_nothing_is_to_be_done(look: Any, well: None, monkeypatch: pytest.MonkeyPatch) -> None:
    answer = look("overview")
    needing = [part for part in answer.context["needing"] if part.code != "files"]  # the tests' disk may be full
    assert needing == []
    assert state_of(answer, "ledger")[1].startswith("Whole up to entry 12, checked <time")
    assert state_of(answer, "workers") == ("passed", "2 workers report themselves.", "")


def test_without_workers_and_clock_it_says_what_to_start(look: Any, heard: Any) -> None:
    heard("runs@host-1", queues=["runs"])
    heard("quick@host-1", queues=["quick"], ago=120)
    heard("clock@host-1", kind="clock", ticked_at=(timezone.now() - timedelta(minutes=5)).isoformat())
    answer = look("overview")
    assert state_of(answer, "workers")[:2] == ("failed", "Nobody takes from the queue: quick.")
    assert state_of(answer, "clock")[0] == "failed"
    assert "Start the clock" in state_of(answer, "clock")[2]
    assert answer.context["worst"] == "failed"
    assert "act now" in answer.content.decode()


def test_worker_that_is_not_heard_while_others_work_deserves_a_look(look: Any, well: None, heard: Any) -> None:
    heard("runs@host-2", queues=["runs"], ago=120)
    state, text, advice = state_of(look("overview"), "workers")
    assert (state, text) == ("attention", "2 workers report themselves.")
    assert "runs@host-2" in advice


@pytest.mark.parametrize(("days", "state"), [(400, "passed"), (60, "attention"), (20, "failed"), (-1, "failed")])
def test_key_warns_before_it_ends(
    look: Any, well: None, tmp_path: Path, settings: Any, monkeypatch: pytest.MonkeyPatch, days: int, state: str
) -> None:
    keys = development_keys(tmp_path / "old", now=timezone.now() - timedelta(days=2190 - days))
    settings.KEY_ROOT = tmp_path / "old"
    assert keys.certificate.not_valid_after_utc.date() == (timezone.now() + timedelta(days=days)).date()
    assert state_of(look("overview"), "key")[0] == state
    ready = Client().get("/readyz").json()["key"]
    assert ready == ("unavailable" if days < 0 else "ok")


def test_without_a_key_nothing_is_signed_and_no_path_is_told(
    look: Any, well: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    def none() -> SigningKeys:
        raise KeysError("/etc/secret/place.p12: not there")

    monkeypatch.setattr(keyring, "signing_keys", none)
    assert state_of(look("overview"), "key")[0] == "failed"
    page = look("keys").content.decode()
    assert "No key can be used" in page
    assert "/etc/secret" not in page


def test_keys_page_tells_subject_dates_and_fingerprints(look: Any, well: None, settings: Any) -> None:
    settings.TIMESTAMP_URL = "https://user:secret@tsa.example.org/rfc3161"
    keys = keyring.signing_keys()
    page = look("keys").content.decode()
    for text in (
        "DEVELOPMENT certificate signer", "DEVELOPMENT trust root", "This is a development key", keys.key_id,
        f"{keys.certificate.not_valid_after_utc:%Y-%m-%d}", "tsa.example.org",
    ):  # fmt: skip
        assert text in page
    assert "secret" not in page
    assert "Not all workers" not in page


def test_worker_with_another_key_is_named(look: Any, well: None, heard: Any) -> None:
    heard("quick@host-9", queues=["quick"], key="ab" * 32)
    page = look("keys").content.decode()
    assert "Not all workers sign with this key" in page
    assert "quick@host-9" in page


def test_work_page_tells_queues_workers_outcomes_mail_and_what_is_held_up(
    look: Any, well: None, heard: Any, issued: Any, alice: Any
) -> None:
    run = "0b0b0b0b-0000-0000-0000-000000000000"
    task = {"task": "evaluations.runs.tasks.execute_run", "id": run, "since": datetime.now(UTC).isoformat()}
    heard("runs@host-3", queues=["runs"], slots=1, level="S2", level_reason="bubblewrap is not installed", doing=[task])
    Certificate.objects.filter(pk=issued.pk).update(status="preparing", trouble="KeysError: it is locked")
    Letter.objects.create(person=alice, status=Letter.Status.GIVEN_UP)
    Tally.objects.create(name="runs", labels='{"method":"data.quality","outcome":"failed_platform"}', value=3)
    Tally.objects.create(name="runs", labels='{"method":"privacy.pii","outcome":"failed_platform"}', value=2)
    answer = look("work")
    page = answer.content.decode()
    for text in (
        "runs@host-3",
        "S2",
        "bubblewrap is not installed",
        "test run",
        "0b0b0b0b…",
        issued.number,
        "KeysError",
    ):
        assert text in page
    assert answer.context["workers_of"] == {"runs": 2, "quick": 1}
    assert set(answer.context["messages_in"]) == {"runs", "quick"}
    outcomes = {outcome.word: outcome.in_all for outcome in answer.context["outcomes"]}
    assert outcomes["failed: the portal"] == 5
    assert [(str(word), count) for word, count in answer.context["mail"]] == [("given up", 1)]


def test_messages_in_a_queue_are_counted(look: Any, well: None) -> None:
    """In the real queue, where others may send at the same time."""
    before = queues.messages()
    assert before is not None
    for _ in range(2):
        app.send_task("portal.operations.tasks.sweep", queue="quick", expires=1)
    assert look("work").context["messages_in"]["quick"] >= before["quick"] + 2


def test_queue_that_is_gone_is_said_and_the_page_still_stands(
    look: Any, well: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    real = app.connection_for_write
    monkeypatch.setattr(app, "connection_for_write", lambda: real("redis://127.0.0.1:9/0"))
    assert "The queue cannot be reached." in look("work").content.decode()


def test_storage_page_counts_files_and_tells_a_changed_one(look: Any, well: None, settings: Any) -> None:
    place = Path(settings.UPLOAD_ROOT) / "verification"
    place.mkdir(parents=True)
    (place / "one").write_bytes(b"12345")
    Blob.objects.create(sha256="a" * 64, size=2_000_000)
    Blob.objects.create(sha256="b" * 64, size=1, fault="changed", checked_at=timezone.now())
    answer = look("storage")
    store = answer.context["store"]
    assert (store.blobs, store.blob_bytes, store.quarantine_files, store.quarantine_bytes) == (2, 2_000_001, 1, 5)
    assert "Stored files are lost or were changed" in answer.content.decode()
    assert state_of(look("overview"), "files")[0] == "failed"


@pytest.mark.parametrize("name", NAMES)
def test_chinese_pages_have_no_english_sentence(look: Any, well: None, write: Any, vendor: Any, name: str) -> None:
    write(vendor, "step", details={"role": "lead"})
    page = look(name, "zh-hans").content.decode()
    text = re.sub(r"<[^>]+>", "\n", re.sub(r"<(script|code|title)\b.*?</\1>", "", page, flags=re.DOTALL))
    assert [found for found in ENGLISH.findall(text) if "Trust Assessment Portal" not in found] == []
    assert "运行状况" in page


@pytest.mark.parametrize("name", NAMES)
def test_queries_do_not_grow_with_rows(look: Any, well: None, heard: Any, write: Any, vendor: Any, name: str) -> None:
    def counted() -> int:
        with CaptureQueriesContext(connection) as queries:
            look(name)
        return len(queries)

    look(name)
    write(vendor, "step")
    few = counted()
    for number in range(29):
        heard(f"runs@host-{number + 10}", queues=["runs"], key=keyring.signing_keys().key_id)
        write(vendor, "step", details={"n": number})
    assert counted() == few < 45
