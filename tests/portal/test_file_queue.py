"""The queue of files holds whole messages, and goes past what cannot be read."""

from __future__ import annotations

import base64
import contextlib
import errno
import json
import subprocess
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from queue import Empty
from typing import Any
from uuid import uuid4

import pytest
from kombu import Connection
from kombu.exceptions import ChannelError

from portal import file_queue

# Binds a queue of its own to a new exchange, as soon as it is told to, and reads the exchange's table again and again.
BINDER = """
import sys
from kombu import Connection, Exchange, Queue
from portal import file_queue
file_queue.use()
folder, number = sys.argv[1:]
folders = {name: folder for name in ("data_folder_in", "data_folder_out", "control_folder")}
with Connection("filesystem://", transport_options=folders) as connection:
    channel = connection.default_channel
    print("ready", flush=True)
    sys.stdin.readline()
    for turn in range(150):
        Queue(f"q{number}-{turn}", Exchange(f"turn{turn}"), routing_key="k")(channel).declare()
        channel.get_table(f"turn{turn}")
"""


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


def test_processes_that_begin_at_once_share_one_table(tmp_path: Path) -> None:
    """Kombu makes the table of an exchange empty and fills it then; who reads it in between ends with an error."""
    command = [sys.executable, "-c", BINDER, str(tmp_path)]
    pipes: Any = dict.fromkeys(("stdin", "stdout", "stderr"), subprocess.PIPE)
    with contextlib.ExitStack() as held:
        binders: list[Any] = [
            held.enter_context(subprocess.Popen([*command, str(number)], **pipes)) for number in range(4)
        ]
        assert [binder.stdout.readline() for binder in binders] == [b"ready\n"] * 4
        for binder in binders:
            binder.stdin.write(b"go\n")
            binder.stdin.flush()
        for binder in binders:
            assert binder.communicate(timeout=60)[1] == b""
            assert binder.returncode == 0
    tables = list(tmp_path.glob("turn*.exchange"))
    assert len(tables) == 150
    assert all(len(json.loads(table.read_text())) == len(binders) for table in tables)
    assert not list(tmp_path.glob("*.part"))


def test_each_message_is_taken_by_one(queue: Any, tmp_path: Path) -> None:
    for number in range(200):
        queue.put(number)
    folders = {name: str(tmp_path) for name in ("data_folder_in", "data_folder_out", "control_folder")}

    def take(_: int) -> list[int]:
        taken: list[int] = []
        with Connection("filesystem://", transport_options=folders) as connection:
            channel = connection.default_channel
            with contextlib.suppress(Empty):
                while True:
                    body = channel._get(queue.queue.name)["body"]
                    taken.append(json.loads(base64.b64decode(body)))
        return taken

    with ThreadPoolExecutor(4) as takers:
        taken = [number for some in takers.map(take, range(4)) for number in some]
    assert sorted(taken) == list(range(200))
    assert [path.name for path in tmp_path.iterdir() if "msg" in path.name] == []
