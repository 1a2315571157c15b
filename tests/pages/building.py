"""Fills a real portal with the world of the access matrix, and with what only the eye needs: empty, long, ended.

Runs in the portal's own process (`Portal.code`) and prints what was made: people with a session each, places with keys.
"""

from __future__ import annotations

import json
from datetime import timedelta
from functools import cache
from typing import Any

from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.contrib.sessions.backends.db import SessionStore
from django.db import transaction
from django.utils import timezone

from assessments.applications import services as applications
from assessments.systems import services as systems
from portal.assurance.services import change_status
from portal.certificates import services as issuing
from portal.certificates.models import Certificate
from portal.notifications import reading
from portal.registry import indexing
from tests.factories import cases
from tests.factories.certified import issued_certificate
from tests.factories.people import organisation, person
from tests.portal.access.conftest import small_pdf
from tests.portal.access.world import Actor, Place, World, build

LONG_WORD = "Donaudampfschifffahrtselektrizitätenhauptbetriebswerkbauunterbeamtengesellschaft"
LONG_NAME = f"{LONG_WORD} for the optical recognition of handwritten figures on forms in many languages and scripts"
BACKEND = "django.contrib.auth.backends.ModelBackend"


def main() -> None:
    """Build everything in one transaction, and tell. Printing takes long and is seen on no page."""
    cases.shipped_standard = cache(cases.shipped_standard)
    issuing.render_pdf = lambda snapshot: small_pdf()
    with transaction.atomic():
        world = build()
        newcomer(world)
        long_winded(world)
        ended_certificates(world)
    indexing.sweep()
    reading.read_ledger()
    actors = [told(actor) for actor in world.actors.values()]
    places = [{**vars(place), "parts": dict(place.parts)} for place in world.places]
    print(json.dumps({"actors": actors, "places": places}, default=str))  # noqa: T201


def newcomer(world: World) -> None:
    """Somebody who has just signed up: each list is empty."""
    who = person("Newcomer", organisation("vendor", "Fresh Start Ltd", "新起点有限公司"), "vendor_member")
    world.actors["newcomer"] = Actor("newcomer", who, vendor="N", roles=frozenset({"vendor_member"}))


def long_winded(world: World) -> None:
    """A vendor whose names are as long as they may be, with words that do not break."""
    vendor = organisation("vendor", f"{LONG_WORD} GmbH & Co. KG", "多瑙河轮船电气总厂建筑下级官员协会" * 3)
    who = person(LONG_WORD[:60], vendor, "vendor_member")
    system = systems.create_system(organisation=vendor, actor=who, name_en=LONG_NAME, name_zh="手写数字识别系统" * 12)
    version = systems.create_version(
        system, actor=who, label="2026.11.24-rc.1+build.8e3f6c4a2b", intended_use=f"{LONG_NAME}. " * 20
    )
    application = applications.start_application(version, actor=who)
    held = {"system": system.pk, "version": version.pk, "application": application.pk}
    world.actors["long"] = Actor("long", who, vendor="L", roles=frozenset({"vendor_member"}))
    world.places.append(Place("draft of long names", "L", "", "draft", held=held))


def ended_certificates(world: World) -> None:
    """One certificate for each way to end; places of their own, so that their pages are visited."""
    vendor, reviewer = world.actors["applicant"].who, world.actors["reviewer"].who
    holder, body = vendor.memberships.get().organisation, reviewer.memberships.get().organisation
    for stage, actor in (("withdraw", reviewer), ("cancel", vendor), ("expire", None)):
        made = issued_certificate(holder, body, reviewer, name=f"Reader to {stage}")
        if actor is None:
            past = timezone.now().date() - timedelta(days=40)
            Certificate.objects.filter(pk=made.pk).update(valid_until=past, granted_on=past - timedelta(days=700))
        else:
            change_status(made, stage, actor=actor, reason="The model was replaced by another one.")
        world.places.append(Place(f"certificate: {stage}", "A", "A", stage, held={"certificate": made.number}))


def told(actor: Actor) -> dict[str, Any]:
    """A person without their row, and with a session that is signed in."""
    plain = {"name": actor.name, "vendor": actor.vendor, "body": actor.body, "roles": sorted(actor.roles)}
    plain |= {"interested_in": actor.interested_in, "signed_in": actor.signed_in, "session": ""}
    if actor.who is not None and actor.signed_in:
        session = SessionStore()
        session[SESSION_KEY] = str(actor.who.pk)
        session[BACKEND_SESSION_KEY] = BACKEND
        session[HASH_SESSION_KEY] = actor.who.get_session_auth_hash()
        session.save()
        plain["session"] = session.session_key
    return plain
