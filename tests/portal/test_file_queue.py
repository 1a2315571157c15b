"""The queue of files holds whole messages, and goes past what cannot be read."""

from __future__ import annotations

import errno
from collections.abc import Iterator
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError

from portal import file_queue


@pytest.fixture
def queue(tmp_path: Path) -> Iterator[Any]:
    folders = {name: str(tmp_path) for name in ("data_folder_in", "data_folder_out", "control_folder")}
    with Connection("filesystem://", transport_options=folders) as connection:
        assert isinstance(connection.transport, file_queue.Transport)
        # A name of its own: kombu remembers what it has bound, and would not bind it in another folder.
        with connection.SimpleQueue(f"quick-{uuid4()}") as queue:
            yield queue


def test_each_message_comes_once(queue: Any) -> None:
    for number in range(3):
        queue.put({"number": number})
    assert sorted(queue.get(timeout=5).payload["number"] for _ in range(3)) == [0, 1, 2]


def test_half_a_message_is_left_out(queue: Any, tmp_path: Path) -> None:
    for number, half in enumerate(("", '{"body": "')):
        (tmp_path / f"{number}_half.{queue.queue.name}.msg").write_text(half)
    queue.put({"number": 1})
    assert queue.get(timeout=5).payload == {"number": 1}
    assert list(tmp_path.glob("*half*")) == []


def test_without_room_nothing_is_left(queue: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    before = sorted(tmp_path.iterdir())

    def full(path: Path, *_: Any, **__: Any) -> None:
        path.touch()
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(Path, "write_text", full)
    with pytest.raises(ChannelError):
        queue.put({"number": 1})
    assert sorted(tmp_path.iterdir()) == before
