"""privacy.membership: closed form, scikit-learn, a model that memorises, one that saw nobody, mismatched sets."""

import json
from math import sqrt

import numpy as np
import pytest
from scipy import stats
from sklearn.metrics import log_loss, roc_auc_score, roc_curve
from sklearn.neural_network import MLPClassifier

from evaluations.methods import statistics
from evaluations.methods.privacy_membership import attack_scores, true_positive_rate
from evaluations.methods.registry import get
from evaluations.methods.results import run_method
from evaluations.methods.two_sample import compare_sets
from evaluations.readers.bundle import load_bundle
from tests.factories.bundles import PROFILE, dense_onnx, digits_bundle, write_manifest


def run(folder, seed=5, **changes):
    method = get("privacy.membership")
    parameters = {parameter.name: parameter.default for parameter in method.parameters} | changes
    document = run_method(method, load_bundle(folder), parameters, seed=seed, folder=folder)
    return document, {metric["name"]: metric for metric in document["metrics"]}


def write(folder, layers, sets, **changes):
    """A bundle of a dense two-class model and one (X, y) for each role."""
    folder.mkdir(exist_ok=True)
    (folder / "model.onnx").write_bytes(dense_onnx(layers))
    data = []
    for role, (inputs, labels) in sets.items():
        np.savez(folder / f"{role}.npz", X=inputs.astype(np.float32), y=labels)
        data.append({"role": role, "file": f"{role}.npz", "format": "npz", "origin": "C", "label": "y"})
    model = {"file": "model.onnx", "format": "onnx", "task": "classification", "classes": ["0", "1"], "positive": "1"}
    model["output"] = {"kind": "logits"}
    manifest = {"manifest": 1, "system": {"name": "Two classes", "version": "1"}, "model": model | changes}
    return write_manifest(folder, manifest | {"profile": {"modality": "tabular", **PROFILE}, "data": data})


def noise(n, rng, width=20):
    """Inputs that say nothing of their labels: whoever is right on them has seen them."""
    return rng.standard_normal((n, width)).astype(np.float32), rng.integers(0, 2, n)


LINEAR = [(np.linspace(-1, 1, 20)[:, None], np.array([0.1]))]


def test_rates_agree_with_the_closed_form_of_two_normals():
    rng = np.random.default_rng(0)
    distance = 0.7
    members, others = rng.standard_normal(200_000) + distance, rng.standard_normal(200_000)
    truth = np.repeat([1, 0], 200_000)
    auc, _ = statistics.delong_auc(truth, np.concatenate([members, others]))
    assert auc == pytest.approx(stats.norm.cdf(distance / sqrt(2)), abs=0.003)
    expected = stats.norm.cdf(distance - stats.norm.ppf(0.99))
    assert true_positive_rate(members, others, 0.01) == pytest.approx(expected, abs=0.003)


@pytest.mark.parametrize("rate", [0.001, 0.01, 0.1])
def test_rate_agrees_with_scikit_learn(rate):
    rng = np.random.default_rng(1)
    members, others = rng.standard_normal(1500) + 1, rng.standard_normal(2000)
    truth, scores = np.repeat([1, 0], [1500, 2000]), np.concatenate([members, others])
    false, true, _ = roc_curve(truth, scores, drop_intermediate=False)
    assert true_positive_rate(members, others, rate) == pytest.approx(true[false <= rate].max(), abs=1e-12)


def test_ties_are_broken_at_random_on_average():
    same = np.zeros(1000)
    assert true_positive_rate(same, same, 0.01) == pytest.approx(0.01)
    assert true_positive_rate(same + 1, same, 0.01) == 1.0


def test_score_orders_as_the_cross_entropy_does(tmp_path):
    bundle = load_bundle(digits_bundle(tmp_path / "digits"))
    data, model = bundle.data("test"), bundle.model
    probabilities = model.probabilities(data.inputs)
    losses = [
        log_loss([label], [row / row.sum()], labels=range(10))
        for label, row in zip(data.labels, probabilities.astype(float), strict=True)
    ]
    scores = attack_scores(model, data)
    assert stats.spearmanr(scores, losses).statistic == pytest.approx(-1, abs=1e-3)
    np.testing.assert_allclose(np.log1p(np.exp(-scores)), losses, atol=1e-4)


def test_method_reports_what_scikit_learn_finds(tmp_path):
    folder = digits_bundle(tmp_path / "digits")
    document, metrics = run(folder)
    bundle = load_bundle(folder)
    scores = [attack_scores(bundle.model, bundle.data(role)) for role in ("training", "test")]
    truth = np.repeat([1, 0], [len(part) for part in scores])
    auc = roc_auc_score(truth, np.concatenate(scores))
    assert metrics["auc"]["value"] == pytest.approx(auc, abs=1e-12)
    assert metrics["auc"]["low"] < auc < metrics["auc"]["bound"] < metrics["auc"]["high"]
    shares = [
        np.mean(bundle.model.labels(data.inputs) == data.labels)
        for data in (bundle.data("training"), bundle.data("test"))
    ]
    assert metrics["identity_accuracy"]["value"] == pytest.approx(0.5 + (shares[0] - shares[1]) / 2)
    assert document["flags"] == {"loss_attack_only": True, "few_non_members": True}
    assert metrics["non_members"]["value"] == 600
    assert document == {**run(folder)[0], **{key: document[key] for key in ("start", "end", "cost")}}


def test_model_that_memorises_gives_its_members_away(tmp_path):
    rng = np.random.default_rng(2)
    members, others = noise(500, rng), noise(1000, rng)
    net = MLPClassifier((256,), alpha=0, learning_rate_init=0.01, max_iter=300, random_state=0).fit(*members)
    assert net.score(*members) == 1.0
    layers = list(zip(net.coefs_, net.intercepts_, strict=True))
    document, metrics = run(write(tmp_path / "b", layers, {"training": members, "nonmembers": others, "test": others}))
    assert document["undefined"] == []
    assert metrics["auc"]["value"] > 0.7
    assert metrics["auc"]["low"] > 0.65
    assert metrics["tpr_at_fpr_1_percent"]["value"] > 0.02
    assert metrics["identity_accuracy"]["value"] > 0.7
    assert not document["flags"]["few_non_members"]


def test_interval_holds_one_half_when_the_model_saw_nobody():
    rng = np.random.default_rng(3)
    held = 0
    for _ in range(200):
        scores = rng.standard_normal(1100)
        auc, variance = statistics.delong_auc(np.repeat([1, 0], [500, 600]), scores)
        low, high = statistics.auc_interval(auc, variance, 500)
        held += low <= 0.5 <= high
    assert held >= 182  # below with probability 0.01 at a true coverage of 95 %


def test_unused_training_sample_is_no_alarm(tmp_path):
    rng = np.random.default_rng(4)
    document, metrics = run(write(tmp_path / "b", LINEAR, {"training": noise(800, rng), "test": noise(800, rng)}))
    assert document["undefined"] == []
    assert metrics["auc"]["low"] < 0.5 < metrics["auc"]["high"]


def test_shifted_non_members_are_undefined_and_not_a_finding(tmp_path):
    rng = np.random.default_rng(5)
    inputs, labels = noise(800, rng)
    document, _ = run(write(tmp_path / "b", LINEAR, {"training": noise(800, rng), "test": (inputs + 0.4, labels)}))
    assert "told apart" in document["undefined"][0]["en"]


def test_sets_of_other_classes_are_told_apart(tmp_path):
    rng = np.random.default_rng(6)
    inputs, labels = noise(800, rng)
    sets = {"training": noise(800, rng), "test": (inputs, np.where(rng.random(800) < 0.9, 1, labels))}
    bundle = load_bundle(write(tmp_path / "b", LINEAR, sets))
    assert compare_sets(bundle.data("training"), bundle.data("test"), 0).differs


def test_two_sample_test_seldom_refuses_equal_sets(tmp_path):
    refused = 0
    for seed in range(40):
        rng = np.random.default_rng([7, seed])
        bundle = load_bundle(write(tmp_path / "b", LINEAR, {"training": noise(500, rng), "test": noise(500, rng)}))
        refused += compare_sets(bundle.data("training"), bundle.data("test"), seed).differs
    assert refused <= 1


def test_members_with_the_larger_loss_are_undefined(tmp_path):
    """The labels of the training sample are wrong on purpose: such a sample was not used for training."""
    rng = np.random.default_rng(8)
    sets = {}
    for role, sign in (("training", -1), ("test", 1)):
        inputs, _ = noise(800, rng)
        answer = (inputs @ LINEAR[0][0])[:, 0] * sign
        sets[role] = inputs, (answer + 3 * rng.standard_normal(800) > 0).astype(int)
    document, _ = run(write(tmp_path / "b", LINEAR, sets))
    assert any("larger loss" in reason["en"] for reason in document["undefined"])


@pytest.mark.parametrize(("members", "others"), [(499, 800), (800, 499)])
def test_too_few_records_are_undefined(tmp_path, members, others):
    rng = np.random.default_rng(9)
    sets = {"training": noise(members, rng), "test": noise(others, rng)}
    document, metrics = run(write(tmp_path / "b", LINEAR, sets))
    assert metrics == {}
    assert "499" in document["undefined"][0]["en"]


def test_labels_alone_are_undefined(tmp_path):
    folder = digits_bundle(tmp_path / "digits")
    manifest = json.loads((folder / "manifest.json").read_text())
    manifest["data"] = manifest["data"][:1]
    write_manifest(folder, manifest)
    assert run(folder)[0]["undefined"]
