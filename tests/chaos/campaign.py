"""Trials: a fault into the running load, again and again; at rest, every invariant is checked."""

from __future__ import annotations

import argparse
import json
import os
import random
import select
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any

from portal.demo.processes import die_with_parent
from tests.chaos import report
from tests.chaos.faults import faults_for, in_turn
from tests.chaos.report import Report
from tests.chaos.stacks import PROJECT, Stack

STACKS = ("embedded", "production")
CASES_AT_ONCE = 1
QUIET = 300.0
GOES_ON = 120.0
# Acknowledgements that show that the fault is over for those who use the portal.
WORK = ("pieces", "upload", "run", "steps")


class Load:
    """The program that uses the portal; it is asked line by line."""

    def __init__(self, stack: Stack, seed: int) -> None:
        self._log = (stack.folder / "load.log").open("ab")
        self._process = subprocess.Popen(
            [sys.executable, "-m", "tests.chaos.load", str(seed), str(CASES_AT_ONCE)],
            env=stack.environment, cwd=PROJECT, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=self._log,
            start_new_session=True,
            preexec_fn=die_with_parent(os.getpid()),  # noqa: PLW1509 - this process has one thread
        )  # fmt: skip
        self._read(120)

    def ask(self, order: str, *, seconds: float = 120) -> Any:
        """The answer, or None when there was none because of a fault that is not over yet."""
        assert self._process.stdin is not None
        self._process.stdin.write(f"{order}\n".encode())
        self._process.stdin.flush()
        return self._read(seconds).get("answer")

    def _read(self, seconds: float) -> dict[str, Any]:
        assert self._process.stdout is not None
        if not select.select([self._process.stdout], [], [], seconds)[0]:
            raise RuntimeError(f"the load did not answer within {seconds:.0f} s")
        line = self._process.stdout.readline()
        if not line:
            raise RuntimeError("the load has ended")
        said: dict[str, Any] = json.loads(line)
        return said

    def stop(self) -> None:
        self._process.kill()
        self._process.communicate()
        self._log.close()


class Campaign:
    """All trials on one stack."""

    def __init__(
        self,
        stack: Stack,
        seed: int,
        trials: int,
        *,
        only: list[str] | None = None,
        every: int = 25,
        out: Path | None = None,
    ) -> None:
        self.stack, self.every, self.out = stack, every, out
        self.draw = random.Random(f"{seed} {stack.kind}")
        self.turn = in_turn(stack.kind, trials, self.draw, only)
        self.report = Report([stack.kind], seed, disks=[stack.disk.kind])
        self.load = Load(stack, seed)

    def run(self) -> Report:
        self.began = time.monotonic()
        self.load.ask("go")
        self._goes_on("the start")
        for number, fault in enumerate(self.turn, start=1):
            self._trial(number, fault)
            if number % self.every == 0 or number == len(self.turn):
                self._check(last=number == len(self.turn))
        return self.report

    def _trial(self, number: int, name: str) -> None:
        draw = random.Random(self.draw.getrandbits(64))
        time.sleep(draw.uniform(0.1, 1.0))
        began = time.monotonic()
        detail = faults_for(self.stack.kind)[name](self.stack, draw)
        lasted = time.monotonic() - began
        self._goes_on(name)
        self.report.trials += 1
        self.report.faults[name] += 1
        told = {"stack": self.stack.kind, "trial": number, "fault": name, "detail": detail, "lasted": round(lasted, 2)}
        self.report.log.append({**told, "work_again_after": round(time.monotonic() - began - lasted, 2)})

    def _goes_on(self, after: str) -> None:
        """Wait until something is acknowledged again; that nothing is, is a violation."""
        before, end = self._work(), time.monotonic() + GOES_ON
        while self._work() < before + 3:
            self.stack.revive()
            if time.monotonic() > end:
                refusal = (self.load.ask("counts") or {}).get("last refusal", "")
                self.report.violated([{"kind": "lost", "what": f"work after {after}", "of": refusal}])
                return
            time.sleep(0.1)

    def _work(self) -> int:
        counts = self.load.ask("counts") or {}
        return sum(counts.get(name, 0) for name in WORK)

    def _check(self, *, last: bool) -> None:
        """Let the load rest, wait until the portal has done what is left to it, and check.

        The last time, the cases under way are brought to their end before.
        """
        if last:
            self._wait_for("end")
        self._wait_for("rest")
        end = time.monotonic() + QUIET
        left = self.load.ask("unfinished")
        while left != [] and time.monotonic() < end:
            self.stack.revive()
            time.sleep(0.3)
            left = self.load.ask("unfinished")
        found = [{"kind": "lost", "what": f"not done after {QUIET:.0f} s", "of": str(one)} for one in left or []]
        answer = self.load.ask("check", seconds=600)
        if answer is None:
            found.append({"kind": "broken", "what": "the check", "of": "it could not be carried out"})
        else:
            found += answer["violations"]
            self.report.swept += answer["swept"]
        self.report.checks += 1
        self.report.violated(found)
        self._tell()
        if not last:
            self.load.ask("go")

    def _tell(self) -> None:
        """Bring the report up to date, and write it: a long campaign may be read while it goes on."""
        counts = self.load.ask("counts") or {}
        self.report.seconds = time.monotonic() - self.began
        self.report.acknowledged = Counter({name: value for name, value in counts.items() if isinstance(value, int)})
        self.report.totals = Counter(self.load.ask("totals") or {})
        self.report.ended_by_themselves = self.stack.ended_by_itself
        if self.out is not None:
            write(self.report, self.out)

    def _wait_for(self, order: str) -> None:
        end = time.monotonic() + QUIET
        while not self.load.ask(order):
            self.stack.revive()
            if time.monotonic() > end:
                refusal = (self.load.ask("counts") or {}).get("last refusal", "")
                self.report.violated([{"kind": "lost", "what": f"{order} of the load", "of": refusal}])
                return
            time.sleep(0.2)


def on_stack(
    folder: Path, kind: str, trials: int, seed: int, *, only: list[str] | None = None, every: int = 25,
    out: Path | None = None, broken: bool = False,
) -> Report:  # fmt: skip
    """Start a portal, do the trials, take it down."""
    stack = Stack(folder / kind, kind, broken=broken)
    campaign = None
    try:
        stack.start()
        campaign = Campaign(stack, seed, trials, only=only, every=every, out=out)
        found = campaign.run()
    except Exception:
        sys.stderr.write(stack.log_end())
        raise
    finally:
        if campaign is not None:
            campaign.load.stop()
        left = stack.stop()
    found.violated([{"kind": "broken", "what": "a process was left", "of": line} for line in left.values()])
    return found


def on_both(folder: Path, trials: int, seed: int, every: int, out: Path | None = None) -> Report:
    """Each stack by a process of its own, at the same time; the trials are shared out.

    While it goes on, the report of each stack stands beside `out`, under its name and the stack's.
    """
    shares = {"embedded": trials - trials // 2, "production": trials // 2}
    children = []
    for kind, share in shares.items():
        part = Path(f"{out}.{kind}") if out else folder / f"{kind}.json"
        order = [sys.executable, "-m", "tests.chaos", "--stack", kind, "--trials", str(share), "--seed", str(seed)]
        environment = os.environ | {"TMPDIR": str(folder)}
        command = [*order, "--every", str(every), "--out", str(part), "--quiet"]
        ask = die_with_parent(os.getpid(), signal.SIGTERM)
        children.append((part, subprocess.Popen(command, cwd=PROJECT, env=environment, preexec_fn=ask)))  # noqa: PLW1509
    try:
        for _, child in children:
            child.wait()
    finally:
        for _, child in children:
            child.terminate()
        for _, child in children:
            child.wait()
    reports = [report.read(json.loads(part.read_text())) for part, _ in children if part.exists()]
    if [told.trials for told in reports] != list(shares.values()):
        raise RuntimeError("the campaign on one stack did not come to its end")
    for part, _ in children:
        part.unlink()
    reports[0].join(reports[1])
    return reports[0]


def write(found: Report, out: Path) -> None:
    out.write_text(json.dumps(found.as_json(), ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def main() -> int:
    parser = argparse.ArgumentParser(prog="scripts/chaos", description=__doc__)
    parser.add_argument("--trials", type=int, default=12, help="how many faults (12)")
    parser.add_argument("--seed", type=int, default=1, help="which faults, and when (1)")
    parser.add_argument("--stack", choices=[*STACKS, "both"], default="both")
    parser.add_argument(
        "--every", type=int, default=25, help="check after so many trials of a stack (25), and at the end"
    )
    parser.add_argument("--out", type=Path, help="where the report is written as JSON")
    parser.add_argument("--quiet", action="store_true", help="print no report")
    asked = parser.parse_args()
    if asked.trials < (2 if asked.stack == "both" else 1) or asked.every < 1:
        parser.error("there must be a trial for each stack")
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that everything is taken down then, too
    with tempfile.TemporaryDirectory(prefix="chaos-", ignore_cleanup_errors=True) as place:
        folder = Path(place)
        folder.chmod(0o711)  # servers and jobs that run as their own users walk through, and see no names
        if asked.stack == "both":
            found = on_both(folder, asked.trials, asked.seed, asked.every, asked.out)
        else:
            found = on_stack(folder, asked.stack, asked.trials, asked.seed, every=asked.every, out=asked.out)
    if asked.out:
        write(found, asked.out)
    if not asked.quiet:
        sys.stdout.write(json.dumps({**found.as_json(), "log": len(found.log)}, ensure_ascii=False, indent=1) + "\n")
    return 0 if found.holds else 1
