"""A short campaign over every reader, and that the fuzzer finds what is put there to be found."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest

from evaluations.readers.inspection import DESCRIBERS
from evaluations.sandbox.job import Job
from tests.fuzz import campaign, inside
from tests.fuzz.seeds import make_seeds
from tests.fuzz.targets import TARGETS, Target

pytestmark = pytest.mark.fuzz
CASES, SEED = 10_000, 20_260_101
BROKEN = """
    import ctypes, json, os, sys, time
    from pathlib import Path
    from tests.fuzz import inside, targets

    def take(name, data):
        fault, step = sys.argv[4], len(Path("output/case").read_bytes()) % 7
        if step == 3:
            {"exception": lambda: 1 / 0, "crash": lambda: ctypes.string_at(0), "hang": lambda: time.sleep(60),
             "memory": lambda: bytearray(os.urandom(1 << 20) * 3000),
             "leak": lambda: Path("tmp/left").write_text("x")}[fault]()
        return "taken"

    targets.TARGETS["csv"] = targets.Target(take, 1, "json")
    inside.main(sys.argv[1:4])
"""


@pytest.fixture(scope="module")
def seeds(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("sound")
    make_seeds(folder)
    return folder


@pytest.mark.timeout(900)
def test_ten_thousand_damaged_files_are_taken_or_refused(seeds: Path, tmp_path: Path) -> None:
    report = campaign.campaign(CASES, SEED, tmp_path, seeds)
    assert report.findings == [], json.dumps(report.as_json(), indent=1)
    assert report.cases >= CASES
    for name, tally in report.targets.items():
        assert tally.taken + tally.refused == tally.cases, name
        assert tally.taken > 0, f"{name}: every damage destroyed the file, so nothing deep was reached"
        assert tally.refused > 0, f"{name}: nothing was refused"
        assert tally.peak_memory < 1 << 30, name


@pytest.mark.parametrize("fault", ["exception", "crash", "hang", "memory", "leak"])
def test_fault_in_a_reader_is_found_named_and_kept(
    fault: str, seeds: Path, open_folder: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A reader that does what no reader may do, on one file in seven."""
    root = open_folder
    (root / "tests").mkdir()
    (root / "broken.py").write_text("\n".join(line[4:] for line in BROKEN.splitlines()))
    for name in ("evaluations", "assessments", "tests/fuzz", "tests/__init__.py"):
        (root / name).symlink_to(campaign.PROJECT / name)
    whole = campaign.job_for

    def job_for(target: str, arguments: tuple[str, ...], *rest: Path) -> Job:
        job = whole(target, (*arguments, fault), *rest)
        return replace(job, module="broken", root=root, sources=(*campaign.SOURCES, "broken.py"))

    monkeypatch.setattr(campaign, "job_for", job_for)
    monkeypatch.setattr(campaign, "HANG", 3.0)
    monkeypatch.setattr(campaign, "MEMORY", 600 << 20)
    report = campaign.campaign(60, 5, tmp_path / "kept", seeds, targets={"csv": TARGETS["csv"]})
    (finding,) = report.findings
    assert finding.kind == fault
    assert Path(finding.file).exists()
    if fault != "leak":  # that is noticed at the end of a batch
        assert Path(finding.file).stat().st_size % 7 == 3
        assert finding.name.endswith(("csv", "tsv"))


def test_the_command_runs_by_itself(tmp_path: Path) -> None:
    """Without the settings that pytest brings."""
    command = [sys.executable, "-m", "tests.fuzz", "--target", "csv", "--cases", "40", "--kept", str(tmp_path)]
    env = {name: value for name, value in os.environ.items() if name != "DJANGO_SETTINGS_MODULE"}
    env["PORTAL_VAR"] = str(tmp_path / "var")
    done = subprocess.run(command, cwd=campaign.PROJECT, env=env, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout)
    assert (told["targets"]["csv"]["cases"], told["findings"]) == (told["cases"], [])
    assert told["cases"] >= 40


def test_the_same_seed_makes_the_same_cases(seeds: Path) -> None:
    tables = [(path.name, path.read_bytes()) for path in sorted((seeds / "seeds" / "csv").iterdir())]
    assert inside.first_cases(tables, 7, 50) == inside.first_cases(tables, 7, 50)
    assert inside.first_cases(tables, 7, 50) != inside.first_cases(tables, 8, 50)


def test_every_accepted_ending_is_fuzzed(seeds: Path) -> None:
    endings = {path.suffix for path in (seeds / "seeds").rglob("*") if path.is_file()}
    same = {".jpeg": ".jpg", ".yml": ".yaml", ".txt": ".md"}
    assert {same.get(ending, ending) for ending in DESCRIBERS} <= endings
    assert all(isinstance(target, Target) for target in TARGETS.values())
