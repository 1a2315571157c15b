"""Messages that a development portal keeps in a folder, read back so that sign-up can be completed without mail."""

from __future__ import annotations

import email
import email.policy
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.conf import settings

SHOWN = 50
SEPARATOR = "\n" + "-" * 79 + "\n"  # as Django's file backend writes it


@dataclass(frozen=True)
class Letter:
    """One message: its text part, and its head as it was written."""

    subject: str
    to: str
    at: str
    text: str


def is_shown_to(request: Any) -> bool:
    """Only on an embedded portal that keeps mail in a folder, and only to the computer on which it runs."""
    kept = settings.EMAIL_BACKEND.endswith("filebased.EmailBackend")
    near = request.META.get("REMOTE_ADDR") in ("127.0.0.1", "::1") and "X-Forwarded-For" not in request.headers
    return bool(settings.EMBEDDED and kept and near)


def letters() -> list[Letter]:
    """The latest messages, newest first."""
    folder = Path(settings.EMAIL_FILE_PATH)
    if not folder.is_dir():
        return []
    files = sorted(folder.glob("*.log"), key=lambda file: file.stat().st_mtime, reverse=True)
    found: list[Letter] = []
    for file in files[:SHOWN]:
        written = file.read_text(encoding="utf-8", errors="replace")
        found += reversed([_letter(part) for part in written.split(SEPARATOR) if part.strip()])
    return found[:SHOWN]


def _letter(written: str) -> Letter:
    message = email.message_from_bytes(written.encode(), policy=email.policy.default)
    body = message.get_body(("plain",))
    text = body.get_content() if body is not None else ""
    return Letter(str(message["Subject"] or ""), str(message["To"] or ""), str(message["Date"] or ""), text.strip())
