"""Forms of the plan: a test's parameters, drawn from the method's own declaration, and a revision."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.systems.models import SystemVersion
from evaluations.runs.forms import ParameterFields

from .planning import PlannedTest


class ParametersForm(ParameterFields):
    """The parameters of a planned test, and why they differ from the defaults."""

    rationale = forms.CharField(
        label=gettext_lazy("Why these values"),
        help_text=gettext_lazy("Needed where a value differs from the default. It is printed in the report."),
        widget=forms.Textarea,
        max_length=4000,
        required=False,
    )
    revision = forms.IntegerField(widget=forms.HiddenInput)

    def __init__(self, test: PlannedTest, data: Any = None) -> None:
        initial = {"rationale": test.rationale, "revision": test.revision}
        super().__init__(test.method, test.parameters, data, initial=initial)


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
