"""The queue of files, whole or not at all: kombu's, with three gaps closed, each of which ended a worker.

A full disk left half a message. A message was taken by way of /tmp, which may be another disk, where two who take it
hold half of it. And of two processes that begin at once, one read the table of queues that the other had just emptied.
"""

from __future__ import annotations

import os
from pathlib import Path
from queue import Empty
from time import monotonic
from typing import Any
from uuid import uuid4

import structlog
from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps, loads

log = structlog.get_logger(__name__)


class Channel(filesystem.Channel):
    """A message appears under its name when all of it is on disk; one that cannot be read is left out."""

    # The channel and the one it stands on name the message differently; it is given by its place.
    def _put(self, queue: str, payload: Any, **_: Any) -> None:  # type: ignore[override]
        folder, name = Path(self.data_folder_out), f"{round(monotonic() * 1000)}_{uuid4()}.{queue}.msg"
        fresh = folder / f".{name}.part"
        try:
            fresh.write_text(dumps(payload), encoding="utf-8")
            fresh.rename(folder / name)
        except OSError as error:
            fresh.unlink(missing_ok=True)
            raise ChannelError(f"Cannot add {name!r} to the queue") from error

    def _get(self, queue: str, timeout: Any = None) -> Any:
        folder = Path(self.data_folder_in)
        for path in sorted(path for path in folder.iterdir() if path.name.partition(".")[2] == f"{queue}.msg"):
            taken = path.with_name(f".{path.name}.taken")
            try:
                path.rename(taken)
            except FileNotFoundError:
                continue  # somebody else has it
            try:
                return loads(taken.read_text(encoding="utf-8"))
            except ValueError as error:
                log.warning("message_unreadable", queue=queue, reason=str(error))
            finally:
                taken.unlink(missing_ok=True)
        raise Empty

    def _queue_bind(self, exchange: str, routing_key: str, pattern: str, queue: str) -> None:
        """Add the queue to the exchange's table, which is there whole before anybody can read it."""
        table: Path = self._exchange_file(exchange)
        if not table.exists():
            fresh = table.with_name(f".{table.name}.{uuid4()}.part")
            try:
                fresh.write_text("[]", encoding="utf-8")
                os.link(fresh, table)
            except FileExistsError:
                pass  # another process was first
            except OSError as error:
                raise ChannelError(f"Cannot open {table}") from error
            finally:
                fresh.unlink(missing_ok=True)
        super()._queue_bind(exchange, routing_key, pattern, queue)


class Transport(filesystem.Transport):
    """`filesystem://`, once `use` was called."""

    Channel = Channel


def use() -> None:
    """From now on, `filesystem://` is this queue."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
