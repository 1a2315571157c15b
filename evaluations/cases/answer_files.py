"""Documents that the client puts to its answer to a finding.

They are files of the version applied for, so quarantine, inspection, room and the trace of readers are those of every
file. Before the answer is sent the client adds and takes back; with the answer they are fixed, their digests go into
the ledger, and they open to the people of this case alone.
"""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import models, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.ledger.workflow import Conflict
from assessments.systems.models import Artifact, Blob
from assessments.systems.services import add_artifact, set_aside

from .models import AnswerFile, Case, Finding

MOST = 10  # documents with one answer


def files_to_send(finding: Finding) -> models.QuerySet[AnswerFile]:
    """What will go with the next answer."""
    return finding.files.filter(sent_at=None).select_related("artifact__blob")


def files_of(findings: Iterable[Finding], *, inside: bool) -> dict[int, list[AnswerFile]]:
    """For each finding its documents, the oldest first; the body sees what was sent. One question to the database."""
    rows = AnswerFile.objects.filter(finding__in=[row.pk for row in findings]).select_related("artifact__blob")
    found: dict[int, list[AnswerFile]] = {}
    for row in rows.exclude(sent_at=None) if inside else rows:
        found.setdefault(row.finding_id, []).append(row)
    return found


@transaction.atomic
def add_file(finding: Finding, *, actor: Any, blob: Blob, filename: str) -> AnswerFile:
    """Put a document to the answer that is being written; the same one again changes nothing.

    Raises PermissionDenied; ValidationError (too many, or no room for it); Conflict (the finding waits for no answer).
    """
    _check_open(finding, actor)
    again = files_to_send(finding).filter(artifact__blob=blob, artifact__filename=filename).first()
    if again is not None:
        return again
    version = finding.case.application.version
    artifact = add_artifact(
        version,
        blob=blob,
        filename=filename,
        role=Artifact.Role.ANSWER,
        origin=Artifact.Origin.SUPPLIED,
        organisation=version.system.organisation,
        person=actor,
    )
    return put_to(finding, artifact, actor=actor)


@transaction.atomic
def put_to(finding: Finding, artifact: Artifact, *, actor: Any) -> AnswerFile:
    """Put an uploaded document to the answer that is being written. Raises as `add_file`; twice changes nothing."""
    _check_open(finding, actor)
    held = AnswerFile.objects.filter(artifact=artifact).first()
    if held is not None and held.finding_id == finding.pk and held.sent_at is None:
        return held
    fits = artifact.role == Artifact.Role.ANSWER and artifact.version_id == finding.case.application.version_id
    if held is not None or not fits or artifact.replaced_at is not None:
        raise ValidationError({"file": _("This file cannot go with this answer: upload it for this answer.")})
    if files_to_send(finding).count() >= MOST:
        raise ValidationError({"file": _("At most %(most)d documents go with one answer.") % {"most": MOST}})
    return AnswerFile.objects.create(finding=finding, artifact=artifact, round=finding.round)


@transaction.atomic
def take_back(row: AnswerFile, *, actor: Any) -> None:
    """Take a document back before the answer is sent. Raises PermissionDenied, Conflict (sent already)."""
    _check_open(row.finding, actor)
    artifact = row.artifact
    if not AnswerFile.objects.filter(pk=row.pk, sent_at=None).delete()[0]:
        raise Conflict
    set_aside(artifact, actor=actor)


def send_files(finding: Finding) -> dict[str, str]:
    """Fix what goes with the answer, inside its transaction; gives {file: SHA-256} for the ledger."""
    rows = list(files_to_send(finding))
    AnswerFile.objects.filter(pk__in=[row.pk for row in rows]).update(sent_at=timezone.now())
    return {str(row.artifact_id): row.artifact.blob_id for row in rows}


def _check_open(finding: Finding, actor: Any) -> None:
    case = finding.case
    if not actor.has_perm("cases.answer_finding", case):
        raise PermissionDenied
    asked = finding.kind == Finding.Kind.NONCONFORMITY and finding.told_at is not None
    now = Finding.objects.select_for_update().get(pk=finding.pk)
    if case.status != Case.Status.EVALUATING or not asked or now.status != Finding.Status.OPEN:
        raise Conflict
