"""The steps of an application, what each of them holds, and which criteria ask for evidence.

Steps are filled in any order, also in two tabs at once. What a page saw of a step is named by its fingerprint; a save
that was made from an older sight is a conflict, and nothing is overwritten.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from assessments.standards.applicability import applies
from assessments.standards.models import Criterion, Edition, Scheme, Status
from assessments.standards.services import kind_for
from assessments.systems.models import Artifact, SystemVersion
from assessments.systems.services import current_artifacts

from .models import Application, Evidence

STEPS: dict[str, str | Promise] = {
    "profile": _("Profile"),
    "standard": _("Standard and target level"),
    "body": _("Evaluation body"),
    "model": _("Model and data"),
    "evidence": _("Evidence"),
    "declarations": _("Declarations"),
}

# Facts that the portal reads from the files; nobody declares them.
READ_FACTS = ("differentiable", "training_sample")


def read_facts(version: SystemVersion) -> dict[str, bool]:
    """What the inspected files say for the profile: exact gradients, and a sample of the training data."""
    accepted = [a for a in current_artifacts(version) if a.inspection == Artifact.Inspection.ACCEPTED]
    models = [a for a in accepted if a.role == Artifact.Role.MODEL]
    facts = models[-1].description.get("facts") or {} if models else {}
    return {
        "differentiable": facts.get("differentiable") is True,
        "training_sample": any(a.role == Artifact.Role.TRAINING for a in accepted),
    }


def profile_of(application: Application) -> dict[str, Any]:
    """The declared profile with the facts that the portal reads itself."""
    return {**application.version.profile, **read_facts(application.version)}


def edition_of(application: Application) -> Edition | None:
    """The edition applied for, or, while none is chosen, the one most lately published."""
    return application.edition or Edition.objects.open_for_applications().order_by("-published_at").first()


def schemes_for(application: Application) -> QuerySet[Scheme]:
    """The schemes that it may name: those open today, and the one that it was handed in under, as it stays there."""
    held = Q()
    if application.submitted_at is not None and application.scheme_id is not None:
        superseded = Scheme.objects.filter(pk=application.scheme_id).exclude(status=Status.WITHDRAWN)
        held = Q(pk__in=superseded.exclude(standard_edition__status=Status.WITHDRAWN))
    return Scheme.objects.filter(Q(pk__in=Scheme.objects.open_for_applications()) | held)


def declared_facts(edition: Edition | None) -> list[dict[str, Any]]:
    """The facts that the applicant declares, as the edition words them."""
    facts = edition.content.get("facts", []) if edition else []
    return [fact for fact in facts if fact["name"] not in READ_FACTS]


def criteria_asking_evidence(application: Application, profile: Mapping[str, Any] | None = None) -> list[Criterion]:
    """Criteria that apply to the profile and are examined (E, T+E), in the order of the edition."""
    if application.edition is None:
        return []
    facts = profile_of(application) if profile is None else profile
    return [
        criterion
        for criterion in application.edition.criteria.all()
        if kind_for(criterion, facts) != "T" and applies(criterion.applies_when, facts)
    ]


def evidence_of(application: Application) -> QuerySet[Evidence]:
    return application.evidence.select_related("artifact__blob")


def content_of(application: Application, step: str) -> Any:
    """What a step holds now, fit for JSON. The step of one criterion is named `evidence/CODE`."""
    if step == "profile":
        return application.version.profile
    if step == "standard":
        return [application.scheme_id, application.target_level]
    if step == "body":
        return str(application.body_id)
    if step == "model":
        return application.version.schema
    if step == "declarations":
        return application.declarations
    held = application.evidence.filter(criterion=step.partition("/")[2]).first()
    return [held.explanation, str(held.artifact_id), held.page] if held else None


def fingerprint(application: Application, step: str) -> str:
    """Names the content of a step, so that a save can tell whether it was made on sight of it."""
    content = json.dumps(content_of(application, step), sort_keys=True, ensure_ascii=False, default=str)
    return hashlib.sha256(content.encode()).hexdigest()[:32]
