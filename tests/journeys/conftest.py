"""A portal in this process for journeys that begin from what services prepared, and people who come to it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from functools import cache
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import pytest
from playwright.sync_api import Browser

from portal.certificates.keys import development_keys
from tests.factories import cases
from tests.journeys.main_job import Enter
from tests.journeys.visitor import Visitor
from tests.portal.access.conftest import small_pdf

Arrive = Callable[[Any, Callable[..., Visitor]], Enter]


@pytest.fixture
def here(live_server: Any, settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Any:
    """Pages and database; no workers, certificates on small paper, mail in a folder."""
    settings.KEY_ROOT, settings.EMAIL_FILE_PATH = tmp_path / "keys", tmp_path / "mail"
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    settings.SITE_URL = live_server.url.replace("127.0.0.1", "localhost")
    development_keys(settings.KEY_ROOT)
    monkeypatch.setattr(cases, "shipped_standard", cache(cases.shipped_standard))
    monkeypatch.setattr("portal.certificates.services.render_pdf", lambda snapshot: small_pdf())
    return SimpleNamespace(url=settings.SITE_URL, check=lambda: None)


@pytest.fixture
def arrive(browser: Browser) -> Iterator[Arrive]:
    """People at browsers of their own, at a portal, with one kind of hand; signed in when they have a name."""
    visitors: list[Visitor] = []

    def at(portal: Any, hand: Callable[..., Visitor]) -> Enter:
        def enter(name: str) -> Visitor:
            visitors.append(hand(browser, portal))
            return visitors[-1].sign_in(name) if name else visitors[-1]

        return enter

    yield at
    for visitor in visitors:
        visitor.close()
