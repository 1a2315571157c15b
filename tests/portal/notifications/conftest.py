"""A mail server of the tests' own, and an application that stands before its body."""

from __future__ import annotations

import asyncio
import email
import email.policy
import threading
from collections.abc import Iterator
from datetime import timedelta
from email.message import EmailMessage
from typing import Any, Self

import pytest
from django.utils import timezone

from assessments.applications.models import Application
from assessments.applications.workflow import WORKFLOW
from assessments.ledger.workflow import move
from assessments.systems.models import System, SystemVersion
from evaluations.cases.models import Case
from portal.certificates.models import Certificate
from tests.factories.certificates import snapshot


class MailServer:
    """Speaks as much SMTP (RFC 5321) as a client needs, and keeps what it accepts. `refusals` get 451 first."""

    def __init__(self) -> None:
        self.received: list[EmailMessage] = []
        self.recipients: list[str] = []
        self.refusals = 0
        self.port = 0
        self._loop = asyncio.new_event_loop()
        self._ready = threading.Event()
        self._thread = threading.Thread(target=self._loop.run_until_complete, args=(self._serve(),))

    def __enter__(self) -> Self:
        self._thread.start()
        assert self._ready.wait(10)
        return self

    def __exit__(self, *_: object) -> None:
        self._loop.call_soon_threadsafe(self._over.set)
        self._thread.join(10)
        self._loop.close()

    async def _serve(self) -> None:
        self._over = asyncio.Event()
        server = await asyncio.start_server(self._converse, "127.0.0.1", 0)
        self.port = server.sockets[0].getsockname()[1]
        self._ready.set()
        await self._over.wait()
        server.close()
        await server.wait_closed()

    async def _converse(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        async def say(line: str) -> None:
            writer.write(f"{line}\r\n".encode())
            await writer.drain()

        await say("220 sink ready")
        while line := await reader.readline():
            command = line.decode().strip()
            verb = command[:4].upper()
            if verb == "DATA":
                await say("354 go on")
                await say(self._take(await reader.readuntil(b"\r\n.\r\n")))
            elif verb == "QUIT":
                await say("221 bye")
                break
            else:
                if verb == "RCPT":
                    self.recipients.append(command.partition("<")[2].partition(">")[0])
                await say("250 ok")
        writer.close()
        await writer.wait_closed()

    def _take(self, data: bytes) -> str:
        if self.refusals:
            self.refusals -= 1
            return "451 try again later"
        content = data.removesuffix(b".\r\n").replace(b"\r\n..", b"\r\n.")
        self.received.append(email.message_from_bytes(content, policy=email.policy.default))  # type: ignore[arg-type]
        return "250 kept"


@pytest.fixture
def mail_server(settings: Any) -> Iterator[MailServer]:
    """The portal's mail goes to a real server on this computer."""
    with MailServer() as server:
        settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
        settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", server.port
        yield server


@pytest.fixture
def version(vendor: Any) -> SystemVersion:
    system = System.objects.create(organisation=vendor, name_en="Digit reader", name_zh="手写数字识别系统")
    return SystemVersion.objects.create(system=system, label="1.0.0")


def submitted(version: SystemVersion, body: Any, by: Any) -> Application:
    """An application that `by` has handed in."""
    application = Application.objects.create(
        number=f"A-2026-{Application.objects.count() + 1:04d}",
        organisation=version.system.organisation,
        version=version,
        body=body,
        target_level="basic",
    )
    move(application, WORKFLOW, "submit", actor=by)
    return application


@pytest.fixture
def application(version: SystemVersion, body: Any, alice: Any) -> Application:
    return submitted(version, body, alice)


@pytest.fixture
def certificate(application: Application, vendor: Any, body: Any) -> Certificate:
    """A certificate whose file is not made yet; valid for 100 more days, surveillance due in 40."""
    today = timezone.now().date()
    return Certificate.objects.create(
        number="TAI-2026-000123-6",
        case=Case.objects.create(number="C-2026-0001", application=application, body=body, status="decided"),
        holder=vendor,
        body=body,
        level="enhanced",
        tier="limited",
        granted_on=today,
        valid_until=today + timedelta(days=100),
        surveillance_due=today + timedelta(days=40),
        snapshot=snapshot(),
    )
