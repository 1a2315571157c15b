"""Sandboxes that wait: warm, used once, gone with their keeper, and no way from one job to the next."""

from __future__ import annotations

import json
import os
import signal
import subprocess
import sys
import textwrap
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from evaluations.sandbox import processes, workspace
from evaluations.sandbox.job import Job, Level, Limits
from evaluations.sandbox.levels import detect_levels
from evaluations.sandbox.pool import Pool
from evaluations.sandbox.running import run

HERE = Path(__file__).parent
PROJECT = Path(__file__).resolve().parents[3]
TOLD = """
    import json, os, sys
    from pathlib import Path
    text = Path("input/given.txt").read_text()
    heavy = "onnxruntime" in sys.modules
    left = [str(path) for path in (*Path("tmp").iterdir(), *Path("output").iterdir())]
    changed = []
    for name in ("input/given.txt", "input/more.txt", "more.txt"):
        try:
            os.chmod("input", 0o700)
        except OSError:
            pass
        try:
            Path(name).write_text("x")
            changed.append(name)
        except OSError:
            pass
    Path("tmp/left").write_text(text); Path("output/left").write_text(text)
    print(json.dumps({"text": text, "heavy": heavy, "left": left, "changed": changed, "argv": sys.argv[1:],
                      "pid": os.getpid(), "folder": os.getcwd()}))
"""


@pytest.fixture(params=list(Level), ids=lambda level: level.label)
def level(request: pytest.FixtureRequest) -> Level:
    reason = detect_levels()[request.param]
    if reason is not None:
        pytest.skip(f"{request.param.label} cannot run here: {reason}")
    return Level(request.param)


@pytest.fixture
def pool() -> Iterator[Pool]:
    kept = Pool(1)
    yield kept
    kept.close()


def telling(tmp_path: Path, text: str = "given", **more: object) -> Job:
    (tmp_path / "subject.py").write_text(textwrap.dedent(TOLD))
    (tmp_path / f"{text}.txt").write_text(text)
    values: dict[str, object] = {"preload": ("onnxruntime",), **more}
    return Job(module="subject", arguments=(text,), inputs=[(tmp_path / f"{text}.txt", "given.txt")],
               sources=("subject.py",), root=tmp_path, **values)  # type: ignore[arg-type]  # fmt: skip


def wait_until(condition, seconds: float = 10.0) -> bool:
    deadline = time.monotonic() + seconds
    while not condition() and time.monotonic() < deadline:
        time.sleep(0.05)
    return bool(condition())


def lives(pid: int) -> bool:
    """Whether the process runs; one that has ended but was not collected yet does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except (FileNotFoundError, ProcessLookupError):
        return False


def test_each_waiting_sandbox_serves_one_job_and_is_replaced(level: Level, pool: Pool, tmp_path: Path) -> None:
    pool.warm(telling(tmp_path), level=level)
    told, served = [], []
    for text in ("one", "two"):
        served += pool.waiting()
        assert wait_until(pool.ready, 60)
        outcome = pool.run(telling(tmp_path, text), level=level)
        assert outcome.succeeded, outcome.stderr
        assert (outcome.warm, outcome.level) == (True, level)
        assert outcome.start_seconds is not None
        assert outcome.start_seconds < 0.3
        told.append(json.loads(outcome.stdout))
    assert [one["text"] for one in told] == ["one", "two"]
    assert [one["argv"] for one in told] == [["one"], ["two"]]
    assert all(one["heavy"] and one["left"] == [] and one["changed"] == [] for one in told)
    assert told[0]["folder"] != told[1]["folder"]
    assert not Path(told[0]["folder"]).exists()
    assert len({*served, *pool.waiting()}) == 3
    assert wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in served))


def test_waiting_sandbox_is_confined_already_and_holds_only_its_shape(level: Level, pool: Pool, tmp_path: Path) -> None:
    pool.warm(telling(tmp_path), level=level)
    assert wait_until(pool.ready, 60)
    other = pool.run(telling(tmp_path, limits=Limits(wall_seconds=30)), level=level)
    assert (other.warm, other.succeeded) == (False, True)
    (waiting,) = pool.waiting()
    own = processes.descendants(waiting)[-1]
    status = dict(
        line.split(":\t", 1) for line in Path(f"/proc/{own}/status").read_text().splitlines() if ":\t" in line
    )
    assert (status["NoNewPrivs"], status["Seccomp"]) == ("1", "2")
    assert processes.usage([waiting, *processes.descendants(waiting)]).memory < 400 << 20


def test_lost_waiting_sandbox_costs_the_job_nothing(level: Level, pool: Pool, tmp_path: Path) -> None:
    pool.warm(telling(tmp_path), level=level)
    (waiting,) = pool.waiting()
    os.kill(waiting, signal.SIGKILL)
    assert wait_until(lambda: not lives(waiting), 30)
    outcome = pool.run(telling(tmp_path), level=level)
    assert outcome.succeeded, outcome.stderr
    assert len(pool.waiting()) == 1


def test_a_limit_ends_a_job_in_a_waiting_sandbox_too(level: Level, pool: Pool) -> None:
    job = Job(module="hostile", arguments=("touch_memory",), sources=("hostile.py",), root=HERE,
              limits=Limits(memory=200 << 20, wall_seconds=30))  # fmt: skip
    pool.warm(job, level=level)
    outcome = pool.run(job, level=level)
    assert outcome.warm
    assert (outcome.ended, outcome.level) == (run(job, level=level).ended, level)


def test_waiting_sandboxes_die_with_a_killed_keeper_and_their_folders_are_swept(
    level: Level, pool: Pool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    work = tmp_path / "work"
    work.mkdir()
    work.chmod(0o755)
    program = f"""
        import sys, time; sys.path[:0] = [{str(PROJECT)!r}]
        from pathlib import Path
        from evaluations.sandbox.job import Job, Level
        from evaluations.sandbox.pool import Pool
        pool = Pool(2)
        pool.warm(Job(module="hostile", sources=("hostile.py",), root=Path({str(HERE)!r})), level=Level({int(level)}),
                  workspace=Path({str(work)!r}))
        print(*pool.waiting(), flush=True)
        time.sleep(60)
    """
    keeper = subprocess.Popen([sys.executable, "-c", textwrap.dedent(program)], stdout=subprocess.PIPE)
    assert keeper.stdout is not None
    waiting = [int(pid) for pid in keeper.stdout.readline().split()]
    tree = [*waiting, *(below for pid in waiting for below in processes.descendants(pid))]
    assert len(waiting) == 2
    keeper.kill()
    keeper.communicate()
    assert wait_until(lambda: not any(Path(f"/proc/{pid}").exists() for pid in tree))
    assert len(list(work.iterdir())) == 2
    assert workspace.remove_abandoned(work) == 0, "too fresh to be sure that it is abandoned"
    monkeypatch.setattr(workspace, "_SURELY_LOCKED", 0)
    pool.warm(Job(module="hostile", sources=("hostile.py",), root=HERE), level=level, workspace=work)
    assert workspace.remove_abandoned(work) == 2
    assert len(list(work.iterdir())) == 1
    pool.close()
    assert list(work.iterdir()) == []
