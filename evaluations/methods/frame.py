"""What a test method is: what it declares, what it is given, and what it gives back.

Plain Python: nothing of the portal is imported here, so that a vendor can run the same
code from a shell. A method is one class in one file; `registry.py` finds it.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Literal, Protocol

from evaluations.readers.text import Text

if TYPE_CHECKING:
    from evaluations.readers.bundle import Bundle

Direction = Literal["higher", "lower"]


@dataclass(frozen=True)
class Parameter:
    """One typed parameter of a method; the form on the plan page is built from it.

    `kind` is one of integer, number, boolean, choice, numbers (a list), text.
    `minimum` and `maximum` are inclusive bounds of a number or of each of `numbers`.
    """

    name: str
    kind: Literal["integer", "number", "boolean", "choice", "numbers", "text"]
    default: Any
    title: Text
    description: Text
    minimum: float | None = None
    maximum: float | None = None
    choices: tuple[str, ...] = ()


@dataclass(frozen=True)
class Needs:
    """What an object must offer before a method can be planned on it.

    `outcome` asks for the system's outputs, from its model or from a declared column of predictions.
    """

    model: bool = False
    outcome: bool = False
    gradient: bool = False
    data_roles: tuple[str, ...] = ()
    label: bool = False
    sensitive: bool = False
    claims: bool = False
    tasks: tuple[str, ...] = ()  # empty: every task
    modalities: tuple[str, ...] = ()  # empty: every modality


@dataclass(frozen=True)
class ValidationRecord:
    """How the method itself was validated (ISO/IEC 17025 7.2.2, 7.11.2); shown to the reviewer."""

    reference: Text
    positive_check: Text
    negative_check: Text
    limits: Text
    figures: Mapping[str, float] = field(default_factory=dict)


@dataclass(frozen=True)
class Metric:
    """One measured quantity.

    `low` and `high` enclose the two-sided 95 % interval; `bound` is the one-sided 95 % bound in the
    unfavourable direction, simultaneous over the metrics of the same name (None: the value is exact).
    An undefined metric has no value but a reason.
    """

    name: str
    value: float | None
    n: int
    direction: Direction
    unit: str = ""
    low: float | None = None
    high: float | None = None
    bound: float | None = None
    interval: str = ""
    slice: Mapping[str, str] = field(default_factory=dict)
    undefined: Text | None = None


@dataclass(frozen=True)
class Meaning:
    """What a metric of a method means to somebody who decides on it, and what it does not show.

    `name` is that of the metrics it explains; `unit` says in words what one of them is; `says` begins with the measured
    quantity; `silent` names the wrong conclusions that lie near; `source` is where the definition comes from.
    """

    name: str
    title: Text
    unit: Text
    direction: Direction
    says: Text
    silent: Text
    source: Text


@dataclass(frozen=True)
class Table:
    """Figures beside the metrics: `columns` are headings, each row has as many cells."""

    name: str
    title: Text
    columns: tuple[Text, ...]
    rows: tuple[tuple[str | float | int | None, ...], ...]


@dataclass(frozen=True)
class Chart:
    """A chart as data; the portal draws it. `kind`: curve, grid, bars, ruler, histogram, heat."""

    kind: str
    title: Text
    data: Mapping[str, Any]


@dataclass(frozen=True)
class Image:
    """A small picture (PNG bytes, at most 64 kB), for example original, perturbed, difference."""

    name: str
    title: Text
    png: bytes


@dataclass
class Result:
    """What a run gives back. There is no verdict: the standard's thresholds decide.

    `flags` are named facts that a threshold table may refer to (for example `loss_attack_only`).
    `undefined` holds the reasons when the method could not measure at all.
    """

    metrics: list[Metric] = field(default_factory=list)
    flags: dict[str, bool] = field(default_factory=dict)
    undefined: list[Text] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)
    charts: list[Chart] = field(default_factory=list)
    images: list[Image] = field(default_factory=list)
    samples: dict[str, list[int]] = field(default_factory=dict)
    notes: list[Text] = field(default_factory=list)
    cost: dict[str, float] = field(default_factory=dict)


class Cancelled(Exception):
    """Raised by `Context.progress` when somebody asked the run to stop."""


@dataclass
class Context:
    """All that a method may read. It touches no network and nothing outside `folder`."""

    bundle: Bundle
    parameters: Mapping[str, Any]
    seed: int
    folder: Path
    threads: int = 1
    report: Callable[[float, str], None] = lambda fraction, message: None

    def progress(self, fraction: float, message: str = "") -> None:
        """Tell how far the run is (0 to 1). Raises `Cancelled` when the run is to stop."""
        self.report(fraction, message)


@dataclass(frozen=True)
class Misfit:
    """Why a method does not fit an object."""

    reason: Text


class Method(Protocol):
    """What every method offers.

    `id` is `family.name`; `characteristic` is the code of the shipped standard (RC, TE, DP, CR or DI).
    `meanings` explains every metric that a run may give back, one entry for each name.
    `cost` estimates seconds on one core from a bundle's facts, which may be incomplete.
    """

    id: str
    version: str
    title: Text
    description: Text
    characteristic: str
    needs: Needs
    parameters: Sequence[Parameter]
    meanings: Sequence[Meaning]
    validation: ValidationRecord | None

    def cost(self, facts: Mapping[str, Any], parameters: Mapping[str, Any]) -> float: ...

    def run(self, context: Context) -> Result: ...
