"""What one may do with a draft as a whole: throw it away, or fill it from an earlier application."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.db.models import F, QuerySet

from assessments.ledger.services import append
from assessments.ledger.workflow import Conflict
from assessments.standards.models import Scheme
from assessments.systems.models import Artifact, SystemVersion
from assessments.systems.services import current_artifacts, edit_version

from .models import Application, Evidence
from .steps import READ_FACTS


@transaction.atomic
def discard(application: Application, *, actor: Any) -> None:
    """Delete a draft with its answers; the version and its files stay, the ledger keeps that it was.

    Raises PermissionDenied, or Conflict when it was changed or handed in since it was seen.
    """
    _take(application, actor, application.revision)
    append(application, "discard", actor=actor, details={"number": application.number})
    application.delete()


def earlier_applications(application: Application) -> QuerySet[Application]:
    """Those of the same organisation whose answers a draft can take over, the newest first."""
    own = Application.objects.filter(organisation=application.organisation_id).exclude(pk=application.pk)
    return own.select_related("version__system").order_by("-created_at")[:50]


@transaction.atomic
def copy_answers(application: Application, source: Application, *, actor: Any) -> int:
    """Fill what is still empty in a draft from an earlier application; gives for how many criteria evidence came.

    Nothing that stands in the draft is overwritten. Declarations are made anew each time. Raises PermissionDenied, or
    Conflict when the draft was handed in.
    """
    if not actor.has_perm("applications.edit_application", source):
        raise PermissionDenied
    _take(application, actor)
    _copy_choices(application, source)
    _copy_description(application.version, source.version)
    copied = _copy_evidence(application, source)
    details = {"source": source.number, "evidence": copied}
    append(application, "copy_answers", actor=actor, details=details)
    return copied


def _take(application: Application, actor: Any, revision: int | None = None) -> None:
    """Lock a draft for one act."""
    if not actor.has_perm("applications.edit_application", application):
        raise PermissionDenied
    drafts = Application.objects.filter(pk=application.pk, status=Application.Status.DRAFT)
    if revision is not None:
        drafts = drafts.filter(revision=revision)
    if not drafts.update(revision=F("revision") + 1):
        raise Conflict
    application.refresh_from_db()


def _copy_choices(application: Application, source: Application) -> None:
    is_open = Scheme.objects.open_for_applications().filter(pk=source.scheme_id).exists()
    if is_open and not application.target_level:
        application.scheme, application.edition = source.scheme, source.edition
        application.target_level = source.target_level
    if application.body is None:
        application.body = source.body
    application.save(update_fields=["scheme", "edition", "target_level", "body"])


def _copy_description(version: SystemVersion, source: SystemVersion) -> None:
    """Profile and declared schema, where this version has none yet and may still be changed."""
    if version == source or version.status != SystemVersion.Status.DRAFT:
        return
    declared = {name: value for name, value in source.profile.items() if name not in READ_FACTS}
    changes = {"profile": version.profile or declared, "schema": version.schema or source.schema}
    edit_version(version, **changes)


def _copy_evidence(application: Application, source: Application) -> int:
    """Explanations, with the document where the version holds the same bytes."""
    own = {file.blob_id: file for file in current_artifacts(application.version)}
    given = set(application.evidence.values_list("criterion", flat=True))
    rows = source.evidence.exclude(criterion__in=given).select_related("artifact")
    copies = [_copy(row, application, own) for row in rows]
    Evidence.objects.bulk_create(copies)
    return len(copies)


def _copy(row: Evidence, application: Application, own: dict[Any, Artifact]) -> Evidence:
    file = own.get(row.artifact.blob_id) if row.artifact else None
    return Evidence(
        application=application,
        criterion=row.criterion,
        explanation=row.explanation,
        artifact=file,
        page=row.page if file else None,
    )
