"""When are two equal rows more than chance?

Two people may well share age, sex and blood group; two rows equal in thirty measured values are one record twice. A
row counts as *distinctive* when fewer than `CHANCE` equal rows are expected among as many independent ones. The
expectation comes from a dependence tree (Chow and Liu, IEEE Trans. Inf. Theory 14:462, 1968): each column depends on
the one column that tells most about it, columns that follow from another one are left out, and of very wide rows only
the `WIDEST` most varied columns are used. Every simplification makes chance look likelier or the tree simpler; the
neglected dependence beyond pairs is why `CHANCE` is as small as 0.01.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
import scipy

Codes = npt.NDArray[np.int64]
Keys = npt.NDArray[np.uint64]

CHANCE = 0.01
WIDEST = 64
CODED = 512
LEARNED_FROM = 5_000
GROUPS = 8  # a parent's values are grouped, so that a conditional share never rests on single rows


@dataclass(frozen=True)
class Rows:
    """Rows of several data sets: for each, a matrix of integer codes (equal code = equal value) and the rows' keys.

    The codes are of at most `CODED` columns, evenly spread; the keys, one number for each row, are of all. Equal rows
    have equal keys, and two different rows share one with a probability of about 2**-63.
    """

    codes: tuple[Codes, ...]
    keys: tuple[Keys, ...]

    @classmethod
    def of(cls, *columns: list[npt.NDArray[Any]]) -> Rows:
        """`columns[i][j]`: column j of data set i. Missing values are equal to each other."""
        sizes = np.cumsum([len(data[0]) for data in columns])
        weights = np.random.default_rng(0).integers(1, 2**64, len(columns[0]), dtype=np.uint64)
        step = -(-len(columns[0]) // CODED)
        keys, coded = np.zeros(sizes[-1], dtype=np.uint64), []
        for place, parts in enumerate(zip(*columns, strict=True)):
            _, inverse = np.unique(np.concatenate([_comparable(part) for part in parts]), return_inverse=True)
            codes = inverse.reshape(-1)
            keys += codes.astype(np.uint64) * weights[place]
            if place % step == 0:
                coded.append(codes.astype(np.int64))
        return cls(tuple(np.split(np.column_stack(coded), sizes[:-1])), tuple(np.split(keys, sizes[:-1])))


def _comparable(values: npt.NDArray[Any]) -> npt.NDArray[Any]:
    if values.dtype.kind in "fiub":
        return values.astype(float)
    return np.array([str(value).strip() for value in values], dtype=str)


def distinctive(learned: Codes, asked: Codes, among: int) -> npt.NDArray[np.bool_]:
    """For each row of `asked`: are fewer than CHANCE equal rows expected among `among` independent ones?

    `learned` (n × columns) are the rows from which the distribution is estimated, in the same codes.
    """
    step = max(1, len(learned) // LEARNED_FROM)
    sample = learned[::step]
    kept = _informative(sample)
    if not kept:
        return np.zeros(len(asked), dtype=bool)
    sample, asked = sample[:, kept], asked[:, kept]
    grouped = [_grouping(sample[:, column], asked[:, column]) for column in range(len(kept))]
    log_share = np.zeros(len(asked))
    for column, parent in _tree([own for own, _ in grouped]):
        if parent is None:
            log_share += _log_shares(sample[:, column], asked[:, column], None, None)
        else:
            log_share += _log_shares(sample[:, column], asked[:, column], *grouped[parent])
    return np.asarray(log_share + np.log(among) < np.log(CHANCE))


def _informative(sample: Codes) -> list[int]:
    """The most varied columns, without those that are constant or follow from one that is kept."""
    distinct = np.array([len(np.unique(sample[:, column])) for column in range(sample.shape[1])])
    order = [int(column) for column in np.argsort(-distinct, kind="stable")[:WIDEST] if distinct[column] > 1]
    kept: list[int] = []
    for column in order:
        # A nearly unique column determines every other one by accident; it proves nothing about them.
        sources = [other for other in kept if distinct[other] <= len(sample) / 2]
        pairs = [len(np.unique(sample[:, other] * (sample.max() + 1) + sample[:, column])) for other in sources]
        if not any(count == distinct[other] for count, other in zip(pairs, sources, strict=True)):
            kept.append(column)
    return kept


def _grouping(sample: npt.NDArray[np.int64], asked: npt.NDArray[np.int64]) -> tuple[Codes, Codes]:
    """At most GROUPS groups of a column's values by rank, for the rows learned from and the rows asked about."""
    edges = np.unique(np.quantile(sample, np.linspace(0, 1, GROUPS + 1)[1:-1], method="lower"))
    return np.searchsorted(edges, sample, side="left"), np.searchsorted(edges, asked, side="left")


def _tree(groups: list[Codes]) -> list[tuple[int, int | None]]:
    """(column, parent) in an order where parents come first: the spanning tree of greatest mutual information."""
    size = len(groups)
    information = np.zeros((size, size))
    for first in range(size):
        for second in range(first):
            information[first, second] = _mutual_information(groups[first], groups[second])
    tree = scipy.sparse.csgraph.minimum_spanning_tree(-(information + 1e-9 * np.tri(size, k=-1)))
    order, parents = scipy.sparse.csgraph.breadth_first_order(tree, 0, directed=False)
    return [(int(column), None if parents[column] < 0 else int(parents[column])) for column in order]


def _mutual_information(first: Codes, second: Codes) -> float:
    joint = np.bincount(first * (GROUPS + 1) + second, minlength=(GROUPS + 1) ** 2).reshape(GROUPS + 1, -1) / len(first)
    independent = joint.sum(1, keepdims=True) * joint.sum(0, keepdims=True)
    filled = joint > 0
    return float(np.sum(joint[filled] * np.log(joint[filled] / independent[filled])))


def _log_shares(sample: Codes, asked: Codes, sample_group: Codes | None, asked_group: Codes | None) -> npt.NDArray[Any]:
    """log of (rows with this value + 1) / (rows + 1), within the parent's group when there is one."""
    if sample_group is None or asked_group is None:
        sample_group, asked_group = np.zeros(len(sample), dtype=np.int64), np.zeros(len(asked), dtype=np.int64)
    width = max(int(sample.max()), int(asked.max()), 0) + 1
    values, counts = np.unique(sample_group * width + sample, return_counts=True)
    wanted = asked_group * width + asked
    place = np.minimum(np.searchsorted(values, wanted), len(values) - 1)
    count = np.where(values[place] == wanted, counts[place], 0)
    totals = np.bincount(sample_group, minlength=int(asked_group.max(initial=0)) + 1)[asked_group]
    return np.log((count + 1) / (totals + 1))
