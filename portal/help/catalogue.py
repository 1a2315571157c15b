"""The installed test methods as pages show them: everything comes from their own declarations."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Any

from django.utils.translation import gettext_lazy as _

from evaluations.methods import registry
from evaluations.methods.frame import Method, Needs

# In the order of the standard's characteristics.
CHARACTERISTICS = {
    "RC": _("Reliability and controllability"),
    "TE": _("Transparency and explainability"),
    "DP": _("Data protection"),
    "CR": _("Clear responsibility"),
    "DI": _("Diversity and inclusiveness"),
}
ROLES = {
    "test": _("test data"),
    "training": _("training sample"),
    "nonmembers": _("data the model was not trained on"),
    "population": _("reference population"),
    "deployment": _("deployment sample"),
}
TASKS = {"classification": _("classification"), "regression": _("prediction of a value")}
MODALITIES = {
    "image": _("images"),
    "tabular": _("tables"),
    "timeseries": _("time series"),
    "audio": _("audio"),
    "text": _("text"),
}


@dataclass(frozen=True)
class Chapter:
    """The methods of one characteristic."""

    code: str
    title: Any
    methods: tuple[Method, ...]


@cache
def chapters() -> tuple[Chapter, ...]:
    """All installed methods by characteristic, read once; empty characteristics are left out."""
    methods = registry.all_methods().values()
    found = [
        Chapter(code, title, tuple(method for method in methods if method.characteristic == code))
        for code, title in CHARACTERISTICS.items()
    ]
    return tuple(chapter for chapter in found if chapter.methods)


def needs(wanted: Needs) -> list[Any]:
    """What a method asks of an object, in words."""
    asked: list[Any] = []
    if wanted.model:
        asked.append(_("the model itself"))
    elif wanted.outcome:
        asked.append(_("the model, or a table of its predictions"))
    if wanted.gradient:
        asked.append(_("exact gradients, which can be computed from an ONNX graph"))
    asked += [ROLES.get(role, role) for role in wanted.data_roles]
    if wanted.label:
        asked.append(_("true answers in the data"))
    if wanted.sensitive:
        asked.append(_("sensitive attributes that are declared"))
    if wanted.claims:
        asked.append(_("a performance claim"))
    return asked


def kinds(wanted: Needs) -> list[Any]:
    """For which tasks and kinds of data a method is made; empty when for all."""
    return [TASKS.get(task, task) for task in wanted.tasks] + [MODALITIES.get(kind, kind) for kind in wanted.modalities]
