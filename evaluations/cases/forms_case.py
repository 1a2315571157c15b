"""Forms of people and parts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django import forms
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from assessments.presentation.figures import written_day

from .candidates import Candidate


class AssignForm(forms.Form):
    """Choose one of the candidates; each is shown with their open cases and the day on which the next is due."""

    part = forms.CharField(widget=forms.HiddenInput)
    person = forms.ChoiceField(label=_("Person"))

    def __init__(self, candidates: Sequence[Candidate], *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["person"].choices = [(str(c.person.pk), _with_workload(c)) for c in candidates]  # type: ignore[attr-defined]


def _with_workload(candidate: Candidate) -> str:
    count = candidate.workload
    work = ngettext("%(count)d case under way", "%(count)d cases under way", count) % {"count": count}
    if candidate.next_due is not None:
        day = written_day(candidate.next_due)
        work = gettext("%(work)s, the next due %(day)s") % {"work": work, "day": day}
    return f"{candidate.person} · {work}"


class RecusalForm(forms.Form):
    nature = forms.CharField(
        label=_("What the interest is"),
        help_text=_("One sentence. It goes on record, and you are not proposed for this client again."),
        max_length=300,
    )


class ReasonForm(forms.Form):
    reason = forms.CharField(label=_("Reason"), widget=forms.Textarea, max_length=4000)
