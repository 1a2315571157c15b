"""A plan revised: other parameters, or a corrected version that the client offered."""

from __future__ import annotations

from typing import Any

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils.translation import gettext as _

from assessments.applications.terms import due_after
from assessments.ledger.services import append
from assessments.ledger.workflow import Conflict, move
from assessments.systems.manifests import chosen
from assessments.systems.models import Artifact, SystemVersion
from assessments.systems.services import current_artifacts, freeze_version
from evaluations.runs import dispatch

from .assignment import sync_grants
from .models import Case, OfferedVersion, PlannedRun, PlanRevision, Settlement
from .planning import approved_plan, current_plan
from .workflow import WORKFLOW

CANCEL_STRAY = "evaluations.cases.tasks.cancel_stray"


@transaction.atomic
def revise_plan(
    case: Case, *, actor: Any, reason: str, version: SystemVersion | None = None, impact: str = ""
) -> PlanRevision:
    """Go back to planning with a new draft, on the same version or on one that the client offered.

    Every test score falls: its run is superseded, its settlement removed; examinations carry over, with a statement on
    the impact when the version changes. Raises PermissionDenied, ValidationError, Conflict.
    """
    old = approved_plan(case)
    if old is None:
        raise Conflict
    adopted = version or old.version
    if adopted != old.version:
        if not case.offered_versions.filter(version=adopted).exists():
            raise ValidationError({"version": _("The client has not offered this version for the case.")})
        if not impact.strip():
            raise ValidationError({"impact": _("Say what the new version means for the examinations made so far.")})
    PlanRevision.objects.filter(pk=old.pk).update(status=PlanRevision.Status.SUPERSEDED)
    draft = PlanRevision.objects.create(
        case=case, number=old.number + 1, version=adopted, reason=reason.strip(), impact=impact.strip()
    )
    _supersede(case, old)
    details = {"plan": old.number, "version": str(adopted.pk), "version_changed": adopted != old.version}
    texts = {"impact": impact.strip()}
    changes = {"due_on": due_after("planning")}
    move(case, WORKFLOW, "revise_plan", actor=actor, reason=reason, changes=changes, details=details, texts=texts)
    dispatch.send_on_commit(CANCEL_STRAY, case.pk)
    return draft


def _supersede(case: Case, plan: PlanRevision) -> None:
    """Its runs count no more; those still under way are cancelled by the sweeper, each in a transaction of its own."""
    PlannedRun.objects.filter(item__plan=plan, counted=True).update(counted=False)
    tested = (Settlement.Origin.TEST, Settlement.Origin.BOTH)
    Settlement.objects.filter(case=case, origin__in=tested).delete()


@transaction.atomic
def offer_version(case: Case, version: SystemVersion, *, actor: Any) -> OfferedVersion:
    """The client offers a corrected version of the same system; it is frozen and opened to the evaluators.

    Raises PermissionDenied, ValidationError (another system, the version in evaluation, the wrong time).
    """
    if not actor.has_perm("cases.answer_finding", case) or not actor.has_perm("systems.edit_version", version):
        raise PermissionDenied
    if case.status != Case.Status.EVALUATING:
        raise ValidationError(_("A corrected version can be offered while the evaluation is under way."))
    plan = current_plan(case)
    if version.system_id != case.application.version.system_id or (plan is not None and version == plan.version):
        raise ValidationError(_("Choose another version of the same system."))
    if not chosen(current_artifacts(version)).get(Artifact.Role.MODEL):
        raise ValidationError(_("This version has no model that could be read yet."))
    offer, made = OfferedVersion.objects.get_or_create(case=case, version=version, defaults={"offered_by": actor})
    if made:
        freeze_version(version, actor=actor)
        sync_grants(case)
        append(case, "offer_version", actor=actor, details={"version": str(version.pk), "label": version.label})
    return offer
