"""The system-call filter (seccomp-BPF): what a confined process may not ask of the kernel.

A classic BPF program is built by hand, so no library is needed. Refused calls fail with EPERM, which a
method's libraries survive; a call in a foreign numbering (32-bit, x32) ends the process.
"""

from __future__ import annotations

import ctypes
import errno
import struct

from evaluations.sandbox import kernel
from evaluations.sandbox.syscalls import KERNEL, LAST_KNOWN, NETWORK, NUMBERS, OTHER_PROCESSES, SHARED_OBJECTS

_AUDIT_ARCH = {"x86_64": 0xC000003E, "aarch64": 0xC00000B7}
_SECCOMP_SET_MODE_FILTER = 1

# Offsets in struct seccomp_data; arguments are 64 bits wide, little-endian on both processors.
_NUMBER, _ARCH, _ARGUMENTS = 0, 4, 16

_LOAD, _JUMP_EQUAL, _JUMP_GREATER, _JUMP_ANY_BIT, _RETURN = 0x20, 0x15, 0x25, 0x45, 0x06
_ALLOW = 0x7FFF0000
_KILL = 0x80000000
_REFUSE = 0x00050000 | errno.EPERM
_NOT_IMPLEMENTED = 0x00050000 | errno.ENOSYS

_CLONE_THREAD = 0x00010000
# CLONE_NEWNS, NEWCGROUP, NEWUTS, NEWIPC, NEWUSER, NEWPID, NEWNET: every new namespace but time's.
_CLONE_NAMESPACES = 0x7E020000
# Pushing characters into a terminal's input.
_TERMINAL_INJECTION = (0x5412, 0x541C)

Instruction = tuple[int, int, int, int]


def supported() -> bool:
    """Whether the filter can be written for this processor."""
    return kernel.machine() in NUMBERS


def _argument(index: int) -> int:
    return _ARGUMENTS + 8 * index


def _when(number: int, body: list[Instruction]) -> list[Instruction]:
    """Run `body` (which must end in a return) for the call `number` only; the number is in the accumulator."""
    return [(_JUMP_EQUAL, 0, len(body), number), *body]


def program(own_pid: int, *, processes: bool) -> list[Instruction]:
    """The filter as BPF instructions (code, jump if true, jump if false, operand).

    `own_pid` is the only process that may be signalled; `processes` allows fork and execve, which a
    method with one process never needs.
    """
    machine = kernel.machine()
    numbers = NUMBERS[machine]
    refuse: Instruction = (_RETURN, 0, 0, _REFUSE)
    allow: Instruction = (_RETURN, 0, 0, _ALLOW)
    code: list[Instruction] = [
        (_LOAD, 0, 0, _ARCH),
        (_JUMP_EQUAL, 1, 0, _AUDIT_ARCH[machine]),
        (_RETURN, 0, 0, _KILL),
        (_LOAD, 0, 0, _NUMBER),
        (_JUMP_GREATER, 0, 1, LAST_KNOWN),
        (_RETURN, 0, 0, _NOT_IMPLEMENTED),
    ]
    denied = [*NETWORK, *OTHER_PROCESSES, *KERNEL, *SHARED_OBJECTS, "seccomp"]
    if not processes:
        denied += ["fork", "vfork", "execve", "execveat"]
    for name in denied:
        if name in numbers:
            code += _when(numbers[name], [refuse])
    # The flags of clone3 lie in memory, where a filter cannot look: the C library falls back to clone.
    code += _when(numbers["clone3"], [(_RETURN, 0, 0, _NOT_IMPLEMENTED)])
    clone: list[Instruction] = [(_LOAD, 0, 0, _argument(0)), (_JUMP_ANY_BIT, 0, 1, _CLONE_NAMESPACES), refuse]
    if not processes:
        clone += [(_JUMP_ANY_BIT, 1, 0, _CLONE_THREAD), refuse]
    code += _when(numbers["clone"], [*clone, allow])
    for name, allowed in (("kill", (own_pid, 0)), ("tgkill", (own_pid,)), ("prlimit64", (own_pid, 0))):
        body: list[Instruction] = [(_LOAD, 0, 0, _argument(0))]
        for pid in allowed:
            body += [(_JUMP_EQUAL, 0, 1, pid), allow]
        code += _when(numbers[name], [*body, refuse])
    terminal: list[Instruction] = [(_LOAD, 0, 0, _argument(1))]
    for request in _TERMINAL_INJECTION:
        terminal += [(_JUMP_EQUAL, 0, 1, request), refuse]
    code += _when(numbers["ioctl"], [*terminal, allow])
    return [*code, allow]


class _Program(ctypes.Structure):
    _fields_ = (("length", ctypes.c_ushort), ("instructions", ctypes.c_char_p))


def install(own_pid: int, *, processes: bool) -> None:
    """Put the filter on this process for good. `no_new_privs` must be set. Raises `OSError`."""
    code = b"".join(struct.pack("<HBBI", *instruction) for instruction in program(own_pid, processes=processes))
    filter_program = _Program(len(code) // 8, code)
    number = NUMBERS[kernel.machine()]["seccomp"]
    kernel.syscall("seccomp", number, ctypes.c_uint(_SECCOMP_SET_MODE_FILTER), 0, ctypes.byref(filter_program))
