"""Addresses that open something to whoever has them do not stand in the logs; cookies that nobody else can plant."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import URLResolver, get_resolver

from portal.logs import SECRET_PART, hide_secrets

ROOT = Path(settings.BASE_DIR)
SECRET = "s3cret-Part_x"
NAMES = re.compile(r"\(\?P<(?:key|secret|token)>|<\w+:(?:key|secret|token)>")


def routes(resolver: Any, before: str = "") -> Iterator[str]:
    for pattern in resolver.url_patterns:
        route = before + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from routes(pattern, route)
        elif NAMES.search(route):
            yield route


def addresses() -> list[str]:
    """An address of each route that names a secret."""
    found = []
    for route in routes(get_resolver()):
        path = re.sub(r"\(\?P<\w+>[^)]*\)", SECRET, NAMES.sub("(?P<key>" if "(?P" in route else SECRET, route))
        path = re.sub(r"<\w+:\w+>", SECRET, path) if "<" in path else path
        found.append("/" + re.sub(r"\(\?P<key>[^)]*\)", SECRET, path).replace("^", "").replace("$", "").rstrip(">"))
    return found


def test_the_secret_part_of_each_address_is_hidden() -> None:
    found = addresses()
    assert len(found) >= 4, found
    for address in found:
        event = hide_secrets(None, "info", {"event": f"Not Found: {address}", "path": address, "status": 404})
        assert SECRET not in str(event), address
        assert "…" in event["path"]
    assert hide_secrets(None, "info", {"path": "/account/tokens/"}) == {"path": "/account/tokens/"}


def test_nginx_hides_the_same() -> None:
    template = (ROOT / "deploy/nginx.conf.template").read_text(encoding="utf-8")
    ours = re.search(r"\(\?:(.*)\)/\)", SECRET_PART.pattern)
    assert ours
    assert f"(?<before>/(?:{ours[1]})/)" in template
    assert '"path": "$told_path"' in template


@pytest.mark.parametrize(("address", "name"), [("https://portal.example.org", "__Host-"), ("http://localhost", "")])
def test_cookies_are_bound_to_the_host_where_there_is_tls(tmp_path: Path, address: str, name: str) -> None:
    program = (
        "from django.conf import settings as s; import django; django.setup();"
        "print(s.SESSION_COOKIE_NAME, s.CSRF_COOKIE_NAME, s.SESSION_COOKIE_PATH, s.SESSION_COOKIE_DOMAIN)"
    )
    environment = {"PORTAL_VAR": str(tmp_path), "PORTAL_URL": address, "DJANGO_SETTINGS_MODULE": "portal.settings"}
    environment |= {"PATH": os.environ["PATH"]}
    done = subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=environment, capture_output=True, text=True, check=True
    )
    assert done.stdout.split() == [f"{name}sessionid", f"{name}csrftoken", "/", "None"]
