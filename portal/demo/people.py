"""The fictional organisations and people of the demo, found again by their names and addresses."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import yaml
from allauth.account.models import EmailAddress
from django.db import transaction

from assessments.accounts.models import Organisation, Person, Role
from assessments.accounts.services import add_member

SCORES = Path(__file__).parent / "data" / "scores.yaml"


def script() -> dict[str, Any]:
    """What the people of the demo are, do and write (data/scores.yaml)."""
    content: dict[str, Any] = yaml.safe_load(SCORES.read_text(encoding="utf-8"))
    return content


@dataclass
class Cast:
    """Everybody who acts: `people` by their key, vendors' members by the vendor's key, and the evaluation body."""

    body: Organisation
    people: dict[str, Person] = field(default_factory=dict)
    logins: list[dict[str, str]] = field(default_factory=list)
    password: str = ""

    def vendor(self, words: Mapping[str, Any]) -> Person:
        """The member of a vendor, with the organisation founded on first use."""
        key = words["key"]
        if key not in self.people:
            organisation = _organisation(Organisation.Kind.VENDOR, words)
            member = {"role": Role.VENDOR_MEMBER, "name": words["person"], "email": words["email"]}
            self.people[key] = self.add(member, organisation)
        return self.people[key]

    def add(self, member: Mapping[str, str], organisation: Organisation) -> Person:
        person = _person(member["email"], member["name"], self.password)
        add_member(person, organisation, member["role"], actor=None)
        self.logins.append({"role": member["role"], "email": person.email, "password": self.password})
        return person


def assemble(words: Mapping[str, Any]) -> Cast:
    """Found the body, the authority and the operator with their people; what exists is left as it is."""
    cast = Cast(_organisation(Organisation.Kind.BODY, words["body"]), password=words["password"])
    elsewhere = {
        Role.REGULATOR: _organisation(Organisation.Kind.AUTHORITY, words["authority"]),
        Role.ADMINISTRATOR: _organisation(Organisation.Kind.OPERATOR, words["operator"]),
    }
    for member in words["members"]:
        cast.people[member["key"]] = cast.add(member, elsewhere.get(Role(member["role"]), cast.body))
    return cast


def _organisation(kind: str, words: Mapping[str, Any]) -> Organisation:
    names = {name: words.get(name, "") for name in ("name_zh", "address_en", "address_zh")}
    found, _made = Organisation.objects.get_or_create(kind=kind, name_en=words["name_en"], defaults=names)
    return found


@transaction.atomic
def _person(email: str, name: str, password: str) -> Person:
    person = Person.objects.filter(email=email).first()
    if person is None:
        person = Person.objects.create_user(email, password, name=name)
        EmailAddress.objects.create(user=person, email=email, verified=True, primary=True)
    return person
