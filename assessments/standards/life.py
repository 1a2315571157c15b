"""What editions and schemes have in common: a life from draft to withdrawn, in which what is published is frozen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from assessments.ledger.workflow import Revised

FROZEN_FIELDS = frozenset({"code", "edition", "standard", "standard_edition", "content", "digest", "published_at"})


class Status(models.TextChoices):
    """The life of an edition or a scheme. From *published* on, its content never changes."""

    DRAFT = "draft", pgettext_lazy("standard", "draft")
    CONSULTATION = "consultation", pgettext_lazy("standard", "under public consultation")
    PUBLISHED = "published", pgettext_lazy("standard", "published")
    SUPERSEDED = "superseded", pgettext_lazy("standard", "superseded")
    WITHDRAWN = "withdrawn", pgettext_lazy("standard", "withdrawn")


FROZEN = (Status.PUBLISHED, Status.SUPERSEDED, Status.WITHDRAWN)


class Frozen(TypeError):
    """Somebody tried to change or delete what is published."""


class FreezingQuerySet(models.QuerySet[Any]):
    """Refuses to change the content of published rows or to delete them; their status may still move."""

    def update(self, **values: Any) -> int:
        publishing = values.get("status") in FROZEN
        touched = FROZEN_FIELDS & set(values) - ({"published_at"} if publishing else set())
        if touched and self.filter(status__in=FROZEN).exists():
            raise Frozen(f"Published content never changes: {', '.join(sorted(touched))}.")
        return super().update(**values)

    def delete(self) -> tuple[int, dict[str, int]]:
        if self.filter(status__in=FROZEN).exists():
            raise Frozen("What is published is never deleted; it is superseded or withdrawn.")
        return super().delete()

    def bulk_update(self, *args: Any, **kwargs: Any) -> NoReturn:
        raise Frozen("Change drafts one by one.")


def takes_applications(day: Any, prefix: str = "") -> Q:
    """Published and in effect, or superseded and still within the transition period, on `day`."""
    in_effect = Q(**{f"{prefix}effective_on__isnull": True}) | Q(**{f"{prefix}effective_on__lte": day})
    running_out = Q(**{f"{prefix}status": Status.SUPERSEDED, f"{prefix}applications_until__gte": day})
    return Q(**{f"{prefix}status": Status.PUBLISHED}) & in_effect | running_out


def in_current_language(text: Mapping[str, str]) -> str:
    """The Chinese or the English of a text of two languages, by the language of the request."""
    return text["zh"] if (get_language() or "").startswith("zh") else text["en"]


class FrozenWhenPublished(Revised):
    """A row with content that is frozen from publication on."""

    # Each class below has its own manager; named here for the two guards.
    objects: models.Manager[Any]

    content = models.JSONField(_("content"))
    digest = models.CharField(
        _("digest"),
        max_length=64,
        help_text=_("SHA-256 of the content as canonical JSON (RFC 8785)."),
        validators=[RegexValidator(r"^[0-9a-f]{64}$")],
    )
    status = models.CharField(_("status"), max_length=20, choices=Status, default=Status.DRAFT, editable=False)
    published_at = models.DateTimeField(_("published at"), null=True, blank=True, editable=False)
    effective_on = models.DateField(
        _("takes effect on"), null=True, blank=True, editable=False, help_text=_("Empty: on the day of publication.")
    )
    applications_until = models.DateField(
        _("takes applications until"),
        null=True,
        blank=True,
        editable=False,
        help_text=_("The last day of the transition period, once superseded; empty: none from then on."),
    )

    class Meta:
        abstract = True

    @property
    def is_in_effect(self) -> bool:
        """Published, and its day has come."""
        return self.status == Status.PUBLISHED and (
            self.effective_on is None or self.effective_on <= timezone.now().date()
        )

    @property
    def is_in_transition(self) -> bool:
        """Superseded, and still open for applications."""
        until = self.applications_until
        return self.status == Status.SUPERSEDED and until is not None and until >= timezone.now().date()

    @property
    def is_frozen(self) -> bool:
        return self.status in FROZEN

    @property
    def title(self) -> str:
        return in_current_language(self.content["title"])

    def save(self, *args: Any, **kwargs: Any) -> None:
        """Refuses to overwrite a row that is published in the database, whatever this object says of itself."""
        if self.pk and type(self).objects.filter(pk=self.pk, status__in=FROZEN).exists():
            raise Frozen("Published content never changes; write a new edition.")
        super().save(*args, **kwargs)

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if type(self).objects.filter(pk=self.pk, status__in=FROZEN).exists():
            raise Frozen("What is published is never deleted; it is superseded or withdrawn.")
        return super().delete(*args, **kwargs)


def life_constraints(prefix: str) -> list[models.BaseConstraint]:
    return [
        models.CheckConstraint(condition=Q(status__in=Status.values), name=f"{prefix}_status_is_known"),
        models.CheckConstraint(
            condition=Q(status__in=[Status.DRAFT, Status.CONSULTATION]) | Q(published_at__isnull=False),
            name=f"{prefix}_published_has_a_date",
        ),
    ]
