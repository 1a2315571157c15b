"""Files of a version whose evaluation and certificate are long over: their rows go, and bytes that no row keeps."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date, datetime
from typing import Any

from django.db import transaction
from django.db.models import Max

from assessments.applications.links import ENDED
from assessments.applications.models import Application, Evidence
from assessments.ledger.models import Entry
from assessments.ledger.services import append
from assessments.systems.models import Artifact, Blob, SystemVersion
from evaluations.cases.models import Case, OfferedVersion, PlanRevision, ReportPrint
from portal.certificates.models import Certificate

from .holds import held_cases, held_organisations


def due(before: datetime) -> Iterator[SystemVersion]:
    """Versions with files, all of whose applications ended, and whose last validity was over before that moment."""
    rows = SystemVersion.objects.filter(artifacts__isnull=False, applications__isnull=False)
    rows = rows.exclude(applications__in=Application.objects.exclude(status__in=ENDED))
    rows = rows.exclude(pk__in=_used_by(Case.objects.under_way())).exclude(pk__in=_used_by(held_cases()))
    rows = rows.exclude(system__organisation__in=held_organisations())
    return (version for version in rows.distinct() if last_day(version) < before.date())


def _used_by(cases: Any) -> set[Any]:
    """The versions that are, or were, the object of these cases."""
    return {
        *cases.values_list("application__version", flat=True),
        *PlanRevision.objects.filter(case__in=cases).values_list("version", flat=True),
        *OfferedVersion.objects.filter(case__in=cases).values_list("version", flat=True),
    }


def last_day(version: SystemVersion) -> date:
    """The last day of validity of a certificate about it, or on which something happened to an application."""
    plans = PlanRevision.objects.filter(version=version).values("case")
    named = Case.objects.filter(application__version=version) | Case.objects.filter(pk__in=plans)
    valid = Certificate.objects.filter(case__in=named).aggregate(last=Max("valid_until"))["last"]
    keys = [str(key) for key in Application.objects.filter(version=version).values_list("pk", flat=True)]
    entries = Entry.objects.filter(object_type="applications.application", object_id__in=keys)
    happened = entries.aggregate(last=Max("recorded_at"))["last"]
    days = [day for day in (valid, happened and happened.date(), version.created_at.date()) if day]
    return max(days)


def delete(version: SystemVersion) -> None:
    """The rows of its files; what was evaluated stays known by digest in the ledger and in the frozen report."""
    artifacts = Artifact.objects.filter(version=version)
    digests = sorted(set(artifacts.values_list("blob_id", flat=True)))
    Evidence.objects.filter(artifact__in=artifacts).update(artifact=None)
    artifacts.delete()
    for digest in digests:
        _release(digest)
    append(version, "files_expired", details={"sha256": digests})


@transaction.atomic
def _release(digest: str) -> None:
    """Forget stored bytes that no row names any more; the sweeper of the store removes them after its day of grace."""
    blob = Blob.objects.select_for_update().filter(pk=digest).first()
    prints = (Certificate, ReportPrint)
    kept = blob is None or blob.artifacts.exists() or any(m.objects.filter(pdf_sha256=digest).exists() for m in prints)
    if not kept and blob is not None:
        blob.delete()
