"""From a decided case to the certificate's snapshot: gathered once, from the rows that led to the decision."""

from __future__ import annotations

import calendar
import datetime as dt
import hashlib
import re
from collections.abc import Iterable
from typing import Any, cast

import rfc8785

from assessments.standards.outcome import Assessment, CriterionState
from assessments.standards.scoring import assess
from evaluations.cases.models import Case, Finding
from portal.certificates.snapshot import FORMAT, BothLanguages, Snapshot

_CHINESE = re.compile(r"[\u3400-\u9fff]")
_COUNTED = {"test": "test", "both": "test", "examination": "examination", "examined": "examined", "profile": "test"}


def assessment_of(case: Case) -> Assessment:
    """Assess the settled states of a case anew; pure in the rows, so it agrees with what the reviewer saw."""
    application = case.application
    states = {
        settled.criterion: CriterionState(
            settled.state,  # type: ignore[arg-type]
            settled.settled_tenths if settled.state == "scored" else None,
            _COUNTED[settled.origin],  # type: ignore[arg-type]
        )
        for settled in case.settlements.all()
    }
    edition, scheme = _standard(case)
    return assess(edition.scoring_rules, states, scheme.rules, application.tier, application.target_level)


def _standard(case: Case) -> tuple[Any, Any]:
    """Edition and scheme of a case; an admitted application has both."""
    edition, scheme = case.application.edition, case.application.scheme
    if edition is None or scheme is None:
        raise ValueError(f"case {case.number} has no standard or no scheme")
    return edition, scheme


def compose(
    case: Case, assessment: Assessment, number: str, *, granted: dt.date, registry_url: str, development: bool
) -> Snapshot:
    """The frozen data of a certificate, granted on a day (UTC)."""
    application, decision = case.application, case.decision
    edition, scheme = _standard(case)
    rules = scheme.rules
    tier = rules.tiers[application.tier]
    level_name = rules.level_title(decision.level, application.tier)
    return cast(
        "Snapshot",
        {
            "format": FORMAT,
            "number": number,
            "body": _organisation(case.body),
            "holder": _organisation(application.organisation),
            "system": _system(case),
            "standard": {
                "code": edition.standard.code,
                "edition": edition.edition,
                "title": {"en": edition.standard.title_en, "zh": edition.standard.title_zh},
                "pilot": edition.is_pilot,
            },
            "scheme": {"code": scheme.code, "edition": scheme.edition, "attestation": rules.attestation},
            "tier": application.tier,
            "level": decision.level,
            "level_name": level_name.as_json(),
            "scope": _scope(case),
            "conditions": _conditions(case),
            "report": case.number,
            "dates": {
                "decided": decision.decided_at.astimezone(dt.UTC).date().isoformat(),
                "granted": granted.isoformat(),
                "valid_until": last_day(granted, tier.validity_months).isoformat(),
                "surveillance_due": last_day(granted, tier.surveillance_months).isoformat(),
            },
            "approver": in_its_language(decision.decided_by.name),
            "characteristics": _characteristics(edition, assessment),
            "criteria": _criteria(case, edition),
            "explanation": [line.as_json() for line in assessment.reasons],
            "registry_url": registry_url,
            "development": development,
        },
    )


def last_day(start: dt.date, months: int) -> dt.date:
    """The last day, inclusive, of a period of whole months that begins on `start`."""
    year, month = divmod(start.year * 12 + start.month - 1 + months, 12)
    day = min(start.day, calendar.monthrange(year, month + 1)[1])
    return dt.date(year, month + 1, day) - dt.timedelta(days=1)


def in_its_language(text: str) -> BothLanguages:
    """A text that was written in one language, put where that language belongs."""
    text = " ".join(text.split())
    return {"en": "", "zh": text} if _CHINESE.search(text) else {"en": text, "zh": ""}


def in_both_languages(text: str, other: str) -> BothLanguages:
    """A text and the same in the other language, each where it belongs; what is in one language twice stands once."""
    first, second = in_its_language(text), in_its_language(other)
    return {"en": first["en"] or second["en"], "zh": first["zh"] or second["zh"]}


def _organisation(organisation: Any) -> dict[str, Any]:
    return {
        "name": {"en": organisation.name_en, "zh": organisation.name_zh},
        "address": {"en": organisation.address_en, "zh": organisation.address_zh},
    }


def _plan(case: Case) -> Any:
    return case.plans.filter(status="approved").order_by("-number").first()


def _version(case: Case) -> Any:
    """The version that the last plan evaluated: a corrected one may have taken the place of the one applied for."""
    plan = _plan(case)
    return plan.version if plan else case.application.version


def _system(case: Case) -> dict[str, Any]:
    """Name, version and digest: that of the model file, so that everybody can compare; else of all planned inputs."""
    version, plan = _version(case), _plan(case)
    manifest = plan.manifest if plan else {}
    digest = (manifest.get("model") or {}).get("sha256")
    if not digest:
        digest = hashlib.sha256(rfc8785.dumps(plan.inputs if plan else [])).hexdigest()
    return {
        "name": {"en": version.system.name_en, "zh": version.system.name_zh},
        "version": version.label,
        "digest": digest,
    }


def _scope(case: Case) -> dict[str, Any]:
    version, plan = _version(case), _plan(case)
    states = dict(case.settlements.values_list("criterion", "state"))
    data = (plan.manifest if plan else {}).get("data") or []
    return {
        **{
            key: in_both_languages(getattr(version, key), getattr(version, f"{key}_other"))
            for key in ("intended_use", "environment", "population")
        },
        "languages": in_its_language(version.languages),
        "not_applicable": in_order(code for code, state in states.items() if state == "not_applicable"),
        "not_demonstrated": in_order(code for code, state in states.items() if state == "not_demonstrated"),
        "data_supplied_by_vendor": [item["role"] for item in data if item.get("origin") == "C"],
    }


def in_order(codes: Iterable[str]) -> list[str]:
    """Criterion codes as people count them: RC-2 before RC-10."""
    return sorted(codes, key=lambda code: [int(p) if p.isdigit() else p for p in re.split(r"(\d+)", code)])


def _conditions(case: Case) -> list[BothLanguages]:
    """Nonconformities whose accepted plan is still to be carried out."""
    accepted = case.findings.filter(kind=Finding.Kind.NONCONFORMITY, status=Finding.Status.ACCEPTED)
    return [
        {
            "en": f"Nonconformity on {finding.criterion}: the accepted plan is to be carried out by {finding.due_on}.",
            "zh": f"{finding.criterion} 的不符合项：已接受的整改计划须于{finding.due_on}前完成。",
        }
        for finding in accepted.exclude(due_on=None).order_by("due_on", "criterion")
    ]


def _characteristics(edition: Any, assessment: Assessment) -> list[dict[str, Any]]:
    described = []
    for characteristic in edition.content["characteristics"]:
        score = assessment.characteristics.get(characteristic["code"])
        if score is None:
            continue
        described.append(
            {
                "code": characteristic["code"],
                "title": characteristic["title"],
                "beside": bool(characteristic.get("beside")),
                "tenths": score.tenths if score.rated else None,
                "coverage": {
                    "assessed": score.assessed + score.examined,
                    "examined": score.examined,
                    "not_applicable": score.not_applicable,
                    "not_demonstrated": score.not_demonstrated,
                },
            }
        )
    return described


def _criteria(case: Case, edition: Any) -> list[dict[str, Any]]:
    settled = {row.criterion: row for row in case.settlements.all()}
    return [
        {
            "code": criterion.code,
            "characteristic": criterion.characteristic,
            "title": {"en": criterion.title_en, "zh": criterion.title_zh},
            "kind": criterion.kind,
            "gate": criterion.gate,
            "weight": criterion.weight,
            "state": settled[criterion.code].state if criterion.code in settled else "not_assessed",
            "origin": settled[criterion.code].origin if criterion.code in settled else "",
            "tenths": settled[criterion.code].settled_tenths if criterion.code in settled else None,
        }
        for criterion in edition.criteria.all()
    ]
