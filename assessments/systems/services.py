"""Changes to systems, versions and their files."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping
from datetime import timedelta
from typing import Any

from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.ledger.services import append
from assessments.ledger.workflow import Transition, move, revise

from .models import Artifact, Blob, System, SystemVersion
from .quotas import take_room

INSPECTION_LEASE = timedelta(seconds=60)
INSPECTION_ATTEMPTS = 3
# What a vendor may still add to a version that was handed in: it changes nothing of the object.
ADDED_LATER = (Artifact.Role.EVIDENCE, Artifact.Role.ANSWER)

WORKFLOW: dict[str, Transition] = {
    # The application room freezes the version that it hands in, and thaws it when it is returned.
    "freeze": Transition(frozenset({SystemVersion.Status.DRAFT}), SystemVersion.Status.FROZEN),
    "thaw": Transition(frozenset({SystemVersion.Status.FROZEN}), SystemVersion.Status.DRAFT),
}


@transaction.atomic
def create_system(*, organisation: Any, actor: Any, **fields: Any) -> System:
    """Describe a new AI system of an organisation."""
    system = System(organisation=organisation, **fields)
    system.full_clean()
    system.save()
    append(system, "create", actor=actor, details={"organisation": str(organisation.pk)})
    return system


@transaction.atomic
def create_version(system: System, *, actor: Any, label: str, **fields: Any) -> SystemVersion:
    """Describe a new version of a system."""
    version = SystemVersion(system=system, label=label, **fields)
    version.full_clean()
    version.save()
    append(version, "create", actor=actor, details={"system": str(system.pk), "label": label})
    return version


def edit_version(version: SystemVersion, **fields: Any) -> None:
    """Change fields, profile or schema of a draft. Raises ValidationError when it is frozen, or Conflict."""
    if version.status != SystemVersion.Status.DRAFT:
        raise ValidationError(_("This version was handed in and is frozen. Make a new version to change it."))
    revise(version, fields)


@transaction.atomic
def freeze_version(version: SystemVersion, *, actor: Any) -> None:
    """Freeze a version that is handed in; a version that is frozen already stays so."""
    if version.status == SystemVersion.Status.DRAFT:
        move(version, WORKFLOW, "freeze", actor=actor, details={"files": digests(version)})


@transaction.atomic
def thaw_version(version: SystemVersion, *, actor: Any) -> None:
    """Let the applicant change a version again, when its application was returned."""
    if version.status == SystemVersion.Status.FROZEN:
        move(version, WORKFLOW, "thaw", actor=actor)


def clean_filename(name: str) -> str:
    """The last part of a file name, without control characters, at most 200 characters; it is shown, never opened."""
    last = re.split(r"[/\\]", unicodedata.normalize("NFC", name))[-1]
    kept = "".join(c for c in last if unicodedata.category(c)[0] != "C").strip(" .")
    stem, dot, suffix = kept.rpartition(".")
    return (f"{stem[: 199 - len(suffix)]}{dot}{suffix}" if dot else kept[:200]) or "unnamed"


@transaction.atomic
def add_artifact(
    version: SystemVersion, *, blob: Blob, filename: str, role: str, origin: str, organisation: Any, person: Any
) -> Artifact:
    """Add a file to a version; a file of the same role and name by the same organisation is replaced, not lost.

    A vendor changes drafts only. An evaluation body adds data of its own (origin A or B) at any time. Raises
    ValidationError for that, and when the organisation has no room for it.
    """
    take_room(organisation, blob.size, sha256=blob.pk)
    own = version.system.organisation_id == organisation.pk
    if role == Artifact.Role.ANSWER and not own:
        raise ValidationError(_("Only the client puts documents to its answers."))
    if own and version.status != SystemVersion.Status.DRAFT and role not in ADDED_LATER:
        raise ValidationError(_("This version was handed in and is frozen. Make a new version to change it."))
    if not own and origin == Artifact.Origin.SUPPLIED:
        raise ValidationError(_("Say whether the evaluation body holds this data (A) or drew it (B)."))
    current = version.artifacts.filter(organisation=organisation, role=role, replaced_at=None)
    if role not in (*ADDED_LATER, Artifact.Role.RECORD):
        current.update(replaced_at=timezone.now())
    elif role != Artifact.Role.ANSWER:  # two answers may each have a document of the same name
        current.filter(filename=filename).update(replaced_at=timezone.now())
    artifact = Artifact.objects.create(
        version=version,
        organisation=organisation,
        role=role,
        origin=Artifact.Origin.SUPPLIED if own else origin,
        filename=clean_filename(filename),
        blob=blob,
        uploaded_by=person,
    )
    append(
        artifact,
        "upload",
        actor=person,
        details={"version": str(version.pk), "role": role, "origin": artifact.origin, "sha256": blob.sha256},
    )
    return artifact


@transaction.atomic
def remove_artifact(artifact: Artifact, *, actor: Any) -> None:
    """Take a file off a draft. Its bytes stay until nothing names them."""
    if artifact.version.status != SystemVersion.Status.DRAFT or artifact.role == Artifact.Role.ANSWER:
        raise ValidationError(_("This version was handed in and is frozen. Make a new version to change it."))
    set_aside(artifact, actor=actor)


@transaction.atomic
def set_aside(artifact: Artifact, *, actor: Any) -> None:
    """Let a file count no longer; the caller has checked that it may go."""
    if Artifact.objects.filter(pk=artifact.pk, replaced_at=None).update(replaced_at=timezone.now()):
        append(artifact, "remove", actor=actor)


def current_artifacts(version: SystemVersion) -> Any:
    """The files that count now: neither replaced nor removed, nor put to an answer in a case."""
    return (
        version.artifacts.filter(replaced_at=None)
        .exclude(role=Artifact.Role.ANSWER)
        .select_related("blob", "organisation")
    )


def digests(version: SystemVersion) -> dict[str, str]:
    """Role and file name of each current file with its digest."""
    return {f"{a.role}/{a.filename}": a.blob_id for a in current_artifacts(version)}


def claim_inspection(artifact_id: Any) -> Artifact | None:
    """Claim a file to inspect, by a fenced lease; None when it is not waiting (any more)."""
    now = timezone.now()
    waiting = Q(inspection=Artifact.Inspection.AWAITING) | Q(
        inspection=Artifact.Inspection.RUNNING, lease_until__lt=now
    )
    claimed = Artifact.objects.filter(waiting, pk=artifact_id).update(
        inspection=Artifact.Inspection.RUNNING, attempt=F("attempt") + 1, lease_until=now + INSPECTION_LEASE
    )
    return Artifact.objects.select_related("blob").get(pk=artifact_id) if claimed else None


@transaction.atomic
def record_inspection(
    artifact: Artifact,
    attempt: int,
    *,
    description: Mapping[str, Any] | None = None,
    refusal: Mapping[str, Any] | None = None,
    platform_fault: bool = False,
) -> bool:
    """Record what the sandbox read; once only, and only by the holder of the lease (`attempt`).

    A fault of the portal's own is tried again, three times in all, before the file is marked as failed.
    """
    state = Artifact.Inspection.ACCEPTED if description is not None else Artifact.Inspection.REFUSED
    if platform_fault:
        again = attempt < INSPECTION_ATTEMPTS
        state = Artifact.Inspection.AWAITING if again else Artifact.Inspection.FAILED
    recorded = Artifact.objects.filter(pk=artifact.pk, attempt=attempt, inspection=Artifact.Inspection.RUNNING).update(
        inspection=state,
        description=dict(description or {}),
        refusal=dict(refusal or {}),
        lease_until=None,
        redispatch_after=None,
    )
    if recorded and state != Artifact.Inspection.AWAITING:
        append(artifact, "inspect", details={"inspection": str(state), "sha256": artifact.blob_id})
    return bool(recorded)
