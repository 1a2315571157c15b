"""The part of `pages` that is done in a process of the portal: asks for pages and repeats their queries bare."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.db import connection
from django.test import Client

from benchmarks.measuring import alternate, timed
from tests.pages.catalogue import Site, candidates
from tests.portal.access.world import Actor, Place

# Shown on a portal under development only.
APART = {"presentation:design", "accounts:mail"}
# Beside everything that is public: who works here every day.
WORKING = {
    "dashboards:dashboard": ("applicant", "lead", "evaluator", "reviewer", "regulator", "administrator"),
    "cases:sheet": ("evaluator",),
    "cases:sheet-part": ("evaluator",),
    "cases:board": ("lead",),
    "cases:runs": ("evaluator",),
}


def measure(place: str, pairs: int) -> list[dict[str, Any]]:
    """Each page once: its address, who asks, and the seconds of the page and of its queries."""
    return [measured for address, actor, client in pages(place) if (measured := page(address, actor, client, pairs))]


def pages(place: str) -> Iterator[tuple[str, str, Client]]:
    made = json.loads(Path(place).read_text())
    sessions = {each["name"]: each.pop("session") for each in made["actors"]}
    actors = {each["name"]: Actor(**{**each, "roles": frozenset(each["roles"])}) for each in made["actors"]}
    site = Site("", actors, [Place(**each) for each in made["places"]], sessions)
    seen = set()
    for label, address, actor in candidates(site):
        name = label.partition(" [")[0]
        wanted = actor == "anonymous" if name not in WORKING else actor in WORKING[name]
        if wanted and name not in APART and (name, actor) not in seen:
            client = Client(SERVER_NAME="localhost")
            if sessions.get(actor):
                client.cookies[settings.SESSION_COOKIE_NAME] = sessions[actor]
            answer = client.get(address)
            if answer.status_code == 200 and answer["Content-Type"].startswith("text/html"):
                seen.add((name, actor))
                yield address, actor, client


def page(address: str, actor: str, client: Client, pairs: int) -> dict[str, Any]:
    """The figures of one page; nothing when it asks the database nothing."""
    asked: list[tuple[str, Any]] = []

    def note(execute: Callable[..., Any], sql: str, values: Any, many: bool, context: Any) -> Any:
        if sql.startswith("SELECT"):
            asked.append((sql, values))
        return execute(sql, values, many, context)

    with connection.execute_wrapper(note):
        size = len(client.get(address).content)
    if not asked:
        return {}

    def bare() -> None:
        with connection.cursor() as cursor:
            for sql, values in asked:
                cursor.execute(sql, values)
                cursor.fetchall()

    ours, theirs = alternate(lambda: timed(lambda: client.get(address)), lambda: timed(bare), pairs)
    return {
        "address": address.partition("?")[0],
        "actor": actor,
        "queries": len(asked),
        "bytes": size,
        "ours": ours,
        "theirs": theirs,
    }
