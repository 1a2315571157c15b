"""Drafts written in the browser: begun, changed, checked and discarded by the scheme owner."""

from __future__ import annotations

import copy
import tempfile
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from assessments.accounts.models import Organisation, Role
from assessments.accounts.rules import has_role
from assessments.ledger.services import append
from assessments.ledger.workflow import Conflict, revise

from .documents import Problem
from .exchange.formats import write_yaml
from .loading import content_problems
from .models import Criterion, Edition, Scheme, Standard, Status
from .services import digest_of, load_scheme, load_standard, write_criteria
from .workflow import KEEP

Change = Callable[[dict[str, Any]], None]


@transaction.atomic
def entrust(standard: Standard, body: Organisation, *, actor: Any = None) -> None:
    """Give a standard into the keeping of a body; its scheme owners then write and publish the editions."""
    if standard.owner_id == body.pk:
        return
    Standard.objects.filter(pk=standard.pk).update(owner=body)
    standard.owner = body
    append(standard, "entrust", actor=actor, details={"standard": standard.code, "organisation": str(body.pk)})


def problems_of(edition: Edition) -> list[Problem]:
    """What the checks find in an edition and in the drafts of its schemes; the same as `manage.py standards check`."""
    found = content_problems(edition.content, str(edition))
    if not found:
        for scheme in edition.schemes.filter(status=Status.DRAFT):
            found += content_problems(scheme.content, str(scheme), edition.content)
    return found


@transaction.atomic
def begin_edition(source: Edition, name: str, *, actor: Any) -> Edition:
    """A draft with the text of another edition of the same standard, and with its newest scheme as a draft.

    Raises PermissionDenied, ValidationError when the name is taken.
    """
    _keep(actor, source)
    if Edition.objects.filter(standard=source.standard, edition=name).exists():
        raise ValidationError({"edition": _("There is an edition of this name already.")})
    content = {**copy.deepcopy(source.content), "edition": name}
    edition = Edition(standard=source.standard, edition=name, content=content, digest=digest_of(content))
    edition.save()
    write_criteria(edition)
    scheme = source.schemes.order_by("-published_at", "-pk").first()
    if scheme is not None:
        _begin_scheme(scheme, edition)
    append(edition, "draft", actor=actor, details={"edition": str(edition), "from": str(source)})
    return edition


def _begin_scheme(source: Scheme, edition: Edition) -> None:
    taken = set(Scheme.objects.filter(code=source.code).values_list("edition", flat=True))
    name = next(str(number) for number in range(1, len(taken) + 2) if str(number) not in taken)
    standard = {"code": edition.standard.code, "edition": edition.edition}
    content = {**copy.deepcopy(source.content), "edition": name, "standard": standard}
    Scheme.objects.create(
        code=source.code, edition=name, standard_edition=edition, content=content, digest=digest_of(content)
    )


@transaction.atomic
def import_draft(content: dict[str, Any], *, owner: Organisation, actor: Any) -> Edition | Scheme:
    """Store content that came in a file as a draft, when it is sound and the standard is (or becomes) the body's own.

    Raises DocumentRefused, PermissionDenied, ValidationError when the standard is kept by somebody else.
    """
    if not has_role(actor, Role.SCHEME_OWNER, owner.pk):
        raise PermissionDenied
    is_scheme = content.get("document") == "scheme"
    code = content.get("standard", {}).get("code", "") if is_scheme else content.get("code", "")
    known = Standard.objects.filter(code=code).first()
    if known is not None and known.owner_id != owner.pk:
        raise ValidationError(_("Standard %(code)s is not in the keeping of your organisation.") % {"code": code})
    with tempfile.TemporaryDirectory() as folder:
        # The loader reads files, so that what comes from a browser is checked like what comes from a shell.
        path = Path(folder) / "draft.yaml"
        path.write_bytes(write_yaml({**content, "status": "draft"}))
        row = load_scheme(path, actor=actor) if is_scheme else load_standard(path, actor=actor)
    if known is None and isinstance(row, Edition):
        entrust(row.standard, owner, actor=actor)
    append(row, "import", actor=actor, details={"edition": str(row), "digest": row.digest})
    return row


@transaction.atomic
def change_edition(edition: Edition, change: Change, *, actor: Any, revision: int) -> None:
    """Apply `change` to the content of a draft as it was at `revision`. Raises PermissionDenied, Conflict."""
    _keep(actor, edition)
    _open(edition, revision)
    content = copy.deepcopy(edition.content)
    change(content)
    if content == edition.content:
        return
    revise(edition, {"content": content, "digest": digest_of(content)})
    write_criteria(edition)
    Standard.objects.filter(pk=edition.standard_id, editions=edition).exclude(
        editions__status__in=[Status.PUBLISHED, Status.SUPERSEDED, Status.WITHDRAWN]
    ).update(title_en=content["title"]["en"], title_zh=content["title"]["zh"])
    append(edition, "edit", actor=actor, details={"digest": edition.digest})


@transaction.atomic
def change_scheme(scheme: Scheme, content: Mapping[str, Any], *, actor: Any, revision: int) -> None:
    """Replace the content of a draft scheme; code, edition and standard stay. Raises PermissionDenied, Conflict."""
    _keep(actor, scheme)
    _open(scheme, revision)
    if scheme.standard_edition.status == Status.CONSULTATION:
        raise Conflict  # it lies before the public with its edition
    fixed = {key: scheme.content[key] for key in ("document", "code", "edition", "standard")}
    kept = {key: value for key, value in content.items() if key != "status"} | fixed
    if kept == scheme.content:
        return
    revise(scheme, {"content": kept, "digest": digest_of(kept)})
    scheme.standard_edition.prints.all().delete()
    append(scheme, "edit", actor=actor, details={"digest": scheme.digest})


@transaction.atomic
def discard(edition: Edition, *, actor: Any) -> None:
    """Delete a draft that was never consulted on, with its draft schemes. Raises PermissionDenied, Conflict."""
    _keep(actor, edition)
    _open(edition, edition.revision)
    if edition.consultations.exists():
        raise Conflict
    details = {"edition": str(edition), "digest": edition.digest}
    edition.schemes.filter(status=Status.DRAFT).delete()
    Criterion.objects.filter(edition=edition).delete()
    Edition.objects.filter(pk=edition.pk).delete()
    append(edition, "discard", actor=actor, details=details)


def _keep(actor: Any, obj: Any) -> None:
    if actor is None or not actor.has_perm(KEEP, obj):
        raise PermissionDenied


def _open(row: Edition | Scheme, revision: int) -> None:
    """Only a draft is written, and only as it was seen. Raises Conflict."""
    if row.status != Status.DRAFT or row.revision != revision:
        raise Conflict
