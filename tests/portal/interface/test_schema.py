"""Requests made from the interface's own schema, as it asks and otherwise: no fault, no undocumented answer."""

from __future__ import annotations

import logging
import os
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable, Iterator
from typing import Any

import pytest
import schemathesis
from django.core import signals
from django.db import close_old_connections, transaction
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st
from schemathesis import GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from assessments.accounts.tokens import make_token
from portal.wsgi import application
from tests.portal.access.conftest import folder, own_files, own_keys, quick_building, world
from tests.portal.access.world import World

__all__ = ["folder", "own_files", "own_keys", "quick_building", "world"]
pytestmark = pytest.mark.django_db
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
# How many requests for each operation and person; more by hand.
EXAMPLES = int(os.environ.get("SCHEMA_EXAMPLES", "6"))
ALONE = settings(
    max_examples=EXAMPLES,
    deadline=None,
    derandomize=True,
    database=None,
    phases=[Phase.generate],
    suppress_health_check=list(HealthCheck),
)
# By the second part of the address: of what kind the object is that its key names in the world.
KINDS = {
    "applications": "application",
    "cases": "case",
    "certificates": "certificate",
    "files": "artifact",
    "inbox": "notification",
    "invitations": "invitation",
    "orders": "order",
    "organisations": "organisation",
    "runs": "run",
    "systems": "system",
    "uploads": "upload",
    "verify": "examination",
    "versions": "version",
}


@schemathesis.serializer("application/offset+octet-stream")
def piece(context: Any, value: Any) -> bytes:
    return value if isinstance(value, bytes) else str(value).encode("utf-8", "replace")


def served(environ: dict[str, Any], start_response: Callable[..., Any]) -> Iterable[bytes]:
    """The portal's own WSGI application, with each answer read to its end and closed."""
    answer = application(environ, start_response)
    try:
        return [b"".join(answer)]
    finally:
        answer.close()


@pytest.fixture
def undisturbed() -> Iterator[None]:
    """The end of a request closes no connection: all happens in the transaction of the test."""
    ends = (signals.request_started, signals.request_finished)
    for end in ends:
        end.disconnect(close_old_connections)
    logging.disable(logging.CRITICAL)
    yield
    logging.disable(logging.NOTSET)
    for end in ends:
        end.connect(close_old_connections)


def keys_by_kind(world: World) -> dict[str, list[str]]:
    found: dict[str, set[str]] = defaultdict(set)
    for place in world.places:
        for kind, key in place.held.items():
            found[kind].add(str(key))
    return {kind: sorted(keys) for kind, keys in found.items()}


def faults_of(operation: Any, keys: list[str], headers: dict[str, str], said: Counter[int]) -> list[str]:
    """What is wrong with the answers to requests made for one operation, each undone before the next."""
    found: list[str] = []

    @ALONE
    @given(
        case=st.one_of(
            operation.as_strategy(generation_mode=GenerationMode.POSITIVE),
            operation.as_strategy(generation_mode=GenerationMode.NEGATIVE),
        ),
        key=st.sampled_from([*keys, ""]),
    )
    def ask(case: Any, key: str) -> None:
        for name in ("id", "number"):
            if key and name in (case.path_parameters or {}):
                case.path_parameters[name] = key
        point = transaction.savepoint()
        try:
            response = case.call(headers=headers)
            said[response.status_code] += 1
            case.validate_response(response, checks=CHECKS, headers=headers)
        except BaseExceptionGroup as failures:
            found.extend(f"{operation.label}: {failure}"[:600] for failure in failures.exceptions)
        finally:
            transaction.savepoint_rollback(point)

    ask()
    return found


@pytest.mark.parametrize("name", ["anonymous", "applicant", "evaluator"])
def test_the_interface_answers_as_its_schema_says(world: World, undisturbed: None, name: str) -> None:
    who = world.actors[name].who
    headers = {"Authorization": f"Bearer {make_token(who, 'schema')}"} if who else {}
    schema = schemathesis.openapi.from_wsgi("/api/schema/?format=json", served)
    keys, said, found, operations = keys_by_kind(world), Counter[int](), list[str](), 0
    for result in schema.get_all_operations():
        operation = result.ok()
        operations += 1
        kind = KINDS.get(operation.path.split("/")[2], "")
        found += faults_of(operation, keys.get(kind, []), headers, said)
    assert found == [], f"{len(found)} faults; " + "\n\n".join(dict.fromkeys(found))
    assert operations >= 80
    assert said[200] >= (5 if who is None else 30), said
    assert {400, 404, 401 if who is None else 201} <= said.keys(), said
