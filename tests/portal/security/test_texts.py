"""Naughty texts through every text field of every form and of the interface, and back.

The fields are read from the pages and from the schema of the interface, so that a new one is tried without being named.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from functools import cache
from typing import Any
from urllib.parse import urlsplit

import pytest
from django.db import transaction
from django.test import Client
from django.urls import resolve, reverse
from django.urls.exceptions import Resolver404
from drf_spectacular.generators import SchemaGenerator

from tests.portal.access.conftest import folder, own_files, own_keys, quick_building, quick_refusals, world
from tests.portal.access.deciding import Rule
from tests.portal.access.expectations import TABLE
from tests.portal.access.test_matrix import Visitors, places_of, visitors
from tests.portal.access.world import Actor, Place, World
from tests.portal.security.naughty import HALVES, SEEN, UNSEEN
from tests.portal.security.typing_in import LONGEST, Form, Kept, Texts, read, strings

__all__ = ["folder", "own_files", "own_keys", "quick_building", "quick_refusals", "visitors", "world"]
pytestmark = pytest.mark.django_db
COMPUTED = str(6007 * 7)
# Signing out, and setting up a second factor, end what the test stands on.
LEFT_OUT = {"account_logout", "set_language"}
STATES = 3  # of one page
CUT = {"filename"}  # of a path the last part is kept (assessments/systems/test_uploads.py)


def shown(world: World, visitors: Visitors) -> Iterator[tuple[Place, Actor, str, Form]]:
    """Each form with a text field on any page, once for what it asks."""
    seen: set[tuple[str, frozenset[str]]] = set()
    for name, rule in TABLE.items():
        if "GET" not in rule.methods or name.startswith("api:"):
            continue
        for place, keys in [*places_of(rule, world)][:STATES]:
            for actor in [a for a in world.actors.values() if a.who and a.signed_in and rule.methods["GET"](a, place)][
                :1
            ]:
                address = reverse(name, args=keys)
                page = visitors.ask(actor, "GET", address, rule, place)[0]
                if page.streaming or "html" not in page.headers.get("Content-Type", ""):
                    continue
                for form in read(page.content.decode(), address).forms:
                    place_of_form = (target(form), frozenset(form.texts))
                    if form.texts and place_of_form not in seen and place_of_form[0] not in LEFT_OUT:
                        seen.add(place_of_form)
                        yield place, actor, address, form


def target(form: Form) -> str:
    try:
        return str(resolve(urlsplit(form.action).path).view_name)
    except Resolver404:
        return ""


def send(client: Client, form: Form, values: dict[str, Any]) -> Any:
    address = urlsplit(form.action)
    if form.method == "get":
        return client.get(address.path, values)
    return client.post(form.action, values)


def valid(form: Form, actor: Actor, place: Place) -> dict[str, Any]:
    """What the form would send as it stands, and what the table of addresses knows to be right there."""
    rule = TABLE.get(target(form), Rule({}))
    return form.values | {name: value for name, value in rule.data(actor, place).items() if value is not None}


def test_every_text_field_of_every_page_keeps_or_refuses_and_nothing_acts(world: World, visitors: Visitors) -> None:
    texts, unseen = Texts(SEEN), Texts(UNSEEN)
    wrong: list[str] = []
    kept_whole: set[str] = set()
    told: set[str] = set()
    fields: set[tuple[str, str]] = set()
    for place, actor, page, form in shown(world, visitors):
        client, where = visitors.clients[actor.name], target(form)
        fields |= {(where, name) for name in form.texts}
        for source in (texts, unseen):
            typed = {name: source.fill(room) for name, room in form.texts.items()}
            with transaction.atomic(), Kept() as kept:
                answer = send(client, form, valid(form, actor, place) | typed)
                pages = [answer]
                if answer.status_code in (301, 302):
                    pages = [client.get(answer["Location"]), client.get(page)]
                transaction.set_rollback(True)
            for value in typed.values():
                found = kept.of(value)
                if source is unseen and found and form.method == "post":
                    wrong.append(f"{where}: an unseen character was kept: {found[0][:60]!r}")
                whole = [text for text in found if value in text.replace("\r\n", "\n")]
                if source is texts and found and not whole:
                    wrong.append(f"{where}: kept otherwise than typed: {value[:80]!r} as {found[0][:80]!r}")
                kept_whole |= {where} if whole else set()
            wrong += [f"{where}: {fault}" for answer in pages for fault in faults(answer)]
            if source is unseen and any(b"U+" in answer.content for answer in pages if not answer.streaming):
                told.add(where)
        everything = dict.fromkeys(form.values, "") | {n: texts.fill(200) for n in form.values if n != "action"}
        with transaction.atomic():
            wrong += [f"{where}, all fields: {fault}" for fault in faults(send(client, form, everything))]
            transaction.set_rollback(True)
    assert not wrong, "\n".join(["", *sorted(set(wrong))])
    assert texts.next >= len(SEEN), "not every text was tried"
    # Where a whole text was kept, and where an unseen character was told: most forms, by far.
    places = {where for where, _ in fields}
    assert len(kept_whole) >= 10, sorted(places - kept_whole)
    assert len(told) >= 10, sorted(places - told)


def faults(answer: Any) -> list[str]:
    if answer.status_code >= 500:
        return [f"answered {answer.status_code}"]
    if answer.streaming or "html" not in answer.headers.get("Content-Type", ""):
        return []
    reader = read(answer.content.decode())
    said = "".join(reader.said)
    return [*reader.acting[:2], *(["a template in a text was carried out"] if COMPUTED in said else [])]


@cache
def operations() -> list[tuple[re.Pattern[str], str, dict[str, int]]]:
    """Address, method and text fields (with their length) of each operation of the interface that takes any."""
    schema: dict[str, Any] = SchemaGenerator().get_schema(request=None, public=True)
    found = []
    for path, methods in schema["paths"].items():
        for method, operation in methods.items():
            body = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema", {})
            named = schema["components"]["schemas"].get(body.get("$ref", "").rpartition("/")[2], body)
            fields = {
                name: int(about.get("maxLength", LONGEST))
                for name, about in named.get("properties", {}).items()
                if about.get("type") == "string"
                and name not in CUT
                and not {"format", "enum", "readOnly", "pattern"} & set(about)
            }
            if fields:
                found.append((re.compile(re.sub(r"\{\w+\}", "[^/]+", path)), method.upper(), fields))
    return found


def test_every_text_of_the_interface_is_kept_or_refused(world: World, visitors: Visitors) -> None:
    texts, unseen = Texts(SEEN), Texts((*UNSEEN, *HALVES))
    wrong: list[str] = []
    tried: set[tuple[str, str]] = set()
    kept_whole: set[str] = set()
    for name, rule in TABLE.items():
        for place, keys in [*places_of(rule, world)][:STATES] if name.startswith("api:") else ():
            address = reverse(name, args=keys)
            for _, method, fields in [o for o in operations() if o[0].fullmatch(address) and o[1] in rule.methods]:
                actor = next((a for a in world.actors.values() if a.who and rule.methods[method](a, place)), None)
                if actor is None:
                    continue
                tried.add((name, method))
                for source in (texts, unseen):
                    typed = {field: source.fill(room) for field, room in fields.items()}
                    with transaction.atomic(), Kept() as kept:
                        send_json = getattr(visitors.clients[actor.name], method.lower())
                        answer = send_json(address, rule.data(actor, place) | typed, content_type="application/json")
                        transaction.set_rollback(True)
                    where = f"{method} {name} ({answer.status_code})"
                    said = [*kept.texts, *(strings(answer.json()) if answer.content else ())]
                    for value in typed.values():
                        found = [text for text in said if value[:6] in text]
                        wrong += [f"{where}: changed {value[:60]!r}" for text in found if value.strip() not in text]
                        kept_whole |= {name} if found else set()
                    if answer.status_code >= 500 or (source is unseen and answer.status_code < 400):
                        wrong.append(where)
    assert not wrong, "\n".join(["", *sorted(set(wrong))])
    operated = {method for _, method, _ in operations()}
    assert len(tried) >= 10, (sorted(tried), operated)
    assert kept_whole
