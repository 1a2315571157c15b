"""A full edition is published by its scheme owner on the resolution of a balanced committee (ISO/IEC 17065 5.2)."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

from django.db import transaction

from assessments.ledger.workflow import move
from evaluations.methods.frame import Text

from .documents import Document, DocumentRefused
from .loading import load_document
from .models import Edition, Scheme, Status
from .services import publish
from .workflow import WORKFLOW


@transaction.atomic
def adopt(path: Path, *, actor: Any = None) -> list[Edition | Scheme]:
    """Publish what a resolution adopts and supersede what it replaces; all of it or nothing. Returns what it moved.

    A superseded edition takes no new applications; those under way stay with it. Raises DocumentRefused when the
    resolution is not sound or names something that is not at hand as it was voted on, Conflict, OSError.
    """
    document = load_document(path)
    if document.content["document"] != "resolution":
        raise DocumentRefused([document.problem(("document",), Text("this is no resolution", "这不是决议文件"))])
    content = document.content
    adopted = [_adopted(document, index) for index in range(len(content["adopts"]))]
    replaced = [_superseded(document, index) for index in range(len(content.get("supersedes", ())))]
    for row in adopted:
        publish(row, actor=actor, resolution=content)
    for row in replaced:
        move(row, WORKFLOW, "supersede", actor=actor, details={"resolution": content["number"], "edition": str(row)})
    return [*adopted, *replaced]


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
        row = Edition.objects.filter(standard__code=named["code"], edition=named["edition"]).first()
    else:
        row = Scheme.objects.filter(code=named["code"], edition=named["edition"]).first()
    if row is None:
        name = f"{named['document']} {named['code']} {named['edition']}"
        raise DocumentRefused([document.problem(place, Text(f"{name} is not loaded", f"尚未加载 {name}"))])
    return row
