"""One sandbox: started, confined, its libraries imported, and waiting for the single job it will ever run."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
from collections.abc import Callable
from pathlib import Path
from typing import Any, BinaryIO, Self

from evaluations.sandbox import processes
from evaluations.sandbox.job import Job, Level, NotConfined
from evaluations.sandbox.orders import (
    Means,
    command_line,
    environment,
    orders_of_the_job,
    orders_of_the_sandbox,
)
from evaluations.sandbox.workspace import fill, own_user, workspace

_LINE = 500
_GRACE = 3.0


class Box:
    """A sandbox from its supervisor's side. Used as a context, which ends the whole tree and removes the folder.

    Of the job that it is started for it takes all but the inputs, the arguments and the outputs, so any job that
    differs in nothing else can be given to it, once. `facts` is what its warden told on the control descriptor.
    The process dies with the thread that started it.
    """

    def __init__(self, job: Job, level: Level, means: Means, parent: Path | None = None) -> None:
        self.level, self.means, self.limits = level, means, job.limits
        self.facts: dict[str, Any] = {}
        self.tails = {"stdout": bytearray(), "stderr": bytearray()}
        self._on_line: Callable[[str], None] | None = None
        self._line = bytearray()
        self._control = bytearray()
        self._orders: BinaryIO | None = None
        self._selector = selectors.DefaultSelector()
        with contextlib.ExitStack() as held:
            user = held.enter_context(own_user()) if means.own_user else None
            self.space = held.enter_context(workspace(user, parent))
            self.process = self._start(job)
            self._held = held.pop_all()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _start(self, job: Job) -> subprocess.Popen[bytes]:
        theirs: list[int] = []
        ours: list[int] = []
        for inward in (True, False, False, False):
            reading, writing = os.pipe()
            theirs.append(reading if inward else writing)
            ours.append(writing if inward else reading)
        orders_end, output, errors, control = ours
        try:
            process = subprocess.Popen(
                command_line(job, self.level, self.means, self.space),
                stdin=theirs[0], stdout=theirs[1], stderr=theirs[2], pass_fds=theirs[3:],
                cwd=self.space.folder, env=environment(job, self.space), start_new_session=True,
            )  # fmt: skip
        except OSError as error:
            for descriptor in ours:
                os.close(descriptor)
            raise NotConfined(f"cannot start: {error}") from error
        finally:
            for descriptor in theirs:
                os.close(descriptor)
        self._listen(control, self._hear_control)
        self._listen(output, self._hear_output)
        self._listen(errors, lambda data: self._keep("stderr", data))
        self._orders = os.fdopen(orders_end, "wb", buffering=0)
        self._order(orders_of_the_sandbox(job, self.level, self.means, self.space, control=theirs[3]))
        return process

    def _order(self, orders: dict[str, Any]) -> None:
        """Send one part of the orders; nobody hears them any more in a sandbox that has ended."""
        data = json.dumps(orders).encode()
        with contextlib.suppress(BrokenPipeError):
            if self._orders is not None:
                self._orders.write(b"%08x" % len(data) + data)

    def waits(self) -> bool:
        """Whether it is alive and has no job yet."""
        return self._orders is not None and self.process.poll() is None

    def is_ready(self) -> bool:
        """Whether it waits and has imported everything; a job given earlier begins when it has."""
        self.hear(0)
        return self.waits() and bool(self.facts.get("ready"))

    def give(self, job: Job) -> None:
        """Copy the job's inputs in and let it begin."""
        self._on_line = job.on_line
        fill(self.space, job.inputs)
        self._order(orders_of_the_job(job, self.level, self.means))
        if self._orders is not None:
            self._orders.close()
            self._orders = None

    def _listen(self, descriptor: int, hear: Callable[[bytes], None]) -> None:
        os.set_blocking(descriptor, False)
        self._selector.register(descriptor, selectors.EVENT_READ, hear)

    def _keep(self, name: str, data: bytes) -> None:
        tail = self.tails[name]
        tail += data
        del tail[: -self.limits.heard]

    def _hear_output(self, data: bytes) -> None:
        self._keep("stdout", data)
        self._line += data
        *lines, rest = bytes(self._line).split(b"\n")
        self._line = bytearray(rest[:_LINE])
        if self._on_line:
            for line in lines:
                self._on_line(line[:_LINE].decode("utf-8", "replace"))

    def _hear_control(self, data: bytes) -> None:
        self._control += data
        *lines, rest = bytes(self._control).split(b"\n")
        self._control = bytearray(rest)
        for line in lines:
            self.facts.update(json.loads(line))

    def hear(self, seconds: float) -> bool:
        """Take what has been written, waiting `seconds` at most. False when every pipe is closed."""
        if not self._selector.get_map():
            return False
        for key, _ in self._selector.select(seconds):
            data = os.read(key.fd, 65_536)
            if data:
                key.data(data)
            else:
                self._selector.unregister(key.fd)
                os.close(key.fd)
        return bool(self._selector.get_map())

    def end(self) -> None:
        """End the whole tree: the warden does it at S1 and S2, the kernel at S3 with the namespace's first process."""
        tree = [] if self.level >= Level.S3 else processes.descendants(self.process.pid)
        self.process.send_signal(signal.SIGKILL if self.level >= Level.S3 else signal.SIGTERM)
        try:
            self.process.wait(_GRACE)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()
        if self.process.returncode == -signal.SIGKILL:  # the warden did not get to it
            for pid in tree:
                with contextlib.suppress(OSError):
                    os.kill(pid, signal.SIGKILL)

    def close(self) -> None:
        """End what still runs, let go of every pipe, and remove the folder."""
        with self._held:
            if self.process.poll() is None:
                self.end()
            if self._orders is not None:
                self._orders.close()
            for key in list(self._selector.get_map().values()):
                os.close(key.fd)
            self._selector.close()
