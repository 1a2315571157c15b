"""performance.claim: numbers against scikit-learn, and the cases in which it must or must not alarm."""

import numpy as np
import pytest
from sklearn import metrics as sklearn_metrics

from evaluations.methods import performance_measures, statistics
from evaluations.methods.frame import Context
from evaluations.methods.outcomes import Outcome, Undefined
from evaluations.methods.performance_claim import PerformanceClaim
from evaluations.methods.performance_measures import measure
from evaluations.readers.bundle import load_bundle
from tests.factories.bundles import dense_onnx, diabetes_bundle, digits_bundle


def outcome(classes=3, n=400, noise=1.0, seed=0, positive=None):
    rng = np.random.default_rng(seed)
    truth = np.concatenate([np.arange(classes)] * (n // classes))
    logits = rng.normal(scale=noise, size=(len(truth), classes)) + 1.5 * np.eye(classes)[truth]
    names = tuple(str(index) for index in range(classes))
    return Outcome(truth, logits.argmax(1), logits, None, names, positive)


def run(bundle, **parameters):
    method = PerformanceClaim()
    return method.run(Context(bundle, {"replicates": 1000} | parameters, seed=3, folder=bundle.folder))


def metric(result, name):
    return next(found for found in result.metrics if found.name == name)


def rng():
    return np.random.default_rng(1)


@pytest.mark.parametrize("average", ["macro", "weighted"])
@pytest.mark.parametrize("name", ["f1", "precision", "recall"])
def test_averaged_measures_equal_scikit_learn(name, average):
    found = outcome()
    expected = getattr(sklearn_metrics, f"{name}_score")(found.truth, found.predicted, average=average)
    measured = measure(found, name, average, rng=rng(), draws=300)
    assert measured.value == pytest.approx(expected, abs=1e-12)
    assert measured.low < measured.bound < measured.value < measured.high


@pytest.mark.parametrize("name", ["f1", "precision", "recall"])
@pytest.mark.parametrize("positive", [0, 1])
def test_binary_measures_equal_scikit_learn(name, positive):
    found = outcome(classes=2, positive=positive)
    expected = getattr(sklearn_metrics, f"{name}_score")(found.truth, found.predicted, pos_label=positive)
    assert measure(found, name, "binary", rng=rng(), draws=300).value == pytest.approx(expected, abs=1e-12)


def test_accuracies_and_their_baselines_equal_scikit_learn():
    found = outcome(classes=4)
    accuracy = measure(found, "accuracy", rng=rng())
    assert accuracy.value == sklearn_metrics.accuracy_score(found.truth, found.predicted)
    assert accuracy.baseline == 0.25
    balanced = measure(found, "balanced_accuracy", rng=rng(), draws=300)
    assert balanced.value == pytest.approx(sklearn_metrics.balanced_accuracy_score(found.truth, found.predicted))
    assert balanced.baseline == 0.25


def test_auc_equals_scikit_learn_for_two_and_more_classes():
    two = outcome(classes=2, positive=1)
    margin = two.scores[:, 1] - two.scores[:, 0]
    ranked = Outcome(two.truth, two.predicted, np.column_stack([-margin, margin]), None, two.classes, 1)
    assert measure(ranked, "auc", rng=rng()).value == pytest.approx(sklearn_metrics.roc_auc_score(two.truth, margin))
    many = outcome(classes=4)
    shares = np.exp(many.scores) / np.exp(many.scores).sum(1, keepdims=True)
    many = Outcome(many.truth, many.predicted, shares, None, many.classes, None)
    expected = sklearn_metrics.roc_auc_score(many.truth, shares, multi_class="ovr", average="macro")
    assert measure(many, "auc", "macro", rng=rng()).value == pytest.approx(expected, abs=1e-12)


def test_macro_auc_of_two_classes_is_delong():
    two = outcome(classes=2)
    margin = two.scores[:, 1] - two.scores[:, 0]
    assert performance_measures.macro_auc(two.truth, np.column_stack([-margin, margin])) == pytest.approx(
        statistics.delong_auc(two.truth, margin), rel=1e-10
    )


def test_macro_auc_variance_agrees_with_the_bootstrap():
    many = outcome(classes=3, n=300, noise=1.5)
    auc, variance = performance_measures.macro_auc(many.truth, many.scores)
    found = statistics.bca_bootstrap(
        lambda rows: performance_measures.macro_auc(many.truth[rows], many.scores[rows])[0],
        many.truth,
        rng=rng(),
        B=600,
    )
    assert found.estimate == auc
    assert np.sqrt(variance) == pytest.approx(found.replicates.std(), rel=0.12)


def test_errors_of_a_regression_equal_scikit_learn():
    generator = rng()
    truth = generator.normal(size=300)
    answers = truth + generator.normal(scale=0.3, size=300)
    found = Outcome(truth, answers, None, None, (), None)
    rmse = measure(found, "rmse", rng=rng(), draws=500)
    assert rmse.value == pytest.approx(sklearn_metrics.root_mean_squared_error(truth, answers))
    assert rmse.bound > rmse.value
    assert rmse.baseline == pytest.approx(truth.std())
    mae = measure(found, "mae", rng=rng(), draws=500)
    assert mae.value == pytest.approx(sklearn_metrics.mean_absolute_error(truth, answers))


@pytest.mark.parametrize(
    ("name", "average", "reason"),
    [
        ("f1", None, "averaged"),
        ("f1", "binary", "two classes"),
        ("auc", None, "macro"),
        ("rmse", None, "not a measure"),
    ],
)
def test_claim_that_is_not_stated_fully_is_undefined(name, average, reason):
    with pytest.raises(Undefined, match=reason):
        measure(outcome(), name, average, rng=rng())


def test_class_without_a_row_leaves_balanced_accuracy_and_undefines_the_auc():
    full = outcome(classes=2, positive=1)
    wider = Outcome(full.truth, full.predicted, full.scores, None, ("0", "1", "2"), 1)
    expected = sklearn_metrics.balanced_accuracy_score(full.truth, full.predicted)
    measured = measure(wider, "balanced_accuracy", rng=rng(), draws=100)
    assert measured.value == pytest.approx(expected)
    assert measured.baseline == 0.5
    alone = Outcome(np.zeros(300, dtype=int), np.zeros(300, dtype=int), np.zeros((300, 2)), None, ("0", "1"), 1)
    with pytest.raises(Undefined, match="two rows of each class"):
        measure(alone, "auc", rng=rng())
    with pytest.raises(Undefined, match="0 of 0"):
        measure(alone, "recall", "binary", rng=rng())


def test_sample_without_an_error_keeps_a_lower_limit():
    truth = np.repeat([0, 1], 150)
    perfect = Outcome(truth, truth, None, None, ("0", "1"), 1)
    for name, average in (("balanced_accuracy", None), ("f1", "macro"), ("accuracy", None)):
        measured = measure(perfect, name, average, rng=rng(), draws=100)
        assert measured.value == 1
        assert 0.96 < measured.low < measured.bound < 1


def test_claim_that_is_reached_has_no_shortfall_and_no_flag(tmp_path):
    reached = run(load_bundle(digits_folder(tmp_path)))
    accuracy = metric(reached, "performance").value
    exact = run(load_bundle(digits_folder(tmp_path, claims=[{"metric": "accuracy", "value": accuracy}])))
    assert metric(exact, "claim_difference").value == 0
    assert not any(exact.flags.values())
    assert exact.undefined == []


def test_claim_above_what_is_reached_shows_the_shortfall(tmp_path):
    reached = metric(run(load_bundle(digits_folder(tmp_path))), "performance").value
    claims = [{"metric": "accuracy", "value": min(1.0, reached + 0.02)}, {"metric": "balanced_accuracy", "value": 0.5}]
    result = run(load_bundle(digits_folder(tmp_path, claims=claims)))
    found = metric(result, "claim_difference")
    assert found.value == pytest.approx(-0.02)
    assert found.bound < found.value
    assert found.low == pytest.approx(found.bound)  # one-sided 5 % over two claims is the 2.5 % of the interval
    assert found.slice == {"metric": "accuracy"}


def test_claim_below_the_minimum_for_the_use_is_flagged(tmp_path):
    claims = [{"metric": "accuracy", "value": 0.85, "minimum": 0.9}]
    assert run(load_bundle(digits_folder(tmp_path, claims=claims))).flags["claim_below_minimum"]


def test_constant_answer_is_not_above_no_information(tmp_path):
    """All weights zero: always the same class, whatever the claim says of recall."""
    folder = digits_folder(tmp_path, claims=[{"metric": "accuracy", "value": 0.1}])
    (folder / "model.onnx").write_bytes(dense_onnx([(np.zeros((64, 10)), np.eye(10)[0])]))
    result = run(load_bundle(folder))
    assert result.flags["not_above_no_information_rate"]


def test_recall_alone_is_judged_by_balanced_accuracy():
    truth = np.repeat([0, 1], 150)
    always = Outcome(truth, np.ones(300, dtype=int), None, None, ("0", "1"), 1)
    assert measure(always, "recall", "binary", rng=rng()).baseline is None
    assert measure(always, "f1", "binary", rng=rng(), draws=50).baseline == pytest.approx(2 / 3)


def test_too_few_rows_are_undefined(tmp_path):
    result = run(load_bundle(digits_folder(tmp_path, n_test=150)))
    assert result.metrics == []
    assert "150 test rows are too few" in result.undefined[0].en


def test_binary_auc_claim_on_a_probability_output(tmp_path):
    folder = tmp_path / "diabetes"
    diabetes_bundle(folder)
    bundle = load_bundle(folder)
    data = bundle.data("test")
    expected = sklearn_metrics.roc_auc_score(data.labels, bundle.model.probabilities(data.inputs)[:, 1])
    assert metric(run(bundle), "performance").value == pytest.approx(expected, abs=1e-9)


def digits_folder(tmp_path, *, n_test=600, **changes):
    folder = tmp_path / "digits"
    digits_bundle(folder, n_test=n_test, changes=changes)
    return folder
