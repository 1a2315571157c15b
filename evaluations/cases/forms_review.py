"""Forms of review and decision."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from .models import Case, Review
from .reviewing import CHECKLIST


class ReviewForm(forms.Form):
    checklist = forms.MultipleChoiceField(
        label=_("What was checked and holds"),
        choices=list(CHECKLIST.items()),
        widget=forms.CheckboxSelectMultiple,
        required=False,
    )
    recommendation = forms.ChoiceField(
        label=_("Recommendation"), choices=Review.Recommendation, widget=forms.RadioSelect
    )
    reasons = forms.CharField(
        label=_("Reasons"),
        help_text=_("When returned for rework: what is missing, and where."),
        widget=forms.Textarea(attrs={"rows": 6}),
    )

    def ticked(self) -> dict[str, bool]:
        return {code: code in self.cleaned_data["checklist"] for code in CHECKLIST}


class DecisionForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("Decision"),
        choices=[(Case.Outcome.GRANTED, _("grant")), (Case.Outcome.REFUSED, _("refuse"))],
        widget=forms.RadioSelect,
    )
    level = forms.ChoiceField(
        label=_("Level granted"),
        required=False,
        help_text=_("At most what was achieved and what was applied for."),
    )
    reasons = forms.CharField(label=_("Reasons"), widget=forms.Textarea(attrs={"rows": 6}))

    def __init__(self, *args: Any, levels: list[tuple[str, str]], **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.fields["level"].choices = levels  # type: ignore[attr-defined]
        if not levels:
            del self.fields["level"]
            self.fields["outcome"].choices = [(Case.Outcome.REFUSED, _("refuse"))]  # type: ignore[attr-defined]
