"""The forms of signing in and up."""

from __future__ import annotations

from typing import Any

from allauth.account.forms import LoginForm, SignupForm
from django import forms
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from .services import found_vendor


class SignInForm(LoginForm):  # type: ignore[misc]
    """allauth's, with the way to a new password in our words."""

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        way = reverse("account_reset_password")
        self.fields["password"].help_text = format_html('<a href="{}">{}</a>', way, _("Forgotten your password?"))


class SignUpForm(SignupForm):  # type: ignore[misc]
    """A person and the vendor organisation that they represent."""

    name = forms.CharField(label=_("Your name"), max_length=120)
    organisation_en = forms.CharField(label=_("Organisation’s name in English"), max_length=200)
    organisation_zh = forms.CharField(label=_("Organisation’s name in Chinese"), max_length=200, required=False)
    field_order = ["name", "organisation_en", "organisation_zh", "email", "password1", "password2"]

    def clean_organisation_en(self) -> str:
        name = self.cleaned_data["organisation_en"].strip()
        # allauth imports this module before the app registry is ready.
        from .models import Organisation  # noqa: PLC0415

        if Organisation.objects.filter(kind=Organisation.Kind.VENDOR, name_en__iexact=name).exists():
            raise forms.ValidationError(
                _("An organisation of this name is here already. Ask one of its members to add you.")
            )
        return name

    def save(self, request: Any) -> Any:
        person = super().save(request)
        if person is not None:
            found_vendor(person, self.cleaned_data["organisation_en"], self.cleaned_data["organisation_zh"])
        return person
