"""Stores what `loading` has found sound, and publishes it."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from datetime import date
from pathlib import Path
from typing import Any

import rfc8785
from django.core.exceptions import PermissionDenied
from django.db import transaction
from django.utils import timezone

from assessments.ledger.workflow import move
from evaluations.methods.frame import Text

from .applicability import evaluate
from .documents import Document, DocumentRefused, read_document
from .loading import load_document, load_scheme_document
from .models import FROZEN, Criterion, Edition, Scheme, Standard, Status
from .workflow import WORKFLOW

# Columns of a criterion; what else the file says of it stays in `content`.
_COLUMNS = ("code", "title", "statement", "kind", "gate", "weight", "phases", "applies_when", "methods")


def digest_of(content: Mapping[str, Any]) -> str:
    """SHA-256 of the content as canonical JSON (RFC 8785), without `status`: publishing changes no content."""
    fixed = {key: value for key, value in content.items() if key != "status"}
    return hashlib.sha256(rfc8785.dumps(fixed)).hexdigest()


def load_standard(path: Path, *, actor: Any = None) -> Edition:
    """Load one standard. The same content again changes nothing; a draft is replaced; what is published is kept.

    Raises DocumentRefused, also when a published edition of that name has other content; OSError.
    """
    known = _published_alike(path)
    if isinstance(known, Edition):
        return known
    return _store_standard(_document_of_kind(path, "standard"), actor)


def load_scheme(path: Path, *, actor: Any = None) -> Scheme:
    """Load one scheme; its standard's edition must be loaded. Same rules and errors as `load_standard`."""
    known = _published_alike(path)
    if isinstance(known, Scheme):
        return known
    document = _document_of_kind(path, "scheme")
    named = document.content["standard"]
    edition = Edition.objects.filter(standard__code=named["code"], edition=named["edition"]).first()
    if edition is None:
        raise DocumentRefused(
            [
                document.problem(
                    ("standard",),
                    Text(
                        f"{named['code']} {named['edition']} is not loaded: load the standard first",
                        f"尚未加载 {named['code']} {named['edition']}：请先加载该标准",
                    ),
                )
            ]
        )
    return _store_scheme(load_scheme_document(path, edition.content), edition, actor)


def load_file(path: Path, *, actor: Any = None) -> Edition | Scheme:
    """Load a standard or a scheme, as the file says of itself."""
    if read_document(path).content.get("document") == "scheme":
        return load_scheme(path, actor=actor)
    return load_standard(path, actor=actor)


def publish(row: Edition | Scheme, *, actor: Any = None, resolution: Mapping[str, Any] | None = None) -> None:
    """Publish and freeze; it takes effect on the resolution's day. The ledger keeps the digest and the resolution with
    its votes; another published edition of the standard stays in force until it is superseded. Raises Conflict when
    the row is not a draft or under consultation, PermissionDenied when an edition that is no pilot comes without a
    resolution."""
    if resolution is None and isinstance(row, Edition) and row.content.get("stage") != "pilot":
        raise PermissionDenied("A full edition is published by a committee's resolution.")
    details = {"digest": row.digest, "edition": str(row)}
    move(
        row,
        WORKFLOW,
        "publish",
        actor=actor,
        changes={"published_at": timezone.now(), "effective_on": day_of(resolution, "effective_on")},
        details=details if resolution is None else {**details, **_voted(resolution)},
        texts={"scheme_owner": resolution["scheme_owner"]} if resolution else None,
    )
    # Prints of the draft say that it is one, and show no thresholds of a scheme that came later.
    (row.standard_edition if isinstance(row, Scheme) else row).prints.all().delete()


def day_of(resolution: Mapping[str, Any] | None, key: str) -> date | None:
    """A day that a resolution names; None where it names none. The checks have made sure that it is one."""
    named = (resolution or {}).get(key)
    return date.fromisoformat(named) if named else None


def _voted(resolution: Mapping[str, Any]) -> dict[str, Any]:
    """What the ledger keeps of a resolution: its number, its days and the votes of each interest."""
    kept = ("date", "effective_on", "transition_until", "committee")
    return {key: resolution[key] for key in kept if key in resolution} | {"resolution": resolution["number"]}


def _published_alike(path: Path) -> Edition | Scheme | None:
    """What is published with exactly this content: it was checked when it was loaded, and checking takes seconds."""
    content = read_document(path).content
    try:
        digest = digest_of(content)
    except rfc8785.CanonicalizationError:
        return None
    rows: type[Edition | Scheme] = Scheme if content.get("document") == "scheme" else Edition
    return rows.objects.filter(digest=digest, status__in=FROZEN).first()


def _document_of_kind(path: Path, kind: str) -> Document:
    document = load_document(path)
    if document.content["document"] != kind:
        text = Text(f"this is a {document.content['document']}, not a {kind}", "文件种类不符：标准与方案须分别加载")
        raise DocumentRefused([document.problem(("document",), text)])
    return document


@transaction.atomic
def _store_standard(document: Document, actor: Any) -> Edition:
    content = document.content
    standard, _ = Standard.objects.update_or_create(
        code=content["code"], defaults={"title_en": content["title"]["en"], "title_zh": content["title"]["zh"]}
    )
    edition = Edition.objects.filter(standard=standard, edition=content["edition"]).first()
    if edition is None:
        edition = Edition(standard=standard, edition=content["edition"])
    if _take_content(edition, document, edition):
        edition.save()
        write_criteria(edition)
    _publish_if_said(edition, content, actor)
    return edition


@transaction.atomic
def _store_scheme(document: Document, edition: Edition, actor: Any) -> Scheme:
    content = document.content
    scheme = Scheme.objects.filter(code=content["code"], edition=content["edition"]).first()
    if scheme is None:
        scheme = Scheme(code=content["code"], edition=content["edition"])
    if _take_content(scheme, document, edition):
        scheme.standard_edition = edition
        scheme.save()
    _publish_if_said(scheme, content, actor)
    return scheme


def _take_content(row: Edition | Scheme, document: Document, edition: Edition) -> bool:
    """Put the content into the row; False when it is there already. Refuses to touch what is published, and what lies
    before the public with its edition."""
    digest = digest_of(document.content)
    if row.pk and row.digest == digest:
        return False
    if edition.status == Status.CONSULTATION:
        text = Text(
            f"{edition} is under public consultation: end it before the text changes",
            f"{edition} 正在公开征求意见：须先结束征求意见再修改文本",
        )
        raise DocumentRefused([document.problem(("edition",), text)])
    if row.status in FROZEN:
        text = Text(
            f"{row} is published and frozen, and this content differs from it: give it a new edition",
            f"{row} 已发布并冻结，而文件内容与之不同：请使用新的版次",
        )
        raise DocumentRefused([document.problem(("edition",), text)])
    if row.pk:
        row.revision += 1  # whoever has the draft open in an editor learns of it
    row.content = {key: value for key, value in document.content.items() if key != "status"}
    row.digest = digest
    return True


def _publish_if_said(row: Edition | Scheme, content: Mapping[str, Any], actor: Any) -> None:
    if content["status"] == Status.PUBLISHED and row.status not in FROZEN:
        publish(row, actor=actor)


def write_criteria(edition: Edition) -> None:
    """Make the rows of criteria anew from the edition's content."""
    Criterion.objects.filter(edition=edition).delete()
    Criterion.objects.bulk_create(_criteria(edition, edition.content))


def _criteria(edition: Edition, content: Mapping[str, Any]) -> list[Criterion]:
    return [
        Criterion(
            edition=edition,
            position=position,
            code=criterion["code"],
            characteristic=criterion["code"].rpartition("-")[0],
            title_en=criterion["title"]["en"],
            title_zh=criterion["title"]["zh"],
            statement_en=criterion["statement"]["en"],
            statement_zh=criterion["statement"]["zh"],
            kind=criterion["kind"],
            gate=criterion["gate"],
            weight=criterion["weight"],
            phases=criterion["phases"],
            applies_when=criterion.get("applies_when", {}),
            methods=criterion.get("methods", []),
            content={key: value for key, value in criterion.items() if key not in _COLUMNS},
        )
        for position, criterion in enumerate(content["criteria"])
    ]


def methods_for(criterion: Criterion, profile: Mapping[str, Any]) -> list[dict[str, Any]]:
    """The methods of a criterion that this profile calls for: each {id, parameters}."""
    return [
        {"id": method["id"], "parameters": method.get("parameters", {})}
        for method in criterion.methods
        if evaluate(method.get("when", {}), profile) is True
    ]


def kind_for(criterion: Criterion, profile: Mapping[str, Any]) -> str:
    """T, E or T+E for this profile: an examined criterion that calls for a method here is both."""
    if criterion.kind == "E" and methods_for(criterion, profile):
        return "T+E"
    return criterion.kind
