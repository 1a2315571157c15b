"""The outside of a running job: started, listened to, measured, and ended with its whole tree."""

from __future__ import annotations

import contextlib
import json
import os
import selectors
import signal
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from evaluations.sandbox import landlock, processes
from evaluations.sandbox.job import Ended, Job, Level, Outcome, Reservation, SandboxError
from evaluations.sandbox.launch import EXIT_MEMORY
from evaluations.sandbox.orders import Means, command_line, environment, orders_for
from evaluations.sandbox.workspace import Workspace, collect, own_user, workspace, written

_LINE = 500
_MEASURE_EVERY = 0.1
_ASK_EVERY = 0.5
_GRACE = 3.0
# The warden, and bubblewrap's own two.
_OF_THE_SANDBOX = 3


class NotConfined(SandboxError):
    """The host refused a step of the confinement; the job's module was not run."""


class _Run:
    """One started job, from the supervisor's side."""

    def __init__(self, job: Job, level: Level, means: Means, space: Workspace) -> None:
        self.job, self.level, self.means, self.space = job, level, means, space
        self.began = time.monotonic()
        self.facts: dict[str, Any] = {}
        self.tails = {"stdout": bytearray(), "stderr": bytearray()}
        self.peak_memory = 0
        self.ended: Ended | None = None
        self._line = bytearray()
        self._control = bytearray()
        self._next: dict[str, float] = {}
        self._selector = selectors.DefaultSelector()
        self.process = self._start()

    def _start(self) -> subprocess.Popen[bytes]:
        theirs: list[int] = []
        ours: list[int] = []
        for inward in (True, False, False, False):
            reading, writing = os.pipe()
            theirs.append(reading if inward else writing)
            ours.append(writing if inward else reading)
        orders_end, output, errors, control = ours
        orders = orders_for(self.job, self.level, self.means, self.space, control=theirs[3])
        try:
            process = subprocess.Popen(
                command_line(self.job, self.level, self.means, self.space),
                stdin=theirs[0], stdout=theirs[1], stderr=theirs[2], pass_fds=theirs[3:],
                cwd=self.space.folder, env=environment(self.job, self.space), start_new_session=True,
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
        with contextlib.suppress(BrokenPipeError), os.fdopen(orders_end, "wb") as stream:
            stream.write(json.dumps(orders).encode())
        return process

    def _listen(self, descriptor: int, hear: Callable[[bytes], None]) -> None:
        os.set_blocking(descriptor, False)
        self._selector.register(descriptor, selectors.EVENT_READ, hear)

    def _keep(self, name: str, data: bytes) -> None:
        tail = self.tails[name]
        tail += data
        del tail[: -self.job.limits.heard]

    def _hear_output(self, data: bytes) -> None:
        self._keep("stdout", data)
        self._line += data
        *lines, rest = bytes(self._line).split(b"\n")
        self._line = bytearray(rest[:_LINE])
        if self.job.on_line:
            for line in lines:
                self.job.on_line(line[:_LINE].decode("utf-8", "replace"))

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

    def _due(self, what: str, every: float) -> bool:
        now = time.monotonic()
        if now < self._next.get(what, 0.0):
            return False
        self._next[what] = now + every
        return True

    def reason_to_end(self) -> Ended | None:
        """Which limit is passed, if any."""
        limits = self.job.limits
        if time.monotonic() - self.began > limits.wall_seconds:
            return Ended.WALL_TIME
        if self._due("usage", _MEASURE_EVERY):
            used = processes.usage(processes.descendants(self.process.pid))
            self.peak_memory = max(self.peak_memory, used.memory)
            if used.memory > limits.memory:
                return Ended.MEMORY
            if used.tasks > limits.tasks + _OF_THE_SANDBOX:
                return Ended.TASKS
        if self._due("ask", _ASK_EVERY):
            if self.job.cancelled and self.job.cancelled():
                return Ended.CANCELLED
            size, entries = written(self.space, limits.disk_entries)
            if size > limits.disk or entries > limits.disk_entries:
                return Ended.DISK
        return None

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
        """Let go of every pipe."""
        for key in list(self._selector.get_map().values()):
            os.close(key.fd)
        self._selector.close()


def _follow(run: _Run) -> None:
    """Listen and measure until the job has ended, ending it where a limit is passed."""
    try:
        while run.process.poll() is None:
            if not run.hear(0.05):
                time.sleep(0.01)
            run.ended = run.reason_to_end()
            if run.ended:
                break
    finally:
        if run.process.poll() is None:
            run.end()
    deadline = time.monotonic() + 1.0
    while run.hear(0.05) and time.monotonic() < deadline:
        pass


def _why_it_ended(run: _Run, exit_code: int) -> Ended | None:
    if run.ended:
        return run.ended
    if exit_code == EXIT_MEMORY:
        return Ended.MEMORY
    # Past the soft limit the kernel sends SIGXCPU, past the hard one SIGKILL.
    used_up = run.facts.get("cpu_seconds", 0.0) >= run.job.limits.cpu_seconds
    if exit_code == 128 + signal.SIGXCPU or (exit_code == 128 + signal.SIGKILL and used_up):
        return Ended.CPU_TIME
    return None


@contextlib.contextmanager
def _user(means: Means) -> Iterator[int | None]:
    if not means.own_user:
        yield None
        return
    with own_user() as user:
        yield user


def _reservations(means: Means, level: Level) -> tuple[Reservation, ...]:
    found = []
    if not means.own_user:
        found.append(Reservation.SHARED_USER)
    if level < Level.S3 and landlock.version() == 0:
        found.append(Reservation.NO_LANDLOCK)
    return tuple(found)


def supervise(job: Job, level: Level, means: Means, parent: Path | None = None) -> Outcome:
    """Run `job` at `level` by `means`, in a folder beneath `parent`.

    Raises `NotConfined` when the host refuses a step, `SandboxError` for other faults of the platform.
    """
    with _user(means) as user, workspace(job, user, parent) as space:
        run = _Run(job, level, means, space)
        try:
            _follow(run)
        finally:
            run.close()
        stderr = run.tails["stderr"].decode("utf-8", "replace")
        confined = run.facts.get("confined")
        if confined is None and run.ended is None:
            raise NotConfined(run.facts.get("refused") or stderr.strip()[-500:] or f"exit {run.process.returncode}")
        code = run.process.returncode
        exit_code = code if code >= 0 else 128 - code
        outputs, refused = collect(space, job)
        return Outcome(
            exit_code=exit_code,
            level=level,
            ended=_why_it_ended(run, exit_code),
            stdout=run.tails["stdout"].decode("utf-8", "replace"),
            stderr=stderr,
            outputs=outputs,
            refused=refused,
            seconds=time.monotonic() - run.began,
            start_seconds=None if confined is None else confined - run.began,
            cpu_seconds=run.facts.get("cpu_seconds", 0.0),
            peak_memory=max(run.peak_memory, run.facts.get("peak_memory", 0)),
            reservations=_reservations(means, level),
        )
