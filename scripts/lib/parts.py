"""The parts of scripts/test: run two at a time on servers of our own, told in a table, ended by one plain line."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import xml.etree.ElementTree as ET
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT))

from portal.demo.processes import Group, answers, free_port, wait_for  # noqa: E402
from scripts.lib import postgres  # noqa: E402

PYTHON = sys.executable
TOOLS = Path(PYTHON).parent
# What a part must not inherit: the tests say themselves which servers and files they use.
OWN_SETTINGS = ("DATABASE_URL", "PORTAL_", "DJANGO_", "SECRET_KEY")
LIMIT = 2400
# What differs in these is the visitor's hand or eye, not the stack: they are walked on SQLite.
ON_SQLITE = ("journeys/test_by_keyboard.py", "journeys/test_without_script.py", "journeys/test_screenshots.py", "pages")
# What no database and no queue can change is shown once: instruments, the look of pages, that a method is wrong.
SHOWN_ONCE = (
    *(f"--ignore=tests/{place}" for place in ("evaluations/methods", "evaluations/readers", "evaluations/sandbox")),
    *("--ignore=tests/pages", "--ignore=tests/benchmarks"),
    "--deselect=tests/portal/access/test_matrix.py::test_a_wrong_method_tells_nothing",
)
# Tests that run on both stacks; the others have a part of their own.
UNITS = "not journey and not demo and not fuzz and not rehearsal and not chaos"


@dataclass
class Part:
    """One part: its command, and where pytest leaves its counts (None: the part itself counts as one test)."""

    name: str
    command: list[str]
    env: dict[str, str] = field(default_factory=dict)
    report: Path | None = None
    passed: int = 0
    failed: int = 0
    seconds: float = 0.0
    code: int = 0


def checks() -> list[Part]:
    """What needs no test run: style, types, import contracts, migrations, texts."""
    manage = [PYTHON, "manage.py"]
    return [
        Part("style", [str(TOOLS / "ruff"), "check", "--no-cache", "."]),
        Part("layout", [str(TOOLS / "ruff"), "format", "--no-cache", "--check", "."]),
        Part("texts", [PYTHON, "-m", "portal.catalogues", "check"]),
        Part("imports", [str(TOOLS / "lint-imports"), "--no-cache"]),
        Part("migrations", [*manage, "makemigrations", "--check", "--dry-run"]),
        Part("types", [str(TOOLS / "mypy")]),
    ]


def pytest_part(folder: Path, name: str, *arguments: str, env: dict[str, str] | None = None) -> Part:
    """A run of pytest; its counts go to a file of `folder`."""
    report = folder / f"{name.replace(' ', '-').replace(',', '')}.xml"
    command = [PYTHON, "-m", "pytest", "-q", f"--junitxml={report}", *arguments]
    return Part(f"tests {name}", command, env or {}, report)


def everything(folder: Path, servers: dict[str, str]) -> list[Part]:
    """All parts, the longest first, so that two lanes end at about the same time."""
    units, journeys = ["-m", UNITS], ["-m", "journey"]
    by_mouse = [*journeys, *(f"--ignore=tests/{place}" for place in ON_SQLITE)]
    return [
        pytest_part(folder, "SQLite, files", *units),
        pytest_part(folder, "PostgreSQL, Redis", *units, *SHOWN_ONCE, env=servers),
        pytest_part(folder, "browser SQLite, files", *journeys),
        pytest_part(folder, "browser PostgreSQL, Redis", *by_mouse, env=servers),
        pytest_part(folder, "production rehearsal", "-m", "rehearsal", "tests/production"),
        pytest_part(folder, "fuzz", "-m", "fuzz"),
        pytest_part(folder, "chaos", "-m", "chaos", "tests/chaos"),
        pytest_part(folder, "demo", "-m", "demo"),
        *reversed(checks()),
    ]


def run(part: Part, folder: Path) -> Part:
    """Run one part to its end, with files of its own, and read its counts."""
    inherited = {key: value for key, value in os.environ.items() if not key.startswith(OWN_SETTINGS)}
    with tempfile.TemporaryDirectory(dir=folder) as var:
        env = inherited | {"PORTAL_VAR": var, "PYTHONUNBUFFERED": "1"} | part.env
        started = time.monotonic()
        part.code, output = finish(part.command, env)
    part.seconds = time.monotonic() - started
    count(part)
    verdict = "passed" if part.code == 0 else f"FAILED (code {part.code})"
    sys.stdout.write(f"== {part.name}: {verdict} after {part.seconds:.0f} s\n")
    sys.stdout.write(output if part.code else "".join(f"   {line}\n" for line in output.splitlines()[-3:]))
    sys.stdout.flush()
    return part


def finish(command: list[str], env: dict[str, str]) -> tuple[int, str]:
    """Code and output of a program, which is ended when it takes longer than any part may."""
    try:
        done = subprocess.run(
            command, cwd=ROOT, env=env, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, check=False, timeout=LIMIT
        )
    except subprocess.TimeoutExpired as late:
        return 124, (late.stdout or b"").decode(errors="replace") + f"\nended after {LIMIT} s\n"
    return done.returncode, done.stdout.decode(errors="replace")


def count(part: Part) -> None:
    """Take the counts over from pytest's report; a part without one counts as one test."""
    if part.report is not None and part.report.exists():
        for suite in ET.parse(part.report).getroot().iter("testsuite"):  # noqa: S314 - just written by pytest
            failed = int(suite.get("failures", 0)) + int(suite.get("errors", 0))
            part.failed += failed
            part.passed += int(suite.get("tests", 0)) - failed - int(suite.get("skipped", 0))
    elif part.code == 0:
        part.passed = 1
    if part.code != 0 and part.failed == 0:
        part.failed = 1


@contextlib.contextmanager
def databases(folder: Path) -> Iterator[dict[str, str]]:
    """A PostgreSQL and a Redis of our own on free ports; gives the settings that name them."""
    group = Group()
    try:
        database, queue = start_postgres(group, folder), start_redis(group, folder)
        yield {
            "DATABASE_URL": f"postgres://postgres@127.0.0.1:{database}/postgres",
            "PORTAL_BROKER_URL": f"redis://127.0.0.1:{queue}/0",
        }
    finally:
        group.stop()


def start_postgres(group: Group, folder: Path) -> int:
    user = postgres.owner()
    place = folder / "postgres"
    place.mkdir(mode=0o700)
    if user:
        shutil.chown(place, user, pwd.getpwnam(user).pw_gid)
        folder.chmod(0o711)
    binaries = postgres.binaries()
    init = [str(binaries / "initdb"), "-D", str(place / "data"), "-U", "postgres", "-A", "trust", "-N"]
    subprocess.run(
        [*init, "--encoding=UTF8", "--locale=C.UTF-8"], check=True, stdout=subprocess.DEVNULL, user=user, cwd=place
    )
    port = free_port()
    # Without autovacuum: it counts tables whose rows each test takes back as empty, and plans for such are endless.
    quick = ["fsync=off", "autovacuum=off"]
    options = [f"port={port}", "listen_addresses=127.0.0.1", f"unix_socket_directories={place}", *quick]
    command = [str(binaries / "postgres"), "-D", str(place / "data")]
    for option in options:
        command += ["-c", option]
    group.start("PostgreSQL", command, log=folder / "postgres.log", user=user, cwd=place)
    probe = [str(binaries / "pg_isready"), "-q", "-h", "127.0.0.1", "-p", str(port)]
    wait_for(lambda: subprocess.run(probe, check=False).returncode == 0, group, seconds=60, what="PostgreSQL")
    return port


def start_redis(group: Group, folder: Path) -> int:
    port = free_port()
    command = ["redis-server", "--port", str(port), "--bind", "127.0.0.1", "--save", "", "--dir", str(folder)]
    group.start("Redis", command, log=folder / "redis.log")
    wait_for(lambda: answers(port), group, seconds=30, what="Redis")
    return port


def fast(folder: Path) -> list[Part]:
    """For the desk: what takes seconds, then the tests on SQLite up to the first failure."""
    quick = [part for part in checks() if part.name != "types"]
    parts = [run(part, folder) for part in quick]
    return [
        *parts,
        run(pytest_part(folder, "SQLite, files", "-x", "-n", "2", "-m", UNITS), folder),
    ]


def whole(folder: Path) -> list[Part]:
    with databases(folder) as servers, ThreadPoolExecutor(2) as lanes:
        return list(lanes.map(lambda part: run(part, folder), everything(folder, servers)))


def tell(parts: list[Part]) -> int:
    """The table, then the plain line; answers the exit code."""
    sys.stdout.write(f"\n{'part':<40}{'passed':>8}{'failed':>8}{'seconds':>9}\n")
    for part in parts:
        sys.stdout.write(f"{part.name:<40}{part.passed:>8}{part.failed:>8}{part.seconds:>9.0f}\n")
    if not os.environ.get("REFERENCE_DATA"):
        sys.stdout.write("Not run, as REFERENCE_DATA names no folder: the reference tests.\n")
    passed, failed = sum(part.passed for part in parts), sum(part.failed for part in parts)
    sys.stdout.write(f"{passed} passed, {failed} failed\n")
    return 1 if failed or not passed else 0


def main(arguments: list[str]) -> int:
    if arguments not in ([], ["--fast"]):
        sys.stderr.write("Usage: scripts/test [--fast]\n")
        return 2
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the servers are stopped then, too
    with tempfile.TemporaryDirectory(prefix="portal-checks-") as folder:
        return tell(fast(Path(folder)) if arguments else whole(Path(folder)))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
