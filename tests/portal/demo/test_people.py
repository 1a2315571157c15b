"""The people of the demo: found again at a second start, and each can sign in."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

from django.conf import settings
from django.test import Client

from assessments.accounts.models import Person, Role
from portal.demo.outcome import write_logins
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


def test_the_logins_of_everybody_fit_the_summary_s_schema(db: Any, tmp_path: Path) -> None:
    """A demo that serves writes them when it is ready; a role that the schema does not know would end it there."""
    words = script()["people"]
    cast = assemble(words)
    write_logins(tmp_path, "http://localhost:8000", cast.logins)
    told = json.loads((tmp_path / "summary.json").read_text(encoding="utf-8"))["logins"]
    assert {login["role"] for login in told} >= {member["role"] for member in words["members"]}
    schema = json.loads((settings.BASE_DIR / "docs/schemas/demo.schema.json").read_text(encoding="utf-8"))
    assert set(schema["properties"]["logins"]["items"]["properties"]["role"]["enum"]) == set(Role.values)
