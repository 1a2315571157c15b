"""Cases at each stage, made by the same services that people and workers use."""

from __future__ import annotations

import json
import shutil
from dataclasses import dataclass, field
from functools import cache
from pathlib import Path
from tempfile import mkdtemp
from typing import Any

from django.utils import timezone

from assessments.accounts.models import Organisation
from assessments.applications.models import Agreement, Application
from assessments.applications.workflow import WORKFLOW as APPLICATION_WORKFLOW
from assessments.ledger.workflow import move
from assessments.standards.models import Edition, Scheme
from assessments.standards.services import load_scheme, load_standard
from assessments.systems import services as systems
from assessments.systems import storage
from assessments.systems.models import SystemVersion
from evaluations.cases import assignment, beginning, opening, planning
from evaluations.cases.models import Assignment, Case
from evaluations.readers.inspection import inspect
from tests.factories.bundles import diabetes_bundle, digits_bundle
from tests.factories.people import organisation, person

STANDARDS = Path(__file__).parents[2] / "assessments" / "standards" / "data"
READ_FROM_FILES = ("file", "format", "sha256", "origin")


@dataclass
class People:
    """One person for each part of a case, and their organisations."""

    vendor: Organisation
    body: Organisation
    applicant: Any
    lead: Any
    evaluators: list[Any] = field(default_factory=list)
    reviewer: Any = None


def people(vendor: Organisation | None = None, body: Organisation | None = None) -> People:
    """A new set of people, with names that no fixture uses."""
    vendor = vendor or organisation("vendor", "Cascade Systems Ltd", "级联系统有限公司")
    body = body or organisation("body", "Parallel Evaluation Body", "平行评估中心")
    return People(
        vendor=vendor,
        body=body,
        applicant=person("Vera", vendor, "vendor_member"),
        lead=person("Leo", body, "lead_evaluator"),
        evaluators=[person("Emil", body, "evaluator"), person("Edda", body, "evaluator")],
        reviewer=person("Rolf", body, "reviewer"),
    )


def shipped_standard() -> tuple[Edition, Scheme]:
    """The shipped standard and scheme; loaded once, found again after that."""
    edition = load_standard(STANDARDS / "TAI-0.9.yaml")
    return edition, load_scheme(STANDARDS / "TAI-scheme.yaml")


@cache
def bundle_folder(name: str) -> Path:
    """A trained demo bundle, made once in a test session."""
    folder = Path(mkdtemp(prefix="bundle-")) / name
    return {"digits": digits_bundle, "diabetes": diabetes_bundle}[name](folder)


def submitted_version(
    who: People, *, bundle: str = "digits", profile: dict[str, Any] | None = None, label: str = "1.0.0"
) -> SystemVersion:
    """A version whose files come from a real bundle, stored, and read as the inspection reads them."""
    folder = bundle_folder(bundle)
    manifest = json.loads((folder / "manifest.json").read_text(encoding="utf-8"))
    system = who.vendor.systems.first() or systems.create_system(
        organisation=who.vendor, actor=who.applicant, name_en=manifest["system"]["name"], name_zh="手写数字识别"
    )
    version = systems.create_version(
        system,
        actor=who.applicant,
        label=label,
        intended_use="Reading forms.",
        profile={**manifest["profile"], **(profile or {})},
        schema={
            "model": _declared(manifest["model"]),
            "data": {entry["role"]: _declared(entry) for entry in manifest["data"]},
            "claims": manifest.get("claims", []),
        },
    )
    add_file(version, folder / manifest["model"]["file"], "model", who.vendor, who.applicant)
    for entry in manifest["data"]:
        add_file(version, folder / entry["file"], entry["role"], who.vendor, who.applicant)
    return version


def add_file(version: SystemVersion, path: Path, role: str, owner: Any, who: Any, *, origin: str = "C") -> Any:
    """Store a copy of a file with a version and record what the reader says of it."""
    storage_root = Path(mkdtemp(prefix="upload-"))
    copy = Path(shutil.copy(path, storage_root / path.name))
    artifact = systems.add_artifact(
        version,
        blob=storage.keep(copy),
        filename=path.name,
        role=role,
        origin=origin,
        organisation=owner,
        person=who,
    )
    claimed = systems.claim_inspection(artifact.pk)
    assert claimed is not None
    systems.record_inspection(claimed, claimed.attempt, description=inspect(path, path.name).as_json())
    return artifact


def admitted_application(who: People | None = None, *, tier: str = "limited", **version: Any) -> Application:
    """An application that the lead admitted; the agreement is not signed yet."""
    who = who or people()
    edition, scheme = shipped_standard()
    application = Application.objects.create(
        number=f"A-2026-{Application.objects.count() + 1:04d}",
        organisation=who.vendor,
        version=submitted_version(who, **version),
        edition=edition,
        scheme=scheme,
        target_level="enhanced",
        body=who.body,
        created_by=who.applicant,
    )
    move(application, APPLICATION_WORKFLOW, "submit", actor=who.applicant)
    systems.freeze_version(application.version, actor=who.applicant)
    changes = {"tier": tier, "admitted_at": timezone.now()}
    move(application, APPLICATION_WORKFLOW, "admit", actor=who.lead, reason="Complete.", changes=changes)
    return application


def agreed_application(who: People | None = None, **kwargs: Any) -> Application:
    """An application whose agreement both parties have signed."""
    who = who or people()
    application = admitted_application(who, **kwargs)
    now = timezone.now()
    Agreement.objects.create(
        application=application,
        text_version="1",
        text_sha256="0" * 64,
        vendor_signatory=who.applicant,
        vendor_signed_at=now,
        body_signatory=who.lead,
        body_signed_at=now,
    )
    move(application, APPLICATION_WORKFLOW, "agree", actor=who.lead)
    return application


def opened_case(who: People | None = None, **kwargs: Any) -> Case:
    """A case as the sweeper opens it: the lead is assigned and has signed nothing yet."""
    application = agreed_application(who or people(), **kwargs)
    opening.open_agreed()
    return Case.objects.get(application=application)


def staffed_case(who: People | None = None, **kwargs: Any) -> Case:
    """A case in planning with its lead and two evaluators, whose statements are signed."""
    who = who or people()
    case = opened_case(who, **kwargs)
    sign(case, who.lead)
    for evaluator in who.evaluators:
        assignment.assign(case, evaluator, Assignment.Part.EVALUATOR, actor=who.lead)
        sign(case, evaluator)
    return case


def sign(case: Case, who: Any) -> None:
    """Sign the statement on interests of the person's open assignment."""
    row = case.assignments.get(person=who, ended_at=None)
    assignment.sign_statement(row, actor=who)


def approve(case: Case, lead: Any) -> None:
    """Approve the draft as it stands."""
    plan = planning.current_plan(case)
    assert plan is not None
    layout = planning.draft_layout(case, plan)
    seen = planning.digest_of(layout, planning.planned_tests(plan, layout))
    planning.approve_plan(case, actor=lead, seen=seen)


def planned_case(who: People | None = None, **kwargs: Any) -> Case:
    """A case in evaluation: the plan is approved, the seeds are drawn, the runs wait for a worker."""
    who = who or people()
    case = staffed_case(who, **kwargs)
    approve(case, who.lead)
    assert beginning.begin_evaluation(case.pk)
    case.refresh_from_db()
    return case


def _declared(entry: dict[str, Any]) -> dict[str, Any]:
    """What the vendor declares of a file; the rest is read from it."""
    return {name: value for name, value in entry.items() if name not in (*READ_FROM_FILES, "role")}
