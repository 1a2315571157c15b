"""A group of processes that live and die together: the demo's servers, and the tests' databases.

Plain Python, so that scripts may use it before anything is set up. Each child asks the kernel (Linux) to end it
when its parent is gone, so that even `kill -9` on the parent leaves nothing behind.
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path

PR_SET_PDEATHSIG = 1
_libc = ctypes.CDLL(None, use_errno=True)  # looked up before any fork: a child may not load libraries


class Ended(Exception):
    """A process of the group ended by itself: the group cannot go on."""


def die_with_parent(parent: int, number: int = signal.SIGQUIT) -> Callable[[], None]:
    """What a child runs before its program: be ended by signal `number` when the parent goes, even by kill -9.

    SIGQUIT is what servers and workers take as: end at once, do not finish your work first.
    """

    def ask() -> None:
        signal.signal(number, signal.SIG_DFL)  # a shell that starts programs in the background lets them ignore it
        _libc.prctl(PR_SET_PDEATHSIG, number)
        if os.getppid() != parent:  # the parent went before we could ask
            os._exit(1)

    return ask


class Group:
    """Starts processes, watches them and stops them all, the last started first."""

    def __init__(self) -> None:
        self.members: list[tuple[str, subprocess.Popen[bytes]]] = []

    def start(
        self,
        name: str,
        command: Sequence[str],
        *,
        log: Path,
        env: Mapping[str, str] | None = None,
        user: str | None = None,
        cwd: Path | None = None,
    ) -> subprocess.Popen[bytes]:
        """Start a program; its output goes to `log`. It has a session of its own: Ctrl-C reaches only the parent."""
        with log.open("ab") as output:
            process = subprocess.Popen(
                list(command),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=subprocess.STDOUT,
                env=None if env is None else dict(env),
                user=user,
                group=user,
                extra_groups=[] if user else None,
                cwd=cwd,
                start_new_session=True,
                preexec_fn=die_with_parent(os.getpid()),  # noqa: PLW1509 - the parent has one thread
            )
        self.members.append((name, process))
        return process

    def check(self) -> None:
        """Raises Ended when one of the processes is gone."""
        for name, process in self.members:
            code = process.poll()
            if code is not None:
                raise Ended(f"{name} ended with code {code}")

    def stop(self, patience: float = 10) -> None:
        """Ask all to stop, wait, then end what is left with its whole session."""
        for _, process in reversed(self.members):
            if process.poll() is None:
                process.terminate()
        deadline = time.monotonic() + patience
        for _, process in reversed(self.members):
            with contextlib.suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
            _kill_session(process.pid)
            process.wait()
        self.members.clear()


def _kill_session(leader: int) -> None:
    with contextlib.suppress(ProcessLookupError, PermissionError):  # nobody of that session is left
        os.killpg(leader, signal.SIGKILL)


def is_free(port: int) -> bool:
    """Whether a server may listen on that port of this machine."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
        return True


def free_port() -> int:
    """A port that nobody listens on now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_for(ready: Callable[[], bool], group: Group, *, seconds: float, what: str) -> None:
    """Wait until `ready()`; raises Ended when a process of the group goes, or the time is over."""
    deadline = time.monotonic() + seconds
    while not ready():
        group.check()
        if time.monotonic() > deadline:
            raise Ended(f"{what} was not ready after {seconds:.0f} s")
        time.sleep(0.1)


def answers(port: int) -> bool:
    """Whether somebody accepts connections on that port of this machine."""
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0
