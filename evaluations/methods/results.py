"""Runs a method and writes down what came of it, complete enough to run it again.

The document that leaves here is checked once more by the worker that seals it (`check`), because it may come from a
process that opened foreign files.
"""

from __future__ import annotations

import base64
import json
import math
import platform
import time
from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import TYPE_CHECKING, Any

import jsonschema
import numpy as np

from evaluations.methods.frame import Chart, Context, Image, Method, Metric, Result, Table, Text

if TYPE_CHECKING:
    from evaluations.readers.bundle import Bundle

SCHEMA_FILE = Path(__file__).parent / "schemas" / "result.schema.json"
MAX_DOCUMENT_BYTES = 4_000_000
MAX_IMAGE_BYTES = 64_000
LIBRARIES = ("numpy", "scipy", "scikit-learn", "onnx", "onnxruntime", "pyarrow", "pillow", "skops")


class ResultRefused(ValueError):
    """A result breaks the published schema or a size limit; the method is at fault, not the system under test."""


def run_method(
    method: Method,
    bundle: Bundle,
    parameters: Mapping[str, Any],
    *,
    seed: int,
    folder: Path,
    threads: int = 1,
    report: Callable[[float, str], None] = lambda fraction, message: None,
) -> dict[str, Any]:
    """Run `method` with checked `parameters` and return the result document (schemas/result.schema.json).

    `seed` is a non-negative integer, `folder` an existing scratch folder, `report` gets (fraction, message) and may
    raise `Cancelled`. Raises ResultRefused when the method gives back something that cannot be written down.
    """
    context = Context(bundle, dict(parameters), seed, folder, threads, report)
    start, clock, processor = datetime.now(UTC), time.perf_counter(), time.process_time()
    result = method.run(context)
    _require_meanings(method, result)
    seconds, processor_seconds = time.perf_counter() - clock, time.process_time() - processor
    document = {
        "result": 1,
        "method": method.id,
        "version": method.version,
        "scored": method.validation is not None,
        "parameters": _plain(dict(parameters)),
        "seed": seed,
        "digests": dict(bundle.digests()),
        "environment": environment(threads),
        "start": start.isoformat(timespec="milliseconds"),
        "end": datetime.now(UTC).isoformat(timespec="milliseconds"),
        **as_json(result),
    }
    document["cost"] |= {"seconds": round(seconds, 3), "processor_seconds": round(processor_seconds, 3)}
    check(document)
    return document


def _require_meanings(method: Method, result: Result) -> None:
    """A figure that nobody explained is not given out. Methods from outside that explain none are let pass."""
    explained = {meaning.name for meaning in getattr(method, "meanings", ())}
    bare = sorted({metric.name for metric in result.metrics} - explained) if explained else []
    if bare:
        raise ResultRefused(f"method {method.id} declares no meaning of {', '.join(bare)}")


def as_json(result: Result) -> dict[str, Any]:
    """The part of the document that the method itself answers for."""
    return {
        "metrics": [_metric(metric) for metric in result.metrics],
        "flags": {name: bool(value) for name, value in result.flags.items()},
        "undefined": [reason.as_json() for reason in result.undefined],
        "tables": [_table(table) for table in result.tables],
        "charts": [_chart(chart) for chart in result.charts],
        "images": [_image(image) for image in result.images],
        "samples": {name: [int(index) for index in indices] for name, indices in result.samples.items()},
        "notes": [note.as_json() for note in result.notes],
        "cost": {name: float(value) for name, value in result.cost.items()},
    }


def check(document: Mapping[str, Any]) -> None:
    """Raise ResultRefused unless the document is finite JSON, within the size limit and true to the schema."""
    try:
        size = len(json.dumps(document, ensure_ascii=False, allow_nan=False).encode())
    except (TypeError, ValueError) as error:
        raise ResultRefused(f"the result is not plain finite JSON: {error}") from error
    if size > MAX_DOCUMENT_BYTES:
        raise ResultRefused(f"the result has {size} bytes, more than {MAX_DOCUMENT_BYTES}")
    broken = jsonschema.exceptions.best_match(_validator().iter_errors(document))
    if broken is not None:
        raise ResultRefused(f"{broken.json_path}: {broken.message[:300]}")


def environment(threads: int) -> dict[str, str]:
    """What the numbers may depend on: interpreter, machine type, threads and library versions."""
    found = {
        "python": platform.python_version(),
        "platform": f"{platform.system()} {platform.machine()}",
        "threads": str(threads),
    }
    for library in LIBRARIES:
        try:
            found[library] = version(library)
        except PackageNotFoundError:
            continue
    return found


@cache
def _validator() -> jsonschema.Draft202012Validator:
    return jsonschema.Draft202012Validator(json.loads(SCHEMA_FILE.read_text(encoding="utf-8")))


def _plain(value: Any) -> Any:
    """Numpy scalars and arrays, tuples and texts as plain JSON values; a number that is not finite is refused."""
    if isinstance(value, Text):
        return value.as_json()
    if isinstance(value, Mapping):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, np.ndarray):
        return _plain(value.tolist())
    if isinstance(value, list | tuple):
        return [_plain(item) for item in value]
    if isinstance(value, np.generic):
        return _plain(value.item())
    if isinstance(value, float) and not math.isfinite(value):
        raise ResultRefused("a value is not a finite number; an undefined one needs a reason instead")
    return value


def _metric(metric: Metric) -> dict[str, Any]:
    if (metric.value is None) == (metric.undefined is None):
        raise ResultRefused(f"metric {metric.name} must have either a value or a reason why it is undefined")
    return {
        "name": metric.name,
        "value": _plain(metric.value),
        "n": int(metric.n),
        "direction": metric.direction,
        "unit": metric.unit,
        "low": _plain(metric.low),
        "high": _plain(metric.high),
        "bound": _plain(metric.bound),
        "interval": metric.interval,
        "slice": {str(key): str(value) for key, value in metric.slice.items()},
        "undefined": _plain(metric.undefined),
    }


def _table(table: Table) -> dict[str, Any]:
    if any(len(row) != len(table.columns) for row in table.rows):
        raise ResultRefused(f"a row of table {table.name} has not as many cells as there are columns")
    return {
        "name": table.name,
        "title": table.title.as_json(),
        "columns": [column.as_json() for column in table.columns],
        "rows": _plain(table.rows),
    }


def _chart(chart: Chart) -> dict[str, Any]:
    return {"kind": chart.kind, "title": chart.title.as_json(), "data": _plain(chart.data)}


def _image(image: Image) -> dict[str, str | dict[str, str]]:
    if not image.png.startswith(b"\x89PNG\r\n\x1a\n") or len(image.png) > MAX_IMAGE_BYTES:
        raise ResultRefused(f"image {image.name} must be a PNG of at most {MAX_IMAGE_BYTES} bytes")
    return {"name": image.name, "title": image.title.as_json(), "png": base64.b64encode(image.png).decode()}
