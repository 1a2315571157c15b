"""What people are told about standards: drafts before the public, comments and answers, editions that come and go."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django.db.models import Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.accounts.models import Person, Role
from assessments.accounts.rules import organisations_of
from assessments.applications.models import Application
from assessments.ledger.models import Entry
from assessments.presentation.figures import written_day
from assessments.standards.models import Comment, Edition, Status

from .models import Kind, Notification

# Who works with standards every day, whatever the case at hand.
PROFESSIONS = (Role.EVALUATOR, Role.LEAD_EVALUATOR, Role.REVIEWER, Role.SCHEME_OWNER, Role.REGULATOR)
GONE = (Application.Status.DECLINED, Application.Status.WITHDRAWN)


def keepers(comment: Comment, entry: Entry) -> Iterable[Person]:
    """The scheme owners of the body that keeps the standard of the draft."""
    owner = comment.consultation.edition.standard.owner_id
    return Person.objects.filter(
        is_active=True, memberships__organisation=owner, memberships__role=Role.SCHEME_OWNER
    ).distinct()


def commenter(comment: Comment, entry: Entry) -> Iterable[Person]:
    """Who made the comment, if signed in then; a visitor finds the answer on the public page."""
    return [] if comment.person_id is None else Person.objects.filter(pk=comment.person_id, is_active=True)


def interested(edition: Edition, entry: Entry) -> Iterable[Person]:
    """Those who work with standards, vendors that applied under any edition of this one, and who commented before."""
    applicants = Application.objects.filter(edition__standard=edition.standard_id).exclude(status__in=GONE)
    comments = Comment.objects.filter(consultation__edition__standard=edition.standard_id)
    concerned = Q(memberships__role__in=PROFESSIONS) | Q(pk__in=comments.values("person"))
    return Person.objects.filter(concerned | _of_vendors(applicants), is_active=True).distinct()


def touched(edition: Edition, entry: Entry) -> Iterable[Person]:
    """Vendors with an application or a certificate under this edition, the leads of their bodies, and its keepers."""
    applications = Application.objects.filter(edition=edition.pk).exclude(status__in=GONE)
    leads = Q(memberships__role=Role.LEAD_EVALUATOR, memberships__organisation__in=applications.values("body"))
    owners = Q(memberships__role=Role.SCHEME_OWNER, memberships__organisation=edition.standard.owner_id)
    return Person.objects.filter(leads | owners | _of_vendors(applications), is_active=True).distinct()


def _of_vendors(applications: QuerySet[Any]) -> Q:
    return Q(memberships__role=Role.VENDOR_MEMBER, memberships__organisation__in=applications.values("organisation"))


def editions_open_to(person: Any) -> QuerySet[Any]:
    """Editions that everybody may read, and drafts whose consultation is public."""
    return Edition.objects.filter(
        ~Q(status=Status.DRAFT) | Q(pk__in=Edition.objects.filter(consultations__isnull=False).values("pk"))
    ).select_related("standard")


def comments_open_to(person: Any) -> QuerySet[Any]:
    """One's own comments, and those on drafts that one keeps."""
    kept = organisations_of(person, Role.SCHEME_OWNER)
    return Comment.objects.filter(
        Q(person=person.pk) | Q(consultation__edition__standard__owner__in=kept)
    ).select_related("consultation__edition__standard")


def title_of(row: Notification) -> str | None:
    """The words of a kind that depend on what happened; None for the others."""
    if row.kind != Kind.EDITION_ENDED:
        return None
    if row.details.get("to") == Status.WITHDRAWN:
        return _("An edition that you work with was withdrawn")
    return _("An edition that you work with was superseded")


def about(obj: Edition | Comment) -> tuple[Any, ...]:
    """The edition, what it is called, and the day that matters now."""
    if isinstance(obj, Comment):
        return (obj.consultation.edition, obj.criterion, f"#{obj.pk}")
    day = ""
    if obj.applications_until:
        day = _("takes applications until %(day)s") % {"day": written_day(obj.applications_until)}
    elif obj.effective_on:
        day = _("takes effect on %(day)s") % {"day": written_day(obj.effective_on)}
    return (obj, obj.title, day)


def url(row: Notification, obj: Edition | Comment) -> str:
    """Where one reads it, or does what is to be done."""
    edition = obj.consultation.edition if isinstance(obj, Comment) else obj
    public = reverse("standards:consultation", args=[edition.standard.code, edition.edition])
    if row.kind == Kind.COMMENT_RECEIVED:
        return reverse("drafts:consultation", args=[edition.pk])
    if row.kind == Kind.COMMENT_ANSWERED:
        return f"{public}#comment-{obj.pk}"
    return public if row.kind == Kind.DRAFT_PUBLIC else edition.get_absolute_url()
