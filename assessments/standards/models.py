"""Standards, their editions and criteria, and schemes. What is published is frozen."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, NoReturn, Self

from django.core.validators import RegexValidator
from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.translation import get_language, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from assessments.ledger.workflow import Revised

from .outcome import CriterionRule
from .scheme import SchemeRules

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


class EditionQuerySet(FreezingQuerySet):
    def public(self) -> Self:
        """What everybody may read: all but drafts."""
        return self.exclude(status=Status.DRAFT)

    def open_for_applications(self) -> Self:
        """Published editions under which a published scheme evaluates."""
        evaluating = Scheme.objects.open_for_applications().values("standard_edition")
        return self.filter(status=Status.PUBLISHED, pk__in=evaluating)


class SchemeQuerySet(FreezingQuerySet):
    def open_for_applications(self) -> Self:
        """Published schemes of published editions; a declaration is made by oneself, nobody applies for it."""
        published = self.filter(status=Status.PUBLISHED, standard_edition__status=Status.PUBLISHED)
        return published.exclude(content__attestation="declaration")


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

    class Meta:
        abstract = True

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


def _life_constraints(prefix: str) -> list[models.BaseConstraint]:
    return [
        models.CheckConstraint(condition=Q(status__in=Status.values), name=f"{prefix}_status_is_known"),
        models.CheckConstraint(
            condition=Q(status__in=[Status.DRAFT, Status.CONSULTATION]) | Q(published_at__isnull=False),
            name=f"{prefix}_published_has_a_date",
        ),
    ]


class Standard(models.Model):
    """A standard across its editions."""

    code = models.CharField(_("code"), max_length=16, unique=True)
    title_en = models.CharField(_("title (English)"), max_length=200)
    title_zh = models.CharField(_("title (Chinese)"), max_length=200)

    class Meta:
        ordering = ["code"]
        verbose_name = _("standard")
        verbose_name_plural = _("standards")

    def __str__(self) -> str:
        return self.code

    @property
    def title(self) -> str:
        return in_current_language({"en": self.title_en, "zh": self.title_zh})


class Edition(FrozenWhenPublished):
    """One edition of a standard, with the whole of its content."""

    standard = models.ForeignKey(Standard, on_delete=models.PROTECT, related_name="editions")
    edition = models.CharField(_("edition"), max_length=16)

    objects = EditionQuerySet.as_manager()

    class Meta:
        ordering = ["standard__code", "-published_at", "-edition"]
        verbose_name = _("edition of a standard")
        verbose_name_plural = _("editions of standards")
        constraints = [
            models.UniqueConstraint(fields=["standard", "edition"], name="one_row_for_an_edition"),
            *_life_constraints("edition"),
        ]

    def __str__(self) -> str:
        return f"{self.standard.code} {self.edition}"

    def get_absolute_url(self) -> str:
        return reverse("standards:edition", args=[self.standard.code, self.edition])

    @property
    def is_pilot(self) -> bool:
        return self.content.get("stage") == "pilot"

    @cached_property
    def scoring_rules(self) -> list[CriterionRule]:
        """Its criteria as `scoring.assess` takes them."""
        return [criterion.scoring_rule for criterion in self.criteria.all()]


class Gate(models.TextChoices):
    NONE = "none", pgettext_lazy("gate", "none")
    M = "M", _("M: at every tier")
    M_PLUS = "M+", _("M+: at high risk")


class Kind(models.TextChoices):
    TEST = "T", pgettext_lazy("kind of criterion", "test")
    EXAMINATION = "E", pgettext_lazy("kind of criterion", "examination")
    BOTH = "T+E", pgettext_lazy("kind of criterion", "test and examination")


class CriterionQuerySet(models.QuerySet["Criterion"]):
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


class Criterion(models.Model):
    """A requirement that can be scored. It is part of the edition's content; the row is for queries and links."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="criteria")
    code = models.CharField(_("code"), max_length=12)
    characteristic = models.CharField(_("characteristic"), max_length=6)
    position = models.PositiveSmallIntegerField(_("position"))
    title_en = models.CharField(_("title (English)"), max_length=200)
    title_zh = models.CharField(_("title (Chinese)"), max_length=200)
    statement_en = models.TextField(_("statement (English)"))
    statement_zh = models.TextField(_("statement (Chinese)"))
    kind = models.CharField(_("kind"), max_length=3, choices=Kind)
    gate = models.CharField(_("gate"), max_length=4, choices=Gate, default=Gate.NONE)
    weight = models.PositiveSmallIntegerField(_("weight"))
    phases = models.JSONField(_("phases"), default=list)
    applies_when = models.JSONField(_("applies when"), default=dict, blank=True)
    methods = models.JSONField(_("methods"), default=list, blank=True)
    content = models.JSONField(_("content"), default=dict)

    objects = CriterionQuerySet.as_manager()

    class Meta:
        ordering = ["edition", "position"]
        verbose_name = _("criterion")
        verbose_name_plural = _("criteria")
        constraints = [
            models.UniqueConstraint(fields=["edition", "code"], name="one_row_for_a_criterion_of_an_edition"),
            models.CheckConstraint(condition=Q(kind__in=Kind.values), name="criterion_kind_is_known"),
            models.CheckConstraint(condition=Q(gate__in=Gate.values), name="criterion_gate_is_known"),
            models.CheckConstraint(condition=Q(weight__gte=1), name="criterion_weight_is_positive"),
        ]

    def __str__(self) -> str:
        return self.code

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.edition.is_frozen:
            raise Frozen("Criteria of a published edition never change.")
        super().save(*args, **kwargs)

    def get_absolute_url(self) -> str:
        return f"{self.edition.get_absolute_url()}#{self.code}"

    def delete(self, *args: Any, **kwargs: Any) -> tuple[int, dict[str, int]]:
        if self.edition.is_frozen:
            raise Frozen("Criteria of a published edition never change.")
        return super().delete(*args, **kwargs)

    @property
    def title(self) -> str:
        return in_current_language({"en": self.title_en, "zh": self.title_zh})

    @property
    def statement(self) -> str:
        return in_current_language({"en": self.statement_en, "zh": self.statement_zh})

    @property
    def is_gate(self) -> bool:
        return self.gate != Gate.NONE

    @property
    def belongs_to_organisation(self) -> bool:
        return self.content.get("belongs_to") == "organisation"

    @property
    def scoring_rule(self) -> CriterionRule:
        return CriterionRule(self.code, self.characteristic, self.gate, self.weight)


class Scheme(FrozenWhenPublished):
    """How conformity with one edition is shown: thresholds, levels, gates, validity, decision rule."""

    code = models.CharField(_("code"), max_length=16)
    edition = models.CharField(_("edition"), max_length=16)
    standard_edition = models.ForeignKey(Edition, on_delete=models.PROTECT, related_name="schemes")

    objects = SchemeQuerySet.as_manager()

    class Meta:
        ordering = ["code", "-published_at", "-edition"]
        verbose_name = _("scheme")
        verbose_name_plural = _("schemes")
        constraints = [
            models.UniqueConstraint(fields=["code", "edition"], name="one_row_for_a_scheme"),
            *_life_constraints("scheme"),
        ]

    def __str__(self) -> str:
        return f"{self.code}/{self.edition}"

    def get_absolute_url(self) -> str:
        return reverse("standards:scheme", args=[self.code, self.edition])

    @cached_property
    def rules(self) -> SchemeRules:
        """The scheme as `scoring.assess` takes it."""
        return SchemeRules.from_content(self.content)
