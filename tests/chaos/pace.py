"""What the threads of a load share: when to rest, what was done, and the journal of what the portal acknowledged."""

from __future__ import annotations

import json
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

# Whoever is refused this often in a row is not unlucky: the portal has lost something.
MOST_REFUSALS = 400


class Pace:
    """`breathe()` holds a thread while the load rests; `note()` writes down what was acknowledged."""

    def __init__(self, journal: Path, threads: int) -> None:
        self.counts: Counter[str] = Counter()
        self.last_refusal = ""
        self._journal, self._threads = journal, threads
        self._go, self._lock, self._resting = threading.Event(), threading.Lock(), 0
        self.is_ending = False

    def go(self) -> None:
        self._go.set()

    def rest(self) -> bool:
        """Every thread waits before its next act; whether all do by now."""
        self._go.clear()
        return self._resting == self._threads

    def end(self) -> bool:
        """What is under way is brought to its end, and nothing is begun any more; whether all is ended by now."""
        self.is_ending = True
        return self._threads == 0

    def ended(self) -> None:
        """A thread of the load has come to its end; it rests from now on."""
        with self._lock:
            self._threads -= 1

    def breathe(self, seconds: float = 0) -> None:
        if seconds:
            time.sleep(seconds)
        if self._go.is_set():
            return
        with self._lock:
            self._resting += 1
        self._go.wait()
        with self._lock:
            self._resting -= 1

    def note(self, kind: str, **facts: Any) -> None:
        """One acknowledgement: the portal has said yes to it, so it must be there from now on."""
        with self._lock:
            self.counts[kind] += 1
            with self._journal.open("a", encoding="utf-8") as file:
                file.write(json.dumps({"kind": kind, **facts}) + "\n")

    def acknowledged(self) -> list[dict[str, Any]]:
        if not self._journal.exists():
            return []
        with self._lock:
            return [json.loads(line) for line in self._journal.read_text(encoding="utf-8").splitlines()]

    def until_done(self, what: str, act: Callable[[], Any]) -> Any:
        """Do it again until it is not refused, as somebody does who believes in the portal."""
        for _ in range(MOST_REFUSALS):
            self.breathe()
            try:
                return act()
            except NotRefused:
                raise
            except Exception as error:  # noqa: BLE001 - a fault may break anything; the invariants tell what matters
                self.counts["refused"] += 1
                self.last_refusal = f"{what}: {type(error).__name__}: {error}"[:600]
                with _databases_closed():
                    time.sleep(0.25)
        self.note("stuck", what=self.last_refusal)
        raise NotRefused(what)


class NotRefused(Exception):
    """An outcome that no repetition changes."""


@contextmanager
def _databases_closed() -> Iterator[None]:
    """A connection that a fault has broken is not used again."""
    from django.db import connections

    try:
        connections.close_all()
    except Exception:  # noqa: BLE001 - a connection that cannot even be closed is given up
        for alias in connections:
            connections[alias].connection = None
    yield
