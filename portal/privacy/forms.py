"""What is asked before data are erased: proof that one means it, and oneself."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from assessments.accounts.models import Person


class EraseForm(forms.Form):
    """The address of the account, and for one's own the password where there is one."""

    email = forms.EmailField(label=_("E-mail address of the account"), help_text=_("Type it to confirm."))
    password = forms.CharField(
        label=_("Your password"), widget=forms.PasswordInput(attrs={"autocomplete": "current-password"})
    )

    def __init__(self, data: Any = None, *, person: Person, own: bool) -> None:
        super().__init__(data)
        self.person = person
        if not own or not person.has_usable_password():
            del self.fields["password"]

    def clean_email(self) -> str:
        given: str = self.cleaned_data["email"]
        if given.lower() != self.person.email.lower():
            raise forms.ValidationError(_("This is not the address of the account."))
        return given

    def clean_password(self) -> str:
        given: str = self.cleaned_data["password"]
        if not self.person.check_password(given):
            raise forms.ValidationError(_("This is not your password."))
        return given
