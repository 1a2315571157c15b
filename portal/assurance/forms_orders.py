"""What is asked when surveillance is ordered, answered, returned, accepted or taken back."""

from __future__ import annotations

from datetime import timedelta

from django import forms
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .models import SurveillanceOrder

USUAL = timedelta(days=30)


def _words(label: object, hint: object) -> forms.CharField:
    area = forms.Textarea(attrs={"rows": 5})
    return forms.CharField(label=label, help_text=hint, widget=area, min_length=10, max_length=2000)  # type: ignore[arg-type]


def _day(label: object, hint: object) -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    first = lambda: timezone.now().date() + USUAL  # noqa: E731  a default that is asked for each time
    return forms.DateField(label=label, help_text=hint, widget=widget, initial=first)  # type: ignore[arg-type]


class OrderForm(forms.Form):
    reason = _words(_("Reason"), _("The body and the holder read it; the public does not. Name facts, no persons."))
    due_on = _day(_("The body answers by"), _("From today on, within a year."))


class AnswerForm(forms.Form):
    outcome = forms.ChoiceField(
        label=_("What the surveillance found"),
        choices=SurveillanceOrder.Outcome.choices,
        widget=forms.RadioSelect,
    )
    reason = _words(_("Answer"), _("What was looked at, and what was found. The authority and the holder read it."))


class ReturnForm(forms.Form):
    reason = _words(_("What is still asked"), _("The body and the holder read it."))
    due_on = _day(_("The body answers by"), _("From today on, within a year."))


class RemarkForm(forms.Form):
    reason = _words(_("Reason"), _("The body and the holder read it."))


FORMS: dict[str, type[forms.Form]] = {
    "answer": AnswerForm,
    "return": ReturnForm,
    "accept": RemarkForm,
    "lift": RemarkForm,
}
