"""allauth's forms of second factors, in our words: labels, hints, and fields that phones and password managers know."""

from __future__ import annotations

from typing import Any, NoReturn

import structlog
from allauth.account.adapter import get_adapter as get_account_adapter
from allauth.core import context
from allauth.mfa.adapter import get_adapter
from allauth.mfa.base.forms import AuthenticateForm, ReauthenticateForm
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.forms import ActivateTOTPForm
from allauth.mfa.webauthn.forms import AddWebAuthnForm, EditWebAuthnForm
from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from . import second_factor

log = structlog.get_logger("assessments.accounts")
CODE_INPUT: dict[str, str] = {"autocomplete": "one-time-code", "inputmode": "numeric", "spellcheck": "false"}


def _code(hint: Any) -> forms.CharField:
    return forms.CharField(label=_("Code"), help_text=hint, widget=forms.TextInput(attrs=dict(CODE_INPUT)))


class _Once:
    """A code of the app works once in all the time for which it could (RFC 6238, 5.2); each refusal leaves a line."""

    user: Any
    authenticator: Authenticator

    def clean_code(self) -> str:
        typed = self.cleaned_data["code"]  # type: ignore[attr-defined]
        if second_factor.was_used(self.user, typed):
            self._refuse_again()
        try:
            code: str = super().clean_code()  # type: ignore[misc]
        except ValidationError:
            log.warning("second_factor_failed", person=str(self.user.pk))
            raise
        # Of two requests with the same code at the same moment, one is the first.
        if self.authenticator.type == Authenticator.Type.TOTP and not second_factor.note_use(self.user, code):
            self._refuse_again()
        return code

    def _refuse_again(self) -> NoReturn:
        log.warning("second_factor_reused", person=str(self.user.pk))
        get_account_adapter(context.request).send_notification_mail("mfa/email/totp_code_reused", self.user)
        raise get_adapter().validation_error("incorrect_code")


class CodeForm(_Once, AuthenticateForm):  # type: ignore[misc]
    code = _code(_("Six digits from your authenticator app, or one of your recovery codes."))


class CodeAgainForm(_Once, ReauthenticateForm):  # type: ignore[misc]
    code = _code(_("Six digits from your authenticator app, or one of your recovery codes."))


class AppForm(ActivateTOTPForm):  # type: ignore[misc]
    code = _code(_("The six digits that the app shows now."))


class KeyForm(AddWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(label=_("Name of the key"), max_length=60, help_text=_("To tell your keys apart."))


class KeyNameForm(EditWebAuthnForm):  # type: ignore[misc]
    name = forms.CharField(label=_("Name of the key"), max_length=60)
