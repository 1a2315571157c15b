"""fairness.group: rates against fairlearn, planted and absent differences, small groups, the chooser."""

import json
from pathlib import Path

import numpy as np
import pytest
from fairlearn import metrics as fairlearn_metrics
from scipy import stats
from sklearn import metrics as sklearn_metrics

from evaluations.methods.fairness_group import FairnessGroup, choose_primary
from evaluations.methods.frame import Context
from evaluations.methods.group_rates import Decisions, compare, independent
from evaluations.methods.outcomes import Outcome, Undefined
from evaluations.readers.bundle import load_bundle

RATES = {
    "selection_rate": fairlearn_metrics.selection_rate,
    "true_positive_rate": fairlearn_metrics.true_positive_rate,
    "false_positive_rate": fairlearn_metrics.false_positive_rate,
    "false_negative_rate": fairlearn_metrics.false_negative_rate,
    "positive_predictive_value": sklearn_metrics.precision_score,
    "accuracy": sklearn_metrics.accuracy_score,
}


def stored(folder: Path, columns, *, positive="1", favourable="1", sensitive=("sex",), label="y", **changes):
    """A bundle of predictions only: `columns` of equal length, among them y and p."""
    names = list(columns)
    rows = zip(*columns.values(), strict=True)
    lines = [",".join(names), *(",".join(str(cell) for cell in row) for row in rows)]
    (folder / "predictions.csv").write_text("\n".join(lines) + "\n")
    entry = {"role": "predictions", "file": "predictions.csv", "format": "csv", "origin": "C", "prediction": "p"}
    entry |= {"label": label} if label else {}
    entry |= {"favourable": favourable} if favourable else {}
    entry["sensitive"] = [{"name": name} for name in sensitive]
    model = {"format": "predictions", "task": "classification", "classes": ["0", "1"]}
    model |= {"positive": positive} if positive else {}
    profile = {"modality": "tabular", "personal_data": True, "affects_people": True, "interacts_with_people": False}
    profile |= {"attack_exposure": "none", "dp_claim": False, "federated": False, "endpoint": False, "biometric": False}
    system = {"name": "Stored", "version": "1"}
    manifest = {"manifest": 1, "system": system, "profile": profile, "model": model, "data": [entry], **changes}
    (folder / "manifest.json").write_text(json.dumps(manifest))
    return load_bundle(folder)


def population(sizes, rates, seed=0):
    """Label and prediction of groups with the given selection rates; the label agrees with the answer in 90 %."""
    rng = np.random.default_rng(seed)
    sex = np.repeat(list(sizes), list(sizes.values()))
    chosen = np.concatenate(
        [rng.permutation(np.arange(size) < round(size * rates[name])).astype(int) for name, size in sizes.items()]
    )
    label = np.where(rng.random(len(sex)) < 0.9, chosen, 1 - chosen)
    return {"sex": sex, "y": label, "p": chosen}


def run(bundle, **parameters):
    given = {"primary": "automatic", "label_established": False} | parameters
    return FairnessGroup().run(Context(bundle, given, seed=1, folder=bundle.folder))


def named(result, name):
    return {tuple(found.slice.values()): found for found in result.metrics if found.name == name}


def test_every_rate_equals_fairlearn(tmp_path):
    columns = population({"a": 400, "b": 300, "c": 250}, {"a": 0.6, "b": 0.45, "c": 0.5})
    result = run(stored(tmp_path, columns))
    frame = fairlearn_metrics.MetricFrame(
        metrics=RATES, y_true=columns["y"], y_pred=columns["p"], sensitive_features=columns["sex"]
    )
    for rate in RATES:
        found = named(result, rate)
        for group in "abc":
            assert found["sex", group].value == pytest.approx(frame.by_group[rate][group], abs=1e-12), rate


def test_planted_difference_is_found_exactly(tmp_path):
    result = run(stored(tmp_path, population({"f": 1000, "m": 1000}, {"f": 0.35, "m": 0.65})))
    difference, ratio = named(result, "difference")["sex", "f"], named(result, "ratio")["sex", "f"]
    assert difference.value == pytest.approx(0.30)
    assert difference.low < 0.30 < difference.bound < difference.high
    assert ratio.value == pytest.approx(0.35 / 0.65)
    assert ratio.low < ratio.bound < ratio.value
    katz = stats.contingency.relative_risk(350, 1000, 650, 1000).confidence_interval()
    assert (ratio.low, ratio.high) == pytest.approx((katz.low, katz.high))
    table = next(table for table in result.tables if table.name == "four_fifths")
    assert table.rows[0][1] == "f"
    assert table.rows[0][-1] == "< 0.8"


def test_equal_groups_do_not_alarm(tmp_path):
    result = run(stored(tmp_path, population({"f": 1000, "m": 1000}, {"f": 0.5, "m": 0.5})))
    difference = named(result, "difference")["sex", "f"]
    assert difference.value == 0
    assert difference.low == 0
    assert difference.bound < 0.05
    assert named(result, "ratio")["sex", "f"].value == 1
    assert result.undefined == []
    assert not any(result.flags.values())


def test_bound_covers_the_true_difference(tmp_path):
    """One-sided 95 % over many samples of two groups that differ by .10."""
    rng = np.random.default_rng(2)
    hits = 0
    for _ in range(400):
        groups = np.repeat(["f", "m"], 300)
        chosen = rng.random(600) < np.where(groups == "f", 0.4, 0.5)
        found = compare("sex", groups, chosen, np.ones(600, dtype=bool))[0]
        hits += found.difference(1)[3] >= 0.10
    assert hits / 400 >= 0.92


def test_more_groups_widen_the_bound():
    groups = np.repeat(["a", "b", "c", "d"], 200)
    chosen = np.tile([True, False], 400)
    comparisons = compare("origin", groups, chosen, np.ones(800, dtype=bool))
    assert independent(comparisons) == 4
    assert independent(comparisons[:2]) == 1
    assert comparisons[0].difference(4)[3] > comparisons[0].difference(1)[3]


def test_small_group_above_five_percent_is_not_demonstrated(tmp_path):
    result = run(stored(tmp_path, population({"a": 400, "b": 400, "c": 60}, {"a": 0.5, "b": 0.5, "c": 0.1})))
    assert named(result, "share_too_few")["sex",].value == pytest.approx(60 / 860)
    assert "7.0%" in result.undefined[0].en
    assert ("sex", "c") not in named(result, "difference")
    assert named(result, "selection_rate")["sex", "c"].undefined is not None


def test_population_served_counts_instead_of_the_sample(tmp_path):
    sizes, rates = {"a": 400, "b": 400, "c": 60}, {"a": 0.5, "b": 0.5, "c": 0.1}
    served = {"sex": {"a": 0.49, "b": 0.49, "c": 0.02}}
    result = run(stored(tmp_path, population(sizes, rates), population=served))
    assert named(result, "share_too_few")["sex",].value == pytest.approx(0.02)
    assert result.undefined == []


def test_missing_group_is_nobodys_group(tmp_path):
    columns = population({"a": 400, "b": 400}, {"a": 0.5, "b": 0.5})
    columns["sex"] = np.where(np.arange(800) % 40 == 0, "", columns["sex"])
    result = run(stored(tmp_path, columns))
    assert named(result, "share_too_few")["sex",].value == pytest.approx(20 / 800)
    assert set(named(result, "difference")) == {("sex", "a"), ("sex", "b")}


def test_imprecise_ratio_is_withheld_and_said(tmp_path):
    result = run(stored(tmp_path, population({"f": 120, "m": 120}, {"f": 0.2, "m": 0.2})))
    assert result.flags["ratio_imprecise"]
    assert named(result, "ratio") == {}
    assert len(named(result, "difference")) == 2


def test_error_rate_has_a_difference_and_no_ratio(tmp_path):
    bundle = stored(tmp_path, population({"f": 600, "m": 600}, {"f": 0.5, "m": 0.6}))
    result = run(bundle, primary="false_negative_rate")
    rates = named(result, "false_negative_rate")
    gap = rates["sex", "f"].value - rates["sex", "m"].value
    assert named(result, "difference")["sex", "f"].value == pytest.approx(abs(gap))
    assert named(result, "ratio") == {}
    assert not result.flags["ratio_imprecise"]


def test_constant_answers_are_equal_but_not_above_no_information(tmp_path):
    columns = population({"f": 500, "m": 500}, {"f": 0.5, "m": 0.5})
    columns["p"] = np.ones(1000, dtype=int)
    result = run(stored(tmp_path, columns))
    assert named(result, "difference")["sex", "f"].value == 0
    assert result.flags["not_above_no_information_rate"]


def test_intersections_are_reported_and_not_scored(tmp_path):
    columns = population({"f": 500, "m": 500}, {"f": 0.5, "m": 0.5})
    columns["age"] = np.where(np.arange(1000) % 2 == 0, "young", "old")
    result = run(stored(tmp_path, columns, sensitive=("sex", "age")))
    table = next(table for table in result.tables if table.name == "intersections")
    assert {row[1] for row in table.rows} == {"f × old", "f × young", "m × old", "m × young"}
    assert {key[0] for key in named(result, "difference")} == {"sex", "age"}


def test_favourable_outcome_may_differ_from_the_positive_class(tmp_path):
    """Being called a risk (1) is unfavourable: selection counts the zeros, error rates the ones."""
    columns = population({"f": 500, "m": 500}, {"f": 0.2, "m": 0.4})
    result = run(stored(tmp_path, columns, favourable="0"))
    assert named(result, "selection_rate")["sex", "f"].value == pytest.approx(0.8)
    called = columns["p"][columns["sex"] == "f"]
    actual = columns["y"][columns["sex"] == "f"]
    assert named(result, "false_positive_rate")["sex", "f"].value == pytest.approx(called[actual == 0].mean())


def test_primary_that_the_data_do_not_define_is_undefined(tmp_path):
    bundle = stored(tmp_path, population({"f": 200, "m": 200}, {"f": 0.5, "m": 0.5}), label=None)
    assert run(bundle).undefined == []
    assert "needs a label" in run(bundle, primary="true_positive_rate").undefined[0].en


def test_chooser_follows_label_and_burden():
    truth, answers = np.array([0, 1, 1, 0]), np.array([1, 1, 0, 0])
    labelled = Outcome(truth, answers, None, None, ("0", "1"), 1)
    unlabelled = Outcome(None, answers, None, None, ("0", "1"), 1)
    many = Outcome(truth, answers, None, None, ("0", "1", "2"), None)
    neither = Outcome(None, answers, None, None, ("0", "1", "2"), None)
    assert choose_primary(Decisions.of(labelled, 1), label_established=False)[0] == "selection_rate"
    assert choose_primary(Decisions.of(unlabelled, 1), label_established=True)[0] == "selection_rate"
    assert choose_primary(Decisions.of(labelled, 1), label_established=True)[0] == "true_positive_rate"
    assert choose_primary(Decisions.of(labelled, 0), label_established=True)[0] == "false_positive_rate"
    assert choose_primary(Decisions.of(many, None), label_established=True)[0] == "accuracy"
    with pytest.raises(Undefined):
        choose_primary(Decisions.of(neither, None), label_established=True)
