"""Everything that happened to certificates, and to applications that led to none, found again in the ledger.

Reasons are told of certificates and orders, where an authority may read them. Why a body refused or declined is part of
the case, which is not open to authorities here.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Any

from django.apps import apps
from django.db.models import CharField, Q, QuerySet, Value
from django.db.models.functions import Cast, Replace
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from assessments.applications.models import Application
from assessments.ledger.models import Entry
from assessments.presentation.figures import in_language
from evaluations.cases.models import Case
from portal.assurance.models import SurveillanceOrder
from portal.certificates.models import Certificate
from portal.registry.models import SearchEntry
from portal.registry.search import containing

CERTIFICATE, APPLICATION = "certificates.certificate", "applications.application"
CASE, ORDER = "cases.case", "assurance.surveillanceorder"


@dataclass(frozen=True)
class Kind:
    """One kind of event: whose, by which step of its workflow, in words; `tone` as a state's."""

    object_type: str
    transition: str
    words: Any
    tone: str
    details: Mapping[str, str] | None = None

    @property
    def condition(self) -> Q:
        found = Q(object_type=self.object_type, transition=self.transition)
        for name, value in (self.details or {}).items():
            found &= Q(**{f"details__{name}": value})
        return found


KINDS: dict[str, Kind] = {
    "issued": Kind(CERTIFICATE, "issue", _("Certificate issued"), "passed"),
    "suspended": Kind(CERTIFICATE, "suspend", _("Certificate suspended"), "attention"),
    "reinstated": Kind(CERTIFICATE, "reinstate", _("Certificate reinstated"), "passed"),
    "withdrawn": Kind(CERTIFICATE, "withdraw", _("Certificate withdrawn for cause"), "failed"),
    "cancelled": Kind(CERTIFICATE, "cancel", _("Certificate cancelled at the holder’s wish"), "quiet"),
    "refused": Kind(CASE, "decide", _("Certification refused"), "failed", {"outcome": "refused"}),
    "declined": Kind(APPLICATION, "decline", _("Application declined by the body"), "failed"),
    "taken_back": Kind(APPLICATION, "withdraw", _("Application withdrawn by the applicant"), "quiet"),
    "ordered": Kind(ORDER, "order", _("Surveillance ordered"), "attention"),
    "order_answered": Kind(ORDER, "answer", _("Order for surveillance answered"), "running"),
    "order_returned": Kind(ORDER, "return", _("Answer to an order returned"), "attention"),
    "order_closed": Kind(ORDER, "accept", _("Order for surveillance closed"), "passed"),
    "order_lifted": Kind(ORDER, "lift", pgettext_lazy("history", "Order for surveillance taken back"), "quiet"),
}
PUBLISHED = (CERTIFICATE,)
BY_STEP = {(kind.object_type, kind.transition): (code, kind) for code, kind in KINDS.items()}
RELATED = {
    CERTIFICATE: ("holder", "body"),
    APPLICATION: ("organisation", "version__system", "body"),
    CASE: ("application__organisation", "application__version__system", "body"),
    ORDER: ("certificate__holder", "certificate__body"),
}


@dataclass(frozen=True)
class Line:
    """One event in words: when, what, about which system of whom, at which body, and why as far as it may be told."""

    sequence: int
    at: datetime
    code: str
    kind: Kind
    number: str
    system: str
    vendor: str
    body: str
    tier: str
    level: str
    reason: str
    url: str

    @property
    def is_published(self) -> bool:
        """Whether the public registry shows it, too."""
        return self.kind.object_type in PUBLISHED

    def as_json(self) -> dict[str, Any]:
        """For programs and spreadsheets: codes in place of words, the moment in UTC."""
        plain = {
            name: getattr(self, name) for name in ("number", "system", "vendor", "body", "tier", "level", "reason")
        }
        return {"at": self.at.astimezone(UTC).isoformat(), "event": self.code, "published": self.is_published, **plain}


def entries(
    *, kind: str = "", words: str = "", body: Any = None, since: date | None = None, until: date | None = None
) -> QuerySet[Entry]:
    """The ledger's entries of these events, unordered; each argument narrows the search."""
    chosen = [KINDS[kind]] if kind in KINDS else list(KINDS.values())
    wanted = Q()
    for one in chosen:
        wanted |= one.condition
    found = Entry.objects.filter(wanted).prefetch_related("texts")
    if since:
        found = found.filter(recorded_at__gte=datetime.combine(since, time.min, UTC))
    if until:
        found = found.filter(recorded_at__lt=datetime.combine(until + timedelta(days=1), time.min, UTC))
    if words.strip() or body:
        found = found.annotate(key=_plain("object_id")).filter(_about(words.replace("\x00", "").strip(), body))
    return found


def _about(words: str, body: Any) -> Q:
    """Entries about objects whose names hold the words, at the named body."""
    certificates, applications = Certificate.objects.published(), Application.objects.all()
    if body:
        certificates, applications = certificates.filter(body=body), applications.filter(body=body)
    if words:
        listed = containing(SearchEntry.objects.all(), words)
        certificates = certificates.filter(Q(number__icontains=words) | Q(pk__in=listed.values("certificate")))
        applications = applications.filter(_named(words))
    return (
        Q(object_type=CERTIFICATE, key__in=_keys(certificates))
        | Q(
            object_type=ORDER,
            key__in=_keys(SurveillanceOrder.objects.filter(certificate__in=certificates.values("pk"))),
        )
        | Q(object_type=APPLICATION, key__in=_keys(applications))
        | Q(object_type=CASE, key__in=_keys(Case.objects.filter(application__in=applications.values("pk"))))
    )


def _named(words: str) -> Q:
    fields = ("number", "version__label", *_names("version__system"), *_names("organisation"), *_names("body"))
    found = Q()
    for word in words.split():
        has = Q()
        for field in fields:
            has |= Q(**{f"{field}__icontains": word})
        found &= has
    return found


def _names(path: str) -> tuple[str, str]:
    return f"{path}__name_en", f"{path}__name_zh"


def _plain(name: str) -> Replace:
    """An identifier without hyphens: SQLite keeps UUIDs so, PostgreSQL and the ledger with them."""
    return Replace(Cast(name, CharField()), Value("-"), Value(""))


def _keys(rows: QuerySet[Any]) -> QuerySet[Any, Any]:
    return rows.order_by().annotate(plain_key=_plain("pk")).values("plain_key")


def lines(rows: Iterable[Entry]) -> list[Line]:
    """The entries in words, in their order, with as many queries for thirty as for one."""
    kept = list(rows)
    objects: dict[tuple[str, str], Any] = {}
    for object_type in {row.object_type for row in kept}:
        keys = {row.object_id for row in kept if row.object_type == object_type}
        model = apps.get_model(object_type)
        found = model._default_manager.filter(pk__in=keys).select_related(*RELATED[object_type])
        objects |= {(object_type, str(one.pk)): one for one in found}
    return [_line(row, objects[row.object_type, row.object_id]) for row in kept]


def portions(rows: QuerySet[Entry], *, size: int = 500, most: int | None = None) -> Iterator[Line]:
    """All lines, newest first, read in portions so that a long history fits in memory; `most` cuts it."""
    last, told = None, 0
    while most is None or told < most:
        portion = rows if last is None else rows.filter(sequence__lt=last)
        found = lines(portion.order_by("-sequence")[: size if most is None else min(size, most - told)])
        if not found:
            return
        yield from found
        last, told = found[-1].sequence, told + len(found)


def _line(row: Entry, obj: Any) -> Line:
    code, kind = BY_STEP[row.object_type, row.transition]
    certificate = obj.certificate if isinstance(obj, SurveillanceOrder) else obj
    if isinstance(certificate, Certificate):
        facts = _of_certificate(certificate)
        reason = next((text.text for text in row.texts.all() if text.name == "reason"), "")
    else:
        facts, reason = _of_application(obj.application if isinstance(obj, Case) else obj), ""
    if isinstance(obj, SurveillanceOrder):
        facts["url"] = reverse("orders:order", args=[obj.pk])
    return Line(row.sequence, row.recorded_at, code, kind, reason=reason, **facts)


def _of_certificate(certificate: Certificate) -> dict[str, str]:
    system = certificate.snapshot["system"]
    return {
        "number": certificate.number,
        "system": f"{in_language(system['name'])} {system['version']}",
        "vendor": certificate.holder.name,
        "body": certificate.body.name,
        "tier": certificate.tier,
        "level": certificate.level,
        "url": reverse("certificates:certificate", args=[certificate.number]),
    }


def _of_application(application: Application) -> dict[str, str]:
    return {
        "number": application.number,
        "system": str(application.version),
        "vendor": application.organisation.name,
        "body": application.body.name if application.body else "",
        "tier": application.tier,
        "level": application.target_level,
        "url": "",
    }
