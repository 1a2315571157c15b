"""fairness.group on published tables: COMPAS (ProPublica 2016) and German credit, from predictions alone."""

import json
import os
import shutil
from pathlib import Path

import pytest

from evaluations.methods import registry, results
from evaluations.readers.bundle import load_bundle

pytestmark = pytest.mark.reference

PROFILE = {
    "modality": "tabular",
    "personal_data": True,
    "affects_people": True,
    "interacts_with_people": False,
    "attack_exposure": "none",
    "dp_claim": False,
    "federated": False,
    "endpoint": False,
    "biometric": False,
}


def run(folder, source, model, entry, **parameters):
    shutil.copy(Path(os.environ["REFERENCE_DATA"]) / "tabular" / source, folder / "predictions.csv")
    manifest = {
        "manifest": 1,
        "system": {"name": "Published table", "version": "1"},
        "profile": PROFILE,
        "model": {"format": "predictions", "task": "classification", **model},
        "data": [{"role": "predictions", "file": "predictions.csv", "format": "csv", "origin": "B", **entry}],
    }
    (folder / "manifest.json").write_text(json.dumps(manifest))
    given = {"primary": "automatic", "label_established": False} | parameters
    document = results.run_method(
        registry.get("fairness.group"), load_bundle(folder), given, seed=1, folder=folder, threads=1
    )
    return {(m["name"], m["slice"].get("group")): m for m in document["metrics"]}, document


def test_compas_error_rates_are_the_published_ones(tmp_path):
    """The score's cut is high or medium (above 4); a prediction of re-offending is a burden."""
    found, document = run(
        tmp_path,
        "compas-two-years-deidentified.csv",
        {"classes": ["0", "1"], "positive": "1"},
        {
            "label": "two_year_recid",
            "favourable": "0",
            "prediction": {"column": "decile_score", "above": 4},
            "sensitive": [{"name": "race"}],
        },
        label_established=True,
    )
    published = {
        ("false_positive_rate", "African-American"): (44.85, 1795),
        ("false_positive_rate", "Caucasian"): (23.45, 1488),
        ("false_negative_rate", "African-American"): (27.99, 1901),
        ("false_negative_rate", "Caucasian"): (47.72, 966),
    }
    for key, (percent, n) in published.items():
        assert round(100 * found[key]["value"], 2) == percent, key
        assert found[key]["n"] == n
    assert round(found["positive_predictive_value", "African-American"]["value"], 2) == 0.63
    assert round(found["positive_predictive_value", "Caucasian"]["value"], 2) == 0.59
    assert found["difference", "African-American"]["low"] > 0.10
    assert "burden" in document["notes"][0]["en"]
    assert found["false_positive_rate", "Asian"]["value"] is None


def test_german_credit_base_rates_are_the_published_ones(tmp_path):
    """The label itself taken as the answer: what was granted to those of 25 and older against the younger."""
    found, _ = run(
        tmp_path,
        "german_credit_coded.csv",
        {"classes": ["1", "2"], "positive": "1"},
        {
            "label": "credit_risk",
            "favourable": "1",
            "prediction": "credit_risk",
            "sensitive": [{"name": "age_in_years", "cuts": [25]}],
        },
    )
    assert found["difference", "<25"]["value"] == pytest.approx(0.12855, abs=5e-6)
    assert found["selection_rate", "<25"]["value"] == pytest.approx(0.590604, abs=5e-7)
    assert found["selection_rate", "≥25"]["value"] == pytest.approx(0.719154, abs=5e-7)
