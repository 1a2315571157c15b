"""A browser without script, as plain HTTP: signs in by the form and sends files in one multipart request each."""

from __future__ import annotations

import html
import http.cookiejar
import re
import urllib.error
import urllib.parse
import urllib.request
import uuid
from dataclasses import dataclass

from tests.journeys.stack import PASSWORD, Portal

TOKEN = re.compile(r'name="csrfmiddlewaretoken" value="([^"]+)"')


@dataclass(frozen=True)
class Answer:
    """A page as it came, after the redirects that a browser follows."""

    status: int
    address: str
    text: str

    @property
    def words(self) -> str:
        """What a person reads: no tags, entities resolved, blanks as one space."""
        return re.sub(r"\s+", " ", html.unescape(re.sub(r"<[^>]+>", " ", self.text)))


class PlainBrowser:
    """Keeps cookies and follows redirects."""

    def __init__(self, portal: Portal) -> None:
        self.portal = portal
        self.jar = http.cookiejar.CookieJar()
        self.opener = urllib.request.build_opener(urllib.request.HTTPCookieProcessor(self.jar))

    def get(self, address: str) -> Answer:
        return self._ask(address)

    def sign_in(self, name: str) -> PlainBrowser:
        values = {"login": f"{name.lower()}@example.org", "password": PASSWORD, "csrfmiddlewaretoken": self._token()}
        body = urllib.parse.urlencode(values).encode()
        answer = self._ask("/accounts/login/", body)
        assert "/accounts/login/" not in answer.address, answer.words
        return self

    def switch_language(self, language: str) -> PlainBrowser:
        """By the button at the head of every page."""
        values = {"language": language, "next": "/", "csrfmiddlewaretoken": self._token("/")}
        self._ask("/i18n/setlang/", urllib.parse.urlencode(values).encode())
        return self

    def send_file(self, address: str, filename: str, content: bytes, **fields: str) -> Answer:
        """One streamed multipart POST, as the form does it."""
        boundary = uuid.uuid4().hex
        fields["csrfmiddlewaretoken"] = self._token(address)
        parts = [
            f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"\r\n\r\n{value}\r\n'.encode()
            for name, value in fields.items()
        ]
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="file"; filename="{filename}"\r\n'
        parts += [f"{head}Content-Type: application/octet-stream\r\n\r\n".encode(), content, b"\r\n"]
        body = b"".join([*parts, f"--{boundary}--\r\n".encode()])
        return self._ask(address, body, f"multipart/form-data; boundary={boundary}")

    def _token(self, address: str = "/accounts/login/") -> str:
        found = TOKEN.search(self.get(address).text)
        assert found, f"no form at {address}"
        return found.group(1)

    def _ask(self, address: str, body: bytes | None = None, kind: str = "application/x-www-form-urlencoded") -> Answer:
        request = urllib.request.Request(self.portal.url + address, body)  # noqa: S310 - always our own portal
        if body is not None:
            request.add_header("Content-Type", kind)
        try:
            with self.opener.open(request, timeout=60) as answer:
                return Answer(answer.status, answer.url, answer.read().decode())
        except urllib.error.HTTPError as error:
            with error:
                return Answer(error.code, error.url or "", error.read().decode())
