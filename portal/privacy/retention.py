"""What is deleted when its period is over, kind by kind, unless a legal hold stops it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Q
from django.utils import timezone

from assessments.accounts.models import Invitation, Membership, SignIn
from assessments.applications.models import Application
from assessments.ledger.models import Entry
from assessments.ledger.services import append
from assessments.systems.models import Reading, Upload
from evaluations.methods.frame import Text
from portal.notifications.models import Letter, Notification

from . import expired_files
from .holds import held_cases, held_organisations
from .models import RetentionRun


@dataclass(frozen=True)
class Kind:
    """One kind of data. `due` finds what is older than a moment and under no hold; `delete` removes one batch of it."""

    code: str
    title: Text
    due: Callable[[datetime], Iterable[Any]]
    delete: Callable[[Any], None]

    @property
    def days(self) -> int:
        return int(settings.RETENTION[self.code])


def _drafts(before: datetime) -> Any:
    """Drafts in which nothing was written since: no evidence, no entry in the ledger."""
    rows = Application.objects.filter(status=Application.Status.DRAFT, created_at__lt=before)
    rows = rows.exclude(organisation__in=held_organisations()).exclude(evidence__saved_at__gte=before)
    touched = Entry.objects.filter(object_type="applications.application", recorded_at__gte=before)
    return rows.exclude(pk__in=list(touched.values_list("object_id", flat=True)))


def _discard(draft: Application) -> None:
    append(draft, "discard", details={"number": draft.number, "cause": "retention"})
    draft.delete()


def _uploads(before: datetime) -> Any:
    rows = Upload.objects.exclude(status=Upload.Status.OPEN).filter(touched_at__lt=before)
    return rows.exclude(organisation__in=held_organisations())


def _not_held(rows: Any) -> Any:
    return rows.exclude(person__in=Membership.objects.filter(organisation__in=held_organisations()).values("person"))


def _inbox(before: datetime) -> Any:
    return _not_held(Notification.objects.filter(created_at__lt=before))


def _letters(before: datetime) -> Any:
    return _not_held(Letter.objects.filter(created_at__lt=before).exclude(status=Letter.Status.PENDING))


def _readings(before: datetime) -> Any:
    held = held_cases().values("application")
    rows = Reading.objects.filter(last_at__lt=before)
    rows = rows.exclude(version__system__organisation__in=held_organisations())
    return rows.exclude(version__applications__in=held)


def _sign_ins(before: datetime) -> Any:
    return _not_held(SignIn.objects.filter(seen_at__lt=before))


def _invitations(before: datetime) -> Any:
    over = Q(withdrawn_at__lt=before) | Q(accepted_at=None, expires_at__lt=before)
    return Invitation.objects.filter(over).exclude(organisation__in=held_organisations())


def _row(row: Any) -> None:
    row.delete()


KINDS: tuple[Kind, ...] = (
    Kind("drafts", Text("Drafts of applications, untouched", "长期未动的申请草稿"), _drafts, _discard),
    Kind("uploads", Text("Traces of ended uploads", "已结束的上传记录"), _uploads, _row),
    Kind("inbox", Text("Notices in the inbox", "收件箱通知"), _inbox, _row),
    Kind("letters", Text("Records of mail sent", "邮件发送记录"), _letters, _row),
    Kind("readings", Text("Traces of reading", "阅读记录"), _readings, _row),
    Kind("sign_ins", Text("Past sign-ins", "过往登录记录"), _sign_ins, _row),
    Kind("invitations", Text("Invitations that lapsed", "已失效的邀请"), _invitations, _row),
    Kind(
        "files",
        Text("Files of versions, after the last validity", "最后有效期之后的版本文件"),
        expired_files.due,
        expired_files.delete,
    ),
)
BATCH = 5000  # in one run; what is more is due the next day


def found(now: datetime | None = None) -> dict[str, list[Any]]:
    """What is due now, by kind; at most `BATCH` of each."""
    at = now or timezone.now()
    due: dict[str, list[Any]] = {}
    for kind in KINDS:
        rows = kind.due(at - timedelta(days=kind.days))
        due[kind.code] = list(rows.distinct()[:BATCH]) if hasattr(rows, "distinct") else list(rows)[:BATCH]
    return due


def run(now: datetime | None = None) -> RetentionRun:
    """Delete what is due, each object in a transaction of its own; the run and its figures stand in the ledger."""
    counts: dict[str, int] = {}
    due = found(now)
    for kind in KINDS:
        for row in due[kind.code]:
            with transaction.atomic():
                kind.delete(row)
        counts[kind.code] = len(due[kind.code])
    with transaction.atomic():
        done = RetentionRun.objects.create(deleted=counts)
        append(done, "retention", details=counts)
    return done
