"""allauth's forms of second factors, in our words: labels, hints, and fields that phones and password managers know."""

from __future__ import annotations

from typing import Any

from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.utils.translation import gettext_lazy as _

CODE_INPUT: dict[str, str] = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}


def _code(hint: Any) -> forms.CharField:
    return forms.CharField(label=_("Code"), help_text=hint, widget=forms.TextInput(attrs=dict(CODE_INPUT)))


class CodeForm(AuthenticateForm):  # type: ignore[misc]
    code = _code(_("Six digits from your authenticator app, or one of your recovery codes."))


class CodeAgainForm(ReauthenticateForm):  # type: ignore[misc]
    code = _code(_("Six digits from your authenticator app, or one of your recovery codes."))


class AppForm(ActivateTOTPForm):  # type: ignore[misc]
    code = _code(_("The six digits that the app shows now."))


class KeyForm(AddWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(label=_("Name of the key"), max_length=60, help_text=_("To tell your keys apart."))


class KeyNameForm(EditWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(label=_("Name of the key"), max_length=60)
