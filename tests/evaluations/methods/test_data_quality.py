"""data.quality: planted leaks, wrong labels, gaps, impossible values and contradictions, and tables without any."""

import json

import numpy as np
import pytest
from sklearn import datasets
from sklearn.metrics import mutual_info_score

from evaluations.methods.feature_domain import Column, missing, out_of_domain
from evaluations.methods.label_suspects import suspect_classes, suspect_values
from evaluations.methods.registry import get
from evaluations.methods.results import run_method
from evaluations.methods.row_equality import GROUPS, Rows, _mutual_information, distinctive
from evaluations.readers.bundle import load_bundle
from tests.factories.bundles import PROFILE, diabetes_bundle, digits_bundle, write_csv, write_manifest


def run(folder, seed=13, **changes):
    method = get("data.quality")
    parameters = {parameter.name: parameter.default for parameter in method.parameters} | changes
    document = run_method(method, load_bundle(folder), parameters, seed=seed, folder=folder)
    return document, {(metric["name"], metric["slice"].get("data")): metric for metric in document["metrics"]}


def write(folder, test, training, features, columns=None):
    """A bundle of stored predictions: each set is rows that end with the label."""
    folder.mkdir(exist_ok=True)
    names = columns or [feature["name"] for feature in features]
    data = []
    for role, rows in (("test", test), ("training", training)):
        if rows is not None:
            write_csv(folder / f"{role}.csv", [*names, "y"], rows)
            entry = {"role": role, "file": f"{role}.csv", "format": "csv", "origin": "C", "label": "y"}
            data.append(entry | {"features": features})
    model = {"format": "predictions", "task": "classification", "classes": ["0", "1"]}
    manifest = {"manifest": 1, "system": {"name": "Table", "version": "1"}, "model": model, "data": data}
    return write_manifest(folder, manifest | {"profile": {"modality": "tabular", **PROFILE}})


def numeric(count):
    return [{"name": f"f{index}", "type": "numeric"} for index in range(count)]


def measured_rows(n, rng, width=6):
    """Rows of rounded measurements whose label follows from the first."""
    values = rng.standard_normal((n, width)).round(2)
    return [[*row, int(row[0] > 0)] for row in values.tolist()]


def test_copied_rows_are_counted_exactly(tmp_path):
    rng = np.random.default_rng(0)
    training, test = measured_rows(800, rng), measured_rows(400, rng)
    for place in range(30):
        test[place * 7] = training[place * 11]
    _, metrics = run(write(tmp_path / "b", test, training, numeric(6)))
    assert metrics["test_rows_in_training", None]["value"] == pytest.approx(30 / 400)
    assert metrics["test_rows_in_training", None]["bound"] is None


def test_leak_is_found_though_the_training_rows_were_doubled(tmp_path):
    """Oversampling makes equal training rows common; that must not hide the leak."""
    rng = np.random.default_rng(1)
    training, test = measured_rows(400, rng), measured_rows(400, rng)
    test[:20] = training[:20]
    _, metrics = run(write(tmp_path / "b", test, training * 3, numeric(6)))
    assert metrics["test_rows_in_training", None]["value"] == pytest.approx(20 / 400)


def test_equal_rows_of_a_low_cardinality_table_are_no_leak(tmp_path):
    rng = np.random.default_rng(2)
    test, training = (rng.integers(0, 2, (n, 4)).tolist() for n in (400, 800))
    _, metrics = run(write(tmp_path / "b", test, training, numeric(3)))
    assert metrics["test_rows_in_training", None]["value"] == 0
    assert metrics["conflicting_duplicate_rate", "test"]["value"] == 0


def test_copies_of_one_column_add_no_distinction(tmp_path):
    rng = np.random.default_rng(3)
    sets = []
    for n in (400, 800):
        first, label = rng.integers(0, 5, n), rng.integers(0, 2, n)
        sets.append(np.column_stack([*(first * factor for factor in range(1, 21)), label]).tolist())
    _, metrics = run(write(tmp_path / "b", *sets, numeric(20)))
    assert metrics["test_rows_in_training", None]["value"] == 0


def test_noisy_copies_are_seen_through_by_the_tree():
    """Sixteen columns that follow one hidden value in 97 of 100 cases look improbable only if taken as independent."""
    rng = np.random.default_rng(4)
    hidden = rng.integers(0, 2, 2000)
    columns = [np.where(rng.random(2000) < 0.97, hidden, 1 - hidden).astype(float) for _ in range(16)]
    (codes,) = Rows.of(columns).codes
    telling = distinctive(codes, codes, 1000)
    typical = np.all(codes == codes[:, :1], axis=1)
    assert typical.mean() > 0.5
    assert not telling[typical].any()


def test_mutual_information_agrees_with_scikit_learn():
    rng = np.random.default_rng(5)
    first = rng.integers(0, GROUPS, 500)
    second = (first + rng.integers(0, 3, 500)) % GROUPS
    assert _mutual_information(first, second) == pytest.approx(mutual_info_score(first, second), abs=1e-12)


def test_keys_are_equal_exactly_for_equal_rows():
    left = [np.array([1.0, 2.0, np.nan]), np.array(["a", "b ", "c"], dtype=object)]
    right = [np.array([2.0, np.nan]), np.array(["b", "c"], dtype=object)]
    first, second = Rows.of(left, right).keys
    assert first[1] == second[0]
    assert first[2] == second[1]
    assert len({*first, *second}) == 3


@pytest.mark.parametrize("name", ["digits", "diabetes"])
def test_real_records_copied_into_the_test_data_are_found(tmp_path, name):
    if name == "digits":
        folder = digits_bundle(tmp_path / name)
        with np.load(folder / "test.npz") as test, np.load(folder / "training.npz") as training:
            inputs, labels = test["X"].copy(), test["y"].copy()
            inputs[:25], labels[:25] = training["X"][:25], training["y"][:25]
        np.savez(folder / "test.npz", X=inputs, y=labels)
    else:
        folder = diabetes_bundle(tmp_path / name)
        test, training = ((folder / f"{role}.csv").read_text().splitlines() for role in ("test", "training"))
        (folder / "test.csv").write_text("\n".join([*training[:26], *test[26:]]))
    share = run(folder)[1]["test_rows_in_training", None]
    assert share["value"] * share["n"] == pytest.approx(25)


def test_wide_rows_keep_their_keys_and_their_codes_stay_small():
    rng = np.random.default_rng(10)
    values = rng.integers(0, 4, (300, 2000)).astype(float)
    values[7] = values[250]
    values[8] = values[250]
    values[8, 1999] += 1
    rows = Rows.of(list(values.T))
    assert rows.codes[0].shape[1] <= 512
    assert rows.keys[0][7] == rows.keys[0][250] != rows.keys[0][8]
    assert len(np.unique(rows.keys[0])) == 299


def test_contradictions_of_distinctive_rows_are_counted(tmp_path):
    rng = np.random.default_rng(6)
    test = measured_rows(400, rng)
    for place in range(0, 20, 2):
        test[place] = [*test[place + 1][:-1], 1 - test[place + 1][-1]]
    _, metrics = run(write(tmp_path / "b", test, measured_rows(400, rng), numeric(6)))
    assert metrics["conflicting_duplicate_rate", "test"]["value"] == pytest.approx(20 / 400)
    assert metrics["conflicting_duplicate_rate", "training"]["value"] == 0


def test_gaps_and_impossible_values_are_counted_exactly(tmp_path):
    rng = np.random.default_rng(7)
    features = [
        {"name": "age", "type": "integer", "minimum": 0, "maximum": 120},
        {"name": "sex", "type": "categorical", "values": ["F", "M"]},
        {"name": "x", "type": "numeric", "missing_allowed": True},
        {"name": "z", "type": "numeric"},
    ]
    test = [[int(rng.integers(18, 90)), "FM"[row % 2], row / 7, row * 1.5, row % 2] for row in range(400)]
    for row in range(8):
        test[row][0] = (-1, 300, 40.5, 999)[row % 4]
    test[7][3] = ""
    for row in range(100, 110):
        test[row][3] = "NA"
    for row in range(200, 260):
        test[row][2] = ""
    document, metrics = run(write(tmp_path / "b", test, None, features))
    assert metrics["undeclared_missing_rate", "test"]["value"] == pytest.approx(11 / 400)
    assert metrics["out_of_domain_rate", "test"]["value"] == pytest.approx(8 / 400)
    assert metrics["test_rows_in_training", None]["value"] is None
    assert "no training sample" in metrics["test_rows_in_training", None]["undefined"]["en"]
    listed = {tuple(row[1:]) for row in document["tables"][0]["rows"]}
    assert listed == {("age", 0, 0, 8), ("x", 60, 1, 0), ("z", 11, 0, 0)}


@pytest.mark.parametrize(
    ("declared", "values", "expected"),
    [
        ({"type": "numeric"}, np.array([1.0, np.inf, np.nan, -5]), [0, 1, 0, 0]),
        ({"type": "integer", "minimum": 0}, np.array([1.0, 1.5, -1, np.nan]), [0, 1, 1, 0]),
        ({"type": "categorical", "values": ["1", "2"]}, np.array([1.0, 2.0, 3.0]), [0, 0, 1]),
        ({"type": "categorical", "values": ["a", "?"]}, np.array(["a", "?", "b", ""], dtype=object), [0, 0, 1, 0]),
        ({"type": "numeric"}, np.array(["1.5", "abc", "?"], dtype=object), [0, 1, 0]),
        ({"type": "text"}, np.array(["anything", "", "1"], dtype=object), [0, 0, 0]),
    ],
)
def test_domain_by_declaration(declared, values, expected):
    np.testing.assert_array_equal(out_of_domain(Column("c", values, declared), None), np.array(expected, dtype=bool))


def test_missing_signs_that_are_declared_values_are_present():
    values = np.array(["?", "-", "缺失", "NA", "x"], dtype=object)
    assert missing(Column("c", values, {})).sum() == 4
    assert missing(Column("c", values, {"values": ["?", "-", "x"]})).sum() == 2


def test_pixels_outside_the_declared_range_are_found(tmp_path):
    folder = digits_bundle(tmp_path / "digits")
    with np.load(folder / "test.npz") as arrays:
        inputs, labels = arrays["X"], arrays["y"]
    inputs[:6, 0] = 17
    np.savez(folder / "test.npz", X=inputs, y=labels)
    assert run(folder)[1]["out_of_domain_rate", "test"]["value"] == pytest.approx(6 / 600)


@pytest.mark.parametrize(("name", "found"), [("digits", 0.85), ("breast_cancer", 0.75), ("wine", 0.75)])
def test_swapped_labels_are_found_and_right_ones_left_alone(name, found):
    data = getattr(datasets, f"load_{name}")()
    clean = suspect_classes(data.data, data.target, 0)
    assert len(clean.rows) / len(data.target) <= 0.01
    rng = np.random.default_rng(0)
    labels, count = data.target.copy(), int(0.05 * len(data.target))
    swapped = rng.choice(len(labels), count, replace=False)
    classes = labels.max() + 1
    labels[swapped] = (labels[swapped] + rng.integers(1, classes, count)) % classes
    suspects = suspect_classes(data.data, labels, 0)
    right = np.isin(suspects.rows, swapped)
    assert right.sum() / count >= found
    assert right.mean() >= 0.9
    assert np.mean(suspects.suggested[right] == data.target[suspects.rows[right]]) >= 0.95


def test_labels_without_any_relation_are_not_judged(tmp_path):
    rng = np.random.default_rng(8)
    test = [[*rng.standard_normal(4).round(3).tolist(), int(rng.integers(2))] for _ in range(400)]
    _, metrics = run(write(tmp_path / "b", test, None, numeric(4)))
    assert metrics["label_error_rate", "test"]["value"] is None
    assert "not know" in metrics["label_error_rate", "test"]["undefined"]["en"]


def test_numeric_labels_far_from_both_regressions_are_suspects():
    rng = np.random.default_rng(9)
    inputs = rng.standard_normal((400, 5))
    labels = inputs @ np.arange(1.0, 6.0) + 0.3 * rng.standard_normal(400)
    assert len(suspect_values(inputs, labels, 0).rows) <= 2
    labels[[3, 70, 200]] += 60
    assert set(suspect_values(inputs, labels, 0).rows) >= {3, 70, 200}


def test_recheck_by_a_person_lifts_the_flag_and_corrects_the_rate(tmp_path):
    folder = diabetes_bundle(tmp_path / "bundle")
    document, metrics = run(folder)
    assert document["flags"] == {"label_suspects_unchecked": True}
    assert len(document["samples"]["label_recheck"]) == 100
    listed = {row[1] for row in document["tables"][1]["rows"] if row[0] == "test"}
    assert listed <= set(document["samples"]["label_recheck"])
    again, corrected = run(folder, labels_rechecked=100, suspects_confirmed=0.25)
    assert again["flags"] == {"label_suspects_unchecked": False}
    rate, after = (found["label_error_rate", "test"] for found in (metrics, corrected))
    assert rate["value"] > 0
    assert after["value"] == pytest.approx(0.25 * rate["value"])
    assert rate["bound"] > rate["value"]
    unfinished, _ = run(folder, labels_rechecked=99, suspects_confirmed=0.0)
    assert unfinished["metrics"] == document["metrics"]


def test_real_data_without_defects_has_none_and_is_measured_the_same_again(tmp_path):
    for folder in (digits_bundle(tmp_path / "digits"), diabetes_bundle(tmp_path / "diabetes")):
        document, metrics = run(folder)
        for (name, _), metric in metrics.items():
            assert metric["value"] == 0 or name == "label_error_rate"
        assert json.dumps(run(folder)[0]["metrics"]) == json.dumps(document["metrics"])
