"""A print fetches nothing: no other host, no file outside its own folder, however the address is written."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import pytest
import weasyprint

from assessments.presentation.paper.printing import FACES, Paper, _own_files_only

PIXEL = "data:image/gif;base64,R0lGODlhAQABAAAAACH5BAEKAAEALAAAAAABAAEAAAICTAEAOw=="


class Elsewhere(BaseHTTPRequestHandler):
    """Notes who asks, and sends everybody on to a file."""

    asked: list[str]

    def do_GET(self) -> None:
        type(self).asked.append(self.path)
        self.send_response(302)
        self.send_header("Location", "file:///etc/passwd")
        self.end_headers()

    def log_message(self, *arguments: Any) -> None:
        """Nothing is written to the screen."""


@pytest.fixture
def elsewhere() -> Iterator[str]:
    Elsewhere.asked = []
    server = HTTPServer(("127.0.0.1", 0), Elsewhere)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield f"http://127.0.0.1:{server.server_port}"
    server.shutdown()
    thread.join()
    server.server_close()


def test_a_hostile_page_is_printed_without_asking_anybody(elsewhere: str, tmp_path: Path) -> None:
    own, secret = tmp_path / "own", tmp_path / "secret.png"
    own.mkdir()
    secret.write_bytes(b"secret")
    style = own / "page.css"
    style.write_text(f"@import url('{elsewhere}/import.css'); @page {{ size: A4 }} h1 {{ color: #000 }}")
    html = f"""<html lang="en"><head><title>x</title>
      <link rel="stylesheet" href="{elsewhere}/link.css"><link rel="attachment" href="file:///etc/passwd">
      <style>@font-face {{ font-family: x; src: url({elsewhere}/font.ttf) }}
             h1 {{ background: url({elsewhere}/background.png); font-family: x }}</style></head>
      <body><h1>Report</h1><p>Text</p>
      <img src="{elsewhere}/image.png" alt="a"><img src="file:///etc/passwd" alt="b"><img src="../secret.png" alt="c">
      <object data="{elsewhere}/object.svg">d</object><embed src="{elsewhere}/embed.png">
      <svg width="9" height="9"><image href="{elsewhere}/inner.png"/><use href="{elsewhere}/use.svg#x"/></svg>
      <img src="{PIXEL}" alt="e"></body></html>"""
    made = Paper(html, style).pdf(b"0" * 16)
    assert made.startswith(b"%PDF-")
    assert Elsewhere.asked == []
    assert b"root:" not in made


def test_the_server_of_this_test_would_be_asked(elsewhere: str) -> None:
    """With WeasyPrint's own fetching the same page does ask, so that the test above can fail."""
    weasyprint.HTML(string=f'<img src="{elsewhere}/image.png" alt="">').write_pdf()
    assert Elsewhere.asked == ["/image.png"]


@pytest.mark.parametrize(
    "address",
    [
        "http://127.0.0.1:9/x",
        "https://example.org/x",
        "ftp://example.org/x",
        "file:///etc/passwd",
        "FILE:///etc/passwd",
        "file://localhost/etc/passwd",
        "{own}/../secret.png",
        "{own}/%2e%2e/secret.png",
        "{own}/%2E./secret.png",
        "{own}/link.png",
        "{own}x/../secret.png",
    ],
)
def test_only_own_files_and_what_stands_in_the_page_are_opened(address: str, tmp_path: Path) -> None:
    own = tmp_path / "own"
    own.mkdir()
    (tmp_path / "secret.png").write_bytes(b"secret")
    (own / "link.png").symlink_to(tmp_path / "secret.png")
    fetcher = _own_files_only(weasyprint, own, FACES.parent)
    with pytest.raises(ValueError, match="not fetched while printing"):
        fetcher.fetch(address.format(own=own.as_uri()))
    (own / "a b.css").write_bytes(b"p { color: red }")
    assert fetcher.fetch(f"{own.as_uri()}/a%20b.css")
    assert fetcher.fetch(PIXEL)
