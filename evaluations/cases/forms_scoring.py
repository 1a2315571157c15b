"""Forms of scoring, settlement and findings."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.systems.forms import FileForm

from .models import Finding
from .settling import Given, Row

NOT_DEMONSTRATED = "not_demonstrated"


class ScoreForm(forms.Form):
    """An evaluator's score, perhaps still without a number or a rationale."""

    score = forms.RegexField(regex=r"^([0-5]|not_demonstrated)$", required=False)
    rationale = forms.CharField(max_length=8000, required=False)
    revision = forms.IntegerField(min_value=0)

    def values(self) -> dict[str, Any]:
        """As `scoring_sheet.save_score` takes them."""
        score = self.cleaned_data["score"]
        return {
            "points": int(score) if score.isdigit() else None,
            "not_demonstrated": score == NOT_DEMONSTRATED,
            "rationale": self.cleaned_data["rationale"],
            "revision": self.cleaned_data["revision"],
        }


class SettleForm(forms.Form):
    """The lead's decision on one criterion; only what is to be decided is asked."""

    tested = forms.DecimalField(
        label=_("The test’s score that counts"),
        help_text=_("With one decimal. As proposed, or changed with a reason."),
        min_value=0,
        max_value=5,
        decimal_places=1,
        required=False,
    )
    tested_not_demonstrated = forms.BooleanField(label=_("The test demonstrates nothing"), required=False)
    examined = forms.ChoiceField(label=_("The score that counts"), required=False, widget=forms.RadioSelect)
    rationale = forms.CharField(
        label=_("Reason"),
        help_text=_("It is recorded, and stands in the report."),
        max_length=8000,
        required=False,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)

    def __init__(self, *args: Any, row: Row, most: int, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if row.tested is None or row.tested.value is None:
            del self.fields["tested"], self.fields["tested_not_demonstrated"]
        if row.differs:
            choices = [(str(points), str(points)) for points in range(most + 1)]
            self.fields["examined"].choices = [*choices, (NOT_DEMONSTRATED, _("not demonstrated"))]  # type: ignore[attr-defined]
        else:
            del self.fields["examined"]

    def tested_value(self) -> Given | None:
        """The test's half as the lead wants it; None where the form does not ask or it was left empty."""
        if self.cleaned_data.get("tested_not_demonstrated"):
            return Given(None)
        chosen = self.cleaned_data.get("tested")
        return None if chosen is None else Given(int(chosen * 10))

    def examined_value(self) -> Given | None:
        chosen = self.cleaned_data.get("examined")
        if not chosen:
            return None
        return Given(None if chosen == NOT_DEMONSTRATED else int(chosen))


class FindingForm(forms.Form):
    kind = forms.ChoiceField(label=_("Kind"), choices=Finding.Kind)
    text = forms.CharField(
        label=_("What was found"),
        help_text=_("The fact, the evidence, and the requirement that it misses. No solution: that is the client’s."),
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    revision = forms.IntegerField(min_value=0, required=False, widget=forms.HiddenInput)


class AnswerForm(forms.Form):
    answer = forms.CharField(
        label=_("Cause and corrective action"),
        max_length=8000,
        widget=forms.Textarea(attrs={"rows": 5}),
    )
    due_on = forms.DateField(label=_("Done by"), widget=forms.DateInput(attrs={"type": "date"}))
    revision = forms.IntegerField(min_value=0, widget=forms.HiddenInput)


class AnswerFileForm(FileForm):
    """A document that goes with the answer."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        del self.fields["role"]
        self.fields["file"].required = False
