"""What the public page of a certificate shows: its snapshot in the reader's language, its status as of today."""

from __future__ import annotations

import base64
from datetime import date
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.accounts.models import Organisation, in_reader_language
from assessments.presentation.charts import Drawing, radar
from assessments.presentation.figures import written_day

from . import ornament, wording
from .models import Certificate, StatusEvent

STANDINGS = {
    "in_force": gettext_lazy("in force"),
    "suspended": gettext_lazy("suspended"),
    "withdrawn": gettext_lazy("withdrawn for cause"),
    "cancelled": gettext_lazy("cancelled at the holder’s wish"),
    "expired": gettext_lazy("expired"),
}
TONES = {
    "in_force": "passed",
    "suspended": "attention",
    "withdrawn": "failed",
    "cancelled": "running",
    "expired": "running",
}
CRITERION_STATES = {
    "not_applicable": gettext_lazy("not applicable"),
    "not_demonstrated": gettext_lazy("not demonstrated"),
    "not_assessed": gettext_lazy("not assessed"),
}


def either(text: dict[str, str]) -> str:
    """A bilingual text in the reader's language, or in the other if it was written in that only."""
    return in_reader_language(text["en"], text["zh"])


def standing_sentence(certificate: Certificate) -> str:
    """What the status means for somebody who wants to rely on the certificate."""
    until = written_day(certificate.valid_until)
    return {
        "in_force": _("This certificate is in force until %(day)s, the last day included.") % {"day": until},
        "suspended": _("This certificate is suspended: do not rely on it until the suspension is lifted."),
        "withdrawn": _("This certificate was withdrawn for cause and is no longer in force."),
        "cancelled": _("This certificate was cancelled at the holder’s wish and is no longer in force."),
        "expired": _("This certificate expired on %(day)s and was not renewed.") % {"day": until},
    }[certificate.standing()]


def page_context(certificate: Certificate) -> dict[str, Any]:
    """Everything for the template `certificates/certificate.html`."""
    snapshot, standing = certificate.snapshot, certificate.standing()
    events = list(certificate.status_events.select_related("imposed_by"))
    return {
        "certificate": certificate,
        "snapshot": snapshot,
        "standing": standing,
        "standing_word": STANDINGS[standing],
        "standing_tone": TONES[standing],
        "standing_sentence": standing_sentence(certificate),
        "standing_reason": events[-1].reason if events and standing not in ("in_force", "expired") else "",
        "attested": _attested(certificate),
        "facts": _facts(certificate),
        "scope": scope_of(snapshot),
        "radar": radar_of(certificate),
        "groups": _groups(snapshot),
        "standard_url": reverse(
            "standards:edition", args=[snapshot["standard"]["code"], snapshot["standard"]["edition"]]
        ),
        "explanation": [either(line) for line in snapshot["explanation"]],
        "names": {"system": either(snapshot["system"]["name"]), "holder": either(snapshot["holder"]["name"])},
        "events": [_event(event) for event in reversed(events)],
        "qr": "data:image/svg+xml;base64,"
        + base64.b64encode(ornament.qr_code(snapshot["registry_url"], quiet_zone=3).encode()).decode(),
    }


def radar_of(certificate: Certificate) -> Drawing | None:
    """The radar of the principal characteristics; None when there are fewer than three."""
    scores = []
    for characteristic in certificate.snapshot["characteristics"]:
        if not characteristic["beside"]:
            short = wording.RADAR.get(characteristic["code"])
            label = in_reader_language(short.en, short.zh) if short else either(characteristic["title"])
            tenths = characteristic["tenths"]
            scores.append((characteristic["code"], label, None if tenths is None else tenths / 10))
    return radar(scores) if len(scores) >= 3 else None


def _attested(certificate: Certificate) -> str:
    """The attestation in a sentence, with the words of the scheme's kind (evaluation or certification)."""
    snapshot = certificate.snapshot
    words = {
        "body": either(snapshot["body"]["name"]),
        "standard": either(snapshot["standard"]["title"]),
        "edition": f"{snapshot['standard']['code']} {snapshot['standard']['edition']}",
        "day": written_day(date.fromisoformat(snapshot["dates"]["decided"])),
        "level": either(snapshot["level_name"]),
    }
    if snapshot["scheme"]["attestation"] == "certification":
        return (
            _(
                "%(body)s attests that this version was certified against %(standard)s (%(edition)s) and that on "
                "%(day)s fulfilment of the requirements for “%(level)s” was demonstrated within the stated scope."
            )
            % words
        )
    return (
        _(
            "%(body)s attests that this version was evaluated against %(standard)s (%(edition)s) and that on %(day)s "
            "fulfilment of the requirements for “%(level)s” was demonstrated within the stated scope."
        )
        % words
    )


def _facts(certificate: Certificate) -> list[tuple[str, str]]:
    snapshot = certificate.snapshot
    return [
        (_("Number"), certificate.number),
        (_("Holder"), either(snapshot["holder"]["name"])),
        (_("AI system and version"), f"{either(snapshot['system']['name'])} {snapshot['system']['version']}"),
        (_("Level"), either(snapshot["level_name"])),
        (_("Issued by"), either(snapshot["body"]["name"])),
        (_("Granted"), written_day(certificate.granted_on)),
        (_("Valid until"), written_day(certificate.valid_until)),
        (_("Next surveillance due"), written_day(certificate.surveillance_due)),
        (_("Report"), snapshot["report"]),
        (_("Approved by"), either(snapshot["approver"])),
    ]


def scope_of(snapshot: dict[str, Any]) -> list[tuple[str, str]]:
    """Scope and conditions as pairs of term and text, the same terms in the same order for every certificate."""
    scope = snapshot["scope"]
    names = {
        "intended_use": _("Intended use"),
        "environment": _("Environment"),
        "population": _("Population served"),
        "languages": _("Languages"),
    }
    rows = [(name, either(scope[key])) for key, name in names.items()]
    roles = [wording.DATA_ROLES[role] for role in scope["data_supplied_by_vendor"]]
    rows += [
        (_("Criteria not applicable"), ", ".join(scope["not_applicable"])),
        (_("Criteria not demonstrated"), ", ".join(scope["not_demonstrated"])),
        (_("Data supplied by the vendor"), ", ".join(in_reader_language(role.en, role.zh) for role in roles)),
        (_("Conditions"), " ".join(either(condition) for condition in snapshot["conditions"])),
    ]
    return rows


def _groups(snapshot: dict[str, Any]) -> list[dict[str, Any]]:
    """The criteria by characteristic, each with its score or the reason why it has none."""
    return [
        {
            **characteristic["coverage"],
            "code": characteristic["code"],
            "title": either(characteristic["title"]),
            "score": wording.score(characteristic["tenths"]),
            "rows": [
                {
                    "code": criterion["code"],
                    "title": either(criterion["title"]),
                    "kind": criterion["kind"],
                    "gate": "" if criterion["gate"] == "none" else criterion["gate"],
                    "weight": criterion["weight"],
                    "score": CRITERION_STATES.get(criterion["state"]) or wording.score(criterion["tenths"]),
                    "examined": criterion["origin"] == "examined" and criterion["state"] == "scored",
                }
                for criterion in snapshot["criteria"]
                if criterion["characteristic"] == characteristic["code"]
            ],
        }
        for characteristic in snapshot["characteristics"]
    ]


def _event(event: StatusEvent) -> dict[str, Any]:
    organisation: Organisation | None = event.imposed_by
    return {
        "at": event.happened_at,
        "title": str(STANDINGS[event.status]),
        "who": organisation.name if organisation else "",
        "text": event.reason,
        "tone": TONES[event.status],
    }
