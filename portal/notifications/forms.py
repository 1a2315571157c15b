"""How a person wants to be told: one choice for each kind that may concern them."""

from __future__ import annotations

from typing import Any

from django import forms
from django.db import transaction

from assessments.accounts.rules import roles_of

from .concerned import ROLES
from .models import Delivery, Kind, Preference


def kinds_for(person: Any) -> list[Kind]:
    """The kinds that may concern somebody with the person's roles."""
    held = {role for _organisation, role in roles_of(person)}
    return [kind for kind in Kind if ROLES[kind] & held]


class PreferencesForm(forms.Form):
    def __init__(self, data: Any = None, *, person: Any) -> None:
        super().__init__(data)
        self.person = person
        chosen = dict(Preference.objects.filter(person=person.pk).values_list("kind", "delivery"))
        for kind in kinds_for(person):
            self.fields[kind.value] = forms.ChoiceField(
                label=kind.label, choices=Delivery.choices, initial=chosen.get(kind.value, Delivery.AT_ONCE)
            )

    @transaction.atomic
    def save(self) -> None:
        for kind, delivery in self.cleaned_data.items():
            Preference.objects.update_or_create(person_id=self.person.pk, kind=kind, defaults={"delivery": delivery})
