"""Forms of the plan: a test's parameters, drawn from the method's own declaration, and a revision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.presentation.figures import in_language, sentences
from assessments.systems.models import SystemVersion
from evaluations.methods.frame import Parameter
from evaluations.methods.parameters import InvalidParameters, parsed

from .planning import PlannedTest

PREFIX = "p_"


class ParametersForm(forms.Form):
    """One field for each parameter of a method, with its default and bounds; `values` are the checked parameters."""

    rationale = forms.CharField(
        label=gettext_lazy("Why these values"),
        help_text=gettext_lazy("Needed where a value differs from the default. It is printed in the report."),
        widget=forms.Textarea,
        max_length=4000,
        required=False,
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, test: PlannedTest, data: Any = None) -> None:
        super().__init__(data, initial={"rationale": test.rationale, "revision": test.revision})
        self.test = test
        self.values: dict[str, Any] = {}
        for parameter in test.method.parameters:
            self.fields[PREFIX + parameter.name] = _field(parameter, test.parameters[parameter.name])
        self.order_fields([*(PREFIX + p.name for p in test.method.parameters), "rationale", "revision"])

    def clean(self) -> dict[str, Any]:
        given = super().clean() or {}
        texts = {
            parameter.name: _as_text(given[PREFIX + parameter.name])
            for parameter in self.test.method.parameters
            if PREFIX + parameter.name in given
        }
        try:
            self.values = parsed(self.test.method.parameters, texts)
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
        bounds = {"low": f"{parameter.minimum:g}", "high": f"{parameter.maximum:g}"}
        parts.append(_("From %(low)s to %(high)s.") % bounds)
    elif parameter.minimum is not None:
        parts.append(_("At least %(low)s.") % {"low": f"{parameter.minimum:g}"})
    return str(sentences(parts))


def _as_text(value: Any) -> str:
    """A parameter as it stands in a field: numbers of a list with commas, true or false in words."""
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, list | tuple):
        return ", ".join(f"{item:g}" if isinstance(item, float) else str(item) for item in value)
    return str(value)


class RevisionForm(forms.Form):
    """Why the plan is revised, on which version, and what that means for the examinations made so far."""

    version = forms.ChoiceField(label=gettext_lazy("Version in evaluation"))
    reason = forms.CharField(label=gettext_lazy("Reason"), widget=forms.Textarea, max_length=4000)
    impact = forms.CharField(
        label=gettext_lazy("Impact on the examinations"),
        help_text=gettext_lazy(
            "Needed for another version: what it changes for the examined criteria, and why their scores hold."
        ),
        widget=forms.Textarea,
        max_length=4000,
        required=False,
    )

    def __init__(self, present: SystemVersion, offered: Sequence[SystemVersion], data: Any = None) -> None:
        super().__init__(data)
        self.versions = {str(version.pk): version for version in [present, *offered]}
        same = _("%(version)s (as now)") % {"version": present}
        choices = [(str(present.pk), same)] + [(str(v.pk), str(v)) for v in offered if v != present]
        self.fields["version"].choices = choices  # type: ignore[attr-defined]


class OfferForm(forms.Form):
    """Which corrected version the client offers."""

    version = forms.ChoiceField(
        label=gettext_lazy("Corrected version"),
        help_text=gettext_lazy("It is frozen when you offer it, and the evaluators see its files."),
    )

    def __init__(self, versions: Sequence[SystemVersion], data: Any = None) -> None:
        super().__init__(data)
        self.versions = {str(version.pk): version for version in versions}
        self.fields["version"].choices = [(key, str(v)) for key, v in self.versions.items()]  # type: ignore[attr-defined]
