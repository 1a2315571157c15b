"""Legal holds: placed and lifted with a reason, and what they cover."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.db.models import Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.accounts.models import Organisation
from assessments.ledger.services import append
from evaluations.cases.models import Case

from .models import LegalHold


def active() -> QuerySet[LegalHold]:
    return LegalHold.objects.filter(lifted_at=None)


def held_organisations() -> QuerySet[Any]:
    """Ids of the organisations under a hold of their own."""
    return active().filter(organisation__isnull=False).values("organisation")


def held_cases() -> QuerySet[Case]:
    """The cases under a hold: of their own, of their client, or of their body."""
    organisations = held_organisations()
    parties = Q(body__in=organisations) | Q(application__organisation__in=organisations)
    return Case.objects.filter(parties | Q(pk__in=active().filter(case__isnull=False).values("case")))


def holds_on(person: Any) -> QuerySet[LegalHold]:
    """The holds that stop the erasure of a person: on an organisation of theirs, or a case in which they took part."""
    own = Q(organisation__in=person.memberships.values("organisation"))
    took_part = Q(case__assignments__person=person)
    client = Q(case__application__organisation__in=person.memberships.values("organisation"))
    return active().filter(own | took_part | client).select_related("organisation", "case").distinct()


@transaction.atomic
def place(*, organisation: Organisation | None = None, case: Case | None = None, reason: str, actor: Any) -> LegalHold:
    """Stop deletion and erasure. ValidationError: a hold is there already, or the reason is missing."""
    if not reason.strip():
        raise ValidationError({"reason": _("Give the reason.")})
    try:
        with transaction.atomic():
            hold = LegalHold.objects.create(
                organisation=organisation, case=case, reason=reason.strip(), placed_by=actor
            )
    except IntegrityError:
        raise ValidationError(_("There is a hold on it already.")) from None
    details = {"organisation": str(organisation.pk)} if organisation else {"case": str(case.pk) if case else ""}
    append(hold, "place", actor=actor, details=details, texts={"reason": reason.strip()})
    return hold


@transaction.atomic
def lift(hold: LegalHold, *, reason: str, actor: Any) -> None:
    """End a hold; what is due is deleted at the next run. ValidationError: the reason is missing."""
    if not reason.strip():
        raise ValidationError({"reason": _("Give the reason.")})
    if LegalHold.objects.filter(pk=hold.pk, lifted_at=None).update(lifted_at=timezone.now(), lifted_by=actor):
        append(hold, "lift", actor=actor, texts={"reason": reason.strip()})
