"""The regulator's part: what the registry holds in figures, what is suspended, and the way to act."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

from django.db.models import Count, OuterRef, Subquery
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.accounts.models import Role
from assessments.accounts.rules import organisations_of
from assessments.applications.models import Level, Tier
from portal.assurance.models import OrderEvent, SurveillanceOrder
from portal.certificates.models import Certificate, StatusEvent
from portal.registry import indexing
from portal.registry.facets import address, standing_word
from portal.registry.search import Question, listed

from .attested import certificate_section, system_of
from .sections import READ_AT_MOST, SHOWN, Board, Cell, Empty, Figure, Section, Task, about, day_cell

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
    sections = [*_figures(), _orders(), _overdue(person, published), _suspended(published), newest]
    return Board(tasks=list(_answers(person)), sections=sections)


def _answers(person: Any) -> Iterator[Task]:
    """Answers of bodies to orders of one's own authority, to be accepted or returned."""
    mine = organisations_of(person, Role.REGULATOR)
    rows = SurveillanceOrder.objects.filter(status=SurveillanceOrder.Status.ANSWERED, authority__in=mine)
    last = OrderEvent.objects.filter(order=OuterRef("pk")).order_by("-happened_at").values("happened_at")[:1]
    for order in (
        rows.annotate(since=Subquery(last)).select_related("certificate__body").order_by("since")[:READ_AT_MOST]
    ):
        yield Task(
            _("A body answered your order for surveillance"),
            about(order.certificate.number, order.certificate.body.name),
            reverse("orders:order", args=[order.pk]),
            _("Read the answer"),
            since=order.since,
        )


def _orders() -> Section:
    """Orders in which somebody still has to act, the nearest day first."""
    rows = SurveillanceOrder.objects.unfinished().select_related("certificate__holder", "certificate__body")
    cells = [
        [
            Cell(order.certificate.number, reverse("orders:order", args=[order.pk])),
            Cell(system_of(order.certificate), note=order.certificate.holder.name),
            Cell(order.certificate.body.name),
            Cell(order.get_status_display(), status=order.status),
            day_cell(order.due_on, near=order.status == SurveillanceOrder.Status.OPEN),
        ]
        for order in rows.order_by("due_on", "made_at")[:SHOWN]
    ]
    empty = Empty(
        _("No order is open"), _("Order surveillance on a certificate’s page; it appears here until it ends.")
    )
    headings = (_("Certificate"), _("System and holder"), _("Body"), _("Status"), _("By when"))
    more = (reverse("orders:list"), _("All orders"))
    return Section("orders", _("Orders for surveillance"), empty, headings, cells, more=more)


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
