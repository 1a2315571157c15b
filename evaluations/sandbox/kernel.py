"""The few Linux calls that Python's `os` module does not offer, through the C library.

Each function raises `OSError` with the kernel's error number and the call's name.
"""

from __future__ import annotations

import ctypes
import os
import platform
from typing import Any

_LIBC = ctypes.CDLL(None, use_errno=True)

PR_SET_PDEATHSIG = 1
PR_SET_DUMPABLE = 4
PR_SET_KEEPCAPS = 8
PR_CAPBSET_DROP = 24
PR_SET_CHILD_SUBREAPER = 36
PR_SET_NO_NEW_PRIVS = 38
PR_CAP_AMBIENT = 47
PR_CAP_AMBIENT_CLEAR_ALL = 4

CLONE_NEWIPC = 0x08000000
CLONE_NEWUSER = 0x10000000
CLONE_NEWNET = 0x40000000

CAP_DAC_READ_SEARCH = 2
_CAPABILITY_VERSION_3 = 0x20080522
_LAST_POSSIBLE_CAPABILITY = 63


class _CapabilityHeader(ctypes.Structure):
    _fields_ = (("version", ctypes.c_uint32), ("pid", ctypes.c_int))


class _CapabilitySets(ctypes.Structure):
    """Two 32-bit words of effective, permitted and inheritable sets, as capset(2) wants them."""

    _fields_ = (("words", ctypes.c_uint32 * 6),)


def machine() -> str:
    """The processor's name as the kernel gives it: x86_64, aarch64, …"""
    return platform.machine()


def _checked(name: str, answer: int) -> int:
    if answer < 0:
        number = ctypes.get_errno()
        raise OSError(number, f"{name}: {os.strerror(number)}")
    return answer


def prctl(option: int, *arguments: int) -> int:
    """prctl(2); missing arguments are zero, as several options demand."""
    words = [ctypes.c_ulong(word) for word in (*arguments, 0, 0, 0, 0)[:4]]
    return _checked(f"prctl({option})", _LIBC.prctl(ctypes.c_int(option), *words))


def syscall(name: str, number: int, *arguments: Any) -> int:
    """A call without a wrapper in the C library; `name` is only for the error's text."""
    return _checked(name, _LIBC.syscall(ctypes.c_long(number), *arguments))


def unshare(flags: int) -> None:
    """unshare(2): put this process into new namespaces."""
    _checked("unshare", _LIBC.unshare(ctypes.c_int(flags)))


def drop_bounding_set() -> None:
    """Take away every capability that a later execve could give back. Needs CAP_SETPCAP, else does nothing."""
    for capability in range(_LAST_POSSIBLE_CAPABILITY + 1):
        try:
            prctl(PR_CAPBSET_DROP, capability)
        except OSError:  # EINVAL past the last one this kernel knows, EPERM without the right to drop
            return


def keep_only(*capabilities: int) -> None:
    """Make `capabilities` (numbers below 32) the whole effective and permitted set; nothing is inheritable."""
    mask = sum(1 << capability for capability in capabilities)
    header = _CapabilityHeader(_CAPABILITY_VERSION_3, 0)
    sets = _CapabilitySets((ctypes.c_uint32 * 6)(mask, mask, 0, 0, 0, 0))
    _checked("capset", _LIBC.capset(ctypes.byref(header), ctypes.byref(sets)))
