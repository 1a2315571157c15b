"""Standards, their editions and criteria, and schemes. What is published is frozen."""

from __future__ import annotations

from typing import Any

from django.db import models
from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import cached_property
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessments.accounts.models import Organisation, Person
from assessments.ledger.workflow import Revised

from .life import (
    FROZEN,
    Frozen,
    FrozenWhenPublished,
    Status,
    in_current_language,
    life_constraints,
)
from .outcome import CriterionRule
from .print_models import EditionPrint
from .querysets import CommentQuerySet, ConsultationQuerySet, CriterionQuerySet, EditionQuerySet, SchemeQuerySet
from .scheme import SchemeRules

__all__ = [
    "FROZEN",
    "Comment",
    "Consultation",
    "Criterion",
    "Edition",
    "EditionPrint",
    "Frozen",
    "Gate",
    "Kind",
    "Scheme",
    "Standard",
    "Status",
    "in_current_language",
]


class Standard(models.Model):
    """A standard across its editions."""

    code = models.CharField(_("code"), max_length=16, unique=True)
    title_en = models.CharField(_("title (English)"), max_length=200)
    title_zh = models.CharField(_("title (Chinese)"), max_length=200)
    owner = models.ForeignKey(
        Organisation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="standards",
        verbose_name=_("scheme owner"),
        help_text=_("The body whose scheme owners draft, consult on, publish and withdraw its editions."),
    )

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
            *life_constraints("edition"),
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
            *life_constraints("scheme"),
        ]

    def __str__(self) -> str:
        return f"{self.code}/{self.edition}"

    def get_absolute_url(self) -> str:
        return reverse("standards:scheme", args=[self.code, self.edition])

    @cached_property
    def rules(self) -> SchemeRules:
        """The scheme as `scoring.assess` takes it."""
        return SchemeRules.from_content(self.content)


class Consultation(models.Model):
    """A round of public consultation on one draft: its days, and the text that was put to the public."""

    edition = models.ForeignKey(Edition, on_delete=models.CASCADE, related_name="consultations")
    opens_on = models.DateField(_("opens on"))
    closes_on = models.DateField(_("closes on"), help_text=_("Comments are taken until the end of this day (UTC)."))
    content = models.JSONField(_("content"))
    digest = models.CharField(_("digest"), max_length=64)
    # The draft schemes that were put to the public with it: each {code, edition, digest, content}.
    schemes = models.JSONField(_("schemes"), default=list, blank=True)
    started_at = models.DateTimeField(default=timezone.now, editable=False)
    ended_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = ConsultationQuerySet.as_manager()

    class Meta:
        ordering = ["-opens_on", "-pk"]
        verbose_name = _("public consultation")
        verbose_name_plural = _("public consultations")
        constraints = [
            models.CheckConstraint(condition=Q(closes_on__gte=models.F("opens_on")), name="consultation_days_in_order"),
            models.UniqueConstraint(
                fields=["edition"], condition=Q(ended_at=None), name="one_consultation_of_an_edition_at_a_time"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.edition}, {self.opens_on:%Y-%m-%d}"

    @property
    def stage(self) -> str:
        """announced, open, or closed: by the server's date."""
        day = timezone.now().date()
        if self.ended_at is not None or day > self.closes_on:
            return "closed"
        return "open" if day >= self.opens_on else "announced"


class Comment(Revised):
    """What somebody said in a consultation about one criterion (or the whole), and what the scheme owner answered."""

    class Status(models.TextChoices):
        RECEIVED = "received", pgettext_lazy("comment", "waiting for the moderator")
        PUBLIC = "public", pgettext_lazy("comment", "waiting for an answer")
        ANSWERED = "answered", pgettext_lazy("comment", "answered")
        WITHHELD = "withheld", pgettext_lazy("comment", "withheld")

    class Outcome(models.TextChoices):
        ACCEPTED = "accepted", pgettext_lazy("comment", "accepted")
        PARTLY = "partly", pgettext_lazy("comment", "accepted in part")
        NOT_ACCEPTED = "not_accepted", pgettext_lazy("comment", "not accepted")

    SCHEME = "scheme"

    consultation = models.ForeignKey(Consultation, on_delete=models.CASCADE, related_name="comments")
    # A code of the draft; SCHEME: what stands in the scheme; empty: the draft as a whole.
    criterion = models.CharField(_("criterion"), max_length=12, blank=True)
    person = models.ForeignKey(Person, null=True, blank=True, on_delete=models.SET_NULL, related_name="+")
    name = models.CharField(_("name"), max_length=120)
    affiliation = models.CharField(_("organisation"), max_length=200, blank=True)
    email = models.EmailField(_("e-mail address"))
    text = models.TextField(_("comment"))
    proposal = models.TextField(_("proposed wording"), blank=True)
    submitted_at = models.DateTimeField(default=timezone.now, editable=False)
    status = models.CharField(max_length=20, choices=Status, default=Status.RECEIVED, editable=False)
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome, blank=True, editable=False)
    answer = models.TextField(_("answer"), blank=True, editable=False)
    answered_at = models.DateTimeField(null=True, blank=True, editable=False)

    objects = CommentQuerySet.as_manager()

    class Meta:
        ordering = ["pk"]
        verbose_name = _("comment")
        verbose_name_plural = _("comments")
        constraints = [
            models.CheckConstraint(
                condition=Q(status__in=["received", "public", "answered", "withheld"]), name="comment_status_is_known"
            ),
            models.CheckConstraint(
                condition=~Q(status="answered") | ~Q(outcome=""), name="answered_comment_has_an_outcome"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.consultation.edition} #{self.pk}"
