"""Search across everything that the reader may see; each kind of thing keeps its own rule of who sees it."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.db.models import BooleanField, Exists, ExpressionWrapper, OuterRef, Prefetch, Q, QuerySet
from django.urls import reverse
from django.utils.translation import gettext as _

from assessments.accounts.models import Membership, Organisation, Person, Role
from assessments.accounts.rules import is_administrator, organisations_of
from assessments.applications.models import Application
from assessments.standards.models import Criterion, Status
from assessments.systems.models import System, SystemVersion
from evaluations.cases.models import Case
from portal.certificates.models import Certificate
from portal.registry.facets import address, standing_word
from portal.registry.search import LONGEST_QUESTION, Question, containing, listed

from .sections import about

SHOWN = 8  # of each kind
MOST_WORDS = 8


@dataclass(frozen=True)
class Hit:
    """One thing that was found: its number or code, its name, what else tells it apart, and where it leads."""

    name: str
    url: str = ""
    number: str = ""
    facts: str = ""
    state: str = ""
    state_word: object = ""


@dataclass(frozen=True)
class Group:
    """What was found of one kind. `more` is the address of the whole list, "" where there is none."""

    anchor: str
    title: str
    hits: list[Hit]
    has_more: bool = False
    more: str = ""


Finder = Callable[[Any, str], Group]
_of_rooms_above: list[Finder] = []


def register(finder: Finder) -> None:
    """Let a room above contribute what it finds, for everybody; the same finder again changes nothing."""
    if finder not in _of_rooms_above:
        _of_rooms_above.append(finder)


def plain_words(text: str) -> str:
    """What was typed, without NUL (which PostgreSQL does not take), in one line of bearable length."""
    return " ".join(text.replace("\x00", "").split())[:LONGEST_QUESTION]


def find(person: Any, words: str) -> list[Group]:
    """The groups in which something was found, for a signed-in person or a visitor."""
    finders: list[Finder] = [_certificates, _criteria]
    if person.is_authenticated:
        finders = [_applications, _cases, _systems, _versions, _certificates, _criteria, _organisations, _people]
    groups = [finder(person, words) for finder in (*finders, *_of_rooms_above)] if words else []
    return [group for group in groups if group.hits]


def page_of_number(groups: Iterable[Group], words: str) -> str:
    """The address of the one thing whose number was typed in full; "" if it was not a number."""
    urls = {hit.url for group in groups for hit in group.hits if hit.number.upper() == words.upper()}
    return urls.pop() if words and len(urls) == 1 else ""


def _holding(words: str, *fields: str) -> Q:
    """Every word occurs in one of the fields, in any place and order."""
    condition = Q()
    for word in words.split()[:MOST_WORDS]:
        anywhere = Q()
        for name in fields:
            anywhere |= Q(**{f"{name}__icontains": word})
        condition &= anywhere
    return condition


def _group(anchor: str, title: str, rows: QuerySet[Any], hit: Callable[[Any], Hit], more: str = "") -> Group:
    found = list(rows[: SHOWN + 1])
    return Group(anchor, title, [hit(row) for row in found[:SHOWN]], len(found) > SHOWN, more)


def _certificates(_person: Any, words: str) -> Group:
    def hit(entry: Any) -> Hit:
        return Hit(
            name=f"{entry.system} {entry.version}",
            url=reverse("certificates:certificate", args=[entry.number]),
            number=entry.number,
            facts=entry.holder,
            state=entry.standing,
            state_word=standing_word(entry.standing),
        )

    rows = containing(listed(), words).order_by("-granted_on", "-pk")
    return _group("certificates", _("Certificates"), rows, hit, address(Question(words, {}, "newest")))


def _criteria(_person: Any, words: str) -> Group:
    def hit(criterion: Any) -> Hit:
        return Hit(criterion.title, criterion.get_absolute_url(), criterion.code, str(criterion.edition))

    texts = ("code", "title_en", "title_zh", "statement_en", "statement_zh")
    is_code = ExpressionWrapper(Q(code__iexact=words), output_field=BooleanField())
    rows = Criterion.objects.filter(_holding(words, *texts), edition__status=Status.PUBLISHED)
    rows = rows.select_related("edition__standard").annotate(is_code=is_code)
    return _group(
        "criteria", _("Criteria of published standards"), rows.order_by("-is_code", "edition", "position"), hit
    )


def _applications(person: Any, words: str) -> Group:
    def hit(application: Any) -> Hit:
        return Hit(
            name=str(application.version),
            url=reverse("applications:application", args=[application.pk]),
            number=application.number,
            facts=application.organisation.name,
            state=application.status,
            state_word=application.get_status_display(),
        )

    system = "version__system__"
    texts = (
        "number",
        "case__number",
        "version__label",
        f"{system}name_en",
        f"{system}name_zh",
        *_names("organisation"),
    )
    rows = Application.objects.visible_to(person).filter(_holding(words, *texts))
    rows = rows.select_related("version__system", "organisation").order_by("-created_at", "-pk")
    return _group("applications", _("Applications"), rows, hit)


def _cases(person: Any, words: str) -> Group:
    """The cases of a body's people; a client is led to the same case through its application."""

    def hit(case: Any) -> Hit:
        application = case.application
        return Hit(
            name=str(application.version),
            url=reverse("cases:case", args=[case.pk]),
            number=case.number,
            facts=about(application.organisation.name, application.number),
            state=case.status,
            state_word=case.get_status_display(),
        )

    system = "application__version__system__"
    texts = ("number", "application__number", f"{system}name_en", f"{system}name_zh")
    rows = Case.objects.visible_to(person).filter(_holding(words, *texts, *_names("application__organisation")))
    rows = rows.select_related("application__version__system", "application__organisation")
    return _group("cases", _("Cases"), rows.order_by("-opened_at", "-pk"), hit)


def _systems(person: Any, words: str) -> Group:
    def hit(system: Any) -> Hit:
        return Hit(system.name, reverse("systems:system", args=[system.pk]), facts=system.organisation.name)

    own = System.objects.filter(organisation__in=organisations_of(person, Role.VENDOR_MEMBER))
    rows = own.filter(_holding(words, "name_en", "name_zh", "description", "sector")).select_related("organisation")
    return _group("systems", _("AI systems"), rows.order_by("name_en", "pk"), hit)


def _versions(person: Any, words: str) -> Group:
    """Versions of other organisations that were opened for an evaluation; one's own are reached by their system."""

    def hit(version: Any) -> Hit:
        return Hit(str(version), reverse("systems:version", args=[version.pk]), facts=version.system.organisation.name)

    opened = SystemVersion.objects.visible_to(person)
    opened = opened.exclude(system__organisation__in=organisations_of(person, Role.VENDOR_MEMBER))
    rows = opened.filter(_holding(words, "label", "system__name_en", "system__name_zh"))
    rows = rows.select_related("system__organisation").order_by("-created_at", "-pk")
    return _group("versions", _("Versions of AI systems"), rows, hit)


def _organisations(person: Any, words: str) -> Group:
    """One's own, those named in the public registry, every evaluation body, and applicants whose case one sees."""
    published = Certificate.objects.published()
    applicants = Application.objects.visible_to(person).values("organisation")
    known = Organisation.objects.annotate(
        is_holder=Exists(published.filter(holder=OuterRef("pk"))), issued=Exists(published.filter(body=OuterRef("pk")))
    )
    if not is_administrator(person):
        own = Q(pk__in=organisations_of(person))
        known = known.filter(own | Q(is_holder=True) | Q(kind=Organisation.Kind.BODY) | Q(pk__in=applicants))

    def hit(organisation: Any) -> Hit:
        facet = "holder" if organisation.is_holder else "body" if organisation.issued else ""
        url = address(Question("", {}, "newest"), chosen={facet: str(organisation.pk)}) if facet else ""
        return Hit(organisation.name, url, facts=organisation.get_kind_display())

    rows = known.filter(_holding(words, "name_en", "name_zh")).order_by("name_en", "pk")
    return _group("organisations", _("Organisations"), rows, hit)


def _people(person: Any, words: str) -> Group:
    """The people of the reader's own organisations, with what they do there."""
    own = organisations_of(person)

    def hit(somebody: Any) -> Hit:
        roles = [f"{row.organisation.name}: {row.get_role_display()}" for row in somebody.shared]
        return Hit(str(somebody), facts=about(*roles))

    memberships = Membership.objects.filter(organisation__in=own).select_related("organisation").order_by("pk")
    colleagues = Person.objects.filter(pk__in=memberships.order_by().values("person"), is_active=True)
    rows = colleagues.filter(_holding(words, "name")).order_by("name", "pk")
    shared = rows.prefetch_related(Prefetch("memberships", memberships, to_attr="shared"))
    return _group("people", _("People of your organisation"), shared, hit)


def _names(relation: str) -> tuple[str, str]:
    return f"{relation}__name_en", f"{relation}__name_zh"
