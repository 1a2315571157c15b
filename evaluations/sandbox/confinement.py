"""What a process does to itself, in this order, before it runs code on foreign files.

Called in a fresh, single-threaded process by `launch.py`; every step is for good. The order matters:
paths are opened and limits set while the rights are still there, the user is changed, then the rules
that nobody can take back are laid on.
"""

from __future__ import annotations

import os
import resource
import signal
from dataclasses import dataclass
from pathlib import Path

from evaluations.sandbox import kernel, landlock, seccomp
from evaluations.sandbox.job import Limits

# Libraries reserve far more address space than they touch; what is touched is watched from outside.
_RESERVED_ADDRESS_SPACE = 4 << 30

DEVICES_WRITABLE = (Path("/dev/null"),)
SYSTEM_READABLE = tuple(
    Path(path)
    for path in (
        "/usr", "/lib", "/lib64", "/lib32", "/bin", "/sbin", "/etc/ld.so.cache", "/etc/localtime",
        "/dev/null", "/dev/zero", "/dev/urandom", "/dev/random",
        "/proc/cpuinfo", "/proc/meminfo", "/proc/stat",
        "/sys/devices/system/cpu", "/sys/devices/system/node",
    )
)  # fmt: skip


@dataclass(frozen=True)
class Confinement:
    """The orders for one process.

    `user` is the uid (and gid) to become, None to keep the present one. `reads_regardless` leaves the
    capability to read files whatever their permissions, for hosts whose interpreter lies in root's home;
    Landlock must then hold it to `readable`. `own_network` makes a network namespace.
    """

    user: int | None
    reads_regardless: bool
    own_network: bool
    readable: tuple[Path, ...]
    writable: tuple[Path, ...]
    limits: Limits


def _set_limits(limits: Limits) -> None:
    wanted = {
        resource.RLIMIT_CORE: (0, 0),
        resource.RLIMIT_CPU: (limits.cpu_seconds, limits.cpu_seconds + 1),
        resource.RLIMIT_AS: (limits.memory + _RESERVED_ADDRESS_SPACE,) * 2,
        resource.RLIMIT_FSIZE: (limits.file_size,) * 2,
        resource.RLIMIT_NOFILE: (limits.open_files,) * 2,
        resource.RLIMIT_MSGQUEUE: (0, 0),
    }
    for which, bounds in wanted.items():
        ceiling = resource.getrlimit(which)[1]
        unbound = ceiling == resource.RLIM_INFINITY or os.geteuid() == 0
        soft, hard = bounds if unbound else (min(bound, ceiling) for bound in bounds)
        resource.setrlimit(which, (soft, hard))


def limit_tasks(most: int) -> None:
    """Set how many processes and threads this process's user may have, when it is known how many it has already."""
    ceiling = resource.getrlimit(resource.RLIMIT_NPROC)[1]
    most = most if ceiling == resource.RLIM_INFINITY else min(most, ceiling)
    resource.setrlimit(resource.RLIMIT_NPROC, (most, most))


def _enter_own_network() -> None:
    """A network namespace with nothing in it; a user namespace first where this is not root."""
    if os.geteuid() == 0:
        kernel.unshare(kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC)
        return
    uid, gid = os.getuid(), os.getgid()
    kernel.unshare(kernel.CLONE_NEWUSER | kernel.CLONE_NEWNET | kernel.CLONE_NEWIPC)
    Path("/proc/self/setgroups").write_text("deny")
    Path("/proc/self/uid_map").write_text(f"{uid} {uid} 1")
    Path("/proc/self/gid_map").write_text(f"{gid} {gid} 1")


def _change_user(user: int | None, *, reads_regardless: bool) -> None:
    kernel.drop_bounding_set()
    if user is not None:
        kernel.prctl(kernel.PR_SET_KEEPCAPS, 1 if reads_regardless else 0)
        os.setgroups([])
        os.setresgid(user, user, user)
        os.setresuid(user, user, user)
    kernel.keep_only(*([kernel.CAP_DAC_READ_SEARCH] if reads_regardless else []))


def confine(orders: Confinement) -> None:
    """Lay every rule on this process. Raises `OSError` naming the step that the host refused."""
    os.setsid()
    os.umask(0o077)
    _set_limits(orders.limits)
    if orders.own_network:
        _enter_own_network()
    ruleset = landlock.prepare(orders.readable, orders.writable)
    if ruleset is None and orders.reads_regardless:
        raise OSError("reading regardless of permissions needs Landlock")
    kernel.prctl(kernel.PR_SET_NO_NEW_PRIVS, 1)
    _change_user(orders.user, reads_regardless=orders.reads_regardless)
    # A change of user clears both, so they come after it.
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGKILL)
    kernel.prctl(kernel.PR_SET_DUMPABLE, 0)
    if ruleset is not None:
        landlock.restrict(ruleset)
    # The kernel counts no tasks of root: a job that had to keep that user starts no process at all.
    uncounted = os.geteuid() == 0
    seccomp.install(os.getpid(), processes=orders.limits.processes > 1 and not uncounted)
