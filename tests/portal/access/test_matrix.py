"""Role × address × method × object: the rightful person is served, everybody else finds nothing there."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest
from django.db import connection, transaction
from django.http import SimpleCookie
from django.test import Client
from django.urls import get_resolver, reverse
from django.urls.resolvers import URLResolver

from assessments.ledger.models import Entry
from assessments.systems.models import Reading
from tests.portal.access.deciding import Rule
from tests.portal.access.expectations import ALLAUTH, TABLE
from tests.portal.access.read import TRACED, UNTRACED
from tests.portal.access.world import REVIEW, Actor, Place, World

pytestmark = pytest.mark.django_db
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE")
# Whom an address serves is decided above the database: each is asked on SQLite, every third on the other one as well.
ASKED = sorted(TABLE)[:: 1 if connection.vendor == "sqlite" else 3]
DONE = range(200, 400)
# People without any tie to a case are asked before assignment and during evaluation only.
BYSTANDERS = (
    "stranger",
    "deactivated",
    "scheme-owner",
    "insurer",
    "administrator",
    "regulator",
    "other lead",
    "other evaluator",
    "evaluator-unassigned",
    "reviewer-interested",
)
# Public pages, what is B's, and what does not exist are asked for by these.
SOME = (
    "anonymous",
    "deactivated",
    "applicant",
    "lead",
    "evaluator",
    "reviewer",
    "regulator",
    "administrator",
    "other vendor",
    "other lead",
    "other evaluator",
)
PASSED_BY = ("submitted", "unled", "planning", "in_review", "recommended", "decided")
REASONED = (400, 409, 422)


def named_addresses(resolver: Any = None, spaces: tuple[str, ...] = ()) -> Iterator[str]:
    """The full name of each address of the portal, the administration apart."""
    for entry in (resolver or get_resolver()).url_patterns:
        if not isinstance(entry, URLResolver):
            yield ":".join((*spaces, entry.name or f"unnamed {entry.pattern}"))
        elif entry.namespace != "admin":
            yield from named_addresses(entry, (*spaces, entry.namespace) if entry.namespace else spaces)


def test_every_address_is_decided() -> None:
    found = list(named_addresses())
    assert sorted(set(found) - set(TABLE) - set(ALLAUTH)) == []
    assert sorted((set(TABLE) | set(ALLAUTH)) - set(found)) == []


VENDOR_S = {"version", "artifact", "application", "case", "run"}


def test_every_address_that_others_read_by_is_decided() -> None:
    """Of what belongs to a vendor and is got by somebody outside it: it leaves a trace, or it is said why not."""
    read = {name for name, rule in TABLE.items() if "GET" in rule.methods and VENDOR_S & {*rule.arguments, rule.only}}
    outside = {name for name in read if any(word in TABLE[name].methods["GET"].words for word in ("lead", "reviewer"))}
    signed_in = {name for name in read if TABLE[name].methods["GET"].words == "whoever is signed in"}
    assert sorted((outside | signed_in) ^ {*TRACED, *UNTRACED}) == []
    assert not set(TRACED) & set(UNTRACED)


@pytest.mark.parametrize("name", sorted({*TRACED, *UNTRACED}))
def test_the_vendor_sees_who_has_read_what(name: str, world: World, visitors: Visitors) -> None:
    """Once for a person and a thing; what the vendor's own people read leaves nothing."""
    rule, noted, asked = TABLE[name], 0, {"deactivated"}
    for place, keys in places_of(rule, world):
        for actor in (a for a in world.actors.values() if a.who and rule.methods["GET"](a, place)):
            untraced = name in UNTRACED and actor.name not in ("lead", "evaluator", "reviewer")
            if actor.name in asked or actor.name in BYSTANDERS or untraced:
                continue
            asked.add(actor.name)
            with transaction.atomic():
                Reading.objects.all().delete()
                for _again in range(2):
                    answer = visitors.clients[actor.name].get(reverse(name, args=keys))
                    assert answer.status_code in (*DONE, 400), f"{place.name}: {actor.name}"
                    if answer.streaming:
                        b"".join(answer)
                rows = [(row.kind, row.person_id, row.organisation_id) for row in Reading.objects.all()]
                transaction.set_rollback(True)
            outsider = actor.vendor == ""
            own = actor.who.memberships.values_list("organisation_id", flat=True).first()
            wanted = [(TRACED[name], actor.who.pk, own)] if outsider and name in TRACED else []
            assert rows == wanted, f"{place.name}: {actor.name}"
            noted += len(rows)
    assert bool(noted) == (name in TRACED)


@dataclass
class Visitors:
    """A signed-in client for each actor; what a request changes is taken back."""

    clients: dict[str, Client]

    def ask(self, actor: Actor, method: str, address: str, rule: Rule, place: Place) -> tuple[Any, bool]:
        """The answer, and whether anything was written to the ledger."""
        client = self.clients[actor.name]
        session = client.cookies.get("sessionid")
        client.cookies = SimpleCookie({"sessionid": session.value} if session else {})
        data: Any = rule.data(actor, place) if method in ("POST", "PATCH", "PUT") else {}
        how: dict[str, Any] = {}
        if address.startswith("/api/") and not any(hasattr(value, "read") for value in data.values()):
            how = {"content_type": "application/json"} if method not in ("GET", "HEAD") else {}
        with transaction.atomic():
            before = Entry.objects.count() if method != "GET" else 0
            response = getattr(client, method.lower())(address, data or None, **how)
            wrote = method != "GET" and Entry.objects.count() > before
            transaction.set_rollback(True)
        if response.streaming:
            # Read to its end, a file closes itself; closing it here would close the world's connection too.
            b"".join(response)
        return response, wrote


@pytest.fixture(scope="module")
def visitors(world: World) -> Visitors:
    clients = {}
    for actor in world.actors.values():
        clients[actor.name] = Client()
        if actor.who is not None:
            clients[actor.name].force_login(actor.who)
    return Visitors(clients)


def is_sign_in(response: Any) -> bool:
    return response.status_code == 302 and response["Location"].startswith("/accounts/login/?next=")


def refusal(name: str, rule: Rule, actor: Actor, response: Any) -> str:
    """What is wrong with a refusal, if anything: sign-in page for the anonymous, 404 for everybody else."""
    status = response.status_code
    if actor.signed_in or rule.public:
        return "" if status == 404 else f"{status} instead of 404"
    if name.startswith("api:"):
        return "" if status == 401 else f"{status} instead of 401"
    return "" if is_sign_in(response) else f"{status} instead of the sign-in page"


def is_asked(actor: Actor, place: Place, rule: Rule) -> bool:
    """What tells nothing new is left out, so that the whole takes a minute: see the lists above."""
    if rule.public or place.vendor != "A":
        return actor.name in SOME
    if place.stage == "evaluating" and place.get("finished") is None and actor.name in BYSTANDERS:
        return False
    return actor.name not in BYSTANDERS or place.stage not in PASSED_BY


def places_of(rule: Rule, world: World) -> Iterator[tuple[Place, list[Any]]]:
    """Where an address is asked; one without an object is asked once, at the first place."""
    if not rule.arguments and not rule.only:
        yield world.places[0], []
        return
    for place in world.places:
        keys = rule.keys(place)
        if keys is not None:
            yield place, keys
            if all(name.startswith("=") for name in rule.arguments) and not rule.only:
                return


@pytest.mark.parametrize("name", ASKED)
def test_the_rightful_are_served_and_everybody_else_finds_nothing(name: str, world: World, visitors: Visitors) -> None:
    rule = TABLE[name]
    wrong: list[str] = []
    served: set[str] = set()
    for place, keys in places_of(rule, world):
        address = reverse(name, args=keys)
        for method, audience in rule.methods.items():
            for actor in world.actors.values():
                if not is_asked(actor, place, rule):
                    continue
                response, wrote = visitors.ask(actor, method, address, rule, place)
                case = f"{method} {place.name}: {actor.name}"
                if not audience(actor, place):
                    trouble = refusal(name, rule, actor, response) or ("wrote to the ledger" if wrote else "")
                    wrong += [f"{case}: {trouble}"] if trouble else []
                elif response.status_code in DONE and not is_sign_in(response):
                    served.add(method)
                elif not (rule.refuses and method != "GET" and response.status_code in REASONED):
                    wrong.append(f"{case}: {response.status_code}, though rightful")
    assert not wrong, "\n".join(["", *wrong])
    assert served == set(rule.methods) - rule.never, "nobody was ever served, so the refusals prove nothing"


@pytest.mark.parametrize("name", sorted(TABLE))
def test_a_wrong_method_tells_nothing(name: str, world: World, visitors: Visitors) -> None:
    """Only who may see what is there learns that the method is wrong."""
    rule = TABLE[name]
    wrong: list[str] = []
    others = [m for m in METHODS if m not in rule.methods and not (m == "HEAD" and "GET" in rule.methods)]
    for place, keys in sample(rule, world):
        address = reverse(name, args=keys)
        for actor in world.actors.values():
            rightful = any(audience(actor, place) for audience in rule.methods.values())
            tried = others if actor.name in TRYING_ALL and place.vendor == "A" else others[-1:]
            for method in tried if actor.name in TRYING_ALL or place.vendor == "A" else ():
                response, wrote = visitors.ask(actor, method, address, rule, place)
                hidden = not (rightful or rule.public)
                trouble = refusal(name, rule, actor, response) if hidden else ""
                if not hidden and response.status_code not in (404, 405):
                    trouble = f"{response.status_code} instead of 405"
                if trouble or wrote:
                    wrong.append(f"{method} {place.name}: {actor.name}: {trouble or 'wrote to the ledger'}")
    assert not wrong, "\n".join(["", *wrong])


# Who tries every wrong method with A's objects, and one with B's and no one's; the others try one with A's.
TRYING_ALL = ("anonymous", "applicant", "other vendor", "evaluator")


def sample(rule: Rule, world: World) -> list[tuple[Place, list[Any]]]:
    """For wrong methods three places do: A's, where evaluation is under way if possible, B's, and no one's."""
    asked = [(place, keys) for place, keys in places_of(rule, world) if place.stage not in REVIEW]
    return list({place.vendor: (place, keys) for place, keys in asked}.values())


@pytest.mark.parametrize(
    "name", sorted(n for n, r in TABLE.items() if "POST" in r.methods and not n.startswith("api:"))
)
def test_a_form_without_its_token_does_nothing(name: str, world: World) -> None:
    rule = TABLE[name]
    for place, keys in places_of(rule, world):
        for actor in (a for a in world.actors.values() if a.who and rule.methods["POST"](a, place)):
            client = Client(enforce_csrf_checks=True)
            client.force_login(actor.who)
            answer = client.post(reverse(name, args=keys), rule.data(actor, place))
            assert answer.status_code == 403, f"{place.name}: {actor.name}"
            return


@pytest.mark.parametrize("name", sorted(n for n, r in TABLE.items() if not r.public and r.arguments))
def test_the_anonymous_cannot_tell_what_exists(name: str, world: World, visitors: Visitors) -> None:
    """The same answer, but for the address itself, whether the thing exists or not."""
    rule = TABLE[name]
    answers = set()
    for place, keys in sample(rule, world) or places_of(rule, world):
        address = reverse(name, args=keys)
        for method in ("GET", "POST", "DELETE"):
            response, _wrote = visitors.ask(world.actors["anonymous"], method, address, rule, place)
            told = re.sub(re.escape(address), "…", response.headers.get("Location", ""))
            answers.add((response.status_code, told))
    assert len(answers) == 1


@pytest.mark.parametrize(("name", "expected"), sorted(ALLAUTH.items()))
def test_addresses_of_django_allauth(name: str, expected: tuple[int, int], world: World, visitors: Visitors) -> None:
    keys: dict[str, list[Any]] = {
        "account_confirm_email": ["unknown-key"],
        "account_reset_password_from_key": ["0", "unknown-key"],
        "mfa_remove_webauthn": [10**9],
        "mfa_edit_webauthn": [10**9],
        "openid_connect_login": ["sso"],
        "openid_connect_callback": ["sso"],
    }
    address = reverse(name, args=keys.get(name, []))
    rule, place = TABLE["registry:home"], world.places[0]
    asked = [visitors.ask(world.actors[who], "GET", address, rule, place)[0] for who in ("anonymous", "applicant")]
    assert tuple(answer.status_code for answer in asked) == expected


def admin_addresses() -> list[str]:
    admin = next(e for e in get_resolver().url_patterns if isinstance(e, URLResolver) and e.namespace == "admin")
    names = [entry.name for entry in admin.url_patterns if not isinstance(entry, URLResolver)]
    lists = [
        inner.name
        for entry in admin.url_patterns
        if isinstance(entry, URLResolver)
        for inner in entry.url_patterns
        if inner.name and inner.name.endswith(("_changelist", "_add"))
    ]
    fixed = [name for name in [*names, *lists] if name and name not in ("login", "view_on_site", "app_list", "logout")]
    return sorted(set(fixed))


@pytest.mark.parametrize("name", admin_addresses())
def test_nobody_of_the_product_s_roles_gets_into_the_administration(
    name: str, world: World, visitors: Visitors
) -> None:
    """Django's own gate: who is not staff is sent to sign in. No role of the product makes anybody staff."""
    rule, place = TABLE["registry:home"], world.places[0]
    for actor in world.actors.values():
        if actor.name == "administrator":
            continue
        response, _wrote = visitors.ask(actor, "GET", reverse(f"admin:{name}"), rule, place)
        assert response.status_code == 302, actor.name
        assert response["Location"].startswith("/admin/login/"), actor.name
