"""Links outward trust nobody whose certificate is not sound: mail, and the requests of sign-on and timestamps."""

from __future__ import annotations

import ssl
import threading
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from pathlib import Path
from typing import Any

import environ
import pytest
import requests
from django.core.mail.backends.smtp import EmailBackend

from scripts.lib.materials import server_certificate


class Asked(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        self.send_response(204)
        self.end_headers()

    def log_message(self, *arguments: Any) -> None:
        """Nothing is written to the screen."""


class Closed(HTTPServer):
    def handle_error(self, request: Any, client_address: Any) -> None:
        """A client that does not trust the certificate ends the handshake, which is what is wanted."""


@pytest.fixture
def impostor(tmp_path: Path) -> Iterator[tuple[int, Path]]:
    """A server that says it is localhost and has a certificate that nobody vouches for; its port, and that."""
    certificate, key = server_certificate("localhost")
    (tmp_path / "certificate.pem").write_bytes(certificate)
    (tmp_path / "key.pem").write_bytes(key)
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(tmp_path / "certificate.pem", tmp_path / "key.pem")
    server = Closed(("127.0.0.1", 0), Asked)
    server.socket = context.wrap_socket(server.socket, server_side=True, do_handshake_on_connect=True)
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server.server_port, tmp_path / "certificate.pem"
    server.shutdown()
    thread.join()
    server.server_close()


def test_mail_is_given_to_no_server_without_a_sound_certificate(impostor: tuple[int, Path]) -> None:
    port, _ = impostor
    named = environ.Env.email_url_config(f"smtp+ssl://user:password@localhost:{port}")
    backend = EmailBackend(
        host=named["EMAIL_HOST"],
        port=named["EMAIL_PORT"],
        username=named["EMAIL_HOST_USER"],
        password=named["EMAIL_HOST_PASSWORD"],
        use_ssl=named["EMAIL_USE_SSL"],
        timeout=5,
    )
    with pytest.raises(ssl.SSLCertVerificationError):
        backend.open()
    starttls = environ.Env.email_url_config("smtp+tls://user:password@mail.example.org:587")
    assert starttls["EMAIL_USE_TLS"] is True
    assert EmailBackend(use_tls=True).ssl_context.verify_mode is ssl.CERT_REQUIRED
    assert EmailBackend(use_tls=True).ssl_context.check_hostname


def test_requests_outward_refuse_it_and_take_one_that_is_vouched_for(impostor: tuple[int, Path]) -> None:
    port, certificate = impostor
    with pytest.raises(requests.exceptions.SSLError):
        requests.get(f"https://localhost:{port}/.well-known/openid-configuration", timeout=5)
    assert requests.get(f"https://localhost:{port}/", timeout=5, verify=str(certificate)).status_code == 204
