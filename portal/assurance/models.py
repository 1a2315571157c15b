"""Orders for surveillance: an authority asks the issuing body to look at a certificate again, by a day."""

from __future__ import annotations

import uuid
from datetime import date
from typing import Any

from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.accounts.models import Organisation, Person, Role
from assessments.accounts.rules import is_regulator, organisations_of
from assessments.ledger.workflow import Revised
from portal.certificates.models import Certificate


class OrderQuerySet(models.QuerySet["SurveillanceOrder"]):
    def visible_to(self, person: Any) -> OrderQuerySet:
        """Authorities see all; a body's leads and reviewers those about its certificates, a holder's members theirs."""
        if is_regulator(person):
            return self.all()
        bodies = organisations_of(person, Role.LEAD_EVALUATOR, Role.REVIEWER)
        holders = organisations_of(person, Role.VENDOR_MEMBER)
        return self.filter(models.Q(certificate__body__in=bodies) | models.Q(certificate__holder__in=holders))

    def unfinished(self) -> OrderQuerySet:
        """Those in which the body or the authority still has to act."""
        return self.filter(status__in=UNFINISHED)

    def to_answer(self) -> OrderQuerySet:
        """Those that the body has still to answer, the nearest day first."""
        return self.filter(status=SurveillanceOrder.Status.OPEN).order_by("due_on", "made_at")


class SurveillanceOrder(Revised):
    """An order by an authority; it changes no status of the certificate, and the public does not see it."""

    class Status(models.TextChoices):
        OPEN = "open", _("to be answered by the body")
        ANSWERED = "answered", _("answered: the authority looks at it")
        CLOSED = "closed", _("closed: the answer was accepted")
        LIFTED = "lifted", _("taken back by the authority")

    class Outcome(models.TextChoices):
        FULFILLED = "fulfilled", _("The requirements are still fulfilled")
        MEASURES = "measures", _("They are fulfilled again after measures that the answer names")
        NOT_FULFILLED = "not_fulfilled", _("The requirements are not fulfilled any more")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    certificate = models.ForeignKey(Certificate, on_delete=models.PROTECT, related_name="orders")
    authority = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    status = models.CharField(max_length=20, choices=Status, default=Status.OPEN, editable=False)
    due_on = models.DateField(_("due"))
    # What the body's last answer says of the requirements; empty before the first.
    outcome = models.CharField(_("outcome"), max_length=20, choices=Outcome, blank=True, editable=False)
    made_at = models.DateTimeField(default=timezone.now, editable=False)

    objects = OrderQuerySet.as_manager()

    class Meta:
        verbose_name = _("order for surveillance")
        verbose_name_plural = _("orders for surveillance")
        ordering = ["-made_at"]
        indexes = [models.Index(fields=["made_at", "id"]), models.Index(fields=["status", "due_on"])]
        constraints = [
            models.CheckConstraint(
                condition=models.Q(status__in=["open", "answered", "closed", "lifted"]), name="order_status_is_known"
            ),
            models.UniqueConstraint(
                fields=["certificate", "authority"],
                condition=models.Q(status__in=["open", "answered"]),
                name="one_unfinished_order_of_an_authority",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.certificate.number} · {self.due_on.isoformat()}"

    def is_overdue(self, on: date | None = None) -> bool:
        """Whether the day has gone by without an answer (server's UTC date, last day inclusive)."""
        return self.status == self.Status.OPEN and self.due_on < (on or timezone.now().date())


UNFINISHED = (SurveillanceOrder.Status.OPEN, SurveillanceOrder.Status.ANSWERED)


class OrderEvent(models.Model):
    """One step of an order with its words: made, answered, returned, accepted or taken back."""

    class Act(models.TextChoices):
        ORDER = "order", _("Surveillance ordered")
        ANSWER = "answer", _("Answered by the body")
        RETURN = "return", _("Answer returned: more is asked")
        ACCEPT = "accept", _("Answer accepted, order closed")
        LIFT = "lift", _("Order taken back")

    order = models.ForeignKey(SurveillanceOrder, on_delete=models.PROTECT, related_name="events")
    act = models.CharField(max_length=20, choices=Act)
    text = models.TextField(_("reason"))
    outcome = models.CharField(max_length=20, choices=SurveillanceOrder.Outcome, blank=True)
    due_on = models.DateField(null=True, blank=True)
    organisation = models.ForeignKey(Organisation, on_delete=models.PROTECT, related_name="+")
    actor = models.ForeignKey(Person, null=True, on_delete=models.SET_NULL, related_name="+")
    happened_at = models.DateTimeField(default=timezone.now, editable=False)

    class Meta:
        ordering = ["happened_at", "pk"]
