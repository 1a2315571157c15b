"""A full edition is published by its scheme owner on the resolution of a balanced committee (ISO/IEC 17065 5.2)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from assessments.ledger.workflow import move
from evaluations.methods.frame import Text

from .documents import Document, DocumentRefused
from .loading import content_problems, load_document
from .models import Comment, Edition, Scheme, Status
from .services import day_of, publish
from .workflow import KEEP, WORKFLOW


def adopt(path: Path, *, actor: Any = None) -> list[Edition | Scheme]:
    """Publish what the resolution in a file adopts; as `adopt_resolution`. Raises OSError as well."""
    document = load_document(path)
    if document.content["document"] != "resolution":
        raise DocumentRefused([document.problem(("document",), Text("this is no resolution", "这不是决议文件"))])
    return adopt_resolution(document, actor=actor)


def adopt_content(content: dict[str, Any], *, actor: Any) -> list[Edition | Scheme]:
    """Publish what a resolution that a scheme owner has written in the browser adopts; as `adopt_resolution`."""
    problems = content_problems(content, content["number"])
    if problems:
        raise DocumentRefused(problems)
    return adopt_resolution(Document.of_content(content, content["number"]), actor=actor)


@transaction.atomic
def adopt_resolution(document: Document, *, actor: Any = None) -> list[Edition | Scheme]:
    """Publish what a resolution adopts and supersede what it replaces; all of it or nothing. Returns what it moved.

    A superseded edition takes new applications until the end of the transition; those under way stay with it. Raises
    DocumentRefused when the resolution is not sound, names something that is not at hand as it was voted on, or a
    consultation is not finished; PermissionDenied when the actor does not keep the standard; Conflict.
    """
    content = document.content
    adopted = [_adopted(document, index) for index in range(len(content["adopts"]))]
    replaced = [_superseded(document, index) for index in range(len(content.get("supersedes", ())))]
    for row in (*adopted, *replaced):
        if actor is not None and not actor.has_perm(KEEP, row):
            raise PermissionDenied
    for row in adopted:
        publish(row, actor=actor, resolution=content)
        if isinstance(row, Edition):
            row.consultations.filter(ended_at=None).update(ended_at=timezone.now())
    until = day_of(content, "transition_until")
    for row in replaced:
        details = {"resolution": content["number"], "edition": str(row)}
        if until is not None:
            details["applications_until"] = until.isoformat()
        move(row, WORKFLOW, "supersede", actor=actor, changes={"applications_until": until}, details=details)
    return [*adopted, *replaced]


def unfinished_consultation(edition: Edition) -> Text | None:
    """What keeps an edition from being published: a round still running, comments unread or unanswered."""
    running = edition.consultations.filter(ended_at=None).first()
    if running is not None and running.stage != "closed":
        return Text(
            f"its public consultation runs until {running.closes_on}", f"公开征求意见至 {running.closes_on} 尚未结束"
        )
    waiting = Comment.objects.filter(
        consultation__edition=edition, status__in=[Comment.Status.RECEIVED, Comment.Status.PUBLIC]
    ).count()
    if waiting:
        return Text(f"comments without an answer: {waiting}", f"尚有 {waiting} 条意见未答复")
    return None


def _adopted(document: Document, index: int) -> Edition | Scheme:
    named = document.content["adopts"][index]
    row = _row(document, named, ("adopts", index))
    if row.digest != named["digest"]:
        raise DocumentRefused(
            [
                document.problem(
                    ("adopts", index, "digest"),
                    Text(f"{row} has another content than was voted on", f"{row} 的内容与表决文本不一致"),
                )
            ]
        )
    standard = row.standard_edition.content if isinstance(row, Scheme) else None
    problems = content_problems(row.content, str(row), standard)
    if problems:
        raise DocumentRefused(problems)
    unfinished = unfinished_consultation(row) if isinstance(row, Edition) else None
    if unfinished is not None:
        raise DocumentRefused([document.problem(("adopts", index), unfinished)])
    return row


def _superseded(document: Document, index: int) -> Edition | Scheme:
    place = ("supersedes", index)
    row = _row(document, document.content["supersedes"][index], place)
    if row.status != Status.PUBLISHED:
        raise DocumentRefused([document.problem(place, Text(f"{row} is not published", f"{row} 不是已发布状态"))])
    return row


def _row(document: Document, named: Mapping[str, str], place: tuple[str | int, ...]) -> Edition | Scheme:
    row: Edition | Scheme | None
    if named["document"] == "standard":
        editions = Edition.objects.select_related("standard")
        row = editions.filter(standard__code=named["code"], edition=named["edition"]).first()
    else:
        schemes = Scheme.objects.select_related("standard_edition__standard")
        row = schemes.filter(code=named["code"], edition=named["edition"]).first()
    if row is None:
        name = f"{named['document']} {named['code']} {named['edition']}"
        raise DocumentRefused([document.problem(place, Text(f"{name} is not loaded", f"尚未加载 {name}"))])
    return row
