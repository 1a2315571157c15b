"""Landlock: the kernel's own rule of which folders a process may read or write, without privileges.

It closes what file permissions leave open where no mount namespace is to be had: a process that runs as
the same user as the portal can then still not read keys, the database file or another process under /proc.
Source: the kernel's documentation "Landlock: unprivileged access control"; the numbers are the same on
every processor.
"""

from __future__ import annotations

import ctypes
import os
import struct
from collections.abc import Iterable
from pathlib import Path

from evaluations.sandbox import kernel

_CREATE_RULESET, _ADD_RULE, _RESTRICT_SELF = 444, 445, 446
_RULE_PATH_BENEATH = 1

_EXECUTE, _WRITE_FILE, _READ_FILE, _READ_DIR = 1, 2, 4, 8
_REFER, _TRUNCATE, _IOCTL_DEV = 1 << 13, 1 << 14, 1 << 15
_MAKE_CHAR, _MAKE_SOCK, _MAKE_FIFO, _MAKE_BLOCK = 1 << 6, 1 << 9, 1 << 10, 1 << 11
_FIRST_VERSION = (1 << 13) - 1

_READ = _EXECUTE | _READ_FILE | _READ_DIR
_OF_A_FILE = _EXECUTE | _WRITE_FILE | _READ_FILE | _TRUNCATE | _IOCTL_DEV
_TCP = 3
_ABSTRACT_SOCKETS_AND_SIGNALS = 3


def version() -> int:
    """The kernel's Landlock version, 0 where there is none."""
    try:
        return kernel.syscall("landlock", _CREATE_RULESET, None, ctypes.c_size_t(0), ctypes.c_uint(1))
    except OSError:
        return 0


def _handled(abi: int) -> int:
    rights = _FIRST_VERSION
    for since, right in ((2, _REFER), (3, _TRUNCATE), (5, _IOCTL_DEV)):
        if abi >= since:
            rights |= right
    return rights


def _allow(ruleset: int, path: Path, rights: int) -> None:
    """Let `path` and all beneath it be used with `rights`; a path that does not exist needs no rule."""
    try:
        descriptor = os.open(path, os.O_PATH | os.O_CLOEXEC)
    except OSError:
        return
    try:
        if not path.is_dir():
            rights &= _OF_A_FILE
        rule = struct.pack("=Qi", rights, descriptor)
        kernel.syscall("landlock_add_rule", _ADD_RULE, ruleset, _RULE_PATH_BENEATH, rule, ctypes.c_uint(0))
    finally:
        os.close(descriptor)


def prepare(readable: Iterable[Path], writable: Iterable[Path]) -> int | None:
    """Make a ruleset and return its descriptor, None where the kernel has no Landlock.

    To be called before the user is changed: the paths are opened here. No device, pipe or socket can be
    made even in a writable folder.
    """
    abi = version()
    if abi < 1:
        return None
    handled = _handled(abi)
    words = [handled] + ([_TCP] if abi >= 4 else []) + ([_ABSTRACT_SOCKETS_AND_SIGNALS] if abi >= 6 else [])
    attributes = struct.pack(f"={len(words)}Q", *words)
    ruleset = kernel.syscall(
        "landlock_create_ruleset", _CREATE_RULESET, attributes, ctypes.c_size_t(len(attributes)), ctypes.c_uint(0)
    )
    never = _MAKE_CHAR | _MAKE_SOCK | _MAKE_FIFO | _MAKE_BLOCK
    for path in readable:
        _allow(ruleset, path, handled & _READ)
    for path in writable:
        _allow(ruleset, path, handled & ~never & ~_EXECUTE)
    return ruleset


def restrict(ruleset: int) -> None:
    """Bind this process, and all that it starts, to the ruleset for good. Needs `no_new_privs`."""
    kernel.syscall("landlock_restrict_self", _RESTRICT_SELF, ruleset, ctypes.c_uint(0))
    os.close(ruleset)
