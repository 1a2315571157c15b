"""The people of the demo: found again at a second start, and each can sign in."""

from __future__ import annotations

from typing import Any

from django.test import Client

from assessments.accounts.models import Person, Role
from portal.demo.people import assemble, script


def test_each_login_works_and_a_second_start_adds_nobody(db: Any) -> None:
    words = script()["people"]
    cast = assemble(words)
    number = Person.objects.count()
    assert assemble(words).logins == cast.logins
    assert Person.objects.count() == number
    roles = {login["role"] for login in cast.logins}
    staff = {Role.LEAD_EVALUATOR, Role.EVALUATOR, Role.REVIEWER, Role.SCHEME_OWNER}
    assert roles == staff | {Role.REGULATOR, Role.ADMINISTRATOR}
    for login in cast.logins:
        answer = Client().post("/accounts/login/", {"login": login["email"], "password": login["password"]})
        assert answer.headers.get("Location") == "/dashboard/", login
