"""Who outside the vendor has read what of the vendor's is confidential; the vendor sees it.

One row for a person and a thing: reading again within the hour only moves its time on. Noting never stands in the way
of the answer: where the row cannot be written, the log says so.
"""

from __future__ import annotations

import logging
from datetime import timedelta
from typing import Any

from django.db import DatabaseError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone

from assessments.accounts.models import AccessGrant
from assessments.accounts.rules import organisations_of

from .models import Reading, SystemVersion

ONCE_IN = timedelta(hours=1)
log = logging.getLogger(__name__)


def note(
    person: Any, kind: str, object_id: Any, title: str, *, version: SystemVersion, application: Any = None
) -> None:
    """Write down that `person` has read this. What the vendor's own people read is nobody's business.

    `kind` is one of `Reading.Kind`, `title` what the vendor knows the thing by: a file name, a number;
    `application` the id of the application that it belongs to, where it belongs to one.
    """
    mine = organisations_of(person)
    if version.system.organisation_id in mine:
        return
    about = {"kind": kind, "object_id": str(object_id), "version": version}
    try:
        with transaction.atomic():
            now = timezone.now()
            again = Reading.objects.filter(person=person, **about, last_at__gt=now - ONCE_IN)
            if not again.update(last_at=now):
                occasion, part = _why(person, version)
                Reading.objects.create(
                    **about,
                    person=person,
                    organisation_id=next(iter(mine), None),
                    title=title[:255],
                    application=application,
                    occasion=occasion,
                    part=part,
                    first_at=now,
                    last_at=now,
                )
    except DatabaseError:
        log.exception("A reading could not be noted: %s %s", kind, object_id)


def _why(person: Any, version: SystemVersion) -> tuple[str, str]:
    """Number and part of what opens the version to the person now, as its purpose says; empty without a grant."""
    grants = AccessGrant.objects.active().filter(person=person, object_type="systems.systemversion")
    latest = grants.filter(object_id=version.pk).order_by("-made_at").first()
    number, _space, part = latest.purpose.rpartition(" ") if latest else ("", "", "")
    return number, part if part in Reading.Part.values else ""


def of_version(version_id: Any) -> QuerySet[Reading]:
    """All that was read of a version: its files, and what belongs to its applications."""
    return Reading.objects.filter(version=version_id).select_related("person", "organisation")


def of_application(application_id: Any, version_id: Any) -> QuerySet[Reading]:
    """What was read of one application, and the files of the version that it names."""
    return of_version(version_id).filter(Q(application=application_id) | Q(kind=Reading.Kind.FILE))
