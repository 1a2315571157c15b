"""The fuzzer's outside: batches of cases in sandboxes, watched for crashes, hangs and leaks; each finding is kept.

A finding is named by target, seed and number of the case, and its bytes are saved, so that it can be run again:
`scripts/fuzz --again FILE`.
"""

from __future__ import annotations

import argparse
import json
import shutil
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from evaluations.sandbox.job import Ended, Job, Limits, Outcome
from evaluations.sandbox.pool import Pool
from evaluations.sandbox.running import run
from tests.fuzz.seeds import make_seeds
from tests.fuzz.targets import TARGETS, Target

PROJECT = Path(__file__).resolve().parents[2]
BATCH = 400
HANG = 10.0  # seconds for one case
MEMORY = 2 << 30
SOURCES = ("evaluations/__init__.py", "evaluations/methods", "evaluations/readers", "assessments/__init__.py",
    "assessments/presentation",
           "assessments/standards", "tests/__init__.py", "tests/fuzz")  # fmt: skip


@dataclass(frozen=True)
class Finding:
    """One case that did what no file may do. `file` is where its bytes are saved."""

    target: str
    seed: int
    case: int
    name: str
    kind: str
    said: str
    file: str
    where: str = ""


@dataclass
class Tally:
    """What became of the cases of one target."""

    cases: int = 0
    taken: int = 0
    refused: int = 0
    seconds: float = 0.0
    cpu_seconds: float = 0.0
    peak_memory: int = 0


@dataclass
class Report:
    """All that a campaign saw."""

    seed: int
    cases: int = 0
    seconds: float = 0.0
    targets: dict[str, Tally] = field(default_factory=dict)
    findings: list[Finding] = field(default_factory=list)

    def as_json(self) -> dict[str, Any]:
        return asdict(self)


class _Listener:
    """Hears which case is under way, and says when one takes too long."""

    def __init__(self) -> None:
        self.case, self.name, self.last = 0, "", time.monotonic()
        self.end: dict[str, Any] = {}

    def hear(self, line: str) -> None:
        try:
            said = json.loads(line)
        except ValueError:
            return
        if "case" in said:
            self.case, self.name, self.last = said["case"], said["name"], time.monotonic()
        elif "done" in said:
            self.end = said

    def hangs(self) -> bool:
        return self.case > 0 and not self.end and time.monotonic() - self.last > HANG


def job_for(target: str, arguments: tuple[str, ...], seeds: Path, out: Path, listener: _Listener, *more: Path) -> Job:
    given = [
        (path, f"seeds/{path.relative_to(seeds / 'seeds')}") for path in (seeds / "seeds").rglob("*") if path.is_file()
    ]
    given = [(path, name) for path, name in given if name.startswith((f"seeds/{target}/", "seeds/bundle/"))]
    return Job(
        module="tests.fuzz.inside",
        arguments=(target, *arguments),
        inputs=[*given, (seeds / "trust.pem", "trust.pem"), *((path, "case") for path in more)],
        outputs=("case", "fault.json"),
        destination=out,
        sources=SOURCES,
        root=PROJECT,
        limits=Limits(cpu_seconds=900, wall_seconds=900, memory=MEMORY, heard=1 << 20),
        on_line=listener.hear,
        cancelled=listener.hangs,
        preload=("hypothesis", TARGETS[target].preload),
    )


def campaign(
    cases: int,
    seed: int,
    kept: Path,
    seeds: Path,
    *,
    targets: Mapping[str, Target] = TARGETS,
    tell: Callable[[str], None] = str,
) -> Report:
    """Run at least `cases` cases made of the sound files in `seeds`, shared out among `targets`.

    Findings are saved in `kept`; `tell` hears how each target went.
    """
    report, began = Report(seed), time.monotonic()
    whole = sum(target.share for target in targets.values())
    pool = Pool(1)
    try:
        for name, target in targets.items():
            report.targets[name] = Tally()
            for number, size in _batches(-(-cases * target.share // whole), seed):
                _batch(report, name, number, size, seeds, kept, pool)
            tell(f"{name}: {asdict(report.targets[name])}")
    finally:
        pool.close()
    report.seconds = round(time.monotonic() - began, 1)
    return report


def _batches(cases: int, seed: int) -> Iterator[tuple[int, int]]:
    """(seed of the batch, number of its cases)."""
    for number in range(-(-cases // BATCH)):
        yield seed + number, min(BATCH, cases - number * BATCH)


def _batch(report: Report, target: str, number: int, size: int, seeds: Path, kept: Path, pool: Pool) -> None:
    listener = _Listener()
    out = Path(tempfile.mkdtemp(dir=seeds))
    job = job_for(target, (str(number), str(size)), seeds, out, listener)
    outcome = pool.run(job) if report.cases else run(job)
    tally, end = report.targets[target], listener.end
    tally.cases += listener.case
    report.cases += listener.case
    tally.taken += end.get("taken", 0)
    tally.refused += end.get("refused", 0)
    tally.seconds = round(tally.seconds + outcome.seconds, 2)
    tally.cpu_seconds = round(tally.cpu_seconds + outcome.cpu_seconds, 2)
    tally.peak_memory = max(tally.peak_memory, outcome.peak_memory)
    fault = _fault(outcome, end, size, out)
    if fault is not None:
        kind, said, where = fault
        file = kept / f"{target}-{number}-{listener.case}-{listener.name}"
        kept.mkdir(parents=True, exist_ok=True)
        if "case" in outcome.outputs:
            shutil.copyfile(outcome.outputs["case"], file)
        report.findings.append(Finding(target, number, listener.case, listener.name, kind, said, str(file), where))
    shutil.rmtree(out)


def _fault(outcome: Outcome, end: Mapping[str, Any], size: int, out: Path) -> tuple[str, str, str] | None:
    """Kind of fault, words and place; None when every case was taken or refused and nothing was left behind."""
    if (out / "fault.json").exists():
        told = json.loads((out / "fault.json").read_text())
        return told["kind"], told["said"], told["where"]
    if outcome.ended is Ended.CANCELLED:
        return "hang", f"no answer within {HANG:.0f} s", ""
    if outcome.ended is not None:
        return str(outcome.ended), "a limit of the sandbox was reached", outcome.stderr[-500:]
    if outcome.exit_code != 0:
        return "crash", f"exit code {outcome.exit_code}", outcome.stderr[-2000:]
    if end.get("left") or end.get("descriptors", 0) > 0:
        return "leak", f"left behind: files {end.get('left')}, descriptors {end.get('descriptors')}", ""
    return None if end.get("done", 0) >= min(size, 1) else ("crash", "it ended without a word", outcome.stderr[-2000:])


def again(file: Path, tell: Callable[[str], None]) -> int:
    """Run one saved case again; 1 if it still does what no file may do."""
    target, _, _, name = file.name.split("-", 3)
    with tempfile.TemporaryDirectory(prefix="fuzz-") as place:
        make_seeds(Path(place))
        listener, out = _Listener(), Path(place) / "out"
        out.mkdir()
        outcome = run(job_for(target, ("--file", name), Path(place), out, listener, file))
    tell(f"exit {outcome.exit_code}, ended {outcome.ended}, {listener.end}\n{outcome.stderr[-4000:]}")
    return 0 if outcome.succeeded else 1


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(prog="scripts/fuzz", description=__doc__.splitlines()[0])
    parser.add_argument("--cases", type=int, default=10_000)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--target", action="append", choices=list(TARGETS), help="only this one; may stand repeatedly")
    parser.add_argument("--kept", type=Path, default=PROJECT / "var/fuzz", help="where findings are saved")
    parser.add_argument("--again", type=Path, metavar="FILE", help="run one saved finding again")
    options = parser.parse_args(arguments)

    def tell(line: str) -> None:
        sys.stderr.write(f"{line}\n")

    if options.again:
        return again(options.again, tell)
    chosen = {name: TARGETS[name] for name in options.target or TARGETS}
    with tempfile.TemporaryDirectory(prefix="fuzz-") as place:
        make_seeds(Path(place))
        report = campaign(options.cases, options.seed, options.kept, Path(place), targets=chosen, tell=tell)
    sys.stdout.write(json.dumps(report.as_json(), indent=1, ensure_ascii=False) + "\n")
    return 1 if report.findings else 0
