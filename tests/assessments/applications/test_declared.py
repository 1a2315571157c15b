"""The declared schema: proposed from real files, and the form gives back what a manifest holds."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from assessments.applications.completeness import manifest_refusal
from assessments.applications.declared import ReadFiles, column_values, form_values, proposed_schema, schema_from
from assessments.applications.models import Application
from assessments.applications.schema_form import NamesField, NumbersField, SharesField
from assessments.systems.models import Artifact
from assessments.systems.services import create_system, create_version
from evaluations.readers.inspection import inspect
from tests.assessments.applications.conftest import read_file
from tests.factories.bundles import diabetes_bundle, digits_bundle


def version_of(bundle: Path, alice: Any, vendor: Any) -> tuple[Any, dict[str, Any]]:
    """A version with the bundle's files, described as the reader describes them."""
    manifest = json.loads((bundle / "manifest.json").read_text())
    system = create_system(organisation=vendor, actor=alice, name_en=bundle.name)
    version = create_version(system, actor=alice, label="1")
    for role, file in [("model", manifest["model"]["file"]), *((d["role"], d["file"]) for d in manifest["data"])]:
        artifact = read_file(version, alice, role, file, {}, kind="")
        Artifact.objects.filter(pk=artifact.pk).update(description=inspect(bundle / file, file).as_json())
    return version, manifest


def declared(manifest: dict[str, Any]) -> dict[str, Any]:
    """The part of a manifest that people declare, as a version's schema."""
    taken = ("role", "file", "format", "sha256", "origin")
    test = next(entry for entry in manifest["data"] if entry["role"] == "test")
    model = {key: value for key, value in manifest["model"].items() if key not in taken}
    data = {"test": {key: value for key, value in test.items() if key not in taken}}
    return {"model": model, "data": data, "claims": manifest["claims"]}


@pytest.mark.parametrize("make", [digits_bundle, diabetes_bundle])
def test_form_values_give_back_the_manifest(make: Any, tmp_path: Path, alice: Any, vendor: Any) -> None:
    version, manifest = version_of(make(tmp_path / "bundle"), alice, vendor)
    schema, files = declared(manifest), ReadFiles(version)
    again = schema_from(schema, form_values(schema), column_values(schema, files), schema["claims"])
    assert again == schema


def test_proposal_for_an_image_classifier(tmp_path: Path, alice: Any, vendor: Any) -> None:
    version, _manifest = version_of(digits_bundle(tmp_path / "bundle"), alice, vendor)
    proposal = proposed_schema(ReadFiles(version))
    assert proposal["model"]["classes"] == [str(digit) for digit in range(10)]
    assert proposal["model"]["output"] == {"kind": "logits"}
    assert proposal["model"]["preprocessing"] == {"layout": "flat", "shape": [64]}
    assert proposal["data"]["test"]["label"] == "y"


def test_proposal_for_a_table(tmp_path: Path, alice: Any, vendor: Any) -> None:
    version, manifest = version_of(diabetes_bundle(tmp_path / "bundle"), alice, vendor)
    files = ReadFiles(version)
    proposal = proposed_schema(files)
    assert proposal["model"]["output"] == {"kind": "probabilities"}
    features = {feature["name"]: feature["type"] for feature in proposal["data"]["test"]["features"]}
    assert features["bmi"] == "numeric"
    assert features["sex"] == "integer"
    assert [row["name"] for row in column_values(declared(manifest), files)][:2] == ["age", "sex"]


def test_the_answer_is_never_an_input() -> None:
    rows = [{"name": name, "type": "numeric", "is_input": True, "mutable": True} for name in ("age", "above")]
    schema = schema_from({}, {"label": "above"}, rows, [])
    assert [feature["name"] for feature in schema["data"]["test"]["features"]] == ["age"]


def test_real_bundle_makes_a_manifest_that_holds(draft: Application, tmp_path: Path, alice: Any, vendor: Any) -> None:
    version, manifest = version_of(diabetes_bundle(tmp_path / "bundle"), alice, vendor)
    version.profile, version.schema = manifest["profile"], declared(manifest)
    draft.version = version
    assert manifest_refusal(draft) is None
    version.schema = {**version.schema, "claims": [{"metric": "beauty", "value": 1}]}
    assert manifest_refusal(draft) is not None


def test_predictions_only_need_no_model(draft: Application, alice: Any, vendor: Any) -> None:
    system = create_system(organisation=vendor, actor=alice, name_en="Scores")
    version = create_version(system, actor=alice, label="1", profile={"modality": "tabular"})
    read_file(
        version,
        alice,
        "predictions",
        "scores.csv",
        {"names": ["decile", "y"], "types": ["integer", "integer"]},
        kind="csv",
    )
    version.schema = {
        "model": {"task": "classification", "classes": ["0", "1"]},
        "data": {"test": {"label": "y", "prediction": {"column": "decile", "above": 4}}},
        "claims": [{"metric": "accuracy", "value": 0.6}],
    }
    draft.version = version
    assert manifest_refusal(draft) is None


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        (NumbersField(), "1, 2.5；3", [1.0, 2.5, 3.0]),
        (NumbersField(whole=True), "1 8 8", [1, 8, 8]),
        (NumbersField(), "", None),
        (NamesField(), "cat, dog、鸟", ["cat", "dog", "鸟"]),
        (NamesField(), "a, b\nc", ["a, b", "c"]),
        (SharesField(required=False), "sex: f 0.5, m 0.5\n年龄：青年 0.4，老年 0.6", None),
    ],
)
def test_fields_read_what_people_write(field: Any, text: str, value: Any) -> None:
    read = field.clean(text)
    if isinstance(field, SharesField):
        value = {"sex": {"f": 0.5, "m": 0.5}, "年龄": {"青年": 0.4, "老年": 0.6}}
    assert read == value
    assert field.clean(str(field.prepare_value(read) or "")) == read


@pytest.mark.parametrize(
    ("field", "text"),
    [
        (NumbersField(), "one"),
        (NumbersField(), "nan"),
        (NumbersField(whole=True), "0, 8"),
        (NamesField(), "a, a"),
        (SharesField(required=False), "sex f 0.5"),
        (SharesField(required=False), "sex: f 1.5"),
        (SharesField(required=False), "sex:"),
    ],
)
def test_fields_refuse_what_cannot_be(field: Any, text: str) -> None:
    from django.core.exceptions import ValidationError

    with pytest.raises(ValidationError):
        field.clean(text)
