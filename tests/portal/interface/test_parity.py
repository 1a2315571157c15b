"""Each page of the public, of a vendor and of a regulator stands in docs/api.md beside what a program calls instead."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

from django.urls import get_resolver
from django.urls.resolvers import URLResolver
from drf_spectacular.generators import SchemaGenerator

from tests.portal.access.expectations import TABLE

DOCUMENT = Path(__file__).resolve().parents[3] / "docs/api.md"
# In the words of tests/portal/access/audiences.py: whose pages the interface has to match.
THEIRS = ("everybody", "whoever is signed in", "vendor_member", "members of the vendor", "the person who began it",
          "regulator")  # fmt: skip
METHODS = "GET|POST|PUT|PATCH|DELETE"
ROW = re.compile(r"^\| `(/[^`]*)` \| (.+) \|$", re.MULTILINE)
CALL = re.compile(rf"`({METHODS}) (/api/[^`]*)`")


def pages(resolver: Any = None, path: str = "/", spaces: tuple[str, ...] = ()) -> dict[str, str]:
    """{name: path}, arguments as {name}, of all addresses but the interface's own."""
    found: dict[str, str] = {}
    for entry in (resolver or get_resolver()).url_patterns:
        here = path + re.sub(r"<(?:\w+:)?(\w+)>", r"{\1}", str(entry.pattern))
        if isinstance(entry, URLResolver):
            found |= pages(entry, here, (*spaces, entry.namespace) if entry.namespace else spaces)
        elif entry.name:
            found[":".join((*spaces, entry.name))] = here
    return found


def is_theirs(name: str) -> bool:
    parts = [part for audience in TABLE[name].methods.values() for part in audience.words.split(", ")]
    return any(part.startswith(THEIRS) for part in parts)


def test_every_page_of_theirs_has_its_operation_or_a_reason() -> None:
    rows = dict(ROW.findall(DOCUMENT.read_text(encoding="utf-8")))
    paths = pages()
    asked = {paths[name] for name in TABLE if not name.startswith("api:") and is_theirs(name)}
    assert len(asked) > 80
    assert sorted(asked - set(rows)) == [], "pages without a row"
    assert sorted(set(rows) - set(paths.values())) == [], "rows without a page"


def test_every_operation_that_is_named_is_in_the_schema() -> None:
    schema = SchemaGenerator().get_schema(request=None, public=True)
    known = {
        (method.upper(), re.sub(r"\{\w+\}", "{}", path))
        for path, operations in schema["paths"].items()
        for method in operations
    }
    rows = ROW.findall(DOCUMENT.read_text(encoding="utf-8"))
    named = [(page, method, path) for page, cell in rows for method, path in CALL.findall(cell)]
    assert len(named) > 70
    assert [one for one in named if (one[1], re.sub(r"\{\w+\}", "{}", one[2])) not in known] == []
    # A row without an operation says why.
    assert [page for page, cell in rows if not CALL.search(cell) and not re.search(r"\w{3}", cell)] == []
