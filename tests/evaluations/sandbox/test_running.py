"""The door of the sandbox: what a job is given, what comes back, what is demanded of the host."""

from __future__ import annotations

import textwrap
from pathlib import Path

import pytest

from evaluations.sandbox import levels, running, seccomp, syscalls
from evaluations.sandbox.job import Job, Level, LevelUnavailable, SandboxError
from evaluations.sandbox.levels import Ability
from evaluations.sandbox.orders import Means
from evaluations.sandbox.running import run


@pytest.fixture
def write_module(tmp_path: Path):
    def write(text: str) -> dict[str, object]:
        (tmp_path / "subject.py").write_text(textwrap.dedent(text))
        return {"module": "subject", "sources": ("subject.py",), "root": tmp_path}

    return write


def test_inputs_arrive_and_outputs_come_back(write_module, tmp_path: Path) -> None:
    given = tmp_path / "given.csv"
    given.write_text("a,b\n1,2\n")
    place = write_module("""
        import sys
        from pathlib import Path
        text = Path("input/data/table.csv").read_text()
        Path(sys.argv[1]).write_text(text.upper())
    """)
    destination = tmp_path / "results"
    destination.mkdir()
    outcome = run(
        Job(
            **place,
            arguments=("output/table.csv",),
            inputs=[(given, "data/table.csv")],
            outputs=("table.csv",),
            destination=destination,
        )
    )
    assert outcome.succeeded, outcome.stderr
    assert outcome.outputs == {"table.csv": destination / "table.csv"}
    assert (destination / "table.csv").read_text() == "A,B\n1,2\n"
    assert outcome.start_seconds is not None
    assert 0 < outcome.start_seconds < outcome.seconds


def test_lines_are_heard_while_the_job_runs(write_module) -> None:
    heard: list[str] = []
    place = write_module("""
        print("one"); print("x" * 2000); print("three", end="")
    """)
    outcome = run(Job(**place, on_line=heard.append))
    assert outcome.succeeded
    assert heard == ["one", "x" * 500]


def test_failing_job_is_told_by_its_exit_code_and_standard_error(write_module) -> None:
    outcome = run(Job(**write_module("raise RuntimeError('no such thing')")))
    assert outcome.exit_code == 1
    assert outcome.ended is None
    assert not outcome.succeeded
    assert "no such thing" in outcome.stderr


def test_crashing_job_is_told_by_its_signal(write_module) -> None:
    outcome = run(Job(**write_module("import ctypes; ctypes.string_at(0)")))
    assert outcome.exit_code == 128 + 11


def test_threads_and_only_named_settings_reach_the_environment(write_module, monkeypatch) -> None:
    monkeypatch.setenv("OPENBLAS_CORETYPE", "Haswell")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "x")
    place = write_module("""
        import json, os
        print(json.dumps(dict(os.environ)))
    """)
    outcome = run(Job(**place, threads=2))
    assert '"OMP_NUM_THREADS": "2"' in outcome.stdout
    assert '"OPENBLAS_CORETYPE": "Haswell"' in outcome.stdout
    assert '"ORT_DISABLE_TELEMETRY": "1"' in outcome.stdout
    assert "AWS" not in outcome.stdout


@pytest.mark.parametrize("name", ["../outside", "/etc/passwd", "a/../../b", ""])
def test_input_name_that_leads_outside_is_refused(write_module, tmp_path: Path, name: str) -> None:
    given = tmp_path / "given"
    given.write_text("x")
    with pytest.raises(SandboxError, match="not a name inside"):
        run(Job(**write_module("pass"), inputs=[(given, name)]))


def test_folder_is_removed_whatever_the_job_did_to_it(write_module, tmp_path: Path) -> None:
    place = write_module("""
        import os
        os.makedirs("tmp/closed/inner"); os.chmod("tmp/closed", 0)
        for _ in range(1500):
            os.mkdir("output/d") if not os.path.exists("output/d") else None
            os.chdir("tmp") if os.path.exists("tmp") else None
            os.mkdir("deep"); os.chdir("deep")
    """)
    parent = tmp_path / "work"
    parent.mkdir()
    parent.chmod(0o755)
    run(Job(**place), workspace=parent)
    assert list(parent.iterdir()) == []


def test_host_below_the_demanded_level_is_refused_with_its_reason(write_module, monkeypatch) -> None:
    means = Means(own_user=False, reads_regardless=False)
    weak = {
        Level.S1: Ability(Level.S1, means, None),
        Level.S2: Ability(Level.S2, None, "no namespaces here"),
        Level.S3: Ability(Level.S3, None, "bubblewrap is not installed"),
    }
    monkeypatch.setattr(levels, "abilities", lambda: weak)
    monkeypatch.setattr(running, "abilities", lambda: weak)
    assert levels.strongest() == Level.S1
    with pytest.raises(LevelUnavailable, match="bubblewrap is not installed"):
        run(Job(**write_module("pass"), minimum=Level.S3))


def test_host_without_any_level_says_why_for_each(monkeypatch) -> None:
    none = {level: Ability(level, None, f"not {level.label}") for level in Level}
    monkeypatch.setattr(levels, "abilities", lambda: none)
    with pytest.raises(SandboxError, match="S1: not S1; S2: not S2; S3: not S3"):
        levels.strongest()


@pytest.mark.parametrize("machine", ["x86_64", "aarch64"])
def test_filter_names_only_known_calls_and_fits_the_kernel(monkeypatch, machine: str) -> None:
    monkeypatch.setattr(seccomp.kernel, "machine", lambda: machine)
    named = {*syscalls.NETWORK, *syscalls.OTHER_PROCESSES, *syscalls.KERNEL, *syscalls.SHARED_OBJECTS}
    known = syscalls.NUMBERS[machine]
    absent = {"x86_64": set(), "aarch64": {"iopl", "ioperm", "modify_ldt", "uselib", "ustat", "sysfs", "mknod"}}
    assert named - set(known) == absent[machine]
    assert len(set(known.values())) == len(known)
    code = seccomp.program(1234, processes=False)
    assert len(code) < 4096
    assert all(0 <= true < 256 and 0 <= false < 256 for _, true, false, _ in code)
