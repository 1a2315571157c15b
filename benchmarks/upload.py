"""An upload through the web server until it is stored under its digest, over `sha256sum` of the same file."""

from __future__ import annotations

import json
import os
import subprocess
from collections.abc import Iterator

from benchmarks.living import portal
from benchmarks.measuring import Row, Setting, alternate, compared, timed
from tests.journeys.stack import PEOPLE
from tests.journeys.wire import Wire

TOPIC = "upload"
VENDOR = [["vendor", "Benchmark Vendor Ltd", "基准供应商", [["Bench", "vendor_member"]]]]


def rows(setting: Setting) -> Iterator[Row]:
    size = (4 if setting.quick else 128) * 2**20
    file = setting.folder / "upload.bin"
    served = portal(setting)
    served.code(PEOPLE, json.dumps(VENDOR))
    served.start_web()
    wire = Wire(served, served.token("bench@example.org"))
    version = wire.version("Benchmark")

    def ours() -> float:
        # Each time other bytes: equal ones would be kept once and not moved.
        content = os.urandom(size)
        return timed(lambda: wire.upload(version, "evidence", f"{content[:8].hex()}.bin", content))

    def theirs() -> float:
        file.write_bytes(os.urandom(size))
        return timed(lambda: subprocess.run(["sha256sum", str(file)], check=True, stdout=subprocess.DEVNULL))

    row = Row(TOPIC, "upload in pieces, digested and stored", "sha256sum of the file")
    row.note = f"{size >> 20} MB, by one client over HTTP"
    yield compared(row, *alternate(ours, theirs, setting.pairs(7)))
