"""The plan of a case: drafted from the object, changed by the evaluators, frozen by the lead's approval."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import rfc8785
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.db.models import F
from django.utils import timezone
from django.utils.translation import gettext as _

from assessments.ledger.services import append
from assessments.ledger.workflow import Conflict, move
from assessments.presentation.figures import in_language
from assessments.systems.manifests import build_manifest, chosen
from assessments.systems.models import Artifact
from assessments.systems.services import current_artifacts
from evaluations.methods import parameters as method_parameters
from evaluations.methods import registry
from evaluations.methods.frame import Method
from evaluations.runs import dispatch
from evaluations.runs.services import checked_parameters

from .assignment import declared_evaluators, open_parts, people_needed
from .layout import Frame, Layout, lay_out
from .models import Assignment, Case, PlanItem, PlanRevision
from .workflow import WORKFLOW

BEGIN = "evaluations.cases.tasks.begin"


@dataclass(frozen=True)
class PlannedTest:
    """A planned method as the plan page shows it: of a draft, or as it was frozen."""

    method: Method
    criteria: list[str]
    parameters: dict[str, Any]
    rationale: str
    revision: int
    seconds: float
    seed: int | None = None

    @property
    def changed(self) -> dict[str, Any]:
        """The parameters that differ from the method's defaults."""
        default = method_parameters.defaults(self.method.parameters)
        return {name: value for name, value in self.parameters.items() if value != default.get(name)}


def current_plan(case: Case) -> PlanRevision | None:
    """The approved plan, or the draft where there is none yet."""
    return case.plans.select_related("version__system").exclude(status=PlanRevision.Status.SUPERSEDED).last()


def approved_plan(case: Case) -> PlanRevision | None:
    """The plan on which the evaluation stands."""
    return case.plans.select_related("version__system").filter(status=PlanRevision.Status.APPROVED).first()


def first_draft(case: Case) -> PlanRevision:
    """The draft with which a case begins, on the version that was applied for."""
    return PlanRevision.objects.create(case=case, number=1, version=case.application.version)


def frame_of(case: Case) -> Frame:
    application = case.application
    if application.edition is None or application.scheme is None:
        raise ValueError("an admitted application names an edition and a scheme")
    content = application.edition.content
    return Frame(
        criteria=list(application.edition.criteria.all()),
        fact_titles={fact["name"]: fact for fact in content.get("facts", ())},
        scheme=application.scheme.content,
        tier=application.tier,
    )


def draft_layout(case: Case, plan: PlanRevision) -> Layout:
    """What the files of the plan's version say now."""
    artifacts = list(current_artifacts(plan.version))
    manifest, inputs = build_manifest(plan.version, artifacts)
    return lay_out(frame_of(case), manifest, inputs, artifacts)


def planned_tests(plan: PlanRevision, layout: Layout | None = None) -> list[PlannedTest]:
    """The tests of a plan: those of the layout with what the evaluators changed (draft), or the frozen ones."""
    items = {item.method: item for item in plan.items.all()}
    if layout is None:
        return [
            PlannedTest(
                registry.get(item.method),
                item.criteria,
                item.parameters,
                item.rationale,
                item.revision,
                item.expected_seconds,
                item.seed,
            )
            for item in items.values()
            if registry.is_installed(item.method)
        ]
    found = []
    for test in layout.tests:
        item = items.get(test.method.id)
        parameters = item.parameters if item is not None else test.parameters
        found.append(
            PlannedTest(
                test.method,
                list(test.criteria),
                parameters,
                item.rationale if item is not None else "",
                item.revision if item is not None else 0,
                float(test.method.cost(layout.facts, parameters)),
            )
        )
    return found


@transaction.atomic
def edit_test(
    case: Case, test: PlannedTest, parameters: Mapping[str, Any], *, rationale: str, actor: Any, revision: int
) -> None:
    """Change the parameters of a test in the draft. `revision` is the one that the person saw.

    Raises PermissionDenied; ValidationError: not a draft, a value that does not fit, values that differ from the
    defaults without saying why; Conflict: somebody else changed it first.
    """
    if not actor.has_perm("cases.evaluate_case", case):
        raise PermissionDenied
    plan = current_plan(case)
    if plan is None or plan.status != PlanRevision.Status.DRAFT:
        raise ValidationError(_("The plan is approved and frozen."))
    values = checked_parameters(test.method.id, parameters)
    if values != method_parameters.defaults(test.method.parameters) and not rationale.strip():
        raise ValidationError({"rationale": _("Say why these values fit the case better than the defaults.")})
    kept = {"parameters": values, "rationale": rationale.strip(), "revision": F("revision") + 1}
    if revision == 0:
        try:
            with transaction.atomic():
                PlanItem.objects.create(plan=plan, method=test.method.id)
        except IntegrityError as error:
            raise Conflict from error
    if not PlanItem.objects.filter(plan=plan, method=test.method.id, revision=revision).update(**kept):
        raise Conflict
    append(case, "edit_plan", actor=actor, details={"plan": plan.number, "method": test.method.id})


def digest_of(layout: Layout, tests: list[PlannedTest]) -> str:
    """SHA-256 over all that an approval would freeze, so that nobody approves what they did not see."""
    content: dict[str, Any] = {
        "profile": layout.profile,
        "applicability": layout.applicability,
        "manifest": layout.manifest,
        "inputs": layout.inputs,
        "tests": [[test.method.id, test.method.version, test.criteria, test.parameters] for test in tests],
    }
    return hashlib.sha256(rfc8785.dumps(content)).hexdigest()


def blockers(case: Case, layout: Layout) -> list[str]:
    """Why the plan cannot be approved yet, in the reader's language; empty when it can."""
    found = [in_language(refusal) for refusal in layout.refusals]
    missing = people_needed(case) - len(declared_evaluators(case))
    if missing > 0:
        found.append(
            _("%(count)d evaluators must be assigned and must have signed their statement; %(missing)d to go.")
            % {"count": people_needed(case), "missing": missing}
        )
    if not open_parts(case, Assignment.Part.LEAD).filter(declared_at__isnull=False).exists():
        found.append(_("The case needs a lead evaluator who has signed the statement on interests."))
    return found


@transaction.atomic
def approve_plan(case: Case, *, actor: Any, seen: str) -> PlanRevision:
    """Freeze the plan. `seen` is the digest of what the person saw (`digest_of`).

    Raises PermissionDenied; ValidationError with everything that stands against it; Conflict when files or
    parameters changed since, or the case moved.
    """
    if not actor.has_perm(WORKFLOW["approve_plan"].permission, case):
        raise PermissionDenied
    plan = current_plan(case)
    if plan is None or plan.status != PlanRevision.Status.DRAFT:
        raise Conflict
    layout = draft_layout(case, plan)
    tests = planned_tests(plan, layout)
    digest = digest_of(layout, tests)
    if seen != digest:
        raise Conflict
    if against := blockers(case, layout):
        raise ValidationError(against)
    basis = basis_of(case, plan, layout, tests)
    _freeze(plan, layout, tests, basis, actor)
    move(
        case,
        WORKFLOW,
        "approve_plan",
        actor=actor,
        details={"plan": plan.number, "sha256": digest, "edition": basis["edition"]["digest"]},
    )
    dispatch.send_on_commit(BEGIN, case.pk)
    return plan


def basis_of(case: Case, plan: PlanRevision, layout: Layout, tests: list[PlannedTest]) -> dict[str, Any]:
    """What the evaluation rests on: edition and scheme with digests, thresholds, tier, target, files with origin."""
    application = case.application
    edition, scheme = application.edition, application.scheme
    if edition is None or scheme is None:
        raise ValueError("an admitted application names an edition and a scheme")
    thresholds = scheme.content["thresholds"]
    return {
        "edition": {"code": edition.standard.code, "edition": edition.edition, "digest": edition.digest},
        "scheme": {"code": scheme.code, "edition": scheme.edition, "digest": scheme.digest},
        "tier": application.tier,
        "target": application.target_level,
        "thresholds": {test.method.id: thresholds[test.method.id] for test in tests},
        "methods": {test.method.id: test.method.version for test in tests},
        "origins": {entry["role"]: entry["origin"] for entry in layout.manifest["data"]},
        "files": files_of(plan),
        "facts": layout.facts,
    }


def files_of(plan: PlanRevision) -> list[dict[str, Any]]:
    """The files that count for the version of a plan, one for each role, with digest and origin."""
    return [_file(artifact) for artifact in chosen(current_artifacts(plan.version)).values()]


def _file(artifact: Artifact) -> dict[str, Any]:
    return {
        "role": artifact.role,
        "file": artifact.filename,
        "sha256": artifact.blob_id,
        "origin": artifact.origin,
        "size": artifact.blob.size,
    }


def _freeze(plan: PlanRevision, layout: Layout, tests: list[PlannedTest], basis: dict[str, Any], actor: Any) -> None:
    frozen = PlanRevision.objects.filter(pk=plan.pk, status=PlanRevision.Status.DRAFT).update(
        status=PlanRevision.Status.APPROVED,
        profile=layout.profile,
        applicability=layout.applicability,
        manifest=layout.manifest,
        inputs=layout.inputs,
        basis=basis,
        approved_by=actor,
        approved_at=timezone.now(),
    )
    if not frozen:
        raise Conflict
    # A test that the evaluators changed but that no longer fits leaves the plan.
    plan.items.exclude(method__in=[test.method.id for test in tests]).delete()
    for test in tests:
        PlanItem.objects.update_or_create(
            plan=plan,
            method=test.method.id,
            defaults={
                "criteria": test.criteria,
                "parameters": test.parameters,
                "expected_seconds": test.seconds,
            },
        )
    plan.refresh_from_db()
