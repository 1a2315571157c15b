"""Forms for describing a system and its versions, and for sending a file."""

from __future__ import annotations

from typing import Any

from django import forms
from django.conf import settings
from django.utils.translation import gettext_lazy as _

from assessments.presentation.figures import size

from .models import Artifact, System, SystemVersion
from .receiving import QuarantinedFile

OTHER_LANGUAGE = ("intended_use_other", "environment_other", "population_other")


class SystemForm(forms.ModelForm):
    class Meta:
        model = System
        fields = ["name_en", "name_zh", "description", "sector"]
        widgets = {"description": forms.Textarea(attrs={"rows": 4})}
        help_texts = {
            "name_en": _("As it will stand on a certificate."),
            "description": _("In two or three sentences, for a reader who does not know it."),
            "sector": _("For example: health, finance, transport, education."),
        }


class VersionForm(forms.ModelForm):
    class Meta:
        model = SystemVersion
        fields = ["label", "intended_use", "environment", "population", "languages", *OTHER_LANGUAGE]
        widgets = {
            "intended_use": forms.Textarea(attrs={"rows": 3}),
            "environment": forms.Textarea(attrs={"rows": 3}),
            "population": forms.Textarea(attrs={"rows": 2}),
            **{name: forms.Textarea(attrs={"rows": 2}) for name in OTHER_LANGUAGE},
        }
        help_texts = {
            "label": _("Your own version number, for example 2.4.0. The evaluation holds for this version only."),
            "intended_use": _("What the system is for, and what it is not for."),
            "environment": _("Where it runs and with what input: devices, sites, software around it."),
            "population": _("Whose data it works on or whom its output concerns."),
        }

    def first_language(self) -> list[forms.BoundField]:
        """What everybody fills in."""
        return [bound for bound in self if bound.name not in OTHER_LANGUAGE]

    def other_language(self) -> list[forms.BoundField]:
        """The same in the second language of the certificate."""
        return [bound for bound in self if bound.name in OTHER_LANGUAGE]


class FileForm(forms.Form):
    """One file of a version, sent in a single request; without script this is the only way needed."""

    role = forms.ChoiceField(
        label=_("What the file is"), choices=[c for c in Artifact.Role.choices if c[0] != Artifact.Role.ANSWER]
    )
    origin = forms.ChoiceField(
        label=_("Where the data comes from"), choices=Artifact.Origin, required=False, initial=Artifact.Origin.SUPPLIED
    )
    file = forms.FileField(label=_("File"))

    def __init__(self, *args: Any, for_body: bool = False, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        if for_body:
            barred = (Artifact.Role.MODEL, Artifact.Role.RECORD, Artifact.Role.ANSWER)
            data = [c for c in Artifact.Role.choices if c[0] not in barred]
            self.fields["role"].choices = data  # type: ignore[attr-defined]
            self.fields["origin"].choices = Artifact.Origin.choices[:2]  # type: ignore[attr-defined]
            self.fields["origin"].required = True
        else:
            del self.fields["origin"]

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if isinstance(file, QuarantinedFile) and file.too_large:
            if file.limit < settings.UPLOAD_MAX_BYTES:
                raise forms.ValidationError(
                    _("This file does not fit: your organisation has room for %(room)s. Ask the operator for more."),
                    params={"room": size(file.limit)},
                )
            raise forms.ValidationError(
                _("This file is too large; the limit is %(limit)d MB."),
                params={"limit": settings.UPLOAD_MAX_BYTES // 2**20},
            )
        return file
