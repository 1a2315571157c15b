"""Evasion attacks on a classifier inside a box: FGSM, PGD with two losses, and Square.

All work on raw inputs and count a sample as broken only by an input that lies on the data's grid, inside the box,
and that the model itself labels wrongly. An attack gives an upper bound of robustness, never a proof of it.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol

import numpy as np

from evaluations.methods.perturbation import Box
from evaluations.methods.pictures import Layout

Loss = Literal["cross_entropy", "margin"]
Progress = Callable[[float], None]

CHUNK_VALUES = 2_000_000  # input values attacked at one time, so that memory stays bounded
CROSS_ENTROPY_STEP = 2.5  # Madry et al. 2018: 2.5 ε / steps lets every corner of the box be reached
# Andriushchenko et al. 2020, section 3: the share of changed values halves at these queries of 10,000.
SQUARE_HALVINGS = (10, 50, 200, 500, 1000, 2000, 4000, 6000, 8000)


class Attackable(Protocol):
    """What an attack needs of a model; logits are n×K and their largest is the label."""

    def logits(self, raw: np.ndarray) -> np.ndarray: ...

    def labels(self, raw: np.ndarray) -> np.ndarray: ...

    def gradient(self, raw: np.ndarray, seed: np.ndarray) -> np.ndarray: ...


@dataclass
class Outcome:
    """`broken[i]`: a permitted input with a wrong label was found; `inputs[i]` is it, or the clean input.

    `queries[i]` is the number of evaluations of the model until then (Square only; 0 for the others).
    """

    broken: np.ndarray
    inputs: np.ndarray
    queries: np.ndarray

    @classmethod
    def untouched(cls, box: Box) -> Outcome:
        n = len(box)
        return cls(np.zeros(n, dtype=bool), box.origin.copy(), np.zeros(n, dtype=np.int64))

    def record(self, index: np.ndarray, wrong: np.ndarray, inputs: np.ndarray) -> None:
        """Notes for the samples `index` which of `inputs` are labelled wrongly."""
        self.broken[index[wrong]] = True
        self.inputs[index[wrong]] = inputs[wrong]


def silent(fraction: float) -> None:
    """A progress report that nobody hears."""


def cross_entropy_seed(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """d cross-entropy / d logits: softmax minus the one-hot label, n×K."""
    shares = np.exp(logits - logits.max(1, keepdims=True))
    shares /= shares.sum(1, keepdims=True)
    shares[np.arange(len(labels)), labels] -= 1
    return shares


def margins(logits: np.ndarray, labels: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Logit of the label minus the best other logit, and the class of the latter."""
    rows = np.arange(len(labels))
    others = logits.copy()
    others[rows, labels] = -np.inf
    rival = others.argmax(1)
    return logits[rows, labels] - logits[rows, rival], rival


def margin_seed(logits: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """d (best other logit − logit of the label) / d logits, n×K."""
    rows = np.arange(len(labels))
    seed = np.zeros_like(logits)
    seed[rows, margins(logits, labels)[1]] = 1
    seed[rows, labels] = -1
    return seed


def fgsm(model: Attackable, labels: np.ndarray, box: Box) -> Outcome:
    """One step to the corner of the box that the gradient of the cross-entropy points to (Goodfellow et al. 2015)."""
    outcome = Outcome.untouched(box)
    for part in _chunks(box):
        inner = box.rows(part)
        seed = cross_entropy_seed(model.logits(inner.origin), labels[part])
        slope = np.nan_to_num(model.gradient(inner.origin, seed))
        corner = np.where(slope > 0, inner.high, np.where(slope < 0, inner.low, inner.origin))
        _judge(model, labels, outcome, part, inner.snap(corner))
    return outcome


def pgd(
    model: Attackable,
    labels: np.ndarray,
    box: Box,
    *,
    loss: Loss,
    steps: int,
    restarts: int,
    rng: np.random.Generator,
    progress: Progress = silent,
) -> Outcome:
    """Projected sign-gradient ascent from random starts (Madry et al. 2018).

    `cross_entropy` takes steps of one size; `margin` takes steps that fall from the whole half-width of the box to
    zero along a cosine, and so does not stop where the cross-entropy saturates (Croce and Hein 2020).
    The first margin start is the clean input. Only samples that still stand go into the next restart.
    """
    outcome = Outcome.untouched(box)
    for restart in range(restarts):
        standing = np.flatnonzero(~outcome.broken)
        for part in _chunks(box.rows(standing)):
            index = standing[part]
            inner = box.rows(index)
            start = inner.origin if restart == 0 and loss == "margin" else rng.uniform(inner.low, inner.high)
            _ascend(model, labels, outcome, index, inner, inputs=start.astype(np.float32), loss=loss, steps=steps)
            progress((restart + (part[-1] + 1) / len(standing)) / restarts)
    progress(1.0)
    return outcome


def _ascend(
    model: Attackable,
    labels: np.ndarray,
    outcome: Outcome,
    index: np.ndarray,
    box: Box,
    *,
    inputs: np.ndarray,
    loss: Loss,
    steps: int,
) -> None:
    """One start for the samples `index`; those that break leave at once."""
    seed_of = cross_entropy_seed if loss == "cross_entropy" else margin_seed
    half = (box.high - box.low) / 2
    for step in range(steps + 1):
        logits = model.logits(inputs)
        wrong = logits.argmax(1) != labels[index]
        if step == steps:
            wrong[:] = True  # the grid may break what the free values did not
        if wrong.any():
            hit = np.flatnonzero(wrong)
            _judge(model, labels, outcome, index[hit], box.rows(hit).snap(inputs[hit]))
            left = ~outcome.broken[index]
            index, box, inputs, half, logits = index[left], box.rows(left), inputs[left], half[left], logits[left]
        if step == steps or not len(index):
            return
        slope = np.sign(np.nan_to_num(model.gradient(inputs, seed_of(logits, labels[index]))))
        size = CROSS_ENTROPY_STEP / steps if loss == "cross_entropy" else (1 + np.cos(np.pi * step / steps)) / 2
        inputs = np.clip(inputs + np.float32(size) * half * slope, box.low, box.high)


def square(
    model: Attackable,
    labels: np.ndarray,
    box: Box,
    *,
    queries: int,
    initial_share: float,
    rng: np.random.Generator,
    layout: Layout | None = None,
    progress: Progress = silent,
) -> Outcome:
    """Random search by scores alone: windows of a picture (or sets of features) jump to the faces of the box.

    A change is kept when the margin falls. Each sample may be put to the model `queries` times.
    Andriushchenko et al. 2020, L∞ version; for data without a picture, random features take the place of windows.
    """
    outcome = Outcome.untouched(box)
    parts = _chunks(box)
    for number, part in enumerate(parts):
        _search(
            model,
            labels[part],
            outcome,
            part,
            box.rows(part),
            jump=_Jump(initial_share, queries, rng, layout),
            progress=_share_of(progress, number, len(parts)),
        )
    progress(1.0)
    return outcome


@dataclass(frozen=True)
class _Jump:
    """How Square draws its changes."""

    initial_share: float
    queries: int
    rng: np.random.Generator
    layout: Layout | None

    def candidate(self, current: np.ndarray, box: Box, query: int) -> np.ndarray:
        """The inputs to ask at `query`; the share of changed values halves as the budget is spent."""
        halvings = sum(query / self.queries > mark / 10_000 for mark in SQUARE_HALVINGS)
        return _jump(current, box, self.initial_share * 0.5**halvings, self.rng, self.layout)


def _share_of(progress: Progress, number: int, count: int) -> Progress:
    return lambda fraction: progress((number + fraction) / count)


def _search(
    model: Attackable,
    labels: np.ndarray,
    outcome: Outcome,
    index: np.ndarray,
    box: Box,
    *,
    jump: _Jump,
    progress: Progress,
) -> None:
    current = _stripes(box, jump.rng, jump.layout)
    best = np.full(len(index), np.inf)
    candidate = current
    for query in range(1, jump.queries + 1):
        margin = margins(model.logits(candidate), labels)[0]
        better = margin < best
        best[better] = margin[better]
        current[better] = candidate[better]
        outcome.queries[index] = query
        down = np.flatnonzero(best <= 0)
        if down.size:
            wrong = model.labels(current[down]) != labels[down]
            outcome.record(index[down], wrong, current[down])
            stay = np.ones(len(index), dtype=bool)
            stay[down[wrong]] = False
            index, box, current, best, labels = index[stay], box.rows(stay), current[stay], best[stay], labels[stay]
        if not len(index):
            return
        if query % 50 == 0:
            progress(query / jump.queries)
        candidate = jump.candidate(current, box, query)


def _stripes(box: Box, rng: np.random.Generator, layout: Layout | None) -> np.ndarray:
    """The first guess: vertical stripes on the faces of the box; a random corner where there is no picture."""
    if layout is None:
        signs = rng.random(box.origin.shape) < 0.5
    else:
        stripes = rng.random((len(box), layout.channels, 1, layout.width)) < 0.5
        planes = np.broadcast_to(stripes, (len(box), layout.channels, layout.height, layout.width))
        signs = layout.from_planes(planes, box.origin.shape[1:])
    return np.where(signs, box.high, box.low)


def _jump(current: np.ndarray, box: Box, share: float, rng: np.random.Generator, layout: Layout | None) -> np.ndarray:
    """A window of about `share` of each sample's values moves to one face of the box, channel by channel."""
    n, shape = len(current), current.shape[1:]
    if layout is None:
        order = rng.random((n, current[0].size)).argsort(1)
        chosen = (order < max(1, round(share * current[0].size))).reshape(current.shape)
        up = rng.random(current.shape) < 0.5
    else:
        side = min(layout.side, max(1, round(np.sqrt(share * layout.height * layout.width))))
        rows = _spans(rng.integers(0, layout.height - side + 1, n), side, layout.height)
        columns = _spans(rng.integers(0, layout.width - side + 1, n), side, layout.width)
        window = (rows[:, None, :, None] & columns[:, None, None, :]) & np.ones((1, layout.channels, 1, 1), dtype=bool)
        chosen = layout.from_planes(window, shape)
        sign = np.broadcast_to(rng.random((n, layout.channels, 1, 1)) < 0.5, window.shape)
        up = layout.from_planes(sign, shape)
    return np.where(chosen, np.where(up, box.high, box.low), current)


def _spans(starts: np.ndarray, side: int, length: int) -> np.ndarray:
    """n×length, True from each start for `side` places."""
    places = np.arange(length)
    return (places >= starts[:, None]) & (places < starts[:, None] + side)


def _judge(model: Attackable, labels: np.ndarray, outcome: Outcome, index: np.ndarray, inputs: np.ndarray) -> None:
    """Asks the model itself about permitted inputs and notes the wrong ones."""
    outcome.record(index, model.labels(inputs) != labels[index], inputs)


def _chunks(box: Box) -> Sequence[np.ndarray]:
    n = len(box)
    size = max(1, CHUNK_VALUES // max(1, box.origin[0].size)) if n else 1
    return [np.arange(start, min(start + size, n)) for start in range(0, n, size)]
