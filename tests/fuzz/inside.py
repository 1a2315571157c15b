"""Runs inside the sandbox: many cases of one target, each told before it begins and after it ended.

`inside TARGET SEED CASES`: the same seed makes the same cases. `inside TARGET --file NAME`: one saved case again.
"""

from __future__ import annotations

import json
import os
import sys
import traceback
import warnings
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from hypothesis import HealthCheck, Phase, given, seed, settings

from tests.fuzz.mutation import cases
from tests.fuzz.targets import TARGETS

SETTLED = 60  # cases after which libraries have loaded what they need


def tell(**facts: Any) -> None:
    sys.stdout.write(json.dumps(facts) + "\n")
    sys.stdout.flush()


def opened() -> int:
    """Descriptors that are open."""
    return sum(1 for number in range(256) if _is_open(number))


def _is_open(number: int) -> bool:
    try:
        os.fstat(number)
    except OSError:
        return False
    return True


def _repeatable(
    number: int, most: int, seeds: Sequence[tuple[str, bytes]], take: Callable[[tuple[str, bytes]], None]
) -> None:
    """Give `take` the cases that a number stands for; an exception ends it with the smallest case that raises."""

    @seed(number)
    @settings(max_examples=most, database=None, deadline=None, phases=[Phase.generate, Phase.shrink],
              suppress_health_check=list(HealthCheck))  # fmt: skip
    @given(cases(seeds))
    def one(case: tuple[str, bytes]) -> None:
        take(case)

    one()


def first_cases(seeds: Sequence[tuple[str, bytes]], number: int, most: int) -> list[tuple[str, bytes]]:
    """The cases that a number stands for."""
    found: list[tuple[str, bytes]] = []
    _repeatable(number, most, seeds, found.append)
    return found


def run(target: str, number: int, most: int) -> None:
    seeds = [(path.name, path.read_bytes()) for path in sorted(Path("input/seeds", target).iterdir())]
    take, done, descriptors = TARGETS[target].take, 0, 0
    counts = {"taken": 0, "refused": 0}

    def one(case: tuple[str, bytes]) -> None:
        nonlocal done, descriptors
        done += 1
        if done == SETTLED:
            descriptors = opened()
        name, data = case
        Path("output/case").write_bytes(data)
        tell(case=done, name=name)
        counts[take(name, data)] += 1

    try:
        _repeatable(number, most, seeds, one)
    except Exception as error:  # noqa: BLE001 - whatever a reader lets out is the finding
        faults = error.exceptions if isinstance(error, BaseExceptionGroup) else [error]
        said = "; ".join(f"{type(fault).__name__}: {fault}"[:300] for fault in faults)
        where = "\n".join("".join(traceback.format_tb(fault.__traceback__)[-4:]) for fault in faults)
        Path("output/fault.json").write_text(json.dumps({"kind": "exception", "said": said, "where": where}))
        tell(done=done, **counts)
        sys.exit(1)
    left = sorted(path.name for path in Path("tmp").iterdir() if path.name != "file")
    leaked = opened() - descriptors if done > SETTLED else 0
    tell(done=done, left=left[:5], descriptors=leaked, **counts)


def main(arguments: list[str]) -> None:
    warnings.simplefilter("ignore")
    target = arguments[0]
    if arguments[1] == "--file":
        tell(case=1, name=arguments[2])
        tell(done=1, answer=TARGETS[target].take(arguments[2], Path("input/case").read_bytes()))
        return
    run(target, int(arguments[1]), int(arguments[2]))


if __name__ == "__main__":
    main(sys.argv[1:])
