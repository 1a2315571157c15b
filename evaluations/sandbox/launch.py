"""The first program inside: receives its orders, confines a child, runs the module there, waits.

Started by the supervisor as `python -S launch.py`; the orders come on standard input, in two parts: first
how to be confined and what to import, then, perhaps much later, what to run on inputs that now lie ready.
Two processes: the *warden* (this one) opens no foreign file, collects every orphan (it is their subreaper)
and ends the whole tree when the supervisor says so or dies; the *child* confines itself, imports, waits,
and runs the module. The control descriptor tells the supervisor what happened; the child closes it before
foreign code runs.
"""

from __future__ import annotations

import contextlib
import importlib
import json
import os
import runpy
import signal
import site
import sys
import time
from importlib.abc import MetaPathFinder
from importlib.machinery import ModuleSpec
from importlib.util import spec_from_file_location
from pathlib import Path
from typing import Any, NoReturn

_OWN_ROOT = str(Path(__file__).resolve().parents[2])
if __name__ == "__main__":
    sys.path.insert(0, _OWN_ROOT)

# ruff: noqa: E402 - started as a file, from anywhere: the project is found first
from evaluations.sandbox import kernel
from evaluations.sandbox.confinement import Confinement, confine, limit_tasks
from evaluations.sandbox.job import Limits
from evaluations.sandbox.processes import descendants

CONTROL = 3
EXIT_MEMORY = 121
EXIT_NOT_CONFINED = 122


class _Stop(Exception):
    """The supervisor asked the warden to end everything."""


def _stop(_number: int, _frame: object) -> NoReturn:
    raise _Stop


def _tell(**facts: Any) -> None:
    # The supervisor may be gone already; there is nobody else to tell.
    with contextlib.suppress(OSError):
        os.write(CONTROL, json.dumps(facts).encode() + b"\n")


def _receive() -> dict[str, Any]:
    """One part of the orders: its length in eight hexadecimal digits, then JSON. Raises EOFError when none comes."""
    size = int(_read_exactly(8), 16)
    orders: dict[str, Any] = json.loads(_read_exactly(size))
    return orders


def _read_exactly(size: int) -> bytes:
    data = b""
    while len(data) < size:
        piece = os.read(0, size - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def _put_in_place(control: int) -> None:
    """Move the control descriptor to its place; everything else but the standard ones is closed."""
    os.dup2(control, CONTROL, inheritable=False)
    os.closerange(CONTROL + 1, 4096)


def _wait_for_job() -> dict[str, Any]:
    """The second part of the orders; without a supervisor there is no job, and this process ends."""
    try:
        return _receive()
    except EOFError:
        os._exit(0)


def _close_orders() -> None:
    nothing = os.open("/dev/null", os.O_RDONLY | os.O_CLOEXEC)
    os.dup2(nothing, 0)
    os.close(nothing)


class _Sources(MetaPathFinder):
    """Finds the parts of the project that the job names, and no other: its folder is on no search path.

    The folders above them need not even be listable.
    """

    def __init__(self, root: Path, sources: list[str]) -> None:
        self._files: dict[str, Path] = {}
        for source in sources:
            path = root / source
            name = source.removesuffix("/__init__.py").removesuffix(".py").replace("/", ".")
            self._files[name] = path / "__init__.py" if path.is_dir() else path

    def find_spec(self, fullname: str, path: object, target: object = None) -> ModuleSpec | None:
        file = self._files.get(fullname)
        if file is None:
            return None
        folder = [str(file.parent)] if file.name == "__init__.py" else None
        return spec_from_file_location(fullname, file, submodule_search_locations=folder)


def _prepare(orders: dict[str, Any]) -> None:
    """Find what the job may import, and import what it asks for ahead; what fails here fails again in the job."""
    sys.path.remove(_OWN_ROOT)
    site.main()
    sys.meta_path.insert(0, _Sources(Path(orders["root"]), orders["sources"]))
    sys.path += orders["search"]
    for name in orders["preload"]:
        with contextlib.suppress(Exception):
            importlib.import_module(name)


def _run_module(given: dict[str, Any]) -> int:
    """Run the module as `python -m` would, and return its exit status."""
    sys.argv = [given["module"], *given["arguments"]]
    try:
        runpy.run_module(given["module"], run_name="__main__", alter_sys=True)
    except MemoryError:
        return EXIT_MEMORY
    except SystemExit as ended:
        if isinstance(ended.code, int) or ended.code is None:
            return ended.code or 0
        sys.stderr.write(f"{ended.code}\n")
        return 1
    return 0


def _confinement(orders: dict[str, Any]) -> Confinement:
    given = orders["confinement"]
    return Confinement(
        user=given["user"],
        reads_regardless=given["reads_regardless"],
        own_network=given["own_network"],
        readable=tuple(map(Path, given["readable"])),
        writable=tuple(map(Path, given["writable"])),
        limits=Limits(**given["limits"]),
    )


def _child(orders: dict[str, Any]) -> NoReturn:
    """Confine this process, wait for the job, run its module. Never returns."""
    status = EXIT_NOT_CONFINED
    try:
        signal.signal(signal.SIGTERM, signal.SIG_DFL)
        os.chdir(orders["folder"])
        confine(_confinement(orders))
        _tell(confined=True)
        _prepare(orders)
        _tell(ready=True)
        given = _wait_for_job()
        limit_tasks(given["tasks"])
        _close_orders()
        _tell(started=time.monotonic())
        os.close(CONTROL)
        status = 1
        status = _run_module(given)
    except OSError as error:
        if status == EXIT_NOT_CONFINED:
            _tell(refused=str(error))
        else:
            sys.excepthook(type(error), error, error.__traceback__)
    except BaseException as error:  # noqa: BLE001 - foreign code may raise anything, and this is the process's end
        sys.excepthook(type(error), error, error.__traceback__)
    finally:
        with contextlib.suppress(Exception):
            sys.stdout.flush()
            sys.stderr.flush()
        os._exit(status & 0xFF)


def _end_all() -> None:
    """Kill whatever is beneath the warden until nothing is left, and collect it."""
    while True:
        for pid in descendants(os.getpid()):
            with contextlib.suppress(OSError):
                os.kill(pid, signal.SIGKILL)
        try:
            while os.waitpid(-1, os.WNOHANG)[0]:
                pass
        except ChildProcessError:
            return
        time.sleep(0.005)


def _keep_watch(child: int, *, own_processes: bool) -> int:
    """Wait for `child` as its warden; its exit status, or 128 plus the signal that ended it.

    With a process namespace of its own (`own_processes`) nothing outlives the warden anyway.
    """
    try:
        while True:
            pid, status, usage = os.wait4(-1, 0)
            if pid == child:
                break
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
    except _Stop:
        _end_all()
        return 128 + signal.SIGKILL
    if not own_processes:
        _end_all()
    _tell(cpu_seconds=usage.ru_utime + usage.ru_stime, peak_memory=usage.ru_maxrss * 1024)
    code = os.waitstatus_to_exitcode(status)
    return code if code >= 0 else 128 - code


def main() -> int:
    """Run as the warden of one job."""
    signal.signal(signal.SIGTERM, _stop)
    orders = _receive()
    _put_in_place(orders["control"])
    kernel.prctl(kernel.PR_SET_CHILD_SUBREAPER, 1)
    kernel.prctl(kernel.PR_SET_PDEATHSIG, signal.SIGTERM)
    if orders["supervisor"] is not None and os.getppid() != orders["supervisor"]:
        return 128 + signal.SIGTERM  # it died before we could ask to be told
    child = os.fork()
    if child == 0:
        _child(orders)
    for descriptor in (0, 1, 2):
        os.close(descriptor)
    return _keep_watch(child, own_processes=orders["own_processes"])


if __name__ == "__main__":
    sys.exit(main())
