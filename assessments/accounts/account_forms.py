"""Forms of the account page."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django import forms
from django.conf import settings
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from .models import Person, Token

# Languages are written in themselves, so that each reader finds their own.
LANGUAGE_NAMES = {"en": "English", "zh-hans": "简体中文"}


class DetailsForm(forms.ModelForm):
    language = forms.ChoiceField(label=_("Language"))

    class Meta:
        model = Person
        fields = ["name", "language"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        language: Any = self.fields["language"]
        language.choices = [(code, LANGUAGE_NAMES.get(code, code)) for code, _name in settings.LANGUAGES]


class TokenForm(forms.Form):
    name = forms.CharField(label=_("What it is for"), max_length=80, help_text=_("For example: build server."))
    scope = forms.ChoiceField(
        label=_("What it may do"),
        choices=[(Token.Scope.READ, _("read only")), (Token.Scope.SUBMIT, _("read and submit: all that you may do"))],
        initial=Token.Scope.READ,
    )
    days = forms.TypedChoiceField(
        label=_("Valid for"),
        coerce=int,
        choices=[(30, _("30 days")), (90, _("90 days")), (365, _("one year"))],
        initial=90,
    )

    def expires_at(self) -> Any:
        """When it ends, counted from now."""
        return timezone.now() + timedelta(days=self.cleaned_data["days"])
