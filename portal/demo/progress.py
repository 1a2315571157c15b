"""Telling the person at the terminal what happens, and waiting for what the workers do."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

from .processes import Ended, Group

PATIENCE = 300


class Progress:
    """Names each step on one line when it begins, and its time when it ends; watches the group while waiting."""

    def __init__(self, out: TextIO, group: Group) -> None:
        self.out, self.group = out, group
        self.colour = out.isatty()

    def heading(self, text: str) -> None:
        self.out.write(f"\n{text}\n")
        self.out.flush()

    @contextmanager
    def step(self, number: int, of: int, text: str) -> Iterator[None]:
        """One named step. A step that had been done before takes no time and says so by its time."""
        self.out.write(f"  [{number:>2}/{of}] {text:<58}")
        self.out.flush()
        started = time.monotonic()
        try:
            yield
        except BaseException:
            self.out.write(" stopped\n")
            raise
        self.out.write(f" {time.monotonic() - started:6.1f} s\n")
        self.out.flush()

    def wait(self, ready: Callable[[], bool], what: str, *, seconds: float = PATIENCE) -> None:
        """Wait for the workers. Raises Ended when a process of the group is gone or the time is over."""
        deadline = time.monotonic() + seconds
        while not ready():
            self.group.check()
            if time.monotonic() > deadline:
                raise Ended(f"{what}: nothing after {seconds:.0f} s")
            time.sleep(0.25)
