"""The clock goes on at once when its computer's time was ahead and is corrected."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
from celery import Celery
from celery.beat import PersistentScheduler
from celery.schedules import crontab

from portal.beat import Beat

NOON = datetime(2026, 11, 24, 12, tzinfo=UTC)


class Timed:
    """A scheduler on a clock that the test sets; `sent` are the names of what it sent."""

    def __init__(self, kind: type[PersistentScheduler], file: Path, monkeypatch: pytest.MonkeyPatch) -> None:
        self.now, self.sent = NOON, list[str]()
        monkeypatch.setattr(Celery, "now", lambda app: self.now)  # schedules ask whichever app is the current one
        app = Celery("timed", set_as_current=False, broker="memory://")
        calendar = {"task": "daily", "schedule": crontab("0", "4")}
        app.conf.beat_schedule = {"sweep": {"task": "sweep", "schedule": 1.0}, "daily": calendar}
        self.scheduler = kind(app=app, schedule_filename=str(file), lazy=False)
        self.scheduler.apply_entry = lambda entry, producer=None: self.sent.append(entry.name)

    def goes_for(self, seconds: int) -> int:
        """How many tasks it sends in that time."""
        self.sent.clear()
        for _ in range(seconds * 10):
            self.scheduler.tick()
            self.now += timedelta(seconds=0.1)
        return len(self.sent)


@pytest.fixture
def timed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Any]:
    made = []

    def make(kind: type[PersistentScheduler] = Beat) -> Timed:
        made.append(Timed(kind, tmp_path / "schedule", monkeypatch))
        return made[-1]

    yield make
    for one in made:
        one.scheduler.close()


def test_it_goes_on_when_the_time_is_set_back(timed: Any) -> None:
    clock = timed()
    assert clock.goes_for(10) >= 8
    clock.now += timedelta(hours=1)
    assert clock.goes_for(10) >= 8
    clock.now -= timedelta(hours=1)
    assert clock.goes_for(10) >= 8


def test_it_believes_no_note_from_the_future_when_it_starts(timed: Any) -> None:
    before = timed()
    before.now += timedelta(days=1)
    assert before.goes_for(10) >= 8
    before.scheduler.close()
    assert timed().goes_for(10) >= 8


def test_it_goes_on_without_room_for_its_notes(timed: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = timed()

    def full(*_: Any) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(PersistentScheduler, "sync", full)
        clock.scheduler.sync()
        assert clock.goes_for(10) >= 8


def test_celerys_own_would_wait(timed: Any) -> None:
    """Why there is one of our own: when this fails, Celery has learnt it."""
    clock = timed(PersistentScheduler)
    clock.now += timedelta(hours=1)
    assert clock.goes_for(10) >= 8
    clock.now -= timedelta(hours=1)
    assert clock.goes_for(10) == 0
