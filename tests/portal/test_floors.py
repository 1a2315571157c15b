"""What import-linter cannot see of floors and rooms: addresses, templates, migrations, models, catalogues.

A room may name what stands beside or below it: portal > evaluations > assessments. Within a floor, rooms follow the
order of the contracts in pyproject.toml, which are read here, so that there is one list.
"""

from __future__ import annotations

import ast
import re
import tomllib
from collections.abc import Iterator
from pathlib import Path

import polib
import pytest
from django.apps import AppConfig, apps
from django.conf import settings
from django.db.migrations.loader import MigrationLoader
from django.template.loader import get_template
from django.urls import get_resolver
from django.urls.resolvers import URLResolver

ROOT = Path(settings.BASE_DIR)
FLOORS = ("assessments", "evaluations", "portal")
# Shared by all: every room may extend its pages and name its addresses.
SHARED = "assessments.presentation"
URL_TAG = re.compile(r"""\{%\s*url\s+['"]([a-z_]+:[\w-]+)['"]""")
INCLUDED = re.compile(r"""\{%\s*(?:include|extends)\s+['"]([^'"]+)['"]""")
# Catalogues of a part of a room, and of what the packages bring.
PARTS_OF_ROOMS = {
    "report": "evaluations.cases",
    "scoring": "evaluations.cases",
    "exchange": "assessments.standards",
    "portal": "portal.demo",
}
NAMES = {"reverse", "reverse_lazy", "redirect", "resolve_url", "conflict"}


def rooms() -> dict[str, str]:
    """App label → module, of our own rooms."""
    return {app.label: app.name for app in apps.get_app_configs() if app.name.split(".")[0] in FLOORS}


ROOMS = rooms()
MODULES = sorted(ROOMS.values())


def layers() -> list[list[set[str]]]:
    """The layered contracts, highest first; rooms that share a layer stand side by side."""
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    return [
        [{name.strip() for name in re.split(r"[:|]", layer)} for layer in contract["layers"]]
        for contract in contracts
        if contract["type"] == "layers"
    ]


LAYERS = layers()


def is_above(one: str, other: str) -> bool:
    """Whether room `one` stands above room `other`, so that `other` must not name it."""
    floors = [FLOORS.index(room.partition(".")[0]) for room in (one, other)]
    if floors[0] != floors[1]:
        return floors[0] > floors[1]
    for contract in LAYERS:
        at = [next((i for i, layer in enumerate(contract) if room in layer), None) for room in (one, other)]
        if None not in at and at[0] < at[1]:  # type: ignore[operator]
            return True
    return False


def namespaces() -> dict[str, str]:
    """Namespace of addresses → the room that brings it."""
    found = {}
    for entry in get_resolver().url_patterns:
        if isinstance(entry, URLResolver) and entry.namespace:
            module = getattr(entry.urlconf_module, "__name__", "")
            if module.split(".")[0] in FLOORS:
                found[entry.namespace] = module.rpartition(".")[0]
    return found


def api_names() -> dict[str, str]:
    """Name of an address of the REST interface → the room that answers it."""
    api = next(e for e in get_resolver().url_patterns if isinstance(e, URLResolver) and e.namespace == "api")
    return dict(_named(api))


def _named(resolver: URLResolver) -> Iterator[tuple[str, str]]:
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            yield from _named(entry)
        elif entry.callback.__module__.split(".")[0] in FLOORS:
            yield f"api:{entry.name}", ".".join(entry.callback.__module__.split(".")[:2])


ADDRESSES = namespaces()
API = api_names()


def room_of_address(name: str) -> str | None:
    return API.get(name) or ADDRESSES.get(name.partition(":")[0])


def templates() -> Iterator[tuple[str, Path]]:
    """(room, template); those outside a room's folder belong to the shared presentation, which is on the ground."""
    for path in sorted((ROOT / "templates").rglob("*")):
        if path.is_file():
            label = path.relative_to(ROOT / "templates").parts[0]
            yield ROOMS.get(label, SHARED), path
    for module in MODULES:
        for path in sorted((ROOT / module.replace(".", "/") / "templates").rglob("*.html")):
            yield module, path


def source_files() -> Iterator[tuple[str, Path]]:
    for module in MODULES:
        for path in sorted((ROOT / module.replace(".", "/")).rglob("*.py")):
            yield module, path


def test_the_order_is_that_of_the_architecture() -> None:
    """So that the other tests are not empty."""
    assert is_above("portal.registry", "portal.certificates")
    assert is_above("evaluations.cases", "evaluations.runs")
    assert is_above("assessments.applications", "assessments.systems")
    assert is_above("portal.certificates", "evaluations.cases")
    assert not is_above("assessments.systems", "assessments.standards")
    assert {"cases", "systems", "registry"} <= set(ADDRESSES)
    assert sum(1 for _ in templates()) > 50


def test_no_template_names_an_address_above_its_room() -> None:
    upward = [
        f"{path.relative_to(ROOT)}: {name}"
        for room, path in templates()
        for name in URL_TAG.findall(path.read_text(encoding="utf-8", errors="ignore"))
        if (target := room_of_address(name)) and is_above(target, room)
    ]
    assert upward == []


def test_no_template_includes_one_of_a_room_above() -> None:
    upward = []
    for room, path in templates():
        for name in INCLUDED.findall(path.read_text(encoding="utf-8", errors="ignore")):
            target = ROOMS.get(name.partition("/")[0], SHARED)
            if is_above(target, room):
                upward.append(f"{path.relative_to(ROOT)}: {name}")
    assert upward == []


def test_every_named_template_exists() -> None:
    for _room, path in templates():
        for name in INCLUDED.findall(path.read_text(encoding="utf-8", errors="ignore")):
            get_template(name)


def named_in(path: Path) -> Iterator[tuple[str, int]]:
    """Addresses that a Python file names in reverse(), redirect() and the like, with their lines."""
    tree = ast.parse(path.read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if not isinstance(node, ast.Call):
            continue
        called = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
        if called in NAMES:
            for value in node.args[:2]:
                if isinstance(value, ast.Constant) and isinstance(value.value, str) and ":" in value.value:
                    yield value.value, node.lineno


def test_no_code_names_an_address_above_its_room() -> None:
    upward = [
        f"{path.relative_to(ROOT)}:{line}: {name}"
        for room, path in source_files()
        for name, line in named_in(path)
        if (target := room_of_address(name)) and is_above(target, room)
    ]
    assert upward == []


def test_no_code_writes_an_address_of_a_room_above_by_hand() -> None:
    """`/cases/…` in a string would be a link that neither reverse() nor this table sees."""
    prefixes = {
        f"/{entry.pattern}": module.rpartition(".")[0]
        for entry in get_resolver().url_patterns
        if isinstance(entry, URLResolver)
        and str(entry.pattern)
        and (module := getattr(entry.urlconf_module, "__name__", "")).split(".")[0] in FLOORS
    }
    upward = []
    for room, path in source_files():
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            text = node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else ""
            for prefix, target in prefixes.items():
                if text.startswith(prefix) and is_above(target, room):
                    upward.append(f"{path.relative_to(ROOT)}:{node.lineno}: {text}")
    assert upward == []


def test_migrations_do_not_depend_upward() -> None:
    loader = MigrationLoader(None, ignore_no_migrations=True)
    upward = [
        f"{label}.{name} → {needed[0]}.{needed[1]}"
        for (label, name), migration in loader.disk_migrations.items()
        if label in ROOMS
        for needed in migration.dependencies
        if needed[0] in ROOMS and is_above(ROOMS[needed[0]], ROOMS[label])
    ]
    assert upward == []


def test_models_do_not_refer_upward() -> None:
    """Also by a string, which no import shows."""
    upward = [
        f"{model._meta.label}.{field.name} → {field.related_model._meta.label}"
        for app in apps.get_app_configs()
        if app.label in ROOMS
        for model in app.get_models()
        for field in model._meta.get_fields()
        if field.concrete
        and field.is_relation
        and field.related_model._meta.app_label in ROOMS
        and is_above(ROOMS[field.related_model._meta.app_label], app.name)
    ]
    assert upward == []


@pytest.mark.parametrize(
    "catalogue", sorted((ROOT / "locale").glob("*/*/LC_MESSAGES/django.po")), ids=lambda p: p.parts[-4]
)
def test_a_catalogue_belongs_to_a_room(catalogue: Path) -> None:
    """And says nothing of files of a room above it."""
    label = catalogue.relative_to(ROOT / "locale").parts[0]
    own = ROOMS.get(label) or PARTS_OF_ROOMS[label]
    for entry in polib.pofile(str(catalogue)):
        for file, _line in entry.occurrences:
            room = next((module for module in MODULES if file.startswith(module.replace(".", "/"))), None)
            assert room is None or not is_above(room, own), f"{entry.msgid}: {file}"


def test_every_room_is_on_a_floor() -> None:
    """A room that no contract orders could be imported from anywhere on its floor."""
    ordered = {name for contract in LAYERS for layer in contract for name in layer}
    alone = [app.name for app in apps.get_app_configs() if is_room(app) and not is_ordered(app.name, ordered)]
    assert alone == [SHARED]


def is_room(app: AppConfig) -> bool:
    return app.label in ROOMS


def is_ordered(module: str, ordered: set[str]) -> bool:
    return module in ordered
