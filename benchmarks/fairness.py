"""`fairness.group` over fairlearn's MetricFrame, on the same stored predictions of 30,000 people in four groups."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
from fairlearn import metrics
from sklearn.metrics import accuracy_score, precision_score

from benchmarks.measuring import Row, Setting, measured
from evaluations.methods.fairness_group import FairnessGroup
from evaluations.methods.frame import Context
from evaluations.readers.bundle import Bundle, load_bundle
from tests.factories.bundles import PROFILE, write_csv, write_manifest

TOPIC = "fairness"


def rows(setting: Setting) -> Iterator[Row]:
    people = 5_000 if setting.quick else 30_000
    rates = {
        "selection_rate": metrics.selection_rate,
        "true_positive_rate": metrics.true_positive_rate,
        "false_positive_rate": metrics.false_positive_rate,
        "false_negative_rate": metrics.false_negative_rate,
        "positive_predictive_value": precision_score,
        "accuracy": accuracy_score,
    }
    table = population(people)
    bundle = stored(setting, table)

    def ours() -> Any:
        given = {"primary": "automatic", "label_established": False}
        return FairnessGroup().run(Context(bundle, given, seed=1, folder=bundle.folder))

    def theirs() -> Any:
        frame = metrics.MetricFrame(
            metrics=rates, y_true=table["y"], y_pred=table["p"], sensitive_features=table["group"]
        )
        return frame.by_group, frame.overall, frame.difference(), frame.ratio()

    agree(ours(), theirs()[0], rates)
    note = f"{people:,} people, 4 groups, 6 rates, equal to 1e-9; ours adds intervals, simultaneous bounds, calibration"
    row = Row(TOPIC, "fairness.group, whole result", "MetricFrame by group, difference and ratio", note=note)
    yield measured(row, ours, theirs, setting.pairs(5))


def population(people: int) -> dict[str, np.ndarray]:
    """Group, label and prediction; labels and answers agree in 85 %."""
    rng = np.random.default_rng(7)
    label = (rng.random(people) < 0.4).astype(int)
    answer = np.where(rng.random(people) < 0.85, label, 1 - label)
    return {"group": rng.choice(list("abcd"), people), "y": label, "p": answer}


def stored(setting: Setting, table: dict[str, np.ndarray]) -> Bundle:
    """The table as a bundle of stored predictions, read once: reading is not what is compared."""
    folder = setting.folder / TOPIC
    folder.mkdir()
    write_csv(folder / "predictions.csv", list(table), zip(*table.values(), strict=True))
    entry: dict[str, Any] = {"role": "predictions", "file": "predictions.csv", "format": "csv", "origin": "C"}
    entry |= {"prediction": "p", "label": "y", "favourable": "1", "sensitive": [{"name": "group"}]}
    write_manifest(
        folder,
        {
            "manifest": 1,
            "system": {"name": "Stored", "version": "1"},
            "profile": {"modality": "tabular", **PROFILE, "personal_data": True, "affects_people": True},
            "model": {"format": "predictions", "task": "classification", "classes": ["0", "1"], "positive": "1"},
            "data": [entry],
        },
    )
    return load_bundle(folder)


def agree(result: Any, by_group: Any, rates: dict[str, Any]) -> None:
    """Both say the same of every group, or the comparison is void."""
    for rate in rates:
        found = {tuple(m.slice.values())[-1]: m.value for m in result.metrics if m.name == rate}
        for group in "abcd":
            assert abs(found[group] - by_group[rate][group]) < 1e-9, (rate, group)
