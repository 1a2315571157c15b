"""The browsers in which people are signed in: noted, shown to them, ended by them or for them."""

from __future__ import annotations

import ipaddress
from datetime import timedelta
from importlib import import_module
from typing import Any

from allauth.core.internal.httpkit import get_client_ip
from django.conf import settings
from django.db import transaction
from django.db.models import QuerySet
from django.http import HttpRequest
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from assessments.ledger.services import append

from .models import Person, SignIn

NOTED = "sign_in"  # in the session: the row's key, the session's key when last noted, that moment, and the first one
NOTED_EVERY = timedelta(minutes=5)
KEPT = timedelta(days=30)
# The first that fits names the browser and the system; the order matters, as most claim to be several.
BROWSERS = (("Edg/", "Edge"), ("OPR/", "Opera"), ("Firefox/", "Firefox"), ("Chrome/", "Chrome"), ("Safari/", "Safari"))
SYSTEMS = (
    ("Android", "Android"),
    ("iPhone", "iOS"),
    ("iPad", "iPadOS"),
    ("Windows", "Windows"),
    ("Mac OS X", "macOS"),
    ("Linux", "Linux"),
)


def begin(request: HttpRequest, person: Person) -> None:
    """Note that the person has just signed in with this browser."""
    if request.session.session_key is None:
        request.session.create()
    SignIn.objects.filter(person=person, seen_at__lt=timezone.now() - KEPT).delete()
    # Whoever signs in again in the same session keeps its key.
    row, _ = SignIn.objects.update_or_create(
        session_key=request.session.session_key or "",
        defaults={
            "person": person,
            "agent": request.META.get("HTTP_USER_AGENT", "")[:200],
            "network": network_of(request),
            "began_at": timezone.now(),
            "ended_at": None,
        },
    )
    _remember(request, row.pk, row.began_at.isoformat())


def _remember(request: HttpRequest, pk: int, began: str) -> None:
    now = timezone.now().isoformat()
    request.session[NOTED] = {"row": pk, "key": request.session.session_key, "at": now, "began": began}


def note(request: HttpRequest) -> None:
    """Keep the row true: the session's key (it changes with the password), and when the browser was last seen."""
    noted = request.session.get(NOTED)
    if noted is None:
        person: Any = request.user
        begin(request, person)
        return
    at = parse_datetime(noted["at"])
    if noted["key"] == request.session.session_key and at and timezone.now() - at < NOTED_EVERY:
        return
    row = SignIn.objects.filter(pk=noted["row"], ended_at=None)
    row.update(session_key=request.session.session_key, seen_at=timezone.now(), network=network_of(request))
    _remember(request, noted["row"], noted["began"])


def is_over(request: HttpRequest) -> bool:
    """Whether the working day of this sign-in is over, however busy it was."""
    noted = request.session.get(NOTED)
    began = parse_datetime(noted["began"]) if noted else None
    return began is not None and timezone.now() - began > settings.SIGN_IN_LASTS


def current(person: Any) -> QuerySet[SignIn]:
    """The browsers that are signed in now, the latest first."""
    alive = timezone.now() - settings.SIGN_IN_LASTS
    return SignIn.objects.filter(person_id=person.pk, ended_at=None, began_at__gt=alive).order_by("-seen_at", "-pk")


def owner_of(session_key: str | None) -> Any:
    """Whose sign-in this was, by the key that the browser still sends after its session has ended; None if nobody's."""
    if not session_key:
        return None
    return SignIn.objects.filter(session_key=session_key).values_list("person_id", flat=True).first()


@transaction.atomic
def end(rows: QuerySet[SignIn], person: Person, *, actor: Any) -> int:
    """End sign-ins of a person: their sessions are gone at once. Gives how many."""
    keys = list(rows.filter(person=person, ended_at=None).values_list("session_key", flat=True))
    if not keys:
        return 0
    store = import_module(settings.SESSION_ENGINE).SessionStore
    for key in keys:
        store(key).delete()
    SignIn.objects.filter(session_key__in=keys).update(ended_at=timezone.now())
    append(person, "sign_ins_ended", actor=actor, details={"number": len(keys)})
    return len(keys)


def sign_out(request: HttpRequest) -> None:
    """The person signs out of this browser."""
    noted = request.session.get(NOTED)
    if noted is not None:
        SignIn.objects.filter(pk=noted["row"], ended_at=None).update(ended_at=timezone.now())


def network_of(request: HttpRequest) -> str:
    """The network of the visitor: enough to tell one's office from another country, too little to find a person."""
    try:
        address = ipaddress.ip_address(get_client_ip(request) or "")
    except ValueError:
        return ""
    return str(ipaddress.ip_network(f"{address}/{24 if address.version == 4 else 48}", strict=False))


def device(agent: str) -> str:
    """What the browser says that it is, in two words; empty when it says nothing known."""
    found = [next((name for mark, name in table if mark in agent), "") for table in (BROWSERS, SYSTEMS)]
    return " · ".join(word for word in found if word)
