"""All that the portal keeps about a person, as data and as a ZIP of JSON."""

from __future__ import annotations

import io
import json
import zipfile
from typing import Any

from django.core.serializers.json import DjangoJSONEncoder
from django.db import transaction
from django.utils import timezone

from assessments.accounts.models import Person
from assessments.ledger.models import Entry
from assessments.ledger.services import append, object_key

from .inventory import PLACES, SECTIONS

_OWN = ("id", "email", "name", "language", "is_active", "date_joined", "last_login")
_ENTRY = ("sequence", "recorded_at", "object_type", "object_id", "transition")


def data_of(person: Person) -> dict[str, Any]:
    """{section: {title, why, until (each {en, zh}), rows}}, every section, those without rows too."""
    rows: dict[str, list[dict[str, Any]]] = {code: [] for code in SECTIONS}
    rows["account"].append({"of": "accounts.Person", **{name: getattr(person, name) for name in _OWN}})
    for place in PLACES:
        named = {"of": place.model, "as": place.field}
        rows[place.section] += [{**named, **row} for row in place.rows(person).order_by("pk").values(*place.columns)]
    rows["ledger"] = [
        *({"as": "actor", **row} for row in Entry.objects.filter(actor=person.pk).values(*_ENTRY)),
        *({"as": "object", **row} for row in _about(person).exclude(actor=person.pk).values(*_ENTRY)),
    ]
    return {
        code: {
            "title": section.title.as_json(),
            "why": section.why.as_json(),
            "until": section.until.as_json(),
            "rows": rows[code],
        }
        for code, section in SECTIONS.items()
    }


def counts_of(person: Person) -> dict[str, int]:
    """How many rows each section has, without reading them."""
    counts = dict.fromkeys(SECTIONS, 0)
    counts["account"] = 1
    for place in PLACES:
        counts[place.section] += place.rows(person).count()
    counts["ledger"] = (Entry.objects.filter(actor=person.pk) | _about(person)).count()
    return counts


def _about(person: Person) -> Any:
    object_type, object_id = object_key(person)
    return Entry.objects.filter(object_type=object_type, object_id=object_id)


@transaction.atomic
def hand_out(person: Person, *, actor: Any) -> dict[str, Any]:
    """The data for somebody else than the person, with one entry in the ledger that it was given out, and to whom."""
    data = data_of(person)
    append(person, "data_exported", actor=actor)
    return data


def as_zip(data: dict[str, Any]) -> bytes:
    """One JSON file for each section, and `index.json` that says what each holds, why and until when."""
    about = [
        {"file": f"{code}.json", **{key: section[key] for key in ("title", "why", "until")}}
        for code, section in data.items()
    ]
    index = {"made_at": timezone.now(), "files": about}
    written = io.BytesIO()
    with zipfile.ZipFile(written, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("index.json", _json(index))
        for code, section in data.items():
            archive.writestr(f"{code}.json", _json(section["rows"]))
    return written.getvalue()


def _json(value: Any) -> str:
    return json.dumps(value, cls=DjangoJSONEncoder, ensure_ascii=False, indent=1)
