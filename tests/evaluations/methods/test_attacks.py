"""Attacks against closed forms, and the rules on how far an input may be moved."""

import numpy as np
import pytest

from evaluations.methods.attack_samples import stratified
from evaluations.methods.attacks import cross_entropy_seed, fgsm, margin_seed, pgd, square
from evaluations.methods.perturbation import Box, NoPerturbation, perturbation_for
from evaluations.methods.pictures import Layout, picture_layout
from evaluations.readers.preprocessing import Preprocessing


class Linear:
    """Two logits, 0 and w·x; knows how often it was asked."""

    def __init__(self, weights):
        self.weights, self.asked = np.asarray(weights, dtype=float), 0

    def logits(self, raw):
        self.asked += len(raw)
        score = raw.reshape(len(raw), -1) @ self.weights
        return np.column_stack([np.zeros(len(raw)), score])

    def labels(self, raw):
        return self.logits(raw).argmax(1)

    def gradient(self, raw, seed):
        return (seed[:, [1]] * self.weights).reshape(raw.shape)


def box_around(x, radius, grid=0.0):
    return Box(x, x - np.float32(radius), x + np.float32(radius), np.full(x.shape[1:], grid))


@pytest.fixture
def problem():
    rng = np.random.default_rng(1)
    model = Linear(rng.normal(size=12))
    x = rng.normal(size=(300, 12)).astype(np.float32)
    return model, x, model.labels(x)


def test_fgsm_has_the_closed_form_of_a_linear_model(problem):
    model, x, labels = problem
    outcome = fgsm(model, labels, box_around(x, 0.1))
    expected = x - 0.1 * np.where(labels, 1, -1)[:, None] * np.sign(model.weights)
    breakable = np.abs(x @ model.weights) < 0.1 * np.abs(model.weights).sum()
    assert 20 < breakable.sum() < 280
    assert (outcome.broken == breakable).all()
    assert outcome.inputs[breakable] == pytest.approx(expected[breakable], abs=1e-6)
    assert (outcome.inputs[~breakable] == x[~breakable]).all()


@pytest.mark.parametrize("loss", ["cross_entropy", "margin"])
def test_pgd_breaks_exactly_what_can_be_broken_in_a_linear_model(problem, loss):
    model, x, labels = problem
    outcome = pgd(model, labels, box_around(x, 0.1), loss=loss, steps=50, restarts=2, rng=np.random.default_rng(0))
    assert (outcome.broken == (np.abs(x @ model.weights) < 0.1 * np.abs(model.weights).sum())).all()
    assert np.abs(outcome.inputs - x).max() <= 0.1 + 1e-6


@pytest.mark.parametrize("layout", [None, Layout(1, 3, 4, channels_last=False), Layout(3, 2, 2, channels_last=True)])
def test_square_stays_inside_its_box_and_budget(problem, layout):
    model, x, labels = problem
    model.asked = 0
    outcome = square(
        model, labels, box_around(x, 0.1), queries=200, initial_share=0.3, rng=np.random.default_rng(0), layout=layout
    )
    breakable = np.abs(x @ model.weights) < 0.1 * np.abs(model.weights).sum()
    assert outcome.broken.sum() > 0.6 * breakable.sum()
    assert not outcome.broken[~breakable].any()
    assert np.abs(outcome.inputs - x).max() <= 0.1 + 1e-6
    assert outcome.queries.max() == 200
    assert model.asked <= outcome.queries.sum() + outcome.broken.sum() + 200


def test_square_alone_nearly_reaches_the_closed_form(problem):
    model, x, labels = problem
    outcome = square(model, labels, box_around(x, 0.1), queries=1000, initial_share=0.3, rng=np.random.default_rng(0))
    breakable = np.abs(x @ model.weights) < 0.1 * np.abs(model.weights).sum()
    assert outcome.broken.mean() == pytest.approx(breakable.mean(), abs=0.02)


@pytest.mark.parametrize("loss", ["cross_entropy", "margin"])
def test_broken_inputs_lie_on_the_grid(problem, loss):
    model, x, _ = problem
    x = np.round(x * 10) / np.float32(10)
    labels = model.labels(x)
    outcome = pgd(
        model, labels, box_around(x, 0.2, grid=0.1), loss=loss, steps=20, restarts=1, rng=np.random.default_rng(0)
    )
    moved = (outcome.inputs - x)[outcome.broken] / 0.1
    assert len(moved) > 20
    assert moved == pytest.approx(np.round(moved), abs=1e-4)
    assert (model.labels(outcome.inputs)[outcome.broken] != labels[outcome.broken]).all()


def test_seeds_are_derivatives_of_their_losses():
    rng = np.random.default_rng(0)
    logits, labels = rng.normal(size=(5, 4)), np.array([0, 1, 2, 3, 1])
    rows = np.arange(5)

    def cross_entropy(z):
        return (np.log(np.exp(z).sum(1)) - z[rows, labels]).sum()

    def margin(z):
        others = z.copy()
        others[rows, labels] = -np.inf
        return (others.max(1) - z[rows, labels]).sum()

    for seed, loss in ((cross_entropy_seed, cross_entropy), (margin_seed, margin)):
        direction, step = rng.normal(size=logits.shape), 1e-6
        measured = (loss(logits + step * direction) - loss(logits - step * direction)) / (2 * step)
        assert measured == pytest.approx((seed(logits.copy(), labels) * direction).sum(), rel=1e-5)


class Object:
    """What `perturbation_for` reads of a bundle and of its data."""

    def __init__(self, modality, inputs, features=(), training=None, **preprocessing):
        self.profile, self.preprocessing = {"modality": modality}, Preprocessing(**preprocessing)
        self.inputs, self.n, self.features = np.asarray(inputs, dtype=np.float32), len(inputs), list(features)
        self._training = training

    def data(self, role):
        return self._training if role == "training" else self


def rule(*args, **kwargs):
    it = Object(*args, **kwargs)
    return perturbation_for(it, it)


def test_sizes_for_pictures():
    rng = np.random.default_rng(0)
    colour = rule("image", rng.random((4, 3, 64, 64)), shape=(3, 64, 64), range=(0, 1))
    assert colour.primary == pytest.approx(4 / 255)
    small = rule("image", rng.random((4, 32, 32, 3)), shape=(32, 32, 3), layout="NHWC", range=(0, 1))
    assert small.primary == pytest.approx(8 / 255)
    grey = rule("image", rng.random((4, 784)), range=(0, 255), grid=1)
    assert (grey.primary, grey.epsilons) == (0.1, (0.03, 0.05, 0.1, 0.2))
    x = np.full((1, 784), 100, dtype=np.float32)
    assert grey.box(x, 0.1).high[0, 0] == 125  # 25.5 rounded down to the grid
    tiny = rule("image", rng.integers(0, 17, (4, 1, 8, 8)), shape=(1, 8, 8), range=(0, 16), grid=1)
    assert tiny.primary == pytest.approx(1 / 16)
    ends = tiny.box(np.array([0, 16, 5, *[3] * 61], dtype=np.float32).reshape(1, 1, 8, 8), tiny.primary)
    assert ends.low.ravel()[:3].tolist() == [0, 15, 4]
    assert ends.high.ravel()[:3].tolist() == [1, 16, 6]


def test_undeclared_range_and_grid_are_read_from_the_data_and_said():
    found = rule("image", np.random.default_rng(0).integers(0, 256, (20, 1, 28, 28)))
    assert (float(found.high.max()), float(found.grid.max())) == (255, 1)
    assert len(found.notes) == 2


def test_tables_move_only_mutable_quantities_by_training_deviations():
    rng = np.random.default_rng(0)
    features = [
        {"name": "a", "type": "numeric", "mutable": True},
        {"name": "b", "type": "integer", "mutable": True, "minimum": 0, "maximum": 90},
        {"name": "c", "type": "numeric", "mutable": False},
        {"name": "d", "type": "categorical", "mutable": True},
    ]
    training = Object("tabular", rng.normal(size=(500, 4)) * [2, 20, 1, 1], features)
    it = Object("tabular", rng.normal(size=(10, 4)), features, training)
    found = perturbation_for(it, it)
    assert found.primary == 0.2
    x = np.array([[0, 50, 0, 1], [0, 89, 0, 1]], dtype=np.float32)
    box = found.box(x, 0.2)
    spread = training.inputs.std(0)
    assert box.high[0, 0] == pytest.approx(0.2 * spread[0], rel=1e-5)
    assert box.high[0, 1] - 50 == np.floor(0.2 * spread[1])
    assert box.high[1, 1] == 90
    assert (box.low[:, 2:] == x[:, 2:]).all()
    assert (box.high[:, 2:] == x[:, 2:]).all()
    alone = Object("tabular", rng.normal(size=(10, 4)), features)
    assert any("training sample" in note.en for note in perturbation_for(alone, alone).notes)


def test_audio_keeps_the_signal_to_noise_ratio():
    signals = np.random.default_rng(0).normal(size=(3, 1000)) * 0.1
    found = rule("audio", signals, range=(-1, 1))
    x = signals.astype(np.float32)
    radius = (found.box(x, found.primary).high - x).max(1)
    rms = np.sqrt((signals**2).mean(1))
    assert 20 * np.log10(rms / radius) == pytest.approx([30] * 3, abs=1e-3)


@pytest.mark.parametrize("modality", ["text", "tabular"])
def test_what_cannot_be_moved_is_said(modality):
    fixed = [{"name": "a", "type": "categorical"}, {"name": "b", "type": "numeric", "mutable": False}]
    with pytest.raises(NoPerturbation) as caught:
        rule(modality, np.ones((5, 2)), fixed)
    assert caught.value.reason.zh


def test_layouts_are_their_own_inverse():
    x = np.arange(2 * 48, dtype=np.float32).reshape(2, 48)
    for layout, shape in (
        (Layout(3, 4, 4, channels_last=True), (4, 4, 3)),
        (Layout(3, 4, 4, channels_last=False), (48,)),
    ):
        there = layout.to_planes(x.reshape(2, *shape))
        assert there.shape == (2, 3, 4, 4)
        assert (layout.from_planes(there, shape) == x.reshape(2, *shape)).all()
    assert Layout(3, 4, 4, channels_last=True).to_planes(x)[0, 1, 0, 0] == 1
    assert picture_layout(Preprocessing(), (784, 1)) == Layout(1, 28, 28, channels_last=False)
    assert picture_layout(Preprocessing(), (7,)) is None


def test_stratified_draw_keeps_the_shares():
    labels = np.repeat([0, 1, 2], [600, 300, 100])
    picked = stratified(np.arange(1000), labels, 100, np.random.default_rng(0))
    assert np.bincount(labels[picked]).tolist() == [60, 30, 10]
    assert len(set(picked.tolist())) == 100
