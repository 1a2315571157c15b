"""A draft application that is complete, with files as if the sandbox had read them."""

from __future__ import annotations

import copy
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from assessments.applications import services
from assessments.applications.models import Application
from assessments.applications.steps import criteria_asking_evidence
from assessments.standards.models import Criterion, Edition, Scheme, Standard
from assessments.standards.services import load_file
from assessments.systems import storage
from assessments.systems.models import Artifact
from assessments.systems.services import add_artifact, create_system, create_version

PROFILE = {
    "modality": "image",
    "personal_data": False,
    "affects_people": False,
    "interacts_with_people": False,
    "attack_exposure": "query",
    "dp_claim": False,
    "federated": False,
    "endpoint": False,
    "biometric": False,
}
SCHEMA = {
    "model": {
        "task": "classification",
        "output": {"kind": "logits"},
        "classes": [str(digit) for digit in range(10)],
        "preprocessing": {"layout": "flat", "shape": [1, 8, 8], "scale": 0.0625, "range": [0, 16], "grid": 1},
    },
    "data": {"test": {"label": "y"}},
    "claims": [{"metric": "accuracy", "value": 0.95, "minimum": 0.9}],
}
ANSWERS = {
    "unacceptable_practice": False,
    "safety_component": False,
    "sensitive_area": False,
    "affects_people": True,
}
MODEL_FACTS = {
    "differentiable": True,
    "inputs": [{"name": "input", "dtype": "float32", "shape": ["N", 64]}],
    "outputs": [{"name": "output", "dtype": "float32", "shape": ["N", 10]}],
    "operators": {"Gemm": 2, "Relu": 1},
}
ARRAYS = [{"name": "X", "dtype": "float32", "shape": [600, 64]}, {"name": "y", "dtype": "int64", "shape": [600]}]


_LOADED: list[Any] = []


@pytest.fixture
def standard(db: None) -> Scheme:
    """Edition 0.9 and its scheme. Checking them takes seconds, so the rows are kept and put back."""
    if not _LOADED:
        folder = Path(settings.BASE_DIR) / "assessments" / "standards" / "data"
        load_file(folder / "TAI-0.9.yaml")
        load_file(folder / "TAI-scheme.yaml")
        _LOADED.extend([list(model.objects.all()) for model in (Standard, Edition, Criterion, Scheme)])
    else:
        for rows in _LOADED:
            type(rows[0]).objects.bulk_create([copy.copy(row) for row in rows])
    return Scheme.objects.get()


def read_file(version: Any, person: Any, role: str, filename: str, facts: dict[str, Any], *, kind: str) -> Artifact:
    """A file of the version whose inspection ended well."""
    artifact = add_artifact(
        version,
        blob=storage.keep_bytes(f"{role} {filename}".encode()),
        filename=filename,
        role=role,
        origin="C",
        organisation=version.system.organisation,
        person=person,
    )
    Artifact.objects.filter(pk=artifact.pk).update(
        inspection="accepted", description={"summary": {"en": filename, "zh": filename}, "kind": kind, "facts": facts}
    )
    artifact.refresh_from_db()
    return artifact


@pytest.fixture
def version(vendor: Any, alice: Any) -> Any:
    system = create_system(organisation=vendor, actor=alice, name_en="Digit reader", name_zh="数字识别")
    made = create_version(system, actor=alice, label="1.0.0", intended_use="Reads digits on forms.")
    read_file(made, alice, "model", "model.onnx", MODEL_FACTS, kind="onnx")
    read_file(made, alice, "test", "test.npz", {"arrays": ARRAYS}, kind="npz")
    read_file(made, alice, "training", "training.npz", {"arrays": ARRAYS}, kind="npz")
    read_file(made, alice, "evidence", "policy.pdf", {}, kind="pdf")
    return made


@pytest.fixture
def draft(standard: Scheme, version: Any, alice: Any) -> Application:
    return services.start_application(version, actor=alice)


def complete(application: Application, actor: Any, body: Any) -> Application:
    """Fill in all that is asked, with evidence for every criterion that requires it."""
    services.choose_standard(application, actor=actor, scheme=Scheme.objects.get(), target_level="enhanced")
    services.choose_body(application, actor=actor, body=body)
    services.save_profile(application, actor=actor, profile=PROFILE)
    services.save_schema(application, actor=actor, schema=SCHEMA)
    declared = {"truthful": True, "right_to_data": True, "sole_body": True, "generative": False}
    services.save_declarations(application, actor=actor, declarations=declared)
    for criterion in criteria_asking_evidence(application):
        if criterion.gate == "M":
            services.save_evidence(application, criterion.code, actor=actor, explanation="See the policy.")
    return application


@pytest.fixture
def ready(draft: Application, alice: Any, body: Any) -> Application:
    return complete(draft, alice, body)


@pytest.fixture
def submitted(ready: Application, alice: Any, lead: Any) -> Application:
    services.submit(ready, actor=alice)
    return ready


@pytest.fixture
def admitted(submitted: Application, lead: Any) -> Application:
    services.admit(submitted, actor=lead, answers=ANSWERS, reason="Complete and within our competence.")
    return submitted


@pytest.fixture
def agreed(admitted: Application, alice: Any, lead: Any) -> Application:
    services.sign_agreement(admitted, actor=alice)
    services.countersign(admitted, actor=lead)
    return admitted
