"""What a vendor may test on its own version before anything is submitted: what fits, why others do not, and time."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from assessments.systems.manifests import build_manifest
from assessments.systems.models import SystemVersion
from assessments.systems.services import current_artifacts
from evaluations.methods import registry
from evaluations.methods.fitting import misfits
from evaluations.methods.frame import Method, Text
from evaluations.methods.parameters import defaults

from .facts import Facts, facts_of

NO_CERTIFICATE = Text(
    "A self-test: not a certificate, no part of an evaluation, and nobody but your organisation sees it.",
    "自测：不是证书，不属于评估的任何部分，除贵方外无人可见。",
)


@dataclass(frozen=True)
class Offer:
    """A method on this version: `reasons` say why it does not fit; else `seconds` is its cost with the defaults."""

    method: Method
    reasons: Sequence[Text] = ()
    seconds: float | None = None

    @property
    def fits(self) -> bool:
        return not self.reasons


@dataclass(frozen=True)
class Bench:
    """A version as it stands, and what each method would do with it. Without files there is nothing to test."""

    offers: Sequence[Offer]
    has_files: bool

    @property
    def fitting(self) -> list[Offer]:
        return [offer for offer in self.offers if offer.fits]

    @property
    def others(self) -> list[Offer]:
        return [offer for offer in self.offers if not offer.fits]

    def of(self, method_id: str) -> Offer | None:
        """The offer of one method; None when it is not installed or is no test."""
        return next((offer for offer in self.offers if offer.method.id == method_id), None)


def bench(version: SystemVersion) -> Bench:
    """What can be tested on the version, from what the sandbox has read of its files; no file is opened here."""
    facts, has_files = _as_read(version)
    names = [name for name in registry.installed_ids() if not registry.is_tool(name)]
    return Bench([_offer(registry.get(name), facts) for name in names], has_files)


def reasons_against(version: SystemVersion, method_id: str) -> list[Text]:
    """Why the method cannot run on the version as it has been read so far; none when it fits."""
    return [misfit.reason for misfit in misfits(registry.get(method_id), _as_read(version)[0])]


def _as_read(version: SystemVersion) -> tuple[Facts, bool]:
    """The facts of the version's files, and whether there is any."""
    artifacts = list(current_artifacts(version))
    manifest, inputs = build_manifest(version, artifacts)
    return facts_of(manifest, artifacts), bool(inputs)


def _offer(method: Method, facts: Facts) -> Offer:
    reasons = [misfit.reason for misfit in misfits(method, facts)]
    if reasons:
        return Offer(method, reasons)
    return Offer(method, (), float(method.cost(facts, defaults(method.parameters))))
