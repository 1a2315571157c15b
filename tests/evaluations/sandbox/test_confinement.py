"""Hostile programs in place of a method, at each level that this host gives."""

from __future__ import annotations

import contextlib
import json
import os
import secrets
import signal
import subprocess
import sys
import textwrap
import threading
import time
from pathlib import Path

import pytest

from evaluations.sandbox import landlock
from evaluations.sandbox.job import Ended, Job, Level, LevelUnavailable, Limits, Outcome, Reservation
from evaluations.sandbox.levels import detect_levels
from evaluations.sandbox.orders import Means
from evaluations.sandbox.running import run
from evaluations.sandbox.supervision import supervise

HERE = Path(__file__).parent
PROJECT = Path(__file__).resolve().parents[3]
MARKER = "secret-7f3c1a"


def hostile(attack: str, *arguments: str, **more: object) -> Job:
    return Job(module="hostile", arguments=(attack, *arguments), sources=("hostile.py",), root=HERE, **more)  # type: ignore[arg-type]


@pytest.fixture(params=list(Level), ids=lambda level: level.label)
def attack_at(request: pytest.FixtureRequest, capsys: pytest.CaptureFixture[str]):
    """Runs a job at one level. Where the host does not give it, the recorded reason is checked instead."""
    level: Level = request.param

    def at_level(job: Job) -> Outcome | None:
        reason = detect_levels()[level]
        if reason is None:
            outcome = run(job, level=level)
            assert outcome.level == level
            return outcome
        with capsys.disabled():
            sys.stdout.write(f"\n{level.label} cannot run here: {reason}\n")
        assert reason.strip()
        with pytest.raises(LevelUnavailable, match=level.label):
            run(job, level=level)
        return None

    return at_level


def answer(outcome: Outcome) -> dict[str, object]:
    assert outcome.exit_code == 0, outcome.stderr
    found: dict[str, object] = json.loads(outcome.stdout.splitlines()[-1])
    return found


def alive(name: str) -> list[int]:
    """Processes that call themselves `name`."""
    found = []
    for entry in Path("/proc").iterdir():
        with contextlib.suppress(OSError):
            if entry.name.isdigit() and (entry / "comm").read_text().strip() == name:
                found.append(int(entry.name))
    return found


def wait_until(condition, seconds: float = 5.0) -> bool:
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        if condition():
            return True
        time.sleep(0.05)
    return bool(condition())


@pytest.fixture
def surroundings(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A portal as an attacker would like to find it: keys, a database, addresses, open files."""
    for name in ("DATABASE_URL", "SECRET_KEY", "PORTAL_BROKER_URL", "PORTAL_SIGNING_PASSPHRASE"):
        monkeypatch.setenv(name, MARKER)
    (tmp_path / "keys").mkdir(mode=0o700)
    for name, mode in (("keys/signer.pem", 0o600), ("portal.sqlite3", 0o644)):
        (tmp_path / name).write_text(MARKER)
        (tmp_path / name).chmod(mode)
    return tmp_path


def test_job_finds_no_key_database_or_broker_address(attack_at, surroundings: Path) -> None:
    left_open = os.open(surroundings / "keys" / "signer.pem", os.O_RDONLY)
    os.set_inheritable(left_open, True)
    try:
        outcome = attack_at(hostile("look_for", MARKER, str(surroundings), "/root", str(PROJECT / "portal")))
    finally:
        os.close(left_open)
    if outcome is None:
        return
    if outcome.level < Level.S3 and landlock.version() == 0:
        assert Reservation.NO_LANDLOCK in outcome.reservations
        outside = [place for place in answer(outcome)["found"] if not place.startswith("/")]
        assert outside == []
    else:
        assert answer(outcome)["found"] == []


def test_job_opens_no_socket(attack_at) -> None:
    outcome = attack_at(hostile("sockets"))
    assert outcome is None or answer(outcome)["opened"] == {}


def test_job_changes_neither_kernel_nor_other_processes(attack_at) -> None:
    outcome = attack_at(hostile("kernel_calls"))
    if outcome is None:
        return
    found = answer(outcome)
    assert found["allowed"] == []
    assert found["signals"] == []
    assert (found["user"] == os.getuid()) == (Reservation.SHARED_USER in outcome.reservations)


def test_job_writes_nowhere_but_in_its_own_folders(attack_at, tmp_path: Path) -> None:
    given = tmp_path / "given.txt"
    given.write_text("given")
    open_to_all = tmp_path / "open"
    open_to_all.mkdir()
    open_to_all.chmod(0o777)
    places = ("/tmp", "/var/tmp", "/dev/shm", "/", "/root", str(PROJECT), str(open_to_all))  # noqa: S108
    outcome = attack_at(hostile("write_outside", *places, inputs=[(given, "given.txt")]))
    if outcome is None:
        return
    written = answer(outcome)["written"]
    if landlock.version():
        assert written == []
    else:
        assert str(PROJECT) not in written
        assert outcome.level == Level.S3 or Reservation.NO_LANDLOCK in outcome.reservations
    assert given.read_text() == "given"


def test_job_with_one_process_starts_no_other(attack_at) -> None:
    outcome = attack_at(hostile("run_programs"))
    assert outcome is None or answer(outcome) == {"fork": None, "spawn": None, "execve": None}


def test_endless_loop_ends_at_the_cpu_limit(attack_at) -> None:
    outcome = attack_at(hostile("spin", "spin-cpu", limits=Limits(cpu_seconds=1, wall_seconds=30)))
    if outcome is not None:
        assert outcome.ended == Ended.CPU_TIME
        assert outcome.seconds < 15
        assert wait_until(lambda: not alive("spin-cpu"))


def test_sleeping_job_ends_at_the_wall_limit(attack_at) -> None:
    name = f"nap-{secrets.token_hex(4)}"
    outcome = attack_at(hostile("sleep", name, limits=Limits(wall_seconds=1.5)))
    if outcome is not None:
        assert outcome.ended == Ended.WALL_TIME
        assert "started" in outcome.stdout
        assert wait_until(lambda: not alive(name))


def test_reserving_80_gigabytes_fails_at_once(attack_at) -> None:
    outcome = attack_at(hostile("reserve", str(80 << 30)))
    if outcome is not None:
        assert outcome.ended == Ended.MEMORY
        assert outcome.seconds < 5


def test_touching_too_much_memory_ends_the_job(attack_at) -> None:
    outcome = attack_at(hostile("touch_memory", limits=Limits(memory=200 << 20, wall_seconds=60)))
    if outcome is not None:
        assert outcome.ended == Ended.MEMORY
        assert outcome.peak_memory < 2 << 30


def test_fork_bomb_is_held_by_the_task_limit(attack_at) -> None:
    outcome = attack_at(hostile("fork_bomb", limits=Limits(processes=8, tasks=12, wall_seconds=20)))
    if outcome is None:
        return
    if outcome.ended is None:
        assert answer(outcome)["made"] <= 12
    else:
        assert outcome.ended == Ended.TASKS


@pytest.mark.parametrize("stays", [True, False], ids=["while it runs", "after it has ended"])
def test_nothing_outlives_the_job(attack_at, stays: bool) -> None:
    name = f"stay-{secrets.token_hex(4)}"
    more = ("stay",) if stays else ()
    outcome = attack_at(hostile("survive", name, *more, limits=Limits(processes=8, wall_seconds=2)))
    if outcome is not None:
        assert "started" in outcome.stdout
        assert outcome.ended == (Ended.WALL_TIME if stays else None)
        assert wait_until(lambda: not alive(name))


@pytest.mark.parametrize("level", list(Level), ids=lambda level: level.label)
def test_nothing_outlives_a_killed_supervisor(level: Level) -> None:
    if detect_levels()[level] is not None:
        sys.stdout.write(f"{level.label} cannot run here: {detect_levels()[level]}\n")
        return
    name = f"orph-{secrets.token_hex(4)}"
    program = f"""
        import sys; sys.path[:0] = [{str(PROJECT)!r}]
        from pathlib import Path
        from evaluations.sandbox.job import Job, Level, Limits
        from evaluations.sandbox.running import run
        run(Job(module="hostile", arguments=("survive", {name!r}, "stay"), sources=("hostile.py",),
                root=Path({str(HERE)!r}), limits=Limits(processes=8)), level=Level({int(level)}))
    """
    supervisor = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)])
    try:
        assert wait_until(lambda: len(alive(name)) >= 3, 15)
    finally:
        supervisor.send_signal(signal.SIGKILL)
        supervisor.wait()
    assert wait_until(lambda: not alive(name))


def test_cancelled_job_ends_soon(attack_at) -> None:
    asked = threading.Event()
    name = f"canc-{secrets.token_hex(4)}"
    job = hostile("sleep", name, on_line=lambda line: asked.set(), cancelled=asked.is_set)
    outcome = attack_at(job)
    if outcome is not None:
        assert outcome.ended == Ended.CANCELLED
        assert outcome.seconds < 10
        assert wait_until(lambda: not alive(name))


@pytest.mark.parametrize(("size", "limits"), [(1 << 20, {"disk": 20 << 20}), (1, {"disk_entries": 200})])
def test_filling_the_disk_ends_the_job(attack_at, size: int, limits: dict[str, int]) -> None:
    outcome = attack_at(hostile("fill_disk", str(size), limits=Limits(wall_seconds=60, **limits)))
    assert outcome is None or outcome.ended == Ended.DISK


@pytest.mark.parametrize("how", ["open", "mapped"])
def test_files_without_a_name_fill_no_disk_either(attack_at, how: str) -> None:
    outcome = attack_at(hostile("fill_disk_unseen", how, limits=Limits(wall_seconds=10, disk=40 << 20)))
    if outcome is None:
        return
    if os.geteuid() == 0:
        assert outcome.ended == Ended.DISK
    else:
        # Nobody but root may look at a confined process's descriptors; number and size of files bound it.
        assert outcome.ended in (Ended.DISK, Ended.WALL_TIME)


def test_second_run_finds_nothing_of_the_first(attack_at) -> None:
    places = ("/tmp", "/dev/shm", "/var/tmp", "/run/lock")  # noqa: S108
    marker = secrets.token_hex(8)
    first = attack_at(hostile("leave_traces", marker, *places))
    if first is None:
        return
    left = answer(first)
    held = landlock.version() or first.level == Level.S3
    assert left["left"] == ["tmp", "output"] or not held
    second = attack_at(hostile("find_traces", marker, *places))
    assert second is not None
    found = answer(second)
    assert found["folder"] != left["folder"]
    assert found["found"] == [] or not held


def test_nothing_but_the_system_and_its_own_folder_exists_at_s3() -> None:
    reason = detect_levels()[Level.S3]
    if reason is not None:
        sys.stdout.write(f"S3 cannot run here: {reason}\n")
        return
    places = ("/root/.bashrc", "/home", "/var", "/run", "/etc/passwd", "/etc/shadow", "/proc/1", "/srv", "/boot",
              str(PROJECT / "manage.py"), str(PROJECT / "portal"), str(PROJECT / "var"))  # fmt: skip
    seen = answer(run(hostile("read_everything", *places), level=Level.S3))
    assert seen["seen"] == []
    ways = {Path(sys.prefix).parts[1], Path(sys.base_prefix).parts[1], PROJECT.parts[1], "tmp"}
    assert set(seen["top"]) <= ways


@pytest.mark.skipif(os.geteuid() != 0, reason="asks what root may do that has no user to change to")
@pytest.mark.parametrize("level", [Level.S1, Level.S2, Level.S3], ids=lambda level: level.label)
def test_root_without_a_user_of_its_own_starts_no_process(level: Level) -> None:
    if detect_levels()[level] is not None:
        sys.stdout.write(f"{level.label} cannot run here: {detect_levels()[level]}\n")
        return
    job = hostile("fork_bomb", limits=Limits(processes=8, tasks=12, wall_seconds=20))
    outcome = supervise(job, level, Means(own_user=False, reads_regardless=False))
    assert answer(outcome)["made"] == 0
    assert Reservation.SHARED_USER in outcome.reservations


def test_links_and_odd_files_are_not_taken_as_outputs(attack_at, surroundings: Path, tmp_path: Path) -> None:
    names = ("link.json", "hard.json", "pipe.json", "large.json", "folder/passwd", "good.json", "missing.json")
    destination = tmp_path / "results"
    destination.mkdir()
    secret = str(surroundings / "keys" / "signer.pem")
    limits = Limits(output=1 << 20)
    outcome = attack_at(hostile("trick_outputs", secret, outputs=names, destination=destination, limits=limits))
    if outcome is not None:
        assert list(outcome.outputs) == ["good.json"]
        assert {"link.json", "large.json", "folder/passwd"} <= set(outcome.refused)
        assert [path.name for path in destination.rglob("*") if path.is_file()] == ["good.json"]


def test_instruments_work_inside(attack_at) -> None:
    outcome = attack_at(hostile("instruments", threads=1))
    assert outcome is None or answer(outcome)["sum"] == 200.0**3
