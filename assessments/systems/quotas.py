"""How much an organisation may store: what it has and what is on its way count, equal bytes once."""

from __future__ import annotations

from typing import Any

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import transaction
from django.db.models import Sum
from django.utils.translation import gettext as _

from assessments.accounts.models import Organisation
from assessments.accounts.rules import organisations_of
from assessments.ledger.services import append
from assessments.presentation.figures import size as in_words

from .models import Allowance, Artifact, Blob, Upload


def limit_of(organisation: Any) -> int:
    """Bytes that the organisation may store."""
    own = Allowance.objects.filter(organisation=organisation).values_list("megabytes", flat=True).first()
    return settings.STORAGE_QUOTA_BYTES if own is None else own * 2**20


def used_by(organisation: Any) -> int:
    """Bytes of its files, also of replaced ones, whose bytes stay; and the announced size of open uploads."""
    blobs = Blob.objects.filter(artifacts__organisation=organisation).distinct()
    coming = Upload.objects.filter(organisation=organisation, status=Upload.Status.OPEN)
    return sum(found.aggregate(sum=Sum("size"))["sum"] or 0 for found in (blobs, coming))


def room_for(person: Any) -> int:
    """The most that the person could still store for any of their organisations."""
    organisations = Organisation.objects.filter(pk__in=organisations_of(person))
    return max((limit_of(one) - used_by(one) for one in organisations), default=0)


def take_room(organisation: Any, size: int, *, sha256: str = "") -> None:
    """Check, in a transaction, that `size` more bytes fit. Raises ValidationError.

    The organisation's row is locked until the transaction ends, so two uploads never share the same room. Bytes with
    a digest that the organisation has stored already need none.
    """
    Organisation.objects.select_for_update().get(pk=organisation.pk)
    if sha256 and Artifact.objects.filter(organisation=organisation, blob=sha256).exists():
        return
    limit, used = limit_of(organisation), used_by(organisation)
    if used + size > limit:
        raise ValidationError(refusal(limit, used, size))


@transaction.atomic
def allow(organisation: Any, megabytes: int) -> None:
    """Let one organisation store another amount than the portal's default."""
    Allowance.objects.update_or_create(organisation=organisation, defaults={"megabytes": megabytes})
    append(organisation, "allow_storage", details={"megabytes": megabytes})


def refusal(limit: int, used: int, size: int) -> str:
    """Why a file does not fit, and what can be done."""
    return _(
        "This file of %(size)s does not fit: your organisation has %(used)s of the %(limit)s that it may store. "
        "Ask the operator of the portal for more room."
    ) % {"size": in_words(size), "used": in_words(used), "limit": in_words(limit)}
