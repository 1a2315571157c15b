"""Server time of each page over that of its bare queries: each public page, dashboards, the scoring sheet."""

from __future__ import annotations

from collections.abc import Iterator

from benchmarks.living import inside, portal
from benchmarks.measuring import Row, Setting, compared

TOPIC = "pages"


def rows(setting: Setting) -> Iterator[Row]:
    served = portal(setting)
    site = served.folder / "site.json"
    site.write_text(served.code("from tests.pages.building import main; main()").splitlines()[-1])
    pairs = 5 if setting.quick else 15
    for page in inside(served, "benchmarks.pages_inside.measure", str(site), pairs):
        kind = "public" if page["actor"] == "anonymous" else page["actor"]
        note = f"{page['queries']} queries, {page['bytes'] / 1000:.0f} kB"
        row = Row(TOPIC, f"{page['address']} ({kind})", "its queries", note=note)
        yield compared(row, page["ours"], page["theirs"])
