"""People on the rehearsed stack, a few for a few seconds: no error; and what scripts/load must notice is noticed."""

from __future__ import annotations

import json

import pytest

from scripts.lib.load.__main__ import PREPARE, everybody, parser, told
from scripts.lib.load.memory import Memory
from scripts.lib.load.visiting import Noted
from scripts.lib.topology import Topology

pytestmark = [pytest.mark.rehearsal, pytest.mark.timeout(300)]


def test_people_are_served_and_what_fails_is_counted(stack: Topology) -> None:
    """Six visitors ask little enough for one address; afterwards some ask for a certificate of nobody's."""
    made = json.loads(stack.code(PREPARE, "2", "1").splitlines()[-1])
    options, noted = parser().parse_args(["--seconds", "10", "--visitors", "6", "--evaluators", "2"]), Noted()
    with Memory(stack) as memory:
        everybody(stack, made, options, noted)
    report = told(noted, options)
    assert report["error_examples"] == []
    assert report["requests"] >= 12
    assert all(0 < kind["p50"] <= kind["p99"] <= kind["worst"] for kind in report["latency"].values())
    assert report["latency"]["dashboard"]["requests"] >= 2
    assert memory.told()["web-1"]["end_mb"] > 50

    nothing = {**made, "certificates": ["TAI-2026-999999-9"], "evaluators": []}
    options, noted = parser().parse_args(["--seconds", "8", "--visitors", "9", "--evaluators", "0"]), Noted()
    everybody(stack, nothing, options, noted)
    assert told(noted, options)["errors"] >= 1
    assert all(error.startswith("certificate") and error.endswith("404") for error in noted.errors)


def test_growth_is_told(stack: Topology) -> None:
    memory = Memory(stack)
    memory.samples = {
        "grows": [(float(second), 200_000_000 + 10_000_000 * second) for second in range(30)],
        "rests": [(float(second), 200_000_000) for second in range(30)],
    }
    assert {part: held["flat"] for part, held in memory.told().items()} == {"grows": False, "rests": True}
