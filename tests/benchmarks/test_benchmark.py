"""The benchmark command: its cheap topics run, its figures are right, and missing peers are told."""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.measuring import Row, alternate, compared

PROJECT = Path(__file__).resolve().parents[2]


def test_the_cheap_topics_run_and_missing_peers_are_told(tmp_path: Path) -> None:
    report = tmp_path / "report.json"
    topics = [word for name in ("fairness", "printing", "attacks") for word in ("--only", name)]
    environment = {name: value for name, value in os.environ.items() if not name.startswith("PORTAL_")}
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--quick", *topics, "--out", str(report)],
        cwd=PROJECT, env=environment, capture_output=True, text=True, check=False, timeout=200,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr
    told = json.loads(report.read_text())
    rows = {row["name"]: row for row in told["rows"]}
    assert rows["certificate: data to PDF"]["ratio"] > 0.5
    assert rows["certificate: signature"]["pairs"] == 2
    assert rows["fairness.group, whole result"]["theirs"] > 0
    assert told["machine"]["cores"] >= 1
    peers = rows.get("all of it")
    assert peers is None or peers["not_run"] == "without torch, art: install requirements/bench.txt"
    assert "ratio" in done.stdout


def test_a_ratio_is_of_medians_and_its_spread_of_pairs() -> None:
    row = compared(Row("topic", "ours", "theirs"), [2.0, 4.0, 30.0], [1.0, 2.0, 2.0])
    assert row.ratio == pytest.approx(2.0)
    assert row.spread == (2.0, 8.5)
    assert row.as_json()["pairs"] == 3


def test_both_are_asked_in_turn_and_either_goes_first() -> None:
    asked: list[str] = []

    def side(name: str) -> float:
        asked.append(name)
        return float(len(asked))

    ours, theirs = alternate(lambda: side("o"), lambda: side("t"), 2)
    assert "".join(asked) == "ot" + "ot" + "to"
    assert (ours, theirs) == ([3.0, 6.0], [4.0, 5.0])
