"""Forms about organisations, their people and invitations."""

from __future__ import annotations

from typing import Any

from django import forms
from django.contrib.auth import password_validation
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from .models import ROLE_KINDS, Organisation, Person, Role


class OrganisationForm(forms.ModelForm):
    """Names and addresses, as they stand on certificates."""

    class Meta:
        model = Organisation
        fields = ["name_en", "name_zh", "address_en", "address_zh"]


class FoundingForm(OrganisationForm):
    """A new organisation of any kind."""

    class Meta(OrganisationForm.Meta):
        fields = ["kind", *OrganisationForm.Meta.fields]


class InvitationForm(forms.Form):
    """Whom to invite, and to what: the roles that exist in the organisation's kind."""

    email = forms.EmailField(label=_("E-mail address"))
    roles = forms.MultipleChoiceField(label=_("Roles"), widget=forms.CheckboxSelectMultiple)

    def __init__(self, *args: Any, organisation: Organisation, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        choices = roles_of_kind(organisation.kind)
        roles: Any = self.fields["roles"]
        roles.choices = choices
        if len(choices) == 1:  # nothing to choose: said in words on the page
            del self.fields["roles"]
            self.only = [choices[0][0]]

    def chosen(self) -> list[str]:
        return list(self.cleaned_data.get("roles") or getattr(self, "only", []))


class RoleForm(forms.Form):
    """One more role in an organisation to which the person belongs already."""

    organisation = forms.ModelChoiceField(label=_("Organisation"), queryset=Organisation.objects.none())
    role = forms.ChoiceField(label=pgettext_lazy("of a person", "Role"))

    def __init__(self, *args: Any, person: Person, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        own = Organisation.objects.filter(memberships__person=person).distinct()
        organisation: Any = self.fields["organisation"]
        organisation.queryset = own
        organisation.empty_label = None
        kinds = set(own.values_list("kind", flat=True))
        role: Any = self.fields["role"]
        role.choices = [choice for kind in sorted(kinds) for choice in roles_of_kind(kind)]


class JoiningForm(forms.Form):
    """The account of somebody who was invited."""

    name = forms.CharField(label=_("Your name"), max_length=120)
    password = forms.CharField(
        label=_("Password"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
        help_text=_("At least ten characters; a sentence is better than a word."),
    )
    again = forms.CharField(
        label=_("Password again"),
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "new-password"}),
    )

    def __init__(self, *args: Any, email: str, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.email = email

    def clean(self) -> dict[str, Any]:
        content = super().clean() or {}
        password = content.get("password")
        if password and password != content.get("again"):
            self.add_error("again", _("The two are not the same."))
        elif password:
            try:
                password_validation.validate_password(password, Person(email=self.email, name=content.get("name", "")))
            except forms.ValidationError as error:
                self.add_error("password", error)
        return content


def roles_of_kind(kind: str) -> list[tuple[str, Any]]:
    """The roles that can be held in an organisation of this kind, with their words."""
    words = dict(Role.choices)
    return [(str(role), words[role]) for role, where in ROLE_KINDS.items() if where == kind]
