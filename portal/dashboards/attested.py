"""Certificates as rows of a dashboard, with the changes of status that the reader may make."""

from __future__ import annotations

from typing import Any

from django.db.models import QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.accounts.models import Role
from assessments.accounts.rules import interests_of, is_regulator, organisations_of
from assessments.presentation.figures import in_language
from portal.certificates.models import Certificate
from portal.registry.facets import standing_word

from .sections import SHOWN, Cell, Empty, Section, day_cell


def system_of(certificate: Certificate) -> str:
    """The system and version that a certificate names."""
    system = certificate.snapshot["system"]
    return f"{in_language(system['name'])} {system['version']}"


def certificate_section(
    person: Any,
    certificates: QuerySet[Certificate],
    *,
    anchor: str,
    title: str,
    empty: Empty,
    text: str = "",
    more: tuple[str, str] | None = None,
) -> Section:
    """The first certificates of a list, each with the way to change its status where the person may."""
    reach = _Reach(person)
    rows = [_row(row, reach) for row in certificates.select_related("holder")[:SHOWN]]
    headings = (_("Number"), _("System and holder"), _("Status"), _("Valid until"), _("Surveillance due"), _("Act"))
    return Section(anchor, title, empty, headings, rows, more=more, text=text)


class _Reach:
    """What the person may do with certificates, read once for all rows; the page of each act asks again."""

    def __init__(self, person: Any) -> None:
        self.organisations = set(organisations_of(person, Role.REVIEWER, Role.REGULATOR))
        self.interests = interests_of(person)
        self.oversees = bool(is_regulator(person))

    def act(self, certificate: Certificate) -> Cell:
        """Suspend or reinstate, whichever is possible."""
        standing = certificate.standing()
        if standing == "in_force" and self._may_suspend(certificate):
            return Cell(_("Suspend"), reverse("assurance:suspend", args=[certificate.number]))
        if standing == "suspended" and certificate.suspended_by_id in self.organisations:
            return Cell(_("Lift the suspension"), reverse("assurance:reinstate", args=[certificate.number]))
        return Cell("–")

    def _may_suspend(self, certificate: Certificate) -> bool:
        issued = certificate.body_id in self.organisations and certificate.holder_id not in self.interests
        return self.oversees or issued


def _row(certificate: Certificate, reach: _Reach) -> list[Cell]:
    standing = certificate.standing()
    return [
        Cell(certificate.number, reverse("certificates:certificate", args=[certificate.number])),
        Cell(system_of(certificate), note=certificate.holder.name),
        Cell(standing_word(standing), status=standing),
        day_cell(certificate.valid_until),
        day_cell(certificate.surveillance_due),
        reach.act(certificate),
    ]
