"""Corruption families against hand-computed cases; retention against scikit-learn; what must and must not alarm."""

import numpy as np
import pytest
from scipy.stats import norm
from sklearn.metrics import balanced_accuracy_score, r2_score

from evaluations.methods import parameters, registry
from evaluations.methods.corruption_pictures import picture_families
from evaluations.methods.corruption_signals import Signals
from evaluations.methods.corruption_tables import Rows
from evaluations.methods.pictures import Layout
from evaluations.methods.results import run_method
from evaluations.methods.retention import above_chance, above_mean
from evaluations.readers.bundle import load_bundle
from tests.factories.attack_bundles import linear_bundle, table
from tests.factories.bundles import PROFILE, dense_onnx, write_manifest

GREY = Layout(1, 8, 8, channels_last=False)
SIZE = (1, 8, 8)


def pictures(upper, lower, n=400):
    """n pictures of 8×8: half of them have `upper` grey above and `lower` below, half the other way round."""
    labels = np.arange(n) % 2
    x = np.empty((n, *SIZE), dtype=np.float32)
    x[:, :, :4] = np.where(labels, upper, lower)[:, None, None, None]
    x[:, :, 4:] = np.where(labels, lower, upper)[:, None, None, None]
    return x, labels


def halves_model():
    """Two logits: 0, and grey above minus grey below."""
    weights = np.zeros((64, 2))
    weights[:32, 1], weights[32:, 1] = 1 / 32, -1 / 32
    return dense_onnx([(weights, np.zeros(2))])


def picture_bundle(folder, x, labels, model):
    folder.mkdir(parents=True)
    (folder / "model.onnx").write_bytes(model)
    np.savez(folder / "test.npz", X=x, y=labels)
    manifest = {
        "manifest": 1,
        "system": {"name": "Halves", "version": "1"},
        "profile": {"modality": "image", **PROFILE},
        "model": {
            "file": "model.onnx",
            "format": "onnx",
            "task": "classification",
            "output": {"name": "output", "kind": "logits"},
            "classes": ["0", "1"],
            "preprocessing": {"layout": "flat", "shape": list(SIZE), "range": [0, 1]},
        },
        "data": [{"role": "test", "file": "test.npz", "format": "npz", "origin": "C", "label": "y"}],
    }
    return load_bundle(write_manifest(folder, manifest))


def run(bundle, folder, *, seed=1, **given):
    method = registry.get("robustness.corruption")
    return run_method(method, bundle, parameters.checked(method.parameters, given), seed=seed, folder=folder)


def metrics(document, name):
    return [item for item in document["metrics"] if item["name"] == name]


def families(low=0.0, high=1.0, grid=0.0, layout=GREY):
    return {family.id: family for family in picture_families(layout, low, high, grid)}


def test_model_of_strong_contrast_keeps_everything(tmp_path):
    bundle = picture_bundle(tmp_path / "b", *pictures(1.0, 0.0), halves_model())
    document = run(bundle, tmp_path)
    grid = document["charts"][0]["data"]
    assert len(grid["rows"]) == 7
    assert np.array(grid["values"]).min() == 1
    found = metrics(document, "retention")[0]
    assert found["value"] == 1
    assert found["bound"] < 1  # 400 unchanged samples prove no more than that
    assert len(document["images"]) == 6


def test_model_of_close_greys_loses_the_more_the_stronger(tmp_path):
    """A threshold at grey .5 tells .47 from .53: noise and brightness defeat it, contrast about the mean does not."""
    x, labels = pictures(0.53, 0.53)
    x[labels == 0] = 0.47
    weights = np.zeros((64, 2))
    weights[0, 1] = 1
    bundle = picture_bundle(tmp_path / "b", x, labels, dense_onnx([(weights, np.array([0, -0.5]))]))
    document = run(bundle, tmp_path)
    grid = dict(zip(document["charts"][0]["data"]["rows"], document["charts"][0]["data"]["values"], strict=True))
    assert grid["noise"][0] > grid["noise"][2] > grid["noise"][4]
    assert grid["noise"][4] == pytest.approx(2 * norm.cdf(0.03 / 0.1) - 1, abs=0.12)  # .24, n = 400
    assert grid["brightness"] == [0, 0, 0, 0, 0]
    assert grid["contrast"] == [1, 1, 1, 1, 1]
    worst = metrics(document, "worst_family_retention_severity_3")[0]
    assert worst["value"] == 0
    assert worst["slice"]["family"] == "brightness"


def test_constant_model_is_undefined(tmp_path):
    bundle = picture_bundle(tmp_path / "b", *pictures(1.0, 0.0), dense_onnx([(np.zeros((64, 2)), np.array([1.0, 0]))]))
    document = run(bundle, tmp_path)
    assert document["metrics"] == []
    assert "above chance" in document["undefined"][0]["en"]


def test_too_few_samples_are_shown_but_not_measured(tmp_path):
    document = run(picture_bundle(tmp_path / "b", *pictures(1.0, 0.0, n=200), halves_model()), tmp_path)
    assert "300" in document["undefined"][0]["en"]
    assert metrics(document, "retention")[0]["n"] == 200


def test_table_method_runs_six_families_and_repeats(tmp_path):
    bundle = linear_bundle(tmp_path / "b", np.array([1.0, -0.8, 0.6, 0.5, -0.4, 0.3]), 0.1, table())
    first, again = run(bundle, tmp_path), run(bundle, tmp_path)
    assert len(metrics(first, "family_retention")) == 6
    assert first["metrics"] == again["metrics"]
    found = metrics(first, "retention")[0]
    assert found["low"] < found["bound"] < found["value"] < found["high"]
    assert 0.5 < found["value"] < 1


def test_skills_equal_scikit_learn():
    rng = np.random.default_rng(0)
    labels = rng.choice(4, 500, p=[0.6, 0.2, 0.15, 0.05])
    answers = np.where(rng.random((3, 500)) < 0.7, labels, rng.integers(0, 4, (3, 500)))
    found = above_chance(labels)(np.ones((1, 500)), answers)[0]
    expected = [balanced_accuracy_score(labels, answer) - 0.25 for answer in answers]
    assert found == pytest.approx(expected)
    drawn = rng.multinomial(500, np.full(500, 1 / 500))
    rows = np.repeat(np.arange(500), drawn)
    weighted = above_chance(labels)(drawn[None].astype(float), answers)[0]
    assert weighted == pytest.approx([balanced_accuracy_score(labels[rows], a[rows]) - 0.25 for a in answers])
    values = rng.normal(size=500)
    guesses = values + rng.normal(size=(2, 500))
    skill = above_mean(values, float(values.mean()))(np.ones((1, 500)), guesses)[0]
    assert skill == pytest.approx([r2_score(values, guess) for guess in guesses])


def test_picture_families_by_hand():
    x, _ = pictures(0.75, 0.25, n=2)
    made = families()
    contrast = made["contrast"].corrupted(x, 2, (0,))  # factor .5 about the mean .5
    assert np.unique(contrast).tolist() == [0.375, 0.625]
    assert made["brightness"].corrupted(x, 5, (0,)) == pytest.approx(np.clip(x + 0.3, 0, 1))
    noise = made["noise"].corrupted(np.full((200, *SIZE), 0.5, dtype=np.float32), 5, (0,)) - 0.5
    assert noise.std() == pytest.approx(0.1, rel=0.02)
    hidden = made["occlusion"].corrupted(x, 5, (0,)) == 0.5
    assert hidden.sum((1, 2, 3)).tolist() == [16, 16]  # .16 × 64 = 10.2 pixels, a square of 4
    assert (made["blur"].corrupted(np.full((1, *SIZE), 0.3, dtype=np.float32), 5, (0,)) == np.float32(0.3)).all()


def test_pixelate_averages_cells():
    """Resolution .65 of 8 pixels is 5 cells of 1.6: the first holds pixel 0 whole and .6 of pixel 1."""
    line = np.arange(8, dtype=np.float32) / 10
    x = np.broadcast_to(line, (1, 1, 8, 8)).copy()
    found = families()["pixelate"].corrupted(x, 5, (0,))[0, 0, 0]
    assert found[0] == pytest.approx((0.0 + 0.6 * 0.1) / 1.6)
    assert found[-1] == pytest.approx((0.7 + 0.6 * 0.6) / 1.6)
    assert len(np.unique(found.round(5))) == 5


def test_shift_moves_by_a_share_of_the_side():
    x = np.zeros((40, *SIZE), dtype=np.float32)
    x[:, 0, 4, 4] = 1
    found = families()["shift"].corrupted(x, 5, (0,))[:, 0]  # .8 of a pixel, one of four ways
    assert found[:, 4, 4] == pytest.approx(np.full(40, 0.2), abs=1e-6)
    neighbours = np.stack([found[:, 3, 4], found[:, 5, 4], found[:, 4, 3], found[:, 4, 5]])
    assert neighbours.max(0) == pytest.approx(np.full(40, 0.8), abs=1e-6)
    assert (neighbours.argmax(0) == np.arange(4)[:, None]).any(1).all()


def test_corrupted_pictures_stay_on_grid_and_in_range():
    x = np.random.default_rng(0).integers(0, 17, (20, *SIZE)).astype(np.float32)
    for family in families(0, 16, 1).values():
        found = family.corrupted(x, 5, (0,))
        assert (found == np.round(found)).all()
        assert found.min() >= 0
        assert found.max() <= 16


@pytest.fixture
def rows():
    features = [
        {"name": "a", "type": "numeric", "minimum": -50, "maximum": 50},
        {"name": "b", "type": "integer"},
        {"name": "c", "type": "categorical"},
    ]
    rng = np.random.default_rng(0)
    reference = np.column_stack(
        [rng.normal(0, 2, 2000), rng.integers(0, 90, 2000), rng.choice(3, 2000, p=[0.2, 0.5, 0.3])]
    )
    return Rows(features, reference), reference


def test_table_families_by_hand(rows):
    maker, x = rows
    made = {family.id: family for family in maker.families()}
    missing = made["missing"].corrupted(x, 3, (0,))
    changed = missing != x.astype(np.float32)
    assert changed[:, 0].mean() == pytest.approx(0.2, abs=0.03)
    assert np.unique(missing[changed[:, 0], 0]).tolist() == [np.float32(np.median(x[:, 0]))]
    assert np.unique(missing[changed[:, 2], 2]).tolist() == [1]  # the most frequent category
    noise = made["noise"].corrupted(x, 5, (0,))
    assert (noise[:, 0] - x[:, 0]).std() == pytest.approx(0.5 * x[:, 0].std(), rel=0.05)
    slipped = made["unit_slip"].corrupted(x, 5, (0,))
    assert (slipped != x.astype(np.float32)).any(1).mean() == pytest.approx(0.3, abs=0.04)
    factors = (slipped[:, 0] / x[:, 0])[slipped[:, 0] != x[:, 0].astype(np.float32)]
    assert set(np.round(factors, 3)) == {10.0, 0.1}
    rounded = made["rounding"].corrupted(x, 4, (0,))
    steps = rounded[:, 0] / x[:, 0].std()
    assert steps == pytest.approx(np.round(x[:, 0] / x[:, 0].std()), abs=1e-4)
    outliers = made["outliers"].corrupted(x, 5, (0,))
    assert set(outliers[outliers[:, 0] != x[:, 0].astype(np.float32), 0]) == {-50, 50}
    swapped = made["swapped"].corrupted(x, 5, (0,))
    hit = swapped[:, 1] != x[:, 1]
    assert swapped[hit, 1] == pytest.approx(np.clip(np.round(x[hit, 0]), 0, 89))


def test_table_corruption_leaves_categories_and_whole_numbers_whole(rows):
    maker, x = rows
    for family in maker.families():
        found = family.corrupted(x, 5, (0,))
        assert (found[:, 1] == np.round(found[:, 1])).all()
        assert (np.abs(found[:, 0]) <= 50).all()
        assert set(np.unique(found[:, 2])) <= {0, 1, 2}


def test_signal_families_by_hand():
    time = np.linspace(0, 6, 200)
    x = np.sin(time)[None].repeat(30, 0).astype(np.float32)
    made = {family.id: family for family in Signals(-1, 1).families()}
    assert made["gain"].corrupted(x, 3, (0,)) == pytest.approx(x / 2)
    assert made["delay"].corrupted(x, 3, (0,))[:, 10:] == pytest.approx(x[:, :-10])
    held = np.diff(made["dropout"].corrupted(x, 3, (0,)), axis=1) == 0
    assert held.sum(1) == pytest.approx(np.full(30, 20), abs=1)
    spikes = made["spikes"].corrupted(x, 5, (0,))
    assert set(np.unique(spikes[spikes != x])) == {-1, 1}
    noise = made["noise"].corrupted(x * np.float32(0.5), 5, (0,)) - x * 0.5
    assert noise.std() == pytest.approx(0.3 * 0.5 * np.sqrt((x**2).mean()), rel=0.05)
