"""Finds the methods: our own by file name, others' by entry point.

A method of our own with the id `family.name` lives in `family_name.py` of this package: one file, no list to keep.
Another body's method is found through the entry-point group `trust_portal.methods`; the entry point is named
like the method's id. Modules are imported only when a method is asked for.
"""

from __future__ import annotations

import importlib
import importlib.util
import inspect
import logging
from collections.abc import Mapping
from functools import cache
from importlib.metadata import EntryPoint, entry_points
from typing import Any

from evaluations.methods.declared import DECLARED, Declaration
from evaluations.methods.frame import Meaning, Method
from evaluations.methods.parameters import json_schema

ENTRY_POINT_GROUP = "trust_portal.methods"
_REQUIRED = ("id", "version", "title", "description", "characteristic", "needs", "parameters", "validation")

logger = logging.getLogger(__name__)


class UnknownMethod(LookupError):
    """No method of that id is installed."""


class BrokenMethod(TypeError):
    """A file or an entry point does not hold a method of the id it promises."""


def installed_ids() -> list[str]:
    """The ids of all methods that can run, without importing them."""
    return sorted(set(_own_modules()) | set(_entry_points()))


def is_installed(method_id: str) -> bool:
    return method_id in _own_modules() or method_id in _entry_points()


def get(method_id: str) -> Method:
    """The method of that id. Raises UnknownMethod or BrokenMethod."""
    modules = _own_modules()
    if method_id in modules:
        return _own(method_id, modules[method_id])
    if method_id in _entry_points():
        return _foreign(method_id)
    raise UnknownMethod(method_id)


def all_methods() -> dict[str, Method]:
    """Every method that can run, by id. One that is broken is left out and logged: it must not stop the others."""
    found: dict[str, Method] = {}
    for method_id in installed_ids():
        try:
            found[method_id] = get(method_id)
        except Exception:
            logger.exception("method cannot be loaded", extra={"method": method_id})
    return found


def declared() -> dict[str, Declaration]:
    """Every id that a standard may name, with the parameter schema where the method is installed."""
    methods = all_methods()
    found = dict(DECLARED)
    for method_id, method in methods.items():
        found[method_id] = Declaration(
            method_id, method.title, method.characteristic, json_schema(method.parameters), is_tool(method_id)
        )
    return found


def meanings(method_id: str) -> Mapping[str, Meaning]:
    """What each metric of a method means, by the metric's name; empty where the method explains none or is gone."""
    if not is_installed(method_id):
        return {}
    return {meaning.name: meaning for meaning in getattr(get(method_id), "meanings", ())}


def is_tool(method_id: str) -> bool:
    """Whether it is a vendor's tool, which a standard may not score."""
    return method_id in DECLARED and DECLARED[method_id].tool


def forget() -> None:
    """Look again at what is installed, for example after a package was added to the running process."""
    for cached in (_own_modules, _entry_points, _own, _foreign):
        cached.cache_clear()


@cache
def _own_modules() -> dict[str, str]:
    names = {method_id: f"{__package__}.{method_id.replace('.', '_')}" for method_id in DECLARED}
    return {method_id: name for method_id, name in names.items() if importlib.util.find_spec(name) is not None}


@cache
def _entry_points() -> dict[str, EntryPoint]:
    """Others' methods. None may take the place of one of ours."""
    points = entry_points(group=ENTRY_POINT_GROUP)
    return {point.name: point for point in points if point.name not in _own_modules()}


@cache
def _own(method_id: str, module_name: str) -> Method:
    module = importlib.import_module(module_name)
    for candidate in vars(module).values():
        defined_here = inspect.isclass(candidate) and candidate.__module__ == module_name
        if defined_here and getattr(candidate, "id", None) == method_id:
            return _complete(method_id, candidate())
    raise BrokenMethod(f"{module_name} defines no method {method_id}")


@cache
def _foreign(method_id: str) -> Method:
    loaded: Any = _entry_points()[method_id].load()
    return _complete(method_id, loaded() if inspect.isclass(loaded) else loaded)


def _complete(method_id: str, method: Any) -> Method:
    missing = [name for name in _REQUIRED if not hasattr(method, name)]
    missing += [name for name in ("cost", "run") if not callable(getattr(method, name, None))]
    if missing:
        raise BrokenMethod(f"method {method_id} lacks {', '.join(missing)}")
    if method.id != method_id:
        raise BrokenMethod(f"method {method.id} is announced as {method_id}")
    names = [parameter.name for parameter in method.parameters]
    if len(set(names)) != len(names):
        raise BrokenMethod(f"method {method_id} names a parameter twice")
    return method  # type: ignore[no-any-return]
