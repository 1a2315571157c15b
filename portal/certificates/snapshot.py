"""The certificate's own data, frozen at issue: what is printed, embedded in the PDF and published.

A plain JSON object (the `TypedDict` classes below describe it). Scores are integer tenths: a criterion's run from 0
to 50, a characteristic's from 0 to 1000. Dates are ISO 8601 calendar dates (UTC), digests are SHA-256 in hex. Texts
that a vendor wrote in one language only leave the other empty.
"""

from __future__ import annotations

import hashlib
from typing import Any, Literal, TypedDict, cast

import rfc8785

FORMAT = "trust-assessment-certificate/1"


class BothLanguages(TypedDict):
    en: str
    zh: str


class Organisation(TypedDict):
    name: BothLanguages
    address: BothLanguages


class System(TypedDict):
    name: BothLanguages
    version: str
    digest: str


class Standard(TypedDict):
    code: str
    edition: str
    title: BothLanguages
    pilot: bool


class Scheme(TypedDict):
    code: str
    edition: str
    attestation: Literal["evaluation", "certification"]


class Scope(TypedDict):
    intended_use: BothLanguages
    environment: BothLanguages
    population: BothLanguages
    languages: BothLanguages
    not_applicable: list[str]
    not_demonstrated: list[str]
    data_supplied_by_vendor: list[str]


class Dates(TypedDict):
    decided: str
    granted: str
    valid_until: str
    surveillance_due: str


class Coverage(TypedDict):
    """How many criteria of a characteristic are in each state; `assessed` counts the scored ones, examined included."""

    assessed: int
    examined: int
    not_applicable: int
    not_demonstrated: int


class Characteristic(TypedDict):
    """`beside` marks one that is shown beside the others and is no axis of the radar."""

    code: str
    title: BothLanguages
    beside: bool
    tenths: int | None
    coverage: Coverage


class Criterion(TypedDict):
    code: str
    characteristic: str
    title: BothLanguages
    kind: str
    gate: str
    weight: int
    state: str
    origin: str
    tenths: int | None


class Snapshot(TypedDict):
    format: str
    number: str
    body: Organisation
    holder: Organisation
    system: System
    standard: Standard
    scheme: Scheme
    tier: Literal["minimal", "limited", "high"]
    level: Literal["basic", "enhanced", "excellent"]
    level_name: BothLanguages
    scope: Scope
    conditions: list[BothLanguages]
    report: str
    dates: Dates
    approver: BothLanguages
    characteristics: list[Characteristic]
    criteria: list[Criterion]
    explanation: list[BothLanguages]
    registry_url: str
    development: bool


def canonical(snapshot: Snapshot) -> bytes:
    """The snapshot in the one byte form that is digested and embedded (RFC 8785)."""
    return rfc8785.dumps(cast("dict[str, Any]", snapshot))


def digest(snapshot: Snapshot) -> bytes:
    """SHA-256 of the canonical snapshot."""
    return hashlib.sha256(canonical(snapshot)).digest()
