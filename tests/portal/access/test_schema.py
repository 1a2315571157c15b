"""The interface's schema against the matrix: each operation is decided, and each is behind the scope that it needs."""

from __future__ import annotations

import re
from functools import cache
from typing import Any
from uuid import UUID

import pytest
from django.test import Client
from django.urls import get_resolver
from django.urls.resolvers import URLResolver
from drf_spectacular.generators import SchemaGenerator

from assessments.accounts.tokens import make_token
from tests.factories.people import organisation, person
from tests.portal.access.expectations import TABLE
from tests.portal.access.scopes import PUBLIC, READ, SUBMIT

pytestmark = pytest.mark.django_db
NOTHING = {"uuid": str(UUID(int=1)), "int": "1", "str": "none", "slug": "none"}
VERBS = ("get", "post", "put", "patch", "delete")


@cache
def addresses() -> dict[str, tuple[str, str, Any]]:
    """{path of the schema: (name, path that names nothing, view)} of the whole interface."""
    found: dict[str, tuple[str, str, Any]] = {}

    def walk(resolver: Any, path: str, inside: bool) -> None:
        for entry in resolver.url_patterns:
            here = path + str(entry.pattern)
            if isinstance(entry, URLResolver):
                walk(entry, here, inside or entry.namespace == "api")
            elif inside:
                shown = re.sub(r"<(?:\w+:)?\w+>", "{}", here)
                nothing = re.sub(r"<(?:(\w+):)?\w+>", lambda kind: NOTHING[kind[1] or "str"], here)
                found[shown] = (f"{entry.name}", nothing, entry.callback)

    walk(get_resolver(), "/", inside=False)
    return found


@cache
def operations() -> dict[str, str]:
    """{"METHOD name": address that names nothing} of every operation in the schema."""
    schema = SchemaGenerator().get_schema(request=None, public=True)
    found = {}
    for path, verbs in schema["paths"].items():
        name, nothing, _view = addresses()[re.sub(r"\{\w+\}", "{}", path)]
        found |= {f"{verb.upper()} {name}": nothing for verb in verbs if verb in VERBS}
    return found


def test_every_operation_is_in_the_matrix_with_its_method() -> None:
    decided = {f"{verb} {name[4:]}" for name, rule in TABLE.items() if name.startswith("api:") for verb in rule.methods}
    assert sorted(set(operations()) ^ (decided - {"GET schema"})) == []


def test_every_method_that_an_address_answers_is_in_the_schema() -> None:
    """What is not described there does not exist."""
    answered = {
        f"{verb.upper()} {name}"
        for name, _nothing, view in addresses().values()
        for verb in VERBS
        if hasattr(view.cls, verb) and name != "schema"
    }
    assert sorted(answered ^ set(operations())) == []


def test_every_operation_has_its_scope() -> None:
    assert sorted({*PUBLIC, *READ, *SUBMIT} ^ set(operations())) == [], "an operation without a decided scope"
    assert len(PUBLIC) + len(READ) + len(SUBMIT) == len(operations()) > 90
    assert [one for one in READ if not one.startswith("GET ")] == []


def test_a_token_is_refused_where_its_scope_does_not_reach_and_nowhere_else() -> None:
    """Before anything is looked up: the answer does not depend on whether the object exists."""
    who = person("Theo", organisation("vendor", "Token Ltd", "令牌有限公司"), "vendor_member")
    tokens = {scope: make_token(who, scope, scope=scope) for scope in ("read", "submit")}
    clients = {scope: Client(headers={"Authorization": f"Bearer {secret}"}) for scope, secret in tokens.items()}
    clients |= {"none": Client(), "wrong": Client(headers={"Authorization": "Bearer tap_unknown"})}
    wrong = []
    for operation, address in operations().items():
        verb = operation.partition(" ")[0].lower()
        for holder, client in clients.items():
            reaches = operation in PUBLIC or holder == "submit" or (holder == "read" and operation in READ)
            answer = getattr(client, verb)(address, {} if verb == "get" else "{}", **_json(verb)).status_code
            expected = reaches or (403 if holder == "read" else 401)
            if operation in PUBLIC and holder == "wrong" and answer in (200, 401):
                continue  # some do not look at tokens, others refuse one that they do not know
            if (answer in (401, 403, 500)) if reaches else (answer != expected):
                wrong.append(f"{operation}, {holder}: {answer}")
    assert wrong == []


def _json(verb: str) -> dict[str, Any]:
    return {} if verb == "get" else {"content_type": "application/json"}
