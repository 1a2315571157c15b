"""Every page and every state of it, found from the table of addresses: a new page is in here without being named.

The access table (tests/portal/access) names, for each address, its objects and who gets it; the matrix fails when one
is missing there. Here each page is asked for at every place and by every kind of person; of those answers that look
alike (the same elements and classes) one is kept, so that what is visited are the states, not the objects.
"""

from __future__ import annotations

import re
import urllib.error
import urllib.request
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from typing import Any

from django.urls import reverse

from tests.pages.shapes import shape_of
from tests.portal.access.deciding import Rule
from tests.portal.access.expectations import ALLAUTH, TABLE
from tests.portal.access.world import Actor, Place

# The kinds of people in whose name pages are visited; the first rightful ones of each place are asked.
KINDS = (
    "anonymous",
    "applicant",
    "lead",
    "lead-unassigned",
    "evaluator",
    "evaluator-undeclared",
    "reviewer",
    "regulator",
    "administrator",
    "other vendor",
    "newcomer",
    "long",
)
ALLAUTH_KEYS = {"account_confirm_email": ["unknown-key"], "account_reset_password_from_key": ["0", "unknown-key"]}
# Two addresses of the same page: the plan that is in force and its revision by number; the two ends of one task.
ALIKE = (
    {"cases:plan", "cases:plan-revision"},
    {"account_reset_password", "account_reset_password_from_key"},
    {"account_reset_password_done", "account_email_verification_sent"},
)
# States that an address alone does not show: name → (address, query, who).
QUERIES: dict[str, tuple[str, str, str]] = {
    "registry found nothing": ("registry:search", "q=zzzz", "anonymous"),
    "registry filtered": ("registry:search", "q=reader&status=in_force&sort=holder", "anonymous"),
    "search found": ("search:results", "q=reader", "lead"),
    "search found nothing": ("search:results", "q=zzzz", "anonymous"),
}


@dataclass(frozen=True)
class Page:
    """One page as one person sees it."""

    name: str  # of the address, with the state after it
    address: str
    actor: str
    shape: frozenset[str] = field(default=frozenset(), compare=False, repr=False)
    title: str = field(default="", compare=False)

    def __str__(self) -> str:
        return f"{self.name} as {self.actor} ({self.address})"


@dataclass
class Site:
    """A portal that serves the world."""

    url: str
    actors: dict[str, Actor]
    places: list[Place]
    sessions: dict[str, str]

    def cookies(self, actor: str) -> dict[str, str]:
        session = self.sessions.get(actor, "")
        return {"sessionid": session} if session else {}

    def ask(self, address: str, actor: str, language: str = "en") -> tuple[int, str, str]:
        """Status, content type and text of an answer; a redirection is not followed."""
        cookies = {**self.cookies(actor), "django_language": language}
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in cookies.items())}
        request = urllib.request.Request(self.url + address, headers=headers)  # noqa: S310 - our own server
        try:
            with OPENER.open(request, timeout=60) as answer:
                kind = answer.headers.get_content_type()
                return answer.status, kind, answer.read().decode() if kind == "text/html" else ""
        except urllib.error.HTTPError as refused:
            kind = refused.headers.get_content_type()
            return refused.code, kind, refused.read().decode() if kind == "text/html" else ""


class Stay(urllib.request.HTTPRedirectHandler):
    """A redirection is an answer, too."""

    def redirect_request(self, *arguments: Any) -> None:
        return None


OPENER = urllib.request.build_opener(Stay)


def candidates(site: Site) -> Iterator[tuple[str, str, str]]:
    """Name, address and person of everything that may be a page."""
    for name, rule in TABLE.items():
        if "GET" not in rule.methods or name.startswith("api:"):
            continue
        for stage, address, place in addresses(name, rule, site):
            for actor in people(rule, place, site):
                yield f"{name}{stage}", address, actor
    for name, statuses in ALLAUTH.items():
        for actor, status in zip(("anonymous", "applicant"), statuses, strict=True):
            if status == 200:
                yield name, reverse(name, args=ALLAUTH_KEYS.get(name, [])), actor
    for state, (name, query, actor) in QUERIES.items():
        yield f"{name}: {state}", f"{reverse(name)}?{query}", actor
    numbers = "&".join(f"n={place.held['certificate']}" for place in site.places if place.stage in ENDED)
    yield "registry:compare: three", f"{reverse('registry:compare')}?{numbers}", "anonymous"
    yield "accounts:mail", reverse("accounts:mail"), "anonymous"


SHOWN = (200, 202)  # 202: what was asked for is being made, and the page says so
ENDED = ("withdraw", "cancel", "expire")


def addresses(name: str, rule: Rule, site: Site) -> Iterator[tuple[str, str, Place]]:
    """Where a page is: at each place that has its objects."""
    fixed = all(argument.startswith("=") for argument in rule.arguments) and not rule.only
    stages = () if set(rule.stages) & {"draft"} else rule.stages
    seen = set()
    for place in site.places:
        keys = replace(rule, stages=stages).keys(place)
        if keys is None or place.stage == "nothing":
            continue
        address = reverse(name, args=keys)
        if address not in seen:
            seen.add(address)
            yield ("" if fixed else f" [{place.name}]"), address, place
        if "certificate" in rule.arguments and "suspended" in place.held:
            yield " [suspended]", reverse(name, args=[place.held["suspended"]]), place
        if fixed:
            return


def people(rule: Rule, place: Place, site: Site) -> Iterator[str]:
    """One person of each kind who gets the page there; a public page looks alike to all, but for what they may do."""
    for name in KINDS:
        if name in site.actors and rule.methods["GET"](site.actors[name], place):
            yield name
        if rule.public and rule.arguments and name == "reviewer":
            return


def collect(site: Site) -> tuple[list[Page], dict[str, list[str]]]:
    """Every page in each of its states; and for each name what it answered, so that one without a page is told."""
    kept: dict[str, list[Page]] = {}
    answered: dict[str, list[str]] = {}
    for label, address, actor in candidates(site):
        name = label.partition(" [")[0]
        status, kind, text = site.ask(address, actor)
        answered.setdefault(name, []).append(f"{status} {kind}")
        if kind != "text/html" or status not in SHOWN:
            continue
        shape = shape_of(text)
        pages = kept.setdefault(name, [])
        if not any(shape <= page.shape for page in pages):
            title = re.search(r"<title>(.*?)</title>", text, re.DOTALL)
            pages[:] = [page for page in pages if not page.shape <= shape]
            pages.append(Page(label, address, actor, shape, title[1].strip() if title else ""))
    return [page for pages in kept.values() for page in pages], answered
