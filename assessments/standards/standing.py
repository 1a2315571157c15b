"""Where an edition stands in its life, in words: what is done, what comes next."""

from __future__ import annotations

from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.presentation.figures import written_day

from .models import Comment, Consultation, Edition, Status


def running_consultation(edition: Edition) -> Consultation | None:
    """The round that has begun and not been ended, open for comments or not."""
    return next((row for row in edition.consultations.all() if row.ended_at is None), None)


def unanswered(edition: Edition) -> int:
    """Comments that wait for the moderator or for an answer."""
    waiting = [Comment.Status.RECEIVED, Comment.Status.PUBLIC]
    return Comment.objects.filter(consultation__edition=edition, status__in=waiting).count()


def what_next(edition: Edition, waiting: int | None = None) -> str:
    """The next step of the scheme owner, in one sentence. `waiting` saves the query where a list has counted."""
    open_comments = unanswered(edition) if waiting is None else waiting
    asked = _comments(open_comments) if open_comments else ""
    if edition.status == Status.DRAFT:
        return asked or _drafting(edition)
    if edition.status == Status.CONSULTATION:
        return _consulting(edition, asked)
    return _published(edition)


def _drafting(edition: Edition) -> str:
    if edition.consultations.all():
        return _("Revise the text by what was accepted, then record the committee's resolution.")
    return _("Write the text; when the checks are clean, open the public consultation.")


def _published(edition: Edition) -> str:
    if edition.status == Status.PUBLISHED:
        if edition.effective_on and not edition.is_in_effect:
            return _("Takes effect on %(day)s.") % {"day": written_day(edition.effective_on)}
        return _("In effect. A new text is a new edition.")
    if edition.is_in_transition and edition.applications_until:
        return _("Takes applications until %(day)s.") % {"day": written_day(edition.applications_until)}
    return _("Takes no applications any more.")


def _comments(count: int) -> str:
    return ngettext("%(count)d comment needs an answer.", "%(count)d comments need an answer.", count) % {
        "count": count
    }


def _consulting(edition: Edition, asked: str) -> str:
    round_ = running_consultation(edition)
    if round_ is None or round_.stage == "closed":
        return asked or _("The consultation is over: take the text back for revision, or record the resolution.")
    if round_.stage == "announced":
        return _("The consultation opens on %(day)s.") % {"day": written_day(round_.opens_on)}
    return asked or _("Comments are taken until %(day)s.") % {"day": written_day(round_.closes_on)}


def steps_of(edition: Edition, problems: int) -> list[dict[str, Any]]:
    """The life of an edition as a list of steps."""
    drafted, frozen = edition.status == Status.DRAFT, edition.is_frozen
    rounds = list(edition.consultations.all())
    waiting = unanswered(edition)
    text_note = (
        ngettext("%(count)d problem to mend", "%(count)d problems to mend", problems) % {"count": problems}
        if problems
        else _("The checks are clean")
    )
    consulted = bool(rounds) and all(row.ended_at or row.stage == "closed" for row in rounds) and not waiting
    state = "done" if consulted else "active" if rounds else "waiting"
    consultation_note = "" if rounds else _("Not yet held")
    if frozen and not rounds:
        state, consultation_note = "waiting", _("Published without a public consultation")
    return [
        {"title": _("Text"), "state": "attention" if problems else "done", "note": text_note if drafted else ""},
        {
            "title": _("Public consultation"),
            "state": state,
            "url": reverse("drafts:consultation", args=[edition.pk]),
            "note": _comments(waiting) if waiting else consultation_note,
        },
        {
            "title": _("Resolution and publication"),
            "state": "done" if frozen else "waiting",
            "url": "" if frozen or problems else reverse("drafts:publish", args=[edition.pk]),
            "note": "",
        },
        {
            "title": _("Whom it touches"),
            "state": "waiting",
            "url": reverse("drafts:transition", args=[edition.pk]),
            "note": _("Applications and certificates under earlier editions"),
        },
    ]
