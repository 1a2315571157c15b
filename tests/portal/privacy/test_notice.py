"""The page for everybody on personal data: what the program does and the settings say, never otherwise."""

from __future__ import annotations

from typing import Any

import pytest
from django.test import Client

from portal.privacy.inventory import SECTIONS
from portal.privacy.retention import KINDS

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_everybody_reads_what_is_kept_why_and_for_how_long(client: Client, settings: Any, language: str) -> None:
    settings.RETENTION = {kind.code: 4000 + number for number, kind in enumerate(KINDS)}
    settings.DEFAULT_FROM_EMAIL = "Portal <data@portal.example>"
    answer = client.get("/privacy/notice/", headers={"Accept-Language": language})
    page = answer.content.decode()
    assert answer.status_code == 200
    short = {"en": "en", "zh-hans": "zh"}[language]
    for section in SECTIONS.values():
        for text in (section.title, section.why, section.until):
            assert getattr(text, short) in page
    for number, kind in enumerate(KINDS):
        assert getattr(kind.title, short) in page
        assert f">{4000 + number}<" in page
    assert 'href="mailto:data@portal.example"' in page
    assert 'href="/privacy/erase/"' not in page


def test_it_is_linked_at_the_foot_of_every_page_and_leads_on(client: Client, alice: Any) -> None:
    for path in ("/", "/accounts/signup/", "/no/such/page/"):
        assert 'href="/privacy/notice/"' in client.get(path).content.decode(), path
    client.force_login(alice)
    page = client.get("/privacy/notice/").content.decode()
    assert 'href="/privacy/"' in page
    assert 'href="/privacy/erase/"' in page
