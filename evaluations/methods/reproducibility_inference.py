"""reproducibility.inference: whether the same input gives the same output, whatever the batch and the threads."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import product
from typing import TYPE_CHECKING, Any

import numpy as np
import numpy.typing as npt

from evaluations.methods import statistics
from evaluations.methods.frame import Context, Metric, Needs, Parameter, Result, Table, Text, ValidationRecord
from evaluations.methods.meanings_transparency import REPRODUCIBILITY

if TYPE_CHECKING:
    from evaluations.readers.bundle import Bundle
    from evaluations.readers.dataset import Dataset
    from evaluations.readers.model import Model

MIN_ROWS = 300
TIE = 1e-6
REGRESSION_FLIP = 1e-4
THREADS = (1, 4)
BATCHES = (None, 1, 7)

_REPEATS = Parameter(
    name="repeats",
    kind="integer",
    default=5,
    minimum=2,
    maximum=20,
    title=Text("Repeats", "重复次数"),
    description=Text("How often every arrangement is run.", "每种运行方式重复的次数。"),
)
_ROWS = Parameter(
    name="rows",
    kind="integer",
    default=500,
    minimum=MIN_ROWS,
    maximum=5000,
    title=Text("Rows", "行数"),
    description=Text(
        "How many rows are drawn without replacement from the test data and, if too few, the training sample.",
        "从测试数据中不放回抽取的行数；测试数据不足时，再从训练样本中抽取。",
    ),
)

_VALIDATION = ValidationRecord(
    reference=Text(
        "Digests and differences of outputs computed apart from the method on the same arrangements.",
        "与在相同运行方式下独立计算的输出摘要和差值一致。",
    ),
    positive_check=Text(
        "A model with a random operator is not byte-identical, and one whose noise exceeds the margins flips labels.",
        "含随机算子的模型不能逐字节一致；噪声超过判别间隔时标签会翻转。",
    ),
    negative_check=Text(
        "A model with one comparison and no sums is byte-identical in all arrangements.",
        "只作比较、不作求和的模型在所有运行方式下逐字节一致。",
    ),
    limits=Text(
        "On one machine, with one version of the runtime: nothing is said about other processors.",
        "仅在一台机器和一个运行时版本上进行，不涉及其他处理器。",
    ),
)


@dataclass(frozen=True)
class Arrangement:
    """How the model was run (`batch` None: all rows at once, or as the graph fixes it) and what came of it.

    `difference` is the largest, in shares of the output's range; `flips` marks the rows whose answer changed.
    """

    threads: int
    batch: int | None
    identical: int
    repeats: int
    difference: float
    flips: npt.NDArray[np.bool_]


class ReproducibilityInference:
    """Repeats × threads × batch sizes against the first run; only dimensions that the graph leaves free are varied."""

    id = "reproducibility.inference"
    version = "1.0.0"
    title = Text("Reproducibility of inference", "推理可复现性")
    description = Text(
        "Runs the same rows again with one and four threads and in batches of one, seven and all, and compares the "
        "outputs byte by byte, in value and in label.",
        "分别用一个和四个线程、以每批一行、七行和全部的方式重复运行相同的数据，逐字节比较输出，并比较数值和标签。",
    )
    characteristic = "TE"
    needs = Needs(model=True, data_roles=("test",))
    parameters: Sequence[Parameter] = (_REPEATS, _ROWS)
    meanings = REPRODUCIBILITY
    validation = _VALIDATION

    def cost(self, facts: Mapping[str, Any], parameters: Mapping[str, Any]) -> float:
        rows = min(parameters["rows"], facts.get("rows", {}).get("test", parameters["rows"]))
        return 1 + rows * parameters["repeats"] * len(THREADS) * 2e-4

    def run(self, context: Context) -> Result:
        model, dataset = context.bundle.model, context.bundle.data("test")
        if model is None or dataset is None:
            return Result(undefined=[Text("there is no model or no test data", "没有模型或没有测试数据")])
        inputs = _inputs(context.bundle, dataset, context.parameters["rows"])
        if len(inputs) < MIN_ROWS:
            reason = Text(
                f"{len(inputs)} rows are too few: at least {MIN_ROWS} are needed",
                f"数据只有 {len(inputs)} 行，至少需要 {MIN_ROWS} 行",
            )
            return Result(undefined=[reason])
        rng = np.random.default_rng(context.seed)
        rows = np.sort(rng.choice(len(inputs), size=min(context.parameters["rows"], len(inputs)), replace=False))
        raw = inputs[rows]
        reference = model.run(raw, threads=THREADS[0], batch=None)
        arrangements = list(_arrangements(context, model, raw, reference))
        return _result(arrangements, _ties(model, reference), rows, model)


def _inputs(bundle: Bundle, dataset: Dataset, wanted: int) -> npt.NDArray[Any]:
    """The test inputs; where they are too few the training sample follows, since repeating needs no unseen rows."""
    training = bundle.data("training") if dataset.n < wanted else None
    return dataset.inputs if training is None else np.concatenate([dataset.inputs, training.inputs])


def _arrangements(
    context: Context, model: Model, raw: npt.NDArray[Any], reference: npt.NDArray[Any]
) -> Iterator[Arrangement]:
    plan = list(product(THREADS, BATCHES if model.free_batch else (None,)))
    repeats = context.parameters["repeats"]
    for index, (threads, batch) in enumerate(plan):
        identical, difference, flips = 0, 0.0, np.zeros(len(raw), dtype=bool)
        for repeat in range(repeats):
            context.progress((index + repeat / repeats) / len(plan), f"{threads} × {batch or 'all'}")
            output = model.run(raw, threads=threads, batch=batch)
            identical += output.tobytes() == reference.tobytes()
            difference = max(difference, _largest(output, reference))
            flips |= _flipped(model, output, reference)
        yield Arrangement(threads, batch, identical, repeats, difference, flips)
    context.progress(1.0)


def _span(reference: npt.NDArray[Any]) -> float:
    return float(np.ptp(reference[np.isfinite(reference)])) if np.isfinite(reference).any() else 0.0


def _largest(output: npt.NDArray[Any], reference: npt.NDArray[Any]) -> float:
    """Largest difference over the range of the reference; 1 where one is a number and the other is not."""
    if not np.issubdtype(reference.dtype, np.number):
        return float(np.any(output != reference))
    now, before = output.astype(float), reference.astype(float)
    known = np.isfinite(now) & np.isfinite(before)
    if np.any(~known & ~((now == before) | (np.isnan(now) & np.isnan(before)))):
        return 1.0
    gaps = np.abs(now[known] - before[known])
    span = _span(before) or 1.0
    return float(gaps.max() / span) if gaps.size else 0.0


def _flipped(model: Model, output: npt.NDArray[Any], reference: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Rows whose label changed; of a regression, rows whose value moved by more than 1e-4 of the range."""
    if model.task == "regression":
        gaps = np.abs(output.astype(float) - reference.astype(float)).max(axis=1)
        return np.asarray(gaps > REGRESSION_FLIP * (_span(reference.astype(float)) or 1.0))
    return np.asarray(model.readout.labels(output) != model.readout.labels(reference))


def _ties(model: Model, reference: npt.NDArray[Any]) -> npt.NDArray[np.bool_]:
    """Rows in which the two best answers are equally good: a flip there says nothing about the model."""
    if model.task == "regression" or model.readout.kind == "label":
        return np.zeros(len(reference), dtype=bool)
    scores = np.sort(model.readout.scores(reference).astype(float), axis=1)
    return np.asarray(scores[:, -1] - scores[:, -2] < TIE)


def _result(
    arrangements: list[Arrangement], ties: npt.NDArray[np.bool_], rows: npt.NDArray[Any], model: Model
) -> Result:
    n, flips = len(rows), np.any([found.flips for found in arrangements], axis=0)
    counted = int(np.sum(~ties))
    result = Result(samples={"rows": rows.tolist(), "flipped": rows[flips & ~ties].tolist()})
    identical = all(found.identical == found.repeats for found in arrangements)
    result.metrics.append(Metric("byte_identical", float(identical), n, "higher"))
    if counted:
        flipped = int(np.sum(flips & ~ties))
        low, high = statistics.wilson(flipped, counted)
        result.metrics.append(
            Metric("flip_rate", flipped / counted, counted, "lower", low=low, high=high, interval="Wilson")
        )
    else:
        reason = Text("the two best answers are tied in every row", "每一行的两个最佳回答都不分上下")
        result.metrics.append(Metric("flip_rate", None, 0, "lower", undefined=reason))
    difference = max(found.difference for found in arrangements)
    result.metrics.append(Metric("max_relative_difference", difference, n, "lower", unit="of the range"))
    result.metrics.append(Metric("ties", float(np.mean(ties)), n, "lower", unit="share"))
    result.tables.append(_table(arrangements, ties))
    result.notes.extend(_notes(model))
    return result


def _table(arrangements: list[Arrangement], ties: npt.NDArray[np.bool_]) -> Table:
    return Table(
        "arrangements",
        Text("Arrangements against the first run", "各运行方式与首次运行的比较"),
        (
            Text("Threads", "线程数"),
            Text("Batch (0: all)", "每批行数（0 表示全部）"),
            Text("Repeats", "重复次数"),
            Text("Byte-identical", "逐字节一致次数"),
            Text("Largest difference, of the range", "最大差值（占值域比例）"),
            Text("Flips", "翻转数"),
            Text("Flips in ties", "平局中的翻转数"),
        ),
        tuple(
            (
                found.threads,
                found.batch or 0,
                found.repeats,
                found.identical,
                found.difference,
                int(np.sum(found.flips & ~ties)),
                int(np.sum(found.flips & ties)),
            )
            for found in arrangements
        ),
    )


def _notes(model: Model) -> Iterator[Text]:
    yield Text(
        "Measured on one machine. Sums in another order differ in the last digits; that is harmless as long as no "
        "answer changes.",
        "在一台机器上测得。求和次序不同会使末位数字不同；只要回答不变，就没有影响。",
    )
    if not model.free_batch:
        yield Text(
            "The graph fixes its batch size, so that only threads and repeats were varied.",
            "计算图固定了批大小，因此只改变了线程数和重复次数。",
        )
    if model.task == "regression":
        yield Text(
            "A regression has no label: a value that moves by more than 0.0001 of the range counts as a flip.",
            "回归没有标签：数值变动超过值域的 0.0001 即计为翻转。",
        )
