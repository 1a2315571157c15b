"""The reason of a change of status."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _


class ReasonForm(forms.Form):
    reason = forms.CharField(
        label=_("Reason"),
        help_text=_("Everybody who looks at the certificate reads it. Name facts, no persons."),
        widget=forms.Textarea(attrs={"rows": 4}),
        max_length=2000,
        min_length=10,
    )
