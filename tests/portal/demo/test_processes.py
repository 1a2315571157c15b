"""The group of processes: it stops as one, whatever ends it."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from pathlib import Path

import pytest

from portal.demo.processes import Ended, Group, free_port, is_free, wait_for

SLEEP = [sys.executable, "-c", "import time; time.sleep(60)"]
# A program that starts a child of its own and tells its number, then waits.
PARENT = """
import pathlib, sys, time
from portal.demo.processes import Group
group = Group()
child = group.start("child", [sys.executable, "-c", "import time; time.sleep(60)"], log=pathlib.Path(sys.argv[1]))
print(child.pid, flush=True)
time.sleep(60)
"""


def lives(pid: int) -> bool:
    """Whether the process runs; one that has ended but was not collected yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except FileNotFoundError:
        return False


def test_group_stop_ends_every_member(tmp_path: Path) -> None:
    group = Group()
    pids = [group.start(name, SLEEP, log=tmp_path / "log").pid for name in ("one", "two")]
    group.check()
    group.stop()
    assert not any(lives(pid) for pid in pids)


def test_group_notices_a_member_that_ended(tmp_path: Path) -> None:
    group = Group()
    try:
        group.start("worker", [sys.executable, "-c", "raise SystemExit(7)"], log=tmp_path / "log").wait()
        with pytest.raises(Ended, match="worker ended with code 7"):
            group.check()
    finally:
        group.stop()


def test_wait_for_ends_when_a_member_is_gone(tmp_path: Path) -> None:
    group = Group()
    try:
        group.start("worker", [sys.executable, "-c", ""], log=tmp_path / "log")
        with pytest.raises(Ended, match="worker ended"):
            wait_for(lambda: False, group, seconds=30, what="nothing")
    finally:
        group.stop()


@pytest.mark.parametrize("before", ["", "import signal; signal.signal(signal.SIGQUIT, signal.SIG_IGN)\n"])
def test_members_end_with_a_parent_that_is_killed(tmp_path: Path, before: str) -> None:
    """Also below a shell that starts its programs in the background with SIGQUIT ignored."""
    program = [sys.executable, "-c", before + PARENT, str(tmp_path / "log")]
    parent = subprocess.Popen(program, stdout=subprocess.PIPE, text=True)
    assert parent.stdout is not None
    with parent, parent.stdout:
        child = int(parent.stdout.readline())
        assert lives(child)
        os.kill(parent.pid, signal.SIGKILL)
    deadline = time.monotonic() + 10
    while lives(child) and time.monotonic() < deadline:
        time.sleep(0.05)
    assert not lives(child)


def test_is_free_tells_a_taken_port() -> None:
    port = free_port()
    assert is_free(port)
    with socket.socket() as server:
        server.bind(("127.0.0.1", port))
        server.listen()
        assert not is_free(port)
