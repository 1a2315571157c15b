"""A cold public page is light: what a browser with an empty cache receives from the server with collected files."""

from __future__ import annotations

import re
import urllib.request
import zlib
from typing import Any

import pytest
from playwright.sync_api import Browser

from tests.pages.catalogue import Page, Site

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]
LIMIT = 100_000
BLOCKING = 3
FINGERPRINT = re.compile(r"\.[0-9a-f]{12}\.[a-z0-9]+$")
# Not for the public: shown on a portal under development only.
APART = ("presentation:design", "accounts:mail")


class Cold:
    """One visit with an empty cache: each answer with its address, its length on the wire, and its headers."""

    def __init__(self, browser: Browser, site: Site, address: str) -> None:
        context = browser.new_context(base_url=site.url, locale="en-GB")
        page = context.new_page()
        wire = context.new_cdp_session(page)
        wire.send("Network.enable")
        self.answers: dict[str, dict[str, Any]] = {}
        self.lengths: dict[str, float] = {}
        wire.on("Network.responseReceived", lambda e: self.answers.update({e["requestId"]: e["response"]}))
        wire.on("Network.loadingFinished", lambda e: self.lengths.update({e["requestId"]: e["encodedDataLength"]}))
        page.goto(address, wait_until="load")
        page.wait_for_timeout(100)  # pictures in sight that load lazily
        self.text = page.content()
        self.html = zlib.compress(context.request.get(address).body(), 6)
        context.close()

    def weight(self) -> float:
        """Bytes received, where the document counts as the reverse proxy sends it: compressed."""
        parts = [self.lengths.get(key, 0.0) for key, answer in self.answers.items() if "/static/" in answer["url"]]
        return sum(parts) + len(self.html)


def public(pages: list[Page]) -> list[Page]:
    return [page for page in pages if page.actor == "anonymous" and page.name not in APART]


def test_a_cold_public_page_is_light(browser: Browser, site: Site, pages: list[Page]) -> None:
    heavy = {}
    for page in public(pages):
        weight = Cold(browser, site, page.address).weight()
        if weight > LIMIT:
            heavy[str(page)] = f"{weight / 1000:.0f} kB"
    assert heavy == {}


def test_what_stands_in_the_way_of_the_first_picture(site: Site) -> None:
    """Style sheets, and scripts that are not deferred; everything else waits."""
    _status, _kind, text = site.ask("/", "anonymous")
    head = text[: text.index("</head>")]
    blocking = re.findall(r'<link rel="stylesheet"[^>]*>|<script(?![^>]*\b(?:defer|async|module)\b)[^>]*>', head)
    assert len(blocking) <= BLOCKING, blocking


def test_files_of_pages_are_fingerprinted_compressed_and_kept_for_a_year(site: Site) -> None:
    _status, _kind, text = site.ask("/", "anonymous")
    files = sorted(set(re.findall(r'(?:href|src)="(/static/[^"]+)"', text)))
    assert len(files) >= 5
    for file in files:
        assert FINGERPRINT.search(file), file
        request = urllib.request.Request(site.url + file, headers={"Accept-Encoding": "gzip, br"})  # noqa: S310
        with urllib.request.urlopen(request, timeout=30) as answer:  # noqa: S310 - our own server
            assert answer.headers["Cache-Control"] == "max-age=315360000, public, immutable", file
            assert answer.headers["Vary"] == "Accept-Encoding", file
            if int(answer.headers["Content-Length"]) > 1000:
                assert answer.headers["Content-Encoding"] in ("gzip", "br"), file
