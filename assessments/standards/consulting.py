"""Public consultation on a draft: opened and ended by the scheme owner, commented by anyone, answered in public.

Whoever comments gives a name and an address; nothing is shown before a moderator has read it, so a comment needs no
account. The address is never shown.
"""

from __future__ import annotations

from datetime import date
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.ledger.services import append
from assessments.ledger.workflow import Conflict, move

from .documents import DocumentRefused
from .drafting import problems_of
from .models import Comment, Consultation, Edition, Status
from .workflow import COMMENT_WORKFLOW, KEEP, WORKFLOW

SHORTEST_DAYS = 14
# Unread comments of people without an account; beyond it they are asked to sign in, so that nobody floods a moderator.
UNREAD_AT_MOST = 500


@transaction.atomic
def open_consultation(edition: Edition, *, opens_on: date, closes_on: date, actor: Any) -> Consultation:
    """Put the draft before the public as it stands, with its draft schemes.

    Raises PermissionDenied, DocumentRefused, ValidationError, Conflict.
    """
    problems = problems_of(edition)
    if problems:
        raise DocumentRefused(problems)
    if opens_on < timezone.now().date():
        raise ValidationError({"opens_on": _("This day is over.")})
    if (closes_on - opens_on).days + 1 < SHORTEST_DAYS:
        words = _("A consultation lasts at least %(days)s days.") % {"days": SHORTEST_DAYS}
        raise ValidationError({"closes_on": words})
    if edition.status != Status.DRAFT:
        raise Conflict
    schemes = [
        {"code": row.code, "edition": row.edition, "digest": row.digest, "content": row.content}
        for row in edition.schemes.filter(status=Status.DRAFT)
    ]
    text = {"content": edition.content, "digest": edition.digest, "schemes": schemes}
    try:
        with transaction.atomic():
            consultation = Consultation.objects.create(edition=edition, opens_on=opens_on, closes_on=closes_on, **text)
    except IntegrityError as error:
        raise Conflict from error  # another scheme owner was quicker
    details: dict[str, Any] = {
        "opens_on": opens_on.isoformat(),
        "closes_on": closes_on.isoformat(),
        "digest": edition.digest,
        "schemes": {f"{row['code']}/{row['edition']}": row["digest"] for row in schemes},
    }
    move(edition, WORKFLOW, "consult", actor=actor, details=details)
    return consultation


@transaction.atomic
def end_consultation(consultation: Consultation, *, actor: Any) -> None:
    """Take the draft back for revision; comments stay public and can still be answered. Raises PermissionDenied,
    Conflict."""
    edition = consultation.edition
    ended = Consultation.objects.filter(pk=consultation.pk, ended_at=None).update(ended_at=timezone.now())
    if not ended:
        raise Conflict
    move(edition, WORKFLOW, "revise", actor=actor, details={"digest": edition.digest})


@transaction.atomic
def comment(
    consultation: Consultation,
    *,
    name: str,
    email: str,
    text: str,
    criterion: str = "",
    affiliation: str = "",
    proposal: str = "",
    person: Any = None,
) -> Comment:
    """Take a comment in; a moderator reads it before anybody else does. Raises ValidationError."""
    day = timezone.now().date()
    if not Consultation.objects.open_on(day).filter(pk=consultation.pk).exists():
        raise ValidationError(_("This consultation takes no comments today."))
    codes = {item["code"] for item in consultation.content["criteria"]}
    if consultation.schemes:
        codes.add(Comment.SCHEME)
    if criterion and criterion not in codes:
        raise ValidationError({"criterion": _("The draft has no such criterion.")})
    unread = consultation.comments.filter(person=None, status=Comment.Status.RECEIVED)
    if person is None and unread.count() >= UNREAD_AT_MOST:
        raise ValidationError(_("Many comments wait to be read. Please sign in, or come back later."))
    row = Comment.objects.create(
        consultation=consultation,
        criterion=criterion,
        person=person,
        name=name,
        affiliation=affiliation,
        email=email,
        text=text,
        proposal=proposal,
    )
    append(row, "comment", actor=person, details={"criterion": criterion}, texts={"text": text, "proposal": proposal})
    return row


def release(row: Comment, *, actor: Any) -> None:
    """Let a comment through to the public page. Raises PermissionDenied, Conflict."""
    move(row, COMMENT_WORKFLOW, "release", actor=actor)


def withhold(row: Comment, *, actor: Any, reason: str) -> None:
    """Keep a comment (advertising, abuse, personal data) off the public page; the reason is recorded."""
    move(row, COMMENT_WORKFLOW, "withhold", actor=actor, reason=reason)


def answer(row: Comment, *, actor: Any, outcome: str, text: str) -> None:
    """Answer a public comment, or correct the answer. Raises PermissionDenied, ValidationError, Conflict."""
    if not actor.has_perm(KEEP, row):
        raise PermissionDenied
    if outcome not in Comment.Outcome.values:
        raise ValidationError({"outcome": _("Say whether the comment is accepted.")})
    if not text.strip():
        raise ValidationError({"answer": _("Give the reason: it is shown beside the comment.")})
    changes = {"outcome": outcome, "answer": text.strip(), "answered_at": timezone.now()}
    move(
        row,
        COMMENT_WORKFLOW,
        "answer",
        actor=actor,
        changes=changes,
        details={"outcome": outcome},
        texts={"answer": text},
    )
