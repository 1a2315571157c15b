"""Forms around a draft: begun, imported, consulted on, adopted, withdrawn; and the public's comment."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.core.validators import RegexValidator
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessments.accounts.models import Organisation, Role
from assessments.accounts.rules import organisations_of

from .models import Comment, Consultation, Edition, Scheme, Status

IMPORT_BYTES = 4_000_000
INTERESTS: dict[str, Any] = {
    "vendors": pgettext_lazy("interest in a committee", "Vendors"),
    "users": pgettext_lazy("interest in a committee", "Users"),
    "evaluators": pgettext_lazy("interest in a committee", "Evaluators"),
    "authorities": pgettext_lazy("interest in a committee", "Authorities"),
    "research": pgettext_lazy("interest in a committee", "Research"),
    "public": pgettext_lazy("interest in a committee", "The public"),
}


def day_field(label: Any, *, required: bool = True, help_text: Any = "") -> forms.DateField:
    widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
    return forms.DateField(label=label, required=required, help_text=help_text, widget=widget)


class BeginForm(forms.Form):
    """A new edition with the text of one that exists."""

    source = forms.ModelChoiceField(label=_("Begin with the text of"), queryset=Edition.objects.none())
    edition = forms.CharField(
        label=_("Name of the new edition"),
        max_length=16,
        help_text=_("For example 1.1; letters, digits, dots and hyphens."),
        validators=[RegexValidator(r"^[0-9A-Za-z][0-9A-Za-z.-]*$")],
    )

    def __init__(self, person: Any, data: Any = None) -> None:
        super().__init__(data)
        source: Any = self.fields["source"]
        source.queryset = Edition.objects.owned_by(person).select_related("standard")


class ImportForm(forms.Form):
    """A standard or a scheme in a file."""

    owner = forms.ModelChoiceField(label=_("Your organisation"), queryset=Organisation.objects.none())
    file = forms.FileField(
        label=_("File"),
        help_text=_("YAML of a standard or a scheme, an Excel workbook (.xlsx), or an OSCAL catalogue (.json); 4 MB."),
        widget=forms.ClearableFileInput(attrs={"accept": ".yaml,.yml,.xlsx,.json"}),
    )

    def __init__(self, person: Any, data: Any = None, files: Any = None) -> None:
        super().__init__(data, files)
        owner: Any = self.fields["owner"]
        owner.queryset = Organisation.objects.filter(pk__in=organisations_of(person, Role.SCHEME_OWNER))
        owner.initial = owner.queryset.first()

    def clean_file(self) -> Any:
        file = self.cleaned_data["file"]
        if file.size > IMPORT_BYTES:
            raise forms.ValidationError(_("The file is larger than 4 MB."))
        return file


class SchemeForm(forms.Form):
    """A draft scheme, whole, as YAML: thresholds, levels, gates, validity, decision rule."""

    text = forms.CharField(
        label=_("Scheme (YAML)"), widget=forms.Textarea({"rows": 36, "class": "mono", "spellcheck": "false"})
    )


class ConsultationForm(forms.Form):
    """The days of a consultation."""

    opens_on = day_field(_("Opens on"))
    closes_on = day_field(_("Closes on"), help_text=_("Comments are taken until the end of this day (UTC)."))


class CommentForm(forms.Form):
    """What somebody says about a draft. Who is signed in need not give an address."""

    criterion = forms.ChoiceField(label=_("About"), required=False)
    text = forms.CharField(label=_("Comment"), max_length=5000, widget=forms.Textarea({"rows": 6}))
    proposal = forms.CharField(
        label=_("Wording that you propose"), max_length=5000, required=False, widget=forms.Textarea({"rows": 4})
    )
    name = forms.CharField(label=_("Your name"), max_length=120, help_text=_("Shown with the comment."))
    affiliation = forms.CharField(
        label=_("Your organisation"), max_length=200, required=False, help_text=_("Shown with the comment.")
    )
    email = forms.EmailField(
        label=_("Your e-mail address"), help_text=_("For questions of the scheme owner; it is never shown.")
    )

    def __init__(self, consultation: Consultation, titles: Iterable[tuple[str, str]], person: Any, data: Any = None,
                 criterion: str = "") -> None:  # fmt: skip
        super().__init__(data, initial={"criterion": criterion, "name": getattr(person, "name", "")})
        about: Any = self.fields["criterion"]
        about.choices = [("", _("The draft as a whole")), *titles]
        about.asked = True
        if person.is_authenticated:
            del self.fields["email"]


class AnswerForm(forms.ModelForm):
    """The scheme owner's answer to a comment."""

    outcome = forms.ChoiceField(
        label=pgettext_lazy("comment", "Outcome"), choices=Comment.Outcome.choices, widget=forms.RadioSelect
    )
    answer = forms.CharField(
        label=_("Reason"), max_length=5000, widget=forms.Textarea({"rows": 3}), help_text=_("Shown with the comment.")
    )

    class Meta:
        model = Comment
        fields: list[str] = []


class ResolutionForm(forms.Form):
    """A committee's resolution: the days, what it replaces, and the votes of each interest."""

    number = forms.CharField(label=_("Number of the resolution"), max_length=40)
    date = day_field(_("Date of the vote"))
    effective_on = day_field(_("Takes effect on"), required=False, help_text=_("Empty: on publication."))
    supersedes = forms.ModelMultipleChoiceField(
        label=_("Replaces"), queryset=Edition.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    transition_until = day_field(
        _("What it replaces takes applications until"),
        required=False,
        help_text=_("The last day of the transition period; empty: none from now on."),
    )

    def __init__(self, edition: Edition, data: Any = None) -> None:
        super().__init__(data)
        self.edition = edition
        replaced: Any = self.fields["supersedes"]
        replaced.queryset = edition.standard.editions.filter(status=Status.PUBLISHED).select_related("standard")
        for interest, label in INTERESTS.items():
            for part in ("members", "in_favour", "against"):
                field = forms.IntegerField(label=label, required=False, min_value=0, max_value=99)
                field.widget.attrs["aria-label"] = f"{label}: {PARTS[part]}"
                self.fields[f"{interest}_{part}"] = field

    @property
    def committee(self) -> list[tuple[Any, list[Any]]]:
        """Rows of the table of votes: the interest, and its three fields."""
        return [(label, [self[f"{key}_{part}"] for part in PARTS]) for key, label in INTERESTS.items()]

    def content(self, schemes: Iterable[Scheme], owner: str) -> dict[str, Any]:
        """The resolution as a document that the checks read."""
        data = self.cleaned_data
        standard = self.edition.standard.code
        adopts = [{"document": "standard", "code": standard, "edition": self.edition.edition,
                   "digest": self.edition.digest}]  # fmt: skip
        adopts += [
            {"document": "scheme", "code": row.code, "edition": row.edition, "digest": row.digest} for row in schemes
        ]
        days = {key: data[key].isoformat() for key in ("effective_on", "transition_until") if data[key]}
        return {
            "document": "resolution",
            "number": data["number"],
            "date": data["date"].isoformat(),
            **days,
            "scheme_owner": owner,
            "adopts": adopts,
            "supersedes": [
                {"document": "standard", "code": standard, "edition": row.edition} for row in data["supersedes"]
            ],
            "committee": [
                {"interest": key, **{part: data[f"{key}_{part}"] or 0 for part in PARTS}}
                for key in INTERESTS
                if data[f"{key}_members"]
            ],
        }


PARTS: dict[str, Any] = {
    "members": pgettext_lazy("committee", "Members"),
    "in_favour": pgettext_lazy("committee", "In favour"),
    "against": pgettext_lazy("committee", "Against"),
}


class WithdrawForm(forms.Form):
    """Why an edition is withdrawn; public."""

    reason = forms.CharField(label=_("Reason"), max_length=2000, widget=forms.Textarea({"rows": 4}))
