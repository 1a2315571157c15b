"""The scheme owner's part: comments that wait for an answer, and where each edition of the body's standards stands."""

from __future__ import annotations

from typing import Any

from django.db.models import Count, Min, Q
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.standards.models import Comment, Edition
from assessments.standards.standing import what_next

from .sections import SHOWN, Board, Cell, Empty, Section, Task, about

UNANSWERED = Q(consultations__comments__status__in=[Comment.Status.RECEIVED, Comment.Status.PUBLIC])


def board(person: Any) -> Board:
    """What the body's standards wait for."""
    rows = list(
        Edition.objects.owned_by(person)
        .select_related("standard")
        .prefetch_related("consultations")
        .annotate(
            waiting=Count("consultations__comments", filter=UNANSWERED),
            oldest=Min("consultations__comments__submitted_at", filter=UNANSWERED),
        )
        .order_by("-pk")
    )
    table = [
        [
            Cell(str(row), reverse("drafts:draft", args=[row.pk]), note=row.title),
            Cell(row.get_status_display(), status=row.status),
            Cell(what_next(row, row.waiting)),
        ]
        for row in rows[:SHOWN]
    ]
    empty = Empty(
        _("No standard is in your organisation's keeping yet"),
        _("Import one from a file, or ask the operator to entrust one to you."),
        reverse("drafts:import"),
        _("Take a draft from a file"),
    )
    section = Section(
        "standards",
        _("Editions of your standards"),
        empty,
        (_("Edition"), _("State"), _("What comes next")),
        table,
        more=(reverse("drafts:list"), _("All editions")) if table else None,
    )
    return Board(tasks=[_task(row) for row in rows if row.waiting], sections=[section])


def _task(row: Any) -> Task:
    words = ngettext("%(count)d comment needs an answer.", "%(count)d comments need an answer.", row.waiting)
    return Task(
        words % {"count": row.waiting},
        about(row, row.title),
        reverse("drafts:consultation", args=[row.pk]),
        _("Read and answer"),
        since=row.oldest,
    )
