"""The two ways to ask: a number, or a file."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from portal.certificates.number import CertificateNumber, NumberError


class NumberForm(forms.Form):
    number = forms.CharField(
        label=_("Certificate number"),
        max_length=40,
        help_text=_("For example TAI-2026-000123-6; it is printed on the certificate."),
    )

    def clean_number(self) -> str:
        """The number in its printed form; a slip of the pen is told from an unknown number by the check character."""
        try:
            return str(CertificateNumber.parse(self.cleaned_data["number"]))
        except NumberError as error:
            raise forms.ValidationError(
                _(
                    "This is no certificate number: its form or its check character is wrong. "
                    "Compare it with the certificate."
                )
            ) from error


class FileForm(forms.Form):
    file = forms.FileField(label=_("Certificate as a file (PDF)"))
