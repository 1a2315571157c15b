"""nginx in front of the portal: one reading of each request, headers once, static files for a year, nothing else."""

from __future__ import annotations

import contextlib
import http.client
import json
import re
import socket
import ssl
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from scripts.lib.topology import HOST, Topology
from tests.production.visiting import connection, get

pytestmark = [pytest.mark.rehearsal, pytest.mark.timeout(300)]

SECURITY = (
    "Content-Security-Policy",
    "Strict-Transport-Security",
    "X-Content-Type-Options",
    "X-Frame-Options",
    "Referrer-Policy",
    "Cross-Origin-Opener-Policy",
)
# Each can be read in two ways; whoever reads it the other way finds a second request in its body.
SMUGGLED = {
    "two lengths": "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 6\r\nContent-Length: 5\r\n\r\n0\r\n\r\nG",
    "length and chunks": (
        "POST / HTTP/1.1\r\nHost: {host}\r\nContent-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG"
    ),
    "two encodings": (
        "POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: chunked\r\nTransfer-Encoding: identity\r\n\r\n0\r\n\r\nG"
    ),
    "another encoding": "POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding: xchunked\r\n\r\n0\r\n\r\nG",
    "blank before the colon": "POST / HTTP/1.1\r\nHost: {host}\r\nTransfer-Encoding : chunked\r\n\r\n0\r\n\r\nG",
    "two hosts": "GET / HTTP/1.1\r\nHost: {host}\r\nHost: elsewhere.example\r\n\r\n",
    "no host": "GET / HTTP/1.1\r\nAccept: text/html\r\n\r\n",
}


def raw(stack: Topology, text: str, *, server_name: str = HOST) -> bytes:
    """Send bytes as they stand and give all that comes back until the connection ends."""
    context = ssl.create_default_context(cafile=str(stack.ca))
    with (
        socket.create_connection((HOST, stack.port_tls), timeout=10) as plain,
        context.wrap_socket(plain, server_hostname=server_name) as secure,
    ):
        secure.sendall(text.format(host=f"{HOST}:{stack.port_tls}").encode())
        content = b""
        while block := secure.recv(65536):
            content += block
        return content


@pytest.mark.parametrize("text", SMUGGLED.values(), ids=SMUGGLED)
def test_a_request_that_can_be_read_in_two_ways_is_refused_by_nginx(stack: Topology, text: str) -> None:
    answer = raw(stack, text)
    assert re.match(rb"HTTP/1\.1 (400|501) ", answer), answer[:200]
    assert answer.count(b"HTTP/1.1 ") == 1
    assert b"X-Request-ID" not in answer  # the portal was not asked


def test_security_headers_stand_there_once(stack: Topology) -> None:
    answer, _ = get(stack, "/registry/")
    assert {name: len(answer.headers.get_all(name, [])) for name in SECURITY} == dict.fromkeys(SECURITY, 1)
    assert answer.getheader("Server") == "nginx"


def test_files_named_by_their_digest_are_kept_for_a_year(stack: Topology) -> None:
    _, page = get(stack, "/")
    found = re.search(r'href="(/static/css/layout\.[0-9a-f]{12}\.css)"', page.decode())
    assert found, "the page names no style sheet by its digest"
    answer, _ = get(stack, found[1], Accept_Encoding="gzip")
    assert answer.status == 200
    assert answer.getheader("Cache-Control") == "public, max-age=31536000, immutable"
    assert answer.getheader("Content-Encoding") == "gzip"
    assert answer.getheader("X-Content-Type-Options") == "nosniff"
    plain, _ = get(stack, "/static/css/layout.css")
    page_says = get(stack, "/registry/")[0].getheader("Strict-Transport-Security")
    assert {one.getheader("Strict-Transport-Security") for one in (answer, plain)} == {page_says}
    assert plain.getheader("Cache-Control") == "public, max-age=60"
    assert get(stack, "/static/../secrets/secret-key")[0].status in (400, 404)


def test_other_names_reach_nothing(stack: Topology) -> None:
    with pytest.raises(ssl.SSLError):
        raw(stack, "GET / HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n", server_name="elsewhere.example")
    answer = raw(stack, "GET / HTTP/1.1\r\nHost: elsewhere.example\r\nConnection: close\r\n\r\n")
    assert b"X-Request-ID" not in answer
    with socket.create_connection((HOST, stack.port("nginx", 8080)), timeout=5) as plain:
        plain.sendall(b"GET / HTTP/1.1\r\nHost: elsewhere.example\r\n\r\n")
        with contextlib.suppress(ConnectionResetError):
            assert plain.recv(100) == b""
    with socket.create_connection((HOST, stack.port("nginx", 8080)), timeout=5) as plain:
        plain.sendall(f"GET /registry/?q=a HTTP/1.1\r\nHost: {HOST}\r\nConnection: close\r\n\r\n".encode())
        assert f"Location: {stack.url}/registry/?q=a\r\n" in plain.recv(4096).decode()


def test_what_a_visitor_says_about_the_way_is_not_believed(stack: Topology) -> None:
    answer, _ = get(stack, "/registry/", X_Forwarded_Proto="http", X_Forwarded_Host="elsewhere.example")
    assert answer.status == 200  # believed, it would be sent to HTTPS again
    address = raw(
        stack,
        "GET /admin/ HTTP/1.1\r\nHost: {host}\r\nX-Forwarded-Host: elsewhere.example\r\nConnection: close\r\n\r\n",
    )
    assert b"elsewhere.example" not in address


def test_one_number_names_a_request_in_both_logs(stack: Topology) -> None:
    answer, _ = get(stack, "/registry/?q=nobody-should-log-this")
    number = answer.getheader("X-Request-ID") or "none"
    lines: list[dict[str, str]] = []
    end = time.monotonic() + 10  # nginx writes its line when the answer has left
    while not lines and time.monotonic() < end:
        time.sleep(0.1)
        lines = [json.loads(line) for line in stack.log("nginx").read_text().splitlines() if number in line]
    assert [(line["path"], line["status"]) for line in lines] == [("/registry/", "200")]
    logs = "".join(stack.log(part).read_text() for part in ("nginx", "web-1", "web-2"))
    assert logs.count(number) >= 2
    assert "nobody-should-log-this" not in logs


def test_too_large_a_body_is_refused_before_it_is_sent(stack: Topology) -> None:
    asked = connection(stack)
    asked.putrequest("POST", "/verify/?q=neither-should-log-this")
    asked.putheader("Content-Length", str(700 * 1024 * 1024))
    asked.endheaders()
    assert asked.getresponse().status == 413
    asked.close()
    # nginx's own line of such an error would hold the whole request.
    assert "neither-should-log-this" not in stack.log("nginx").read_text()


def test_slow_clients_wait_at_nginx_and_hold_no_worker(stack: Topology) -> None:
    """Twice as many as the web servers have threads send one byte of a body or half of a header, and no more."""
    context = ssl.create_default_context(cafile=str(stack.ca))
    body = "POST /verify/ HTTP/1.1\r\nHost: {host}\r\nContent-Length: 9999\r\n\r\nx"
    with contextlib.ExitStack() as open_:
        for number in range(64):
            plain = open_.enter_context(socket.create_connection((HOST, stack.port_tls), timeout=10))
            slow = open_.enter_context(context.wrap_socket(plain, server_hostname=HOST))
            text = body if number % 2 else "GET /registry/ HTTP/1.1\r\nHo"
            slow.sendall(text.format(host=f"{HOST}:{stack.port_tls}").encode())
        began = time.monotonic()
        assert [get(stack, "/registry/")[0].status for _ in range(3)] == [200] * 3
        assert time.monotonic() - began < 10


def read_on(stack: Topology) -> http.client.HTTPResponse:
    """Read as fast as one connection can until told to wait."""
    asked = connection(stack)
    for _ in range(900):
        asked.request("HEAD", "/healthz")
        answer = asked.getresponse()
        answer.read()
        if answer.status != 200:
            break
    asked.close()
    return answer


def test_one_address_reads_at_a_pace_and_is_told_to_wait(stack: Topology) -> None:
    """Four hundred at once are taken; programs that go on are held back by nginx before the portal is asked."""
    with ThreadPoolExecutor(8) as readers:
        answers = [future.result() for future in [readers.submit(read_on, stack) for _ in range(8)]]
    assert {answer.status for answer in answers} == {429}
    assert {answer.getheader("Retry-After") for answer in answers} == {"10"}
    assert not [answer for answer in answers if answer.getheader("X-Request-ID")]


def test_the_queue_asks_for_its_password(stack: Topology) -> None:
    with socket.create_connection(("127.0.0.1", stack.port("redis", 6379)), timeout=5) as plain:
        plain.sendall(b"PING\r\n")
        assert plain.recv(100).startswith(b"-NOAUTH")


def test_figures_for_the_operator_are_not_public(stack: Topology) -> None:
    assert get(stack, "/metrics")[0].status == 404
