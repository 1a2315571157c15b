"""A case that was decided, as rows: everything between application and decision is taken as done.

Only for tests of what comes after a decision; the way there has tests, and factories, of its own.
"""

from __future__ import annotations

from typing import Any

from django.utils import timezone

from assessments.applications.models import Agreement, Application
from assessments.standards.loading import initial_files
from assessments.standards.models import Edition, Scheme
from assessments.standards.services import load_file
from assessments.systems.models import System, SystemVersion
from evaluations.cases.models import Case, Decision, Finding, PlanRevision, Settlement
from portal.certificates import services
from portal.certificates.models import Certificate

MODEL_SHA256 = "9f" * 32


def standard() -> tuple[Edition, Scheme]:
    """The shipped edition and scheme, loaded once for each test database."""
    if not Scheme.objects.exists():
        for path in initial_files():
            load_file(path)
    scheme = Scheme.objects.select_related("standard_edition__standard").get(code="TAI", edition="1")
    return scheme.standard_edition, scheme


def decided_case(
    vendor: Any, body: Any, reviewer: Any, *, tenths: int = 40, name: str = "Digit reader", **scores: int
) -> Case:
    """A granted case at the limited tier; `scores` (RC_1=20) set single criteria apart from `tenths`."""
    edition, scheme = standard()
    system = System.objects.create(organisation=vendor, name_en=name, name_zh="手写数字识别系统")
    version = SystemVersion.objects.create(
        system=system,
        label="1.2.0",
        status="frozen",
        intended_use="识别表单上的单个手写数字。",
        environment="Own servers.",
    )
    count = Application.objects.count() + 1
    application = Application.objects.create(
        number=f"A-2026-{count:04d}",
        organisation=vendor,
        version=version,
        edition=edition,
        scheme=scheme,
        target_level="enhanced",
        body=body,
        status="concluded",
        tier="limited",
    )
    now = timezone.now()
    Agreement.objects.create(
        application=application, text_version="1", text_sha256="0" * 64, vendor_signed_at=now, body_signed_at=now
    )
    case = Case.objects.create(
        number=f"C-2026-{count:04d}",
        application=application,
        body=body,
        status="decided",
        result="enhanced",
        outcome="granted",
    )
    PlanRevision.objects.create(
        case=case,
        version=version,
        status="approved",
        approved_at=now,
        manifest={"model": {"file": "m.onnx", "sha256": MODEL_SHA256}, "data": [{"role": "test", "origin": "C"}]},
    )
    Settlement.objects.bulk_create(
        settlement(case, criterion, scores.get(criterion.code.replace("-", "_"), tenths))
        for criterion in edition.criteria.all()
    )
    Decision.objects.create(case=case, outcome="granted", level="enhanced", reasons="Fulfilled.", decided_by=reviewer)
    return case


def settlement(case: Case, criterion: Any, tenths: int) -> Settlement:
    if criterion.code in ("DP-5", "DP-6"):
        return Settlement(case=case, criterion=criterion.code, state="not_applicable", origin="profile")
    origin = {"T": "test", "E": "examination", "T+E": "both"}[criterion.kind]
    return Settlement(case=case, criterion=criterion.code, state="scored", origin=origin, settled_tenths=tenths)


def accepted_plan(case: Case, criterion: str) -> Finding:
    return Finding.objects.create(
        case=case, criterion=criterion, kind="nonconformity", status="accepted", text="Missing.", due_on="2027-02-20"
    )


def issued_certificate(vendor: Any, body: Any, reviewer: Any, **options: Any) -> Certificate:
    """A certificate that was printed, signed and published for real."""
    certificate = services.prepare_certificate(decided_case(vendor, body, reviewer, **options))
    assert services.issue_certificate(certificate.pk)
    certificate.refresh_from_db()
    return certificate
