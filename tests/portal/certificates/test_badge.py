"""The badge says what the certificate is worth today, to any site, and nothing runs in it."""

from __future__ import annotations

import re
from typing import Any

import pytest
from django.test import Client

from portal.assurance.services import change_status
from portal.certificates import badge

pytestmark = pytest.mark.django_db


def words(content: bytes) -> str:
    return " ".join(re.findall(r">([^<]+)<", content.decode()))


def test_the_picture_follows_the_status_and_may_be_shown_anywhere(issued: Any, regulator: Any) -> None:
    address = f"/badge/{issued.number}.svg"
    answer = Client().get(address)
    assert answer["Content-Type"] == "image/svg+xml"
    assert answer["Cache-Control"] == "public, max-age=300"
    assert "default-src 'none'" in answer["Content-Security-Policy"]
    assert answer["Cross-Origin-Resource-Policy"] == "cross-origin"
    assert "sessionid" not in answer.cookies
    assert "in force" in words(answer.content)
    assert issued.number in words(answer.content)
    assert "有效" in words(Client().get(f"{address}?lang=zh-hans").content)
    assert b"<script" not in answer.content
    assert b"style=" not in answer.content
    change_status(issued, "suspend", actor=regulator, reason="Surveillance is overdue.")
    assert "suspended" in words(Client().get(address).content)
    assert Client().get("/badge/NOTHING-2026-0001.svg").status_code == 404


def test_the_page_has_text_picture_code_and_rules_in_both_languages(issued: Any, regulator: Any) -> None:
    place = f"/certificates/{issued.number}/"
    assert f"{place}badge/" in Client().get(place).content.decode()
    page = Client().get(f"{place}badge/").content.decode()
    for language in ("en", "zh"):
        text = badge.reference(issued, language)
        assert issued.number in text
        assert text in page.replace("&quot;", '"')
    assert "Rules of use" in page
    assert "使用规则" in Client(headers={"Accept-Language": "zh-hans"}).get(f"{place}badge/").content.decode()
    assert "Do not refer to it now" not in page
    change_status(issued, "suspend", actor=regulator, reason="Surveillance is overdue.")
    assert "Do not refer to it now" in Client().get(f"{place}badge/").content.decode()


def test_the_codes_are_files_of_their_kind(issued: Any) -> None:
    png = Client().get(f"/certificates/{issued.number}/qr.png")
    assert (png["Content-Type"], png.content[:8]) == ("image/png", b"\x89PNG\r\n\x1a\n")
    svg = Client().get(f"/certificates/{issued.number}/qr.svg")
    assert (svg["Content-Type"], svg.content[:4]) == ("image/svg+xml", b"<svg")
