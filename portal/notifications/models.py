"""What people are told: notifications, how they want to be told, the letters that carry them, and calendar feeds."""

from __future__ import annotations

import uuid
from typing import Any

from django.core import signing
from django.db import models
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from assessments.accounts.models import Person

FEED_SIGNER = signing.Signer(salt="portal.notifications.deadlines", sep=".")


class Kind(models.TextChoices):
    """What somebody may be told of; the words are those of the inbox, of mail and of the preferences."""

    SUBMITTED = "submitted", _("An application was submitted")
    WITHDRAWN = "withdrawn", _("An application was withdrawn")
    RETURNED = "returned", _("The application was returned for completion")
    ADMITTED = "admitted", _("The application was admitted: the agreement is to be signed")
    DECLINED = "declined", _("The application was declined")
    COUNTERSIGN = "countersign", _("The applicant has signed the agreement: the body signs next")
    ASSIGNED = "assigned", _("A part in a case was given to you")
    PLAN_APPROVED = "plan_approved", _("The evaluation plan was approved")
    BEGUN = "begun", _("The evaluation has begun")
    RUN_FAILED = "run_failed", _("A test run failed because of the portal")
    SCORES_DIFFER = "scores_differ", _("The evaluators’ scores differ: a decision is needed")
    FINDINGS_TOLD = "findings_told", _("The evaluation has findings for you")
    FINDING_ANSWERED = "finding_answered", _("The client answered a finding")
    ANSWER_RETURNED = "answer_returned", _("An answer to a finding was returned to you")
    IN_REVIEW = "in_review", _("A case waits for your review")
    REWORK = "rework", _("The reviewer returned a case for rework")
    DECIDED = "decided", _("The decision on the evaluation was made")
    CERTIFIED = "certified", _("A certificate was issued")
    STATUS_CHANGED = "status_changed", _("The status of a certificate changed")
    ORDER_MADE = "order_made", _("An authority ordered surveillance of a certificate")
    ORDER_ANSWERED = "order_answered", _("A body answered an order for surveillance")
    ORDER_RETURNED = "order_returned", _("An authority asks more about an order for surveillance")
    ORDER_ENDED = "order_ended", _("An order for surveillance has ended")
    DRAFT_PUBLIC = "draft_public", _("A draft of a standard lies before the public")
    COMMENT_RECEIVED = "comment_received", _("A comment on a draft waits for you")
    COMMENT_ANSWERED = "comment_answered", _("Your comment on a draft was answered")
    EDITION_PUBLISHED = "edition_published", _("An edition of a standard was published")
    EDITION_ENDED = "edition_ended", _("An edition that you work with was superseded or withdrawn")


class Delivery(models.TextChoices):
    """How a kind reaches a person."""

    AT_ONCE = "at_once", _("Inbox, and e-mail at once")
    DAILY = "daily", _("Inbox, and one e-mail a day")
    INBOX = "inbox", _("Inbox only")
    OFF = "off", _("Not at all")


class Cursor(models.Model):
    """The last ledger entry that was read: a single row, moved in the transaction that writes what was concluded."""

    sequence = models.BigIntegerField(default=0)


class Preference(models.Model):
    """How a person wants to be told of one kind; without a row, by e-mail at once."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    delivery = models.CharField(max_length=10, choices=Delivery, default=Delivery.AT_ONCE)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["person", "kind"], name="one_preference_for_a_kind")]


class Letter(models.Model):
    """One e-mail to be sent: about one notification, or the digest of a day. Claimed by a lease, sent from the row."""

    class Status(models.TextChoices):
        PENDING = "pending", _("to be sent")
        SENT = "sent", _("sent")
        DROPPED = "dropped", _("not needed any more")
        GIVEN_UP = "given_up", _("given up")

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    # The day (UTC) of a digest; None for a letter about one notification.
    digest_on = models.DateField(null=True, blank=True)
    status = models.CharField(max_length=10, choices=Status, default=Status.PENDING)
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    attempt = models.PositiveIntegerField(default=0)
    lease_until = models.DateTimeField(null=True, blank=True)
    sent_at = models.DateTimeField(null=True, blank=True)
    # Why it could not be sent yet; for the operator.
    trouble = models.TextField(blank=True)

    class Meta:
        indexes = [models.Index(fields=["status", "lease_until"])]
        constraints = [models.UniqueConstraint(fields=["person", "digest_on"], name="one_digest_a_day")]


class NotificationQuerySet(models.QuerySet["Notification"]):
    def unread_of(self, person: Any) -> NotificationQuerySet:
        return self.filter(person=person.pk, read_at=None)


class Notification(models.Model):
    """That a person is concerned by a ledger entry. It holds no words: they are found when it is shown (wording.py)."""

    person = models.ForeignKey(Person, on_delete=models.CASCADE, related_name="+")
    kind = models.CharField(max_length=20, choices=Kind)
    entry_sequence = models.BigIntegerField()
    object_type = models.CharField(max_length=60)
    object_id = models.CharField(max_length=60)
    # Codes of the entry that the words need, such as the new status of a certificate.
    details = models.JSONField(default=dict)
    happened_at = models.DateTimeField()
    created_at = models.DateTimeField(default=timezone.now, editable=False)
    read_at = models.DateTimeField(null=True, blank=True)
    # How it is to be told, as the person's preference was; a daily one gets its letter with the next digest.
    delivery = models.CharField(max_length=10, choices=Delivery, default=Delivery.INBOX)
    letter = models.ForeignKey(Letter, null=True, blank=True, on_delete=models.SET_NULL, related_name="notifications")

    objects = NotificationQuerySet.as_manager()

    class Meta:
        ordering = ["-entry_sequence"]
        indexes = [models.Index(fields=["person", "read_at"]), models.Index(fields=["person", "entry_sequence"])]
        constraints = [
            models.UniqueConstraint(fields=["person", "entry_sequence", "kind"], name="one_notification_of_an_entry")
        ]


class CalendarFeed(models.Model):
    """A person's calendar of deadlines. Its address holds a signed key, so that a copy of the table opens nothing."""

    id = models.UUIDField(primary_key=True, default=uuid.uuid4, editable=False)
    person = models.OneToOneField(Person, on_delete=models.CASCADE, related_name="+")
    created_at = models.DateTimeField(default=timezone.now, editable=False)

    @property
    def token(self) -> str:
        """The secret part of the address."""
        return FEED_SIGNER.sign(self.pk.hex)

    @classmethod
    def of_token(cls, token: str) -> CalendarFeed | None:
        """The feed of somebody active whose address holds this token."""
        try:
            key = uuid.UUID(FEED_SIGNER.unsign(token))
        except (signing.BadSignature, ValueError):
            return None
        return cls.objects.filter(pk=key, person__is_active=True).select_related("person").first()
