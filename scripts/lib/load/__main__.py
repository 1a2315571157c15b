"""What scripts/load starts: the production stack, everybody at once, and a report."""

from __future__ import annotations

import argparse
import json
import random
import signal
import ssl
import statistics
import sys
import tempfile
import threading
import time
from collections import Counter
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from benchmarks.measuring import machine
from scripts.lib.load.memory import Memory
from scripts.lib.load.visiting import Noted, Person, evaluate, visit
from scripts.lib.topology import HOST, Topology

PREPARE = "import sys; from scripts.lib.load.people import main; main(*map(int, sys.argv[1:]))"

# All visitors come from this one address, which no installation would take for many people.
SETTINGS = {"PORTAL_REQUIRE_MFA": "false", "PORTAL_READING_PACE": "0", "PORTAL_ADDRESS_PACE": "100000r/s"}


def main(arguments: list[str]) -> int:
    options = parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that the stack is stopped then, too
    report: dict[str, Any] = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "machine": machine()}
    # Not among the folders of one user: servers run as users of their own and must be able to walk in.
    with (
        tempfile.TemporaryDirectory(prefix="load-") as folder,
        Topology(Path(folder), SETTINGS) as stack,
    ):
        say("starting the production stack")
        stack.start()
        say("making cases, evaluators and certificates")
        made = json.loads(stack.code(PREPARE, str(options.evaluators)).splitlines()[-1])
        say(f"{options.visitors} visitors and {options.evaluators} evaluators for {options.seconds} s")
        noted = Noted()
        with Memory(stack) as memory:
            everybody(stack, made, options, noted)
        stack.check()
        report |= told(noted, options) | {"memory": memory.told()}
    show(report)
    if options.out:
        options.out.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 1 if report["errors"] or not all(part["flat"] for part in report["memory"].values()) else 0


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="scripts/load", description=__doc__.splitlines()[0])
    made.add_argument("--seconds", type=int, default=300)
    made.add_argument("--visitors", type=int, default=200)
    made.add_argument("--evaluators", type=int, default=20)
    made.add_argument("--seed", type=int, default=1, help="what people do in which order follows from it")
    made.add_argument("--out", type=Path, help="where the report is written, as JSON")
    return made


def everybody(stack: Topology, made: dict[str, Any], options: argparse.Namespace, noted: Noted) -> None:
    """Each person in a thread, until the time is over."""
    over, context = threading.Event(), ssl.create_default_context(cafile=str(stack.ca))
    chance = random.Random(options.seed)  # noqa: S311 - nothing secret

    def person(pause: tuple[float, float], session: str = "") -> Person:
        own = random.Random(chance.random())  # noqa: S311
        return Person(HOST, stack.port_tls, context, noted, own, pause, over, made["cookies"], session)

    visitors = [person((1, 5)) for _ in range(options.visitors)]
    evaluators = [person((1, 4), work["session"]) for work in made["evaluators"]]
    acts = [(one, visit(one, made["certificates"])) for one in visitors]
    acts += [(one, evaluate(one, work)) for one, work in zip(evaluators, made["evaluators"], strict=True)]

    def live(one: Person, steps: Iterator[Callable[[], Any]], late: float) -> None:
        over.wait(late)  # people do not all arrive in one moment
        while not over.is_set():
            next(steps)()
        one.leave()

    threads = [threading.Thread(target=live, args=(*act, chance.uniform(0, 5))) for act in acts]
    for thread in threads:
        thread.start()
    time.sleep(options.seconds)
    over.set()
    for thread in threads:
        thread.join()


def told(noted: Noted, options: argparse.Namespace) -> dict[str, Any]:
    """Counts, and percentiles of seconds by kind of request."""
    latency = {}
    for kind, seconds in sorted(noted.seconds.items()):
        cuts = statistics.quantiles(seconds, n=100, method="inclusive") if len(seconds) > 1 else seconds * 99
        marks = {f"p{mark}": round(cuts[mark - 1], 4) for mark in (50, 90, 99)}
        latency[kind] = {"requests": len(seconds), **marks, "worst": round(max(seconds), 4)}
    requests = sum(entry["requests"] for entry in latency.values())
    examples = [f"{count} × {what}" for what, count in Counter(noted.errors).most_common(20)]
    return {
        "seconds": options.seconds,
        "visitors": options.visitors,
        "evaluators": options.evaluators,
        "requests": requests,
        "requests_per_second": round(requests / options.seconds, 1),
        "errors": len(noted.errors),
        "error_examples": examples,
        "latency": latency,
    }


def show(report: dict[str, Any]) -> None:
    lines = [f"{'kind':<24}{'requests':>9}{'p50 ms':>9}{'p90 ms':>9}{'p99 ms':>9}{'worst ms':>10}"]
    for kind, entry in report["latency"].items():
        p50, p90, p99, worst = (entry[name] * 1000 for name in ("p50", "p90", "p99", "worst"))
        lines.append(f"{kind:<24}{entry['requests']:>9}{p50:>9.0f}{p90:>9.0f}{p99:>9.0f}{worst:>10.0f}")
    lines.append(f"{'part':<24}{'start MB':>9}{'warm MB':>9}{'end MB':>9}{'MB/min':>9}")
    for part, held in report["memory"].items():
        sizes = f"{held['start_mb']:>9.0f}{held['warm_mb']:>9.0f}{held['end_mb']:>9.0f}{held['mb_per_minute']:>9.2f}"
        lines.append(f"{part:<24}{sizes}{'' if held['flat'] else '  GROWS'}")
    lines += report["error_examples"]
    rate = report["requests_per_second"]
    lines.append(f"{report['requests']} requests, {rate} a second, {report['errors']} errors")
    sys.stdout.write("\n".join(lines) + "\n")


def say(what: str) -> None:
    sys.stderr.write(f"{time.strftime('%H:%M:%S')} {what}\n")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
