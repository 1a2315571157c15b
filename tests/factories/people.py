"""Organisations and people as the tests need them: made at once, with everything that signing in asks for."""

from __future__ import annotations

from typing import Any


def organisation(kind: str, name_en: str, name_zh: str) -> Any:
    from assessments.accounts.models import Organisation

    return Organisation.objects.create(
        kind=kind, name_en=name_en, name_zh=name_zh, address_en=f"1 {name_en} Road", address_zh=f"{name_zh}路1号"
    )


def person(name: str, organisation: Any, *roles: str) -> Any:
    """A person with a verified e-mail address, so that signing in works as it does for everybody."""
    from allauth.account.models import EmailAddress

    from assessments.accounts.models import Membership, Person

    email = f"{name.lower()}@example.org"
    who = Person.objects.create_user(email, "a long password", name=name)
    EmailAddress.objects.create(user=who, email=email, verified=True, primary=True)
    for role in roles:
        Membership.objects.create(person=who, organisation=organisation, role=role)
    return who
