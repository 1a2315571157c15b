"""What a lead evaluator looks at before admitting: filled in by the portal as far as it can tell."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from assessments.presentation.figures import joined
from assessments.systems.models import Artifact
from assessments.systems.services import current_artifacts

from .completeness import evidence_given, missing_parts
from .models import HANDED_IN, Application
from .steps import criteria_asking_evidence, profile_of


@dataclass(frozen=True)
class Check:
    """One line: its subject, what was found, `passed`, `attention` or `failed`, and the step whose answers show it."""

    subject: str
    found: str
    state: str
    step: str = ""


def admission_checks(application: Application) -> list[Check]:
    """The checklist of ISO/IEC 17065, 7.3, with what the portal found. It informs the decision and does not make it."""
    return [_complete(application), _files(application), _evidence(application), *_limits(application)]


def _complete(application: Application) -> Check:
    missing = missing_parts(application)
    found = _("All parts are filled in.") if not missing else " ".join(part.text for part in missing)
    return Check(_("Completeness"), found, "attention" if missing else "passed", "profile")


def _files(application: Application) -> Check:
    files = list(current_artifacts(application.version))
    warned = [file.filename for file in files if file.description.get("warnings")]
    readable = sum(1 for file in files if file.inspection == Artifact.Inspection.ACCEPTED)
    counts = {"readable": readable, "total": len(files)}
    found = _("%(readable)d of %(total)d files were readable.") % counts
    if warned:
        found += " " + _("With warnings: %(names)s.") % {"names": joined(warned)}
    return Check(_("Files"), found, "attention" if warned or readable < len(files) else "passed", "model")


def _evidence(application: Application) -> Check:
    asked = criteria_asking_evidence(application, profile_of(application))
    given = evidence_given(application)
    without = [criterion.code for criterion in asked if criterion.code not in given]
    found = _("Given for %(given)d of %(asked)d criteria.") % {"given": len(asked) - len(without), "asked": len(asked)}
    if without:
        found += " " + _("None for: %(codes)s.") % {"codes": joined(without)}
    return Check(_("Evidence"), found, "attention" if without else "passed", "evidence")


def _limits(application: Application) -> list[Check]:
    generative = application.declarations.get("generative") is True
    found = (
        _("Declared as generative: this edition does not cover it; decline.") if generative else _("Not generative.")
    )
    checks = [Check(_("Within the edition"), found, "failed" if generative else "passed", "declarations")]
    others = Application.objects.filter(version=application.version_id, status__in=HANDED_IN)
    count = others.exclude(pk=application.pk).count()
    if count:
        text = ngettext(
            "%(count)d other application for this version.", "%(count)d other applications for this version.", count
        )
        checks.append(Check(_("Other applications"), text % {"count": count}, "attention"))
    return checks


def tier_hint(application: Application) -> dict[str, Any]:
    """Answers of the decision path that the declared profile suggests; the lead confirms or changes them."""
    profile = application.version.profile
    return {
        "affects_people": "yes" if profile.get("affects_people") else "no",
        "interacts_with_people": "yes" if profile.get("interacts_with_people") else "no",
    }
