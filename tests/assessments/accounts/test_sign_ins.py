"""Where one is signed in, ending it, closing accounts; throttled attempts that tell nobody who exists."""

from __future__ import annotations

import re
import subprocess
import sys
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as portal_settings
from django.core import mail
from django.core.cache import cache
from django.core.exceptions import ValidationError
from django.db import connection
from django.test import Client
from django.utils import timezone
from rest_framework.test import APIClient

from assessments.accounts import services, sign_ins
from assessments.accounts.models import Remembered, SignIn
from assessments.accounts.tokens import make_token
from assessments.ledger.services import history
from tests.assessments.accounts.conftest import PASSWORD

pytestmark = pytest.mark.django_db
FIREFOX = "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0"
SAFARI = "Mozilla/5.0 (iPhone; CPU iPhone OS 18_5 like Mac OS X) AppleWebKit/605.1.15 Version/18.5 Mobile Safari/604.1"
EDGE = "Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/138.0 Safari/537.36 Edg/138.0"


@pytest.mark.parametrize(
    ("agent", "words"),
    [(FIREFOX, "Firefox · Linux"), (SAFARI, "Safari · iOS"), (EDGE, "Edge · Windows"), ("curl/8", "")],
)
def test_a_browser_is_named_in_two_words(agent: str, words: str) -> None:
    assert sign_ins.device(agent) == words


def test_each_browser_is_listed_and_ended(alice: Any, bob: Any, sign_in: Any) -> None:
    here, there, other = sign_in(alice, agent=FIREFOX), sign_in(alice, agent=SAFARI), sign_in(bob)
    page = here.get("/account/sign-ins/").content.decode()
    assert "Firefox · Linux" in page
    assert "Safari · iOS" in page
    assert "127.0.0.0/24" in page
    assert "127.0.0.1" not in page
    row = SignIn.objects.get(person=alice, agent=SAFARI)
    assert other.post(f"/account/sign-ins/{row.pk}/end/").status_code == 404
    here.post(f"/account/sign-ins/{row.pk}/end/")
    assert there.get("/account/")["Location"].startswith("/accounts/login/")
    assert here.get("/account/").status_code == 200
    assert history(alice).last().transition == "sign_ins_ended"


def test_sign_out_everywhere_else(alice: Any, sign_in: Any) -> None:
    clients = [sign_in(alice) for _ in range(3)]
    clients[1].post("/account/sign-ins/others/end/")
    assert [client.get("/account/").status_code for client in clients] == [302, 200, 302]


def test_signing_out_ends_the_row(alice: Any, sign_in: Any) -> None:
    client = sign_in(alice)
    client.post("/accounts/logout/")
    assert not sign_ins.current(alice).exists()


def test_a_changed_password_ends_the_others(alice: Any, sign_in: Any) -> None:
    here, there = sign_in(alice), sign_in(alice)
    new = {"oldpassword": PASSWORD, "password1": "another long one", "password2": "another long one"}
    here.post("/accounts/password/change/", new)
    assert there.get("/account/")["Location"].startswith("/accounts/login/")
    assert here.get("/account/sign-ins/").content.decode().count('class="record') == 1
    assert history(alice).last().transition == "password_changed"
    assert "password was changed" in mail.outbox[-1].subject


def test_a_working_day_ends_however_busy_it_was(alice: Any, sign_in: Any) -> None:
    client = sign_in(alice)
    noted = client.session[sign_ins.NOTED]
    session = client.session
    began = timezone.now() - portal_settings.SIGN_IN_LASTS - timedelta(seconds=1)
    session[sign_ins.NOTED] = {**noted, "began": began.isoformat()}
    session.save()
    assert client.get("/account/")["Location"].startswith("/accounts/login/")


def test_the_last_moment_is_kept_true_without_writing_each_time(alice: Any, sign_in: Any) -> None:
    client = sign_in(alice)
    SignIn.objects.update(seen_at=timezone.now() - timedelta(hours=1))
    client.get("/account/")
    assert SignIn.objects.get().seen_at < timezone.now() - timedelta(minutes=30)  # noted a moment ago: nothing written
    session = client.session
    session[sign_ins.NOTED] = {**session[sign_ins.NOTED], "at": (timezone.now() - timedelta(minutes=6)).isoformat()}
    session.save()
    client.get("/account/")
    assert SignIn.objects.get().seen_at > timezone.now() - timedelta(minutes=1)


def test_closing_an_account_takes_effect_at_once(alice: Any, bob: Any, administrator: Any, sign_in: Any) -> None:
    client, api = sign_in(alice), APIClient(headers={"Authorization": f"Bearer {make_token(alice, 'build')}"})
    operator = sign_in(administrator)
    assert api.get("/api/systems/").status_code == 200
    operator.post(f"/people/{alice.pk}/close/")
    assert client.get("/account/")["Location"].startswith("/accounts/login/")
    assert api.get("/api/systems/").status_code == 401
    again = Client().post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert "/dashboard/" not in again.headers.get("Location", "")
    operator.post(f"/people/{alice.pk}/reopen/")
    assert sign_in(alice).get("/account/").status_code == 200
    assert api.get("/api/systems/").status_code == 401  # tokens are made anew
    moves = [entry.transition for entry in history(alice)]
    assert moves == ["token_made", "sign_ins_ended", "deactivated", "reactivated"]
    with pytest.raises(ValidationError):
        services.deactivate(administrator, actor=None)  # the last one


def test_wrong_passwords_are_throttled_for_the_address_and_for_the_account(alice: Any) -> None:
    client = Client()
    for _ in range(5):
        client.post("/accounts/login/", {"login": alice.email, "password": "wrong"})
    right = client.post("/accounts/login/", {"login": alice.email, "password": PASSWORD})
    assert right.status_code == 200
    assert "Too many failed login attempts" in right.content.decode()
    # The same account from elsewhere is closed too, as the attempts are counted by account.
    elsewhere = Client(REMOTE_ADDR="203.0.113.7")
    assert elsewhere.post("/accounts/login/", {"login": alice.email, "password": PASSWORD}).status_code == 200


def test_too_many_attempts_from_one_place_get_a_page(alice: Any) -> None:
    client = Client()
    answers = [client.post("/accounts/password/reset/", {"email": f"n{i}@example.org"}) for i in range(21)]
    assert answers[-1].status_code == 429
    assert "Wait five minutes" in answers[-1].content.decode()
    assert answers[-2].status_code == 302


def test_another_process_counts_along(alice: Any, transactional_db: None) -> None:
    """The throttle's memory is the database, so a second web process sees what this one counted."""
    for _ in range(5):
        Client().post("/accounts/login/", {"login": alice.email, "password": "wrong"})
    key = Remembered.objects.filter(key__contains="login_failed", key__regex=r"5/300").values_list("key", flat=True)
    name = key.get().partition(":")[2].partition(":")[2]
    program = (
        "import django; django.setup()\n"
        "from django.conf import settings; settings.DATABASES['default']['NAME'] = {name!r}\n"
        "from django.db import connection; connection.settings_dict['NAME'] = {name!r}\n"
        "from django.core.cache import cache; print(len(cache.get({key!r})))"
    ).format(name=str(connection.settings_dict["NAME"]), key=name)
    env = {"DJANGO_SETTINGS_MODULE": "tests.settings", "PATH": "/usr/bin:/bin"}
    env |= {k: v for k, v in __import__("os").environ.items() if k.startswith(("PORTAL_", "DATABASE_"))}
    done = subprocess.run(
        [sys.executable, "-c", program],
        env=env, cwd=Path(portal_settings.BASE_DIR), capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.stdout.strip() == "5", done.stderr


def test_the_shared_cache_does_what_a_cache_does(db: None) -> None:
    assert cache.add("one", [1.5], 60)
    assert not cache.add("one", [2.5], 60)
    assert cache.get("one") == [1.5]
    cache.set("one", {"a": None}, 0.0)
    assert cache.get("one", "gone") == "gone"
    assert cache.add("one", 3, None)
    assert cache.touch("one", 60)
    assert cache.delete("one")
    assert not cache.delete("one")
    with pytest.raises(TypeError):
        cache.set("thing", object())  # JSON only: nothing that is read back can run
    cache.set("two", 2)
    cache.clear()
    assert cache.get("two") is None


def test_nobody_learns_who_exists(alice: Any) -> None:
    """Signing in, resetting and signing up answer the same for an address that is here and one that is not."""

    def said(path: str, fields: dict[str, str]) -> tuple[int, str, str]:
        answer = Client().post(path, fields)
        text = re.sub(r"value=\"[^\"]*\"|[0-9a-f]{32}|[A-Za-z0-9]{64}", "", answer.content.decode())
        return answer.status_code, answer.headers.get("Location", ""), text

    known, unknown = alice.email, "who@example.org"
    for path, name, more in (
        ("/accounts/login/", "login", {"password": "wrong"}),
        ("/accounts/password/reset/", "email", {}),
        (
            "/accounts/signup/",
            "email",
            {"name": "N", "organisation_en": "New Ltd", "password1": PASSWORD, "password2": PASSWORD},
        ),
    ):
        assert said(path, {name: known, **more}) == said(path, {name: unknown, **more, "organisation_en": "Newer Ltd"})
    assert [letter.to[0] for letter in mail.outbox].count(alice.email) == 2  # only the mailbox is told
