"""What the rightful person sends to an address: as it must be at that place, for that person."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from django.utils import timezone

from assessments.standards.loading import DATA
from assessments.standards.models import Edition
from tests.portal.access.world import Actor, Place, some_bytes


def file(actor: Actor, place: Place) -> dict[str, Any]:
    own = actor.vendor == place.vendor
    return {"role": "evidence" if own else "test", "origin": "C" if own else "A", "file": some_bytes()}


def upload(actor: Actor, place: Place) -> dict[str, Any]:
    own = actor.vendor == place.vendor
    about = {"role": "evidence" if own else "test", "origin": "C" if own else "A"}
    return {"version": str(place.get("version")), "filename": "policy.txt", "size": 4, **about}


def assigned(actor: Actor, place: Place) -> dict[str, Any]:
    return {"part": "evaluator", "person": place.get("candidate") or "nobody"}


def answer(actor: Actor, place: Place) -> dict[str, Any]:
    prefix = f"finding-{place.get('told')}"
    return {f"{prefix}-answer": "Repaired.", f"{prefix}-due_on": "2027-01-31", f"{prefix}-revision": "0"}


def answer_file(actor: Actor, place: Place) -> dict[str, Any]:
    return {"file": place.get("answer_file") or ""}


def offered(actor: Actor, place: Place) -> dict[str, Any]:
    return {"version": place.get("corrected") or ""}


def parameters(actor: Actor, place: Place) -> dict[str, Any]:
    from evaluations.methods.registry import get as method

    given = {f"p_{each.name}": each.default for each in method("reproducibility.inference").parameters}
    shown = {name: ", ".join(map(str, v)) if isinstance(v, list | tuple) else str(v) for name, v in given.items()}
    return {**shown, "rationale": "More certainty.", "revision": "0"}


def days(actor: Actor, place: Place) -> dict[str, Any]:
    day = timezone.now().date()
    return {"opens_on": day.isoformat(), "closes_on": (day + timedelta(days=30)).isoformat()}


def criterion(actor: Actor, place: Place) -> dict[str, Any]:
    lists = [
        f"{name}-{which}_FORMS" for name in ("evidence", "methods", "references") for which in ("TOTAL", "INITIAL")
    ]
    return {"action": "check", "kind": "E", "gate": "none", "weight": "2", **dict.fromkeys(lists, "0")}


def resolution(actor: Actor, place: Place) -> dict[str, Any]:
    votes = {f"{one}_{part}": 3 for one in ("vendors", "users", "research") for part in ("members", "in_favour")}
    day = timezone.now().date().isoformat()
    return {"number": "2026/1", "date": day, "digest": place.get("digest") or "", **votes}


def new_edition(actor: Actor, place: Place) -> dict[str, Any]:
    return {"source": Edition.objects.get(standard__code="TAI").pk, "edition": "9.9"}


def draft_text(actor: Actor, place: Place) -> dict[str, Any]:
    row = Edition.objects.filter(pk=place.get("edition")).first()
    return {"revision": row.revision, "content": row.content} if row else {"revision": -1, "content": {}}


def standard_file(actor: Actor, place: Place) -> dict[str, Any]:
    raw = (DATA / "PRE-1.yaml").read_bytes().replace(b"code: PRE", b"code: OWN")
    owner = actor.who.memberships.first().organisation_id if actor.who and actor.who.memberships.exists() else ""
    return {"owner": str(owner), "file": SimpleUploadedFile("own.yaml", raw)}


def order(actor: Actor, place: Place) -> dict[str, Any]:
    day = timezone.now().date() + timedelta(days=20)
    return {"reason": "Several users report wrong readings.", "due_on": day.isoformat()}
