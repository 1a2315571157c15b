"""What a plan proposes for each criterion: whether it applies, how it is evaluated, by which methods, why not others.

Pure: from a manifest, descriptions of files, a standard's edition and a scheme. An entry of `Layout.applicability` is
    applies    whether the criterion stays in the computation
    because    {"en", "zh"}: the facts that decide it
    kind       T, E or T+E for this profile
    route      test · examination · both · examined (no automated method fits) · none (does not apply)
    methods    ids of the methods that are planned
    unfit      [{"method", "title", "installed", "reasons"}]: methods that the standard names and that are not planned
    obstacle   None, or {"en", "zh"}: why the criterion cannot be demonstrated whatever a run shows
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from assessments.standards.applicability import applies, conditions
from assessments.standards.models import Criterion
from assessments.standards.services import kind_for, methods_for
from assessments.systems.models import Artifact
from evaluations.methods import registry
from evaluations.methods.declared import DECLARED
from evaluations.methods.fitting import misfits
from evaluations.methods.frame import Method, Text
from evaluations.methods.parameters import defaults
from evaluations.readers.manifest import parse_manifest
from evaluations.readers.refusal import Refused
from evaluations.runs.facts import Facts, facts_of, profile_of

YES_NO = {True: Text("yes", "是"), False: Text("no", "否")}
NOT_STATED = Text("not stated", "未声明")
ALWAYS = Text("It applies to every system.", "适用于所有系统。")
NOT_INSTALLED = Text("it is not installed in this portal", "本平台未安装该方法")
NOT_VALIDATED = Text("it has no validation record, so its result is not scored", "该方法没有确认记录，其结果不计分")
NO_MODEL = Text(
    "No readable model was submitted; stored predictions alone lead to no certificate.",
    "未提交可读取的模型；仅凭已存储的预测结果不能获得证书。",
)
NO_THRESHOLDS = Text("the scheme has no thresholds for it", "方案未规定该方法的阈值")


@dataclass(frozen=True)
class Test:
    """A method that the layout plans, for these criteria, with the parameters of the standard or else the defaults."""

    method: Method
    criteria: tuple[str, ...]
    parameters: dict[str, Any]


@dataclass(frozen=True)
class Layout:
    profile: dict[str, Any]
    facts: Facts
    manifest: dict[str, Any]
    inputs: list[dict[str, str]]
    applicability: dict[str, dict[str, Any]]
    tests: list[Test]
    # Why no plan can be approved on these files; empty when one can.
    refusals: list[Text] = field(default_factory=list)


@dataclass(frozen=True)
class Frame:
    """The part of an application that a layout rests on."""

    criteria: Sequence[Criterion]
    fact_titles: Mapping[str, Mapping[str, Any]]
    scheme: Mapping[str, Any]
    tier: str


def lay_out(
    frame: Frame, manifest: dict[str, Any], inputs: list[dict[str, str]], artifacts: Iterable[Artifact]
) -> Layout:
    """The layout of a plan for the object that `manifest` names."""
    facts = facts_of(manifest, artifacts)
    profile = _permitted_profile(frame, profile_of(manifest, facts))
    applicability: dict[str, dict[str, Any]] = {}
    criteria_of: dict[str, list[str]] = {}
    fixed: dict[str, dict[str, Any]] = {}
    for criterion in frame.criteria:
        entry, parameters = _entry(frame, criterion, profile, facts, manifest)
        applicability[criterion.code] = entry
        for method in entry["methods"]:
            criteria_of.setdefault(method, []).append(criterion.code)
            fixed.setdefault(method, {}).update(parameters[method])
    tests = [_test(method, codes, fixed[method]) for method, codes in sorted(criteria_of.items())]
    return Layout(profile, facts, manifest, inputs, applicability, tests, _refusals(manifest))


def _permitted_profile(frame: Frame, profile: dict[str, Any]) -> dict[str, Any]:
    """A value that the scheme refuses at this tier counts as not stated: no criterion leaves because of it."""
    refused = _tier(frame).get("facts_refused") or {}
    return {name: value for name, value in profile.items() if value not in refused.get(name, ())}


def _tier(frame: Frame) -> Mapping[str, Any]:
    return next((tier for tier in frame.scheme.get("tiers", ()) if tier["code"] == frame.tier), {})


def _refusals(manifest: Mapping[str, Any]) -> list[Text]:
    """What the readers would refuse: better said now than by twelve failed runs. And no model, no certificate."""
    if "model" not in manifest:
        return [NO_MODEL]
    try:
        parse_manifest(json.dumps(manifest, ensure_ascii=False).encode())
    except Refused as refused:
        place = refused.place
        return [Text(f"{refused.reason.en} ({place})", f"{refused.reason.zh}（{place}）")]
    return []


def _entry(
    frame: Frame,
    criterion: Criterion,
    profile: Mapping[str, Any],
    facts: Facts,
    manifest: Mapping[str, Any],
) -> tuple[dict[str, Any], dict[str, dict[str, Any]]]:
    applicable = applies(criterion.applies_when, profile)
    kind = kind_for(criterion, profile)
    called = {given["id"]: given["parameters"] for given in methods_for(criterion, profile)} if applicable else {}
    unfit = [said for method in called if (said := _unfit(method, frame.scheme, facts)) is not None]
    refused = {said["method"] for said in unfit}
    planned = [method for method in called if method not in refused]
    entry = {
        "applies": applicable,
        "because": explain(criterion.applies_when, profile, frame.fact_titles).as_json(),
        "kind": kind,
        "route": _route(kind, planned) if applicable else "none",
        "methods": planned,
        "unfit": unfit,
        "obstacle": _obstacle(frame, criterion, planned, manifest),
    }
    return entry, {method: called[method] for method in planned}


def _route(kind: str, planned: Sequence[str]) -> str:
    if kind == "E":
        return "examination"
    if not planned:
        return "examined"
    return "test" if kind == "T" else "both"


def _unfit(method_id: str, scheme: Mapping[str, Any], facts: Facts) -> dict[str, Any] | None:
    """Why a method that the standard names is not planned on this object; None when it is."""
    if not registry.is_installed(method_id):
        title = DECLARED[method_id].title if method_id in DECLARED else Text(method_id, method_id)
        return _said(method_id, title, [NOT_INSTALLED], installed=False)
    method = registry.get(method_id)
    reasons = [misfit.reason for misfit in misfits(method, facts)]
    if method.validation is None:
        reasons.append(NOT_VALIDATED)
    if method_id not in scheme.get("thresholds", {}):
        reasons.append(NO_THRESHOLDS)
    return _said(method_id, method.title, reasons, installed=True) if reasons else None


def _said(method_id: str, title: Text, reasons: Iterable[Text], *, installed: bool) -> dict[str, Any]:
    said = [reason.as_json() for reason in reasons]
    return {"method": method_id, "title": title.as_json(), "installed": installed, "reasons": said}


def _obstacle(
    frame: Frame, criterion: Criterion, planned: Sequence[str], manifest: Mapping[str, Any]
) -> dict[str, str] | None:
    """A gate tested on data that the scheme does not admit for it at this tier (at high risk: supplied data)."""
    admitted = _tier(frame).get("gate_data_origins")
    if not admitted or criterion.gate == "none":
        return None
    if not any("test" in registry.get(method).needs.data_roles for method in planned):
        return None
    tested = [entry for entry in manifest["data"] if entry["role"] in ("test", "predictions")]
    if all(entry.get("origin") in admitted for entry in tested):
        return None
    return Text(
        "At this risk tier a gate is tested on data that the evaluation body holds (A) or drew (B); "
        "the test data was supplied by the vendor (C).",
        "在该风险级别，否决项须使用评估机构掌握（A）或抽取（B）的数据进行测试，而测试数据由供应商提供（C）。",
    ).as_json()


def _test(method_id: str, criteria: Sequence[str], fixed: Mapping[str, Any]) -> Test:
    method = registry.get(method_id)
    return Test(method, tuple(criteria), {**defaults(method.parameters), **fixed})


def explain(predicate: Mapping[str, Any], profile: Mapping[str, Any], titles: Mapping[str, Mapping[str, Any]]) -> Text:
    """The facts of the profile that a predicate looks at, in words."""
    names = list(dict.fromkeys(name for name, _values in conditions(predicate)))
    if not names:
        return ALWAYS
    parts = [_fact(name, profile.get(name), titles.get(name, {})) for name in names]
    return Text("; ".join(part.en for part in parts) + ".", "；".join(part.zh for part in parts) + "。")


def _fact(name: str, value: Any, spec: Mapping[str, Any]) -> Text:
    title = spec.get("title") or {"en": name, "zh": name}
    word = NOT_STATED
    if isinstance(value, bool):
        word = YES_NO[value]
    elif value is not None:
        said = (spec.get("titles") or {}).get(value) or {"en": str(value), "zh": str(value)}
        word = Text(said["en"], said["zh"])
    return Text(f"{title['en']}: {word.en}", f"{title['zh']}：{word.zh}")
