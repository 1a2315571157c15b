"""What may be asked of editions, schemes, criteria and comments, and what is refused once they are published."""

from __future__ import annotations

from typing import Any, Self

from django.db import models
from django.db.models import Q
from django.utils import timezone

from assessments.accounts.models import Role
from assessments.accounts.rules import organisations_of

from .life import FROZEN, FreezingQuerySet, Frozen, Status, takes_applications


class EditionQuerySet(FreezingQuerySet):
    def public(self) -> Self:
        """What everybody may read: all but drafts."""
        return self.exclude(status=Status.DRAFT)

    def owned_by(self, person: Any) -> Self:
        """All editions of the standards that a scheme owner's body keeps, drafts included."""
        return self.filter(standard__owner__in=organisations_of(person, Role.SCHEME_OWNER))

    def visible_to(self, person: Any) -> Self:
        """What is public, and to a scheme owner the drafts of the body's own standards."""
        return self.filter(~Q(status=Status.DRAFT) | Q(standard__owner__in=organisations_of(person, Role.SCHEME_OWNER)))

    def open_for_applications(self) -> Self:
        """Editions that take applications today, under a scheme that does."""
        from .models import Scheme  # noqa: PLC0415 - the models are built on these query sets

        evaluating = Scheme.objects.open_for_applications().values("standard_edition")
        return self.filter(takes_applications(timezone.now().date()), pk__in=evaluating)


class SchemeQuerySet(FreezingQuerySet):
    def public(self) -> Self:
        """What everybody may read: all but drafts, and the drafts that lie before the public with their edition."""
        return self.filter(~Q(status=Status.DRAFT) | Q(standard_edition__status=Status.CONSULTATION))

    def visible_to(self, person: Any) -> Self:
        """What is public, and to a scheme owner the drafts of the body's own standards."""
        own = Q(standard_edition__standard__owner__in=organisations_of(person, Role.SCHEME_OWNER))
        return self.filter(~Q(status=Status.DRAFT) | Q(standard_edition__status=Status.CONSULTATION) | own)

    def open_for_applications(self) -> Self:
        """Schemes that take applications today, as their editions do; a declaration is made by oneself, nobody
        applies for it."""
        day = timezone.now().date()
        taking = self.filter(takes_applications(day), takes_applications(day, "standard_edition__"))
        return taking.exclude(content__attestation="declaration")


class CriterionQuerySet(models.QuerySet[Any]):
    """Criteria are rows of an edition: frozen with it."""

    def update(self, **values: Any) -> int:
        self._refuse_if_frozen()
        return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        self._refuse_if_frozen()
        return super().delete()

    def _refuse_if_frozen(self) -> None:
        if self.filter(edition__status__in=FROZEN).exists():
            raise Frozen("Criteria of a published edition never change.")


class ConsultationQuerySet(models.QuerySet[Any]):
    def open_on(self, day: Any) -> Self:
        """Those that take comments on `day`: begun, not ended, both days inclusive."""
        return self.filter(opens_on__lte=day, closes_on__gte=day, ended_at=None)


class CommentQuerySet(models.QuerySet[Any]):
    def public(self) -> Self:
        """What a moderator has let through, answered or not."""
        return self.filter(status__in=["public", "answered"])
