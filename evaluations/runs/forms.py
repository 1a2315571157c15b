"""The parameters of a method as fields of a form, drawn from the method's own declaration."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django import forms
from django.utils.translation import gettext as _

from assessments.presentation.figures import in_language, sentences
from evaluations.methods.frame import Method, Parameter
from evaluations.methods.parameters import InvalidParameters, parsed

PREFIX = "p_"


class ParameterFields(forms.Form):
    """One field for each parameter of a method, with its default and bounds; `values` are the checked parameters."""

    def __init__(self, method: Method, shown: Mapping[str, Any], data: Any = None, **kwargs: Any) -> None:
        super().__init__(data, **kwargs)
        self.parameters = method.parameters
        self.values: dict[str, Any] = {}
        others = list(self.fields)
        for parameter in self.parameters:
            self.fields[PREFIX + parameter.name] = _field(parameter, shown[parameter.name])
        self.order_fields([*(PREFIX + parameter.name for parameter in self.parameters), *others])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        texts = {
            parameter.name: _as_text(given[PREFIX + parameter.name])
            for parameter in self.parameters
            if PREFIX + parameter.name in given
        }
        try:
            self.values = parsed(self.parameters, texts)
        except InvalidParameters as invalid:
            for problem in invalid.problems:
                self.add_error(PREFIX + problem.parameter, in_language(problem.reason))
        return given


def _field(parameter: Parameter, value: Any) -> forms.Field:
    about: dict[str, Any] = {"label": in_language(parameter.title), "help_text": _help(parameter)}
    if parameter.kind == "boolean":
        return forms.BooleanField(required=False, initial=value, **about)
    if parameter.kind == "choice":
        return forms.ChoiceField(choices=[(choice, choice) for choice in parameter.choices], initial=value, **about)
    return forms.CharField(initial=_as_text(value), max_length=500, required=parameter.kind != "text", **about)


def _help(parameter: Parameter) -> str:
    parts = [
        in_language(parameter.description),
        _("Default: %(value)s.") % {"value": _as_text(parameter.default) or "–"},
    ]
    if parameter.minimum is not None and parameter.maximum is not None:
        bounds = {"low": f"{parameter.minimum:.12g}", "high": f"{parameter.maximum:.12g}"}
        parts.append(_("From %(low)s to %(high)s.") % bounds)
    elif parameter.minimum is not None:
        parts.append(_("At least %(low)s.") % {"low": f"{parameter.minimum:.12g}"})
    return str(sentences(parts))


def _as_text(value: Any) -> str:
    """A parameter as it stands in a field: numbers of a list with commas, true or false in words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(f"{item:.12g}" if isinstance(item, float) else str(item) for item in value)
    return str(value)
