"""Scores: each evaluator's own, and what was settled on them."""

from __future__ import annotations

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.accounts.models import Person

from .case import Case


class ScoreSheet(models.Model):
    """An evaluator's scores as a whole: theirs alone until handed in; afterwards they no longer change.

    The other evaluator's and the lead's eyes open only when every evaluator of the case has handed in.
    """

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="sheets")
    evaluator = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    handed_in_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["case", "evaluator"], name="one_sheet_of_an_evaluator")]


class Score(models.Model):
    """An evaluator's score on a criterion, blind to the other's: whole points for an examination (E), 0 to 5."""

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="scores")
    criterion = models.CharField(max_length=20)
    evaluator = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="scores")
    points = models.PositiveSmallIntegerField(_("score"), null=True, blank=True)
    not_demonstrated = models.BooleanField(_("not demonstrated"), default=False)
    rationale = models.TextField(_("rationale"), max_length=8000, blank=True)
    revision = models.PositiveIntegerField(default=0)
    saved_at = models.DateTimeField(auto_now=True)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "criterion", "evaluator"], name="one_score_of_an_evaluator"),
            models.CheckConstraint(condition=models.Q(points=None) | models.Q(points__lte=5), name="score_is_0_to_5"),
        ]


class Settlement(models.Model):
    """The settled state of a criterion: from equal scores, from the lead's decision, or from a test."""

    class State(models.TextChoices):
        SCORED = "scored", _("scored")
        NOT_APPLICABLE = "not_applicable", _("not applicable")
        NOT_DEMONSTRATED = "not_demonstrated", _("not demonstrated")
        NOT_ASSESSED = "not_assessed", _("not assessed")

    class Origin(models.TextChoices):
        TEST = "test", _("test")
        EXAMINATION = "examination", _("examination")
        BOTH = "both", _("test and examination")
        EXAMINED = "examined", _("examined, no automated method")
        PROFILE = "profile", _("profile")

    case = models.ForeignKey(Case, on_delete=models.CASCADE, related_name="settlements")
    criterion = models.CharField(max_length=20)
    state = models.CharField(max_length=20, choices=State)
    origin = models.CharField(max_length=20, choices=Origin)
    proposed_tenths = models.PositiveSmallIntegerField(null=True, blank=True)
    # The test's score as the lead confirmed or changed it; None where no test says anything.
    confirmed_tenths = models.PositiveSmallIntegerField(null=True, blank=True)
    examined_points = models.PositiveSmallIntegerField(null=True, blank=True)
    settled_tenths = models.PositiveSmallIntegerField(null=True, blank=True)
    rationale = models.TextField(blank=True)
    overridden = models.BooleanField(default=False)
    settled_by = models.ForeignKey(Person, null=True, blank=True, on_delete=models.PROTECT, related_name="+")
    settled_at = models.DateTimeField(default=timezone.now)
    revision = models.PositiveIntegerField(default=0)

    class Meta:
        constraints = [
            models.UniqueConstraint(fields=["case", "criterion"], name="one_settlement_of_a_criterion"),
            models.CheckConstraint(
                condition=models.Q(settled_tenths=None) | models.Q(settled_tenths__lte=50),
                name="settled_score_is_0_to_5",
            ),
        ]
