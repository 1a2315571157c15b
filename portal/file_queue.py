"""The queue of files, whole or not at all: kombu's, which leaves half a message when there is no room for it.

Whoever reads half a message ends: with a full disk, that was every worker, once for each message.
"""

from __future__ import annotations

from pathlib import Path
from time import monotonic
from typing import Any
from uuid import uuid4

import structlog
from kombu.exceptions import ChannelError
from kombu.transport import TRANSPORT_ALIASES, filesystem
from kombu.utils.json import dumps

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
        while True:
            try:
                return super()._get(queue)
            except ValueError as error:  # it was taken off the queue before it was read
                log.warning("message_unreadable", queue=queue, reason=str(error))


class Transport(filesystem.Transport):
    """`filesystem://`, once `use` was called."""

    Channel = Channel


def use() -> None:
    """From now on, `filesystem://` is this queue."""
    TRANSPORT_ALIASES["filesystem"] = f"{__name__}:Transport"
