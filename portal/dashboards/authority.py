"""The regulator's part: what the registry holds in figures, what is suspended, and the way to act."""

from __future__ import annotations

from typing import Any

from django.db.models import Count
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.applications.models import Level, Tier
from portal.certificates.models import Certificate, StatusEvent
from portal.registry import indexing
from portal.registry.facets import address, standing_word
from portal.registry.search import Question, listed

from .attested import certificate_section, system_of
from .sections import SHOWN, Board, Cell, Empty, Figure, Section

STANDINGS = ("in_force", "suspended", "withdrawn", "cancelled", "expired")
EVERYTHING = Question("", {}, "newest")


def board(person: Any) -> Board:
    """The oversight of all certificates."""
    indexing.catch_up()
    published = Certificate.objects.published()
    newest = certificate_section(
        person,
        published.filter(status=Certificate.Status.IN_FORCE).order_by("-granted_on", "-number"),
        anchor="newest",
        title=_("Newest certificates in force"),
        empty=Empty(_("No certificate is in force")),
        text=_("An authority may order a suspension, with a public reason; only who imposed it lifts it."),
        more=(reverse("registry:search"), _("The whole registry")),
    )
    return Board(sections=[*_figures(), _overdue(person, published), _suspended(published), newest])


def _overdue(person: Any, published: Any) -> Section:
    """Certificates that still hold though their surveillance is due, the longest overdue first."""
    today = timezone.now().date()
    holding = published.filter(
        status__in=[Certificate.Status.IN_FORCE, Certificate.Status.SUSPENDED],
        surveillance_due__lt=today,
        valid_until__gte=today,
    )
    return certificate_section(
        person,
        holding.order_by("surveillance_due", "number"),
        anchor="overdue",
        title=_("Overdue surveillance"),
        empty=Empty(_("No surveillance is overdue")),
    )


def _figures() -> list[Section]:
    """The registry by status, tier and level; each figure leads to what it counts."""
    entries = listed()
    counted: list[tuple[str, str, str, dict[str, Any]]] = [
        ("status", _("Certificates by status"), "standing", {code: standing_word(code) for code in STANDINGS}),
        ("tier", _("By risk tier"), "certificate__tier", dict(Tier.choices)),
        ("level", _("By level"), "certificate__level", dict(Level.choices)),
    ]
    sections = []
    for facet, title, column, words in counted:
        counts = dict(entries.values_list(column).annotate(count=Count("pk")).order_by())
        figures = [
            Figure(str(word), counts.get(code, 0), address(EVERYTHING, chosen={facet: code}))
            for code, word in words.items()
            if code != Tier.UNACCEPTABLE
        ]
        sections.append(Section(f"by-{facet}", title, figures=figures))
    return sections


def _suspended(published: Any) -> Section:
    suspended = published.filter(status=Certificate.Status.SUSPENDED).select_related("holder", "suspended_by")
    shown = list(suspended.order_by("-number")[:SHOWN])
    events = StatusEvent.objects.filter(certificate__in=shown, status=Certificate.Status.SUSPENDED)
    reasons = {event.certificate_id: event.reason for event in events.order_by("happened_at", "pk")}
    rows = [
        [
            Cell(row.number, reverse("certificates:certificate", args=[row.number])),
            Cell(system_of(row), note=row.holder.name),
            Cell(row.suspended_by.name if row.suspended_by else "–"),
            Cell(reasons.get(row.pk) or "–"),
        ]
        for row in shown
    ]
    headings = (_("Number"), _("System and holder"), _("Suspended by"), _("Reason"))
    more = (address(EVERYTHING, chosen={"status": "suspended"}), _("All suspended certificates"))
    empty = Empty(_("Nothing is suspended"), _("A suspension appears here with who imposed it and why."))
    return Section("suspended", _("Suspended certificates"), empty, headings, rows, more=more if rows else None)
