"""What a portal under chaos stands on: PostgreSQL and Redis of its own, and a small file system that can be full."""

from __future__ import annotations

import contextlib
import os
import pwd
import resource
import shutil
import signal
import subprocess
import time
from collections.abc import Iterable
from pathlib import Path

from portal.demo.processes import Group, answers, free_port, wait_for
from scripts.lib import postgres

MEGABYTES = 2048


class Database:
    """A PostgreSQL that can be stopped in the middle and started again on the same port."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.group, self.port = folder, Group(), free_port()
        self.user = postgres.owner()
        folder.mkdir(mode=0o700)
        if self.user:
            shutil.chown(folder, self.user, pwd.getpwnam(self.user).pw_gid)
        init = [str(postgres.binaries() / "initdb"), "-D", str(folder / "data"), "-U", "postgres", "-A", "trust", "-N"]
        options = ["--encoding=UTF8", "--locale=C.UTF-8"]
        subprocess.run([*init, *options], check=True, stdout=subprocess.DEVNULL, user=self.user, cwd=folder)

    @property
    def url(self) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/postgres"

    def start(self) -> None:
        binaries = postgres.binaries()
        command = [str(binaries / "postgres"), "-D", str(self.folder / "data")]
        # Its processes are killed, not the machine: what it wrote to the kernel stays.
        for option in (f"port={self.port}", "listen_addresses=127.0.0.1", "fsync=off", "max_connections=60"):
            command += ["-c", option]
        command += ["-c", f"unix_socket_directories={self.folder}"]
        log = self.folder.parent / "postgres.log"
        self.group.start("PostgreSQL", command, log=log, user=self.user, cwd=self.folder)
        probe = [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(self.port)]
        wait_for(lambda: subprocess.run(probe, check=False).returncode == 0, self.group, seconds=60, what="PostgreSQL")

    def stop_at_once(self) -> None:
        """`pg_ctl stop -m immediate`: no session ends, no checkpoint is written; the next start recovers."""
        ((_, process),) = self.group.members
        process.send_signal(signal.SIGQUIT)
        process.wait()
        self.group.members.clear()


class Broker:
    """A Redis that keeps nothing on disk."""

    def __init__(self, folder: Path) -> None:
        self.folder, self.group, self.port = folder, Group(), free_port()

    @property
    def url(self) -> str:
        return f"redis://127.0.0.1:{self.port}/0"

    def start(self) -> None:
        command = ["redis-server", "--port", str(self.port), "--bind", "127.0.0.1", "--save", ""]
        self.group.start("Redis", [*command, "--dir", str(self.folder)], log=self.folder / "redis.log")
        wait_for(lambda: answers(self.port), self.group, seconds=30, what="Redis")

    def flush(self) -> None:
        """Every database of it emptied."""
        subprocess.run(["redis-cli", "-p", str(self.port), "FLUSHALL"], check=True, stdout=subprocess.DEVNULL)

    def kill(self) -> None:
        ((_, process),) = self.group.members
        process.kill()
        process.wait()
        self.group.members.clear()


class SmallDisk:
    """The place of all the portal's files: a file system of its own where this user may mount one.

    `fill()` leaves no block free; without the right to mount, no process may make a file longer than it is.
    """

    def __init__(self, place: Path) -> None:
        self.place = place
        place.mkdir(parents=True)
        size = f"size={MEGABYTES}m,mode=755"
        mount = ["mount", "-t", "tmpfs", "-o", size, "tmpfs", str(place)]
        self.is_mounted = os.getuid() == 0 and subprocess.run(mount, check=False, capture_output=True).returncode == 0
        (place / "tmp").mkdir(mode=0o777)
        (place / "tmp").chmod(0o1777)

    @property
    def kind(self) -> str:
        return f"tmpfs of {MEGABYTES} MB, shrunk to what it holds" if self.is_mounted else "RLIMIT_FSIZE of 0"

    def fill(self, processes: Iterable[int]) -> None:
        if not self.is_mounted:
            self._limit(processes, 0)
            return
        for _ in range(5):  # somebody may write between the look and the act; a file system is not made too small
            about = os.statvfs(self.place)
            if self._remount(f"nr_blocks={about.f_blocks - about.f_bfree}"):
                return

    def empty(self, processes: Iterable[int]) -> None:
        if not self.is_mounted:
            self._limit(processes, resource.RLIM_INFINITY)
        elif not self._remount(f"size={MEGABYTES}m"):
            raise OSError("the small file system does not grow again")

    def _remount(self, size: str) -> bool:
        command = ["mount", "-o", f"remount,{size}", str(self.place)]
        return subprocess.run(command, check=False, capture_output=True).returncode == 0

    @staticmethod
    def _limit(processes: Iterable[int], size: int) -> None:
        for number in processes:
            with contextlib.suppress(ProcessLookupError):
                resource.prlimit(number, resource.RLIMIT_FSIZE, (size, resource.RLIM_INFINITY))

    def remove(self) -> None:
        for _ in range(20):
            if not self.is_mounted:
                return
            done = subprocess.run(["umount", str(self.place)], check=False, capture_output=True)
            self.is_mounted = done.returncode != 0
            time.sleep(0.25 * self.is_mounted)
        raise OSError(f"{self.place} is still in use")
