"""What scripts/benchmark starts: each topic in turn, a table as it comes, and a report as JSON."""

from __future__ import annotations

import argparse
import json
import os
import signal
import sys
import tempfile
import time
from collections.abc import Iterator
from contextlib import ExitStack
from datetime import UTC, datetime
from importlib import import_module, util
from pathlib import Path

from benchmarks.measuring import Row, Setting, machine
from scripts.lib import parts

# Each topic is a module with `rows`, and the packages beside the tests' own that it needs. The cheap ones come first.
TOPICS: dict[str, tuple[str, ...]] = {
    "fairness": (),
    "attacks": ("torch", "art"),
    "printing": (),
    "warm_start": (),
    "upload": (),
    "runs": (),
    "pages": (),
}


def main(arguments: list[str]) -> int:
    options = parser().parse_args(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))  # so that servers are stopped then, too
    report = {"at": datetime.now(UTC).isoformat(timespec="seconds"), "quick": options.quick, "machine": machine()}
    with tempfile.TemporaryDirectory(prefix="benchmark-") as place, ExitStack() as servers:
        folder = Path(place)
        folder.chmod(0o755)
        set_up(folder)
        setting = Setting(folder, options.quick)
        if not options.quick:
            os.environ.update(servers.enter_context(parts.databases(folder)))
        report["stack"] = "SQLite, files" if options.quick else "PostgreSQL, Redis"
        servers.push(setting.open)
        rows = list(measure(options.only or list(TOPICS), setting))
    report["rows"] = [row.as_json() for row in rows]
    if options.out:
        options.out.write_text(json.dumps(report, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    return 0 if all(row.ratio is not None or row.not_run for row in rows) else 1


def parser() -> argparse.ArgumentParser:
    made = argparse.ArgumentParser(prog="scripts/benchmark", description=__doc__.splitlines()[0])
    made.add_argument("--only", action="append", choices=list(TOPICS), help="this topic only; may be repeated")
    made.add_argument("--quick", action="store_true", help="small and few, on SQLite and files: shows that it works")
    made.add_argument("--out", type=Path, help="where the report is written, as JSON")
    return made


def set_up(folder: Path) -> None:
    """Settings for what is called in this process; nothing here touches its database."""
    os.environ |= {"PORTAL_VAR": str(folder / "var"), "DJANGO_SETTINGS_MODULE": "portal.settings"}
    os.environ.pop("DATABASE_URL", None)
    import_module("django").setup()


def measure(topics: list[str], setting: Setting) -> Iterator[Row]:
    """The rows of the topics; one whose packages are missing gives a row that says so."""
    for name in topics:
        began = time.monotonic()
        for row in found(name, setting):
            tell(row)
            yield row
        sys.stderr.write(f"   {name}: {time.monotonic() - began:.0f} s\n")


def found(name: str, setting: Setting) -> Iterator[Row]:
    missing = [package for package in TOPICS[name] if util.find_spec(package) is None]
    if missing:
        reason = f"without {', '.join(missing)}: install requirements/bench.txt"
        yield Row(name, "all of it", "its peers", not_run=reason)
        return
    yield from import_module(f"benchmarks.{name}").rows(setting)


def tell(row: Row) -> None:
    sys.stdout.write(f"{row.topic:<11}{row.name} / {row.over}\n")
    if row.not_run:
        sys.stdout.write(f"{'':<11}not run: {row.not_run}\n")
        return
    low, high = row.spread or (row.ratio, row.ratio)
    figures = f"{row.ours:.4g} {row.unit} / {row.theirs:.4g} {row.unit}"
    sys.stdout.write(f"{'':<11}ratio {row.ratio:.3g} ({low:.3g}–{high:.3g}, {row.pairs} pairs): {figures}\n")
    sys.stdout.write(f"{'':<11}{row.note}\n" if row.note else "")
    sys.stdout.flush()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
