"""Checking a file: it is stored, opened only in the sandbox, judged by its facts, and deleted soon after."""

from __future__ import annotations

import datetime as dt
import hashlib
import json
import tempfile
from pathlib import Path
from typing import Any
from uuid import UUID

import structlog
from django.conf import settings
from django.core.files.uploadedfile import UploadedFile
from django.core.mail import mail_admins
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from evaluations.readers.signed_pdf import Facts
from evaluations.sandbox.job import MEBIBYTE, Job, Level, Limits, Outcome, SandboxError
from evaluations.sandbox.running import run as run_confined
from portal.certificates import keyring
from portal.certificates.models import Certificate

from .answering import Answer, Verdict, answer
from .models import Examination
from .register import DatabaseRegister, number_pattern

log = structlog.get_logger(__name__)

LIMITS = Limits(
    cpu_seconds=10, wall_seconds=20, memory=1024 * MEBIBYTE, disk=8 * MEBIBYTE, file_size=8 * MEBIBYTE, output=MEBIBYTE
)
LEASE = dt.timedelta(seconds=60)
REDISPATCH = dt.timedelta(seconds=20)
KEEP_FILE = dt.timedelta(hours=1)
KEEP_ANSWER = dt.timedelta(days=1)
MOST_ATTEMPTS = 3
MOST_WAITING = 200


class TooLargeError(ValueError):
    """The file is larger than a certificate can be."""


class BusyError(RuntimeError):
    """Too many files wait already."""


def place_of(examination_id: UUID) -> Path:
    """Where a file waits to be examined."""
    return Path(settings.UPLOAD_ROOT) / "verification" / str(examination_id)


def accept(file: UploadedFile[Any]) -> Examination:
    """Store a file that somebody wants checked and queue its examination. Raises `TooLargeError` or `BusyError`."""
    from .tasks import examine as examine_task  # noqa: PLC0415 - tasks import this module

    if (file.size or 0) > settings.VERIFICATION_MAX_BYTES:
        raise TooLargeError
    if Examination.objects.filter(status=Examination.Status.QUEUED).count() >= MOST_WAITING:
        raise BusyError
    examination = Examination(size=file.size or 0, redispatch_after=timezone.now() + REDISPATCH)
    place = place_of(examination.pk)
    place.parent.mkdir(parents=True, exist_ok=True)
    digest = hashlib.sha256()
    with place.open("wb") as kept:
        for chunk in file.chunks():
            digest.update(chunk)
            kept.write(chunk)
    examination.sha256 = digest.hexdigest()
    with transaction.atomic():
        examination.save(force_insert=True)
        transaction.on_commit(lambda: examine_task.delay(str(examination.pk)))
    return examination


def claim(examination_id: Any) -> Examination | None:
    """Take a waiting examination for this worker, or None when it is done or somebody else's."""
    now = timezone.now()
    taken = (
        Examination.objects.filter(Q(lease_until=None) | Q(lease_until__lt=now), pk=examination_id)
        .filter(status__in=[Examination.Status.QUEUED, Examination.Status.RUNNING])
        .update(status=Examination.Status.RUNNING, attempt=F("attempt") + 1, lease_until=now + LEASE)
    )
    return Examination.objects.get(pk=examination_id) if taken else None


def examine(examination: Examination) -> None:
    """Examine a claimed file in the sandbox and write down the answer, once."""
    try:
        facts, trouble = _facts_of(examination)
    except (SandboxError, OSError) as error:
        log.exception("verification_not_carried_out", examination=str(examination.pk))
        if examination.attempt >= MOST_ATTEMPTS:
            _conclude(examination, status=Examination.Status.FAILED, facts={"trouble": "platform", "said": str(error)})
        return
    if facts is None:
        _conclude(examination, status=Examination.Status.FAILED, facts={"trouble": trouble})
        return
    verdict = answer(facts, DatabaseRegister())
    certificate = Certificate.objects.published().filter(number=verdict.number).first() if verdict.number else None
    _conclude(
        examination,
        status=Examination.Status.DONE,
        facts={**facts.as_json(), "number": verdict.number},
        answer=str(verdict.answer),
        certificate=certificate,
    )
    if verdict.answer == Answer.UNKNOWN:
        _tell_operator(examination, verdict)


def _conclude(examination: Examination, **changes: Any) -> None:
    """Only the holder of the newest claim writes; the file is no longer needed."""
    written = Examination.objects.filter(
        pk=examination.pk, attempt=examination.attempt, status=Examination.Status.RUNNING
    ).update(lease_until=None, **changes)
    if written:
        place_of(examination.pk).unlink(missing_ok=True)


def _facts_of(examination: Examination) -> tuple[Facts | None, str]:
    """The facts of the file, or None and why: `unreadable` when it broke the reader or its limits."""
    with tempfile.TemporaryDirectory() as folder:
        trust = Path(folder) / "trust.pem"
        trust.write_bytes(keyring.trust_bundle())
        outcome = run_confined(
            Job(
                module="evaluations.readers.signed_pdf",
                arguments=(
                    "input/file.pdf",
                    "--trust",
                    "input/trust.pem",
                    "--pattern",
                    number_pattern(),
                    "--out",
                    "output/facts.json",
                ),
                inputs=[(place_of(examination.pk), "file.pdf"), (trust, "trust.pem")],
                outputs=["facts.json"],
                destination=Path(folder),
                limits=LIMITS,
                minimum=Level[settings.SANDBOX_MINIMUM],
                sources=("evaluations/__init__.py", "evaluations/readers"),
            )
        )
        return _read(outcome, examination.sha256)


def _read(outcome: Outcome, sha256: str) -> tuple[Facts | None, str]:
    """Trust nothing that comes out of the sandbox but its shape; the digest is our own."""
    if not outcome.succeeded or "facts.json" not in outcome.outputs:
        log.warning(
            "verification_unreadable",
            exit_code=outcome.exit_code,
            ended=str(outcome.ended),
            stderr=outcome.stderr[-2000:],
        )
        return None, "unreadable"
    try:
        facts = Facts.from_json(json.loads(outcome.outputs["facts.json"].read_text("utf-8")))
    except (ValueError, KeyError, TypeError, AttributeError):
        return None, "unreadable"
    return (facts, "") if facts.sha256 == sha256 else (None, "unreadable")


def _tell_operator(examination: Examination, verdict: Verdict) -> None:
    """A sound signature of ours on a file that the register lacks: a lost record, or a misused key."""
    log.error("verification_unknown_to_register", sha256=examination.sha256, number=verdict.number)
    mail_admins(
        f"A signed file that the register does not know: {verdict.number or examination.sha256[:16]}",
        f"SHA-256 {examination.sha256}\nNumber in the file: {verdict.number or '-'}\n"
        "Our key signed it, but it is not in the register. Compare the register with its backup, "
        "and check who can use the key.",
    )


def redispatch() -> int:
    """Send again what no worker took; says how many."""
    from .tasks import examine as examine_task  # noqa: PLC0415 - tasks import this module

    now = timezone.now()
    waiting = Examination.objects.filter(
        Q(status=Examination.Status.QUEUED) | Q(status=Examination.Status.RUNNING, lease_until__lt=now),
        redispatch_after__lt=now,
        attempt__lt=MOST_ATTEMPTS,
    )
    sent = 0
    for pk in list(waiting.values_list("pk", flat=True)):
        if Examination.objects.filter(pk=pk, redispatch_after__lt=now).update(redispatch_after=now + REDISPATCH):
            examine_task.delay(str(pk))
            sent += 1
    Examination.objects.filter(
        status=Examination.Status.RUNNING, lease_until__lt=now, attempt__gte=MOST_ATTEMPTS
    ).update(status=Examination.Status.FAILED, facts={"trouble": "platform"}, lease_until=None)
    return sent


def tidy() -> None:
    """Delete answers after a day, and files that were left behind after an hour."""
    now = timezone.now()
    Examination.objects.filter(asked_at__lt=now - KEEP_ANSWER).delete()
    folder = Path(settings.UPLOAD_ROOT) / "verification"
    for left in folder.iterdir() if folder.is_dir() else ():
        if left.stat().st_mtime < (now - KEEP_FILE).timestamp():
            left.unlink(missing_ok=True)
