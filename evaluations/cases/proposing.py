"""What the counted test runs of a case say about each criterion: the proposed scores, by the thresholds of the plan."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

from assessments.standards.models import Criterion
from assessments.standards.thresholds import Proposal, combine, propose
from evaluations.methods.frame import Text
from evaluations.runs.models import Run

from .models import Case, PlannedRun, PlanRevision
from .planning import approved_plan

TESTED = ("test", "both")
EXAMINED = ("examination", "both", "examined")


@dataclass(frozen=True)
class Tested:
    """The tests of one criterion. `waiting` says why they propose nothing yet; then `proposal` is None."""

    runs: tuple[Run, ...]
    proposal: Proposal | None
    waiting: Text | None


@dataclass(frozen=True)
class Ground:
    """What is known of a criterion before people settle it: how the plan evaluates it, and what its tests say."""

    criterion: Criterion
    entry: Mapping[str, Any]
    tested: Tested | None

    @property
    def code(self) -> str:
        return self.criterion.code

    @property
    def route(self) -> str:
        """test, examination, both, examined, or none when the profile says that it does not apply."""
        return self.entry["route"]

    @property
    def is_examined(self) -> bool:
        """Whether evaluators score it."""
        return self.route in EXAMINED

    @property
    def proposal(self) -> Proposal | None:
        return self.tested.proposal if self.tested else None


def grounds(case: Case) -> dict[str, Ground]:
    """Every criterion of the edition by its code, in the standard's order; empty without an approved plan."""
    plan = approved_plan(case)
    if plan is None or case.application.edition is None:
        return {}
    runs = _runs(plan)
    thresholds = thresholds_of(case, plan)
    found = {}
    for criterion in case.application.edition.criteria.all():
        entry = plan.applicability[criterion.code]
        tested = _tested(runs.get(criterion.code, ()), thresholds, entry) if entry["route"] in TESTED else None
        found[criterion.code] = Ground(criterion, entry, tested)
    return found


def thresholds_of(case: Case, plan: PlanRevision) -> Mapping[str, Any]:
    """The thresholds that the plan froze; a published scheme never changes, so they are the scheme's."""
    scheme = case.application.scheme
    return plan.basis.get("thresholds") or (scheme.content["thresholds"] if scheme else {})


def _runs(plan: PlanRevision) -> dict[str, list[Run]]:
    """The counted runs of a plan by criterion."""
    counted = PlannedRun.objects.filter(item__plan=plan, counted=True).select_related("run__superseded_by", "item")
    found: dict[str, list[Run]] = {}
    for planned in counted.order_by("item__method"):
        for code in planned.item.criteria:
            found.setdefault(code, []).append(planned.run)
    return found


def _tested(runs: Iterable[Run], thresholds: Mapping[str, Any], entry: Mapping[str, Any]) -> Tested:
    runs = tuple(runs)
    waiting = _waiting(runs, entry)
    if waiting is not None:
        return Tested(runs, None, waiting)
    proposal = combine([proposal_of(run, thresholds) for run in runs])
    if entry.get("obstacle"):
        lines = (as_text(entry["obstacle"]), *proposal.lines)
        proposal = Proposal("not_demonstrated", None, "fail", lines, proposal.parts)
    return Tested(runs, proposal, None)


def _waiting(runs: tuple[Run, ...], entry: Mapping[str, Any]) -> Text | None:
    if len(runs) < len(entry["methods"]):
        return Text("Its tests have not been started yet.", "其测试尚未开始。")
    for run in runs:
        if getattr(run, "superseded_by", None) is not None:
            return Text(f"The test {run.method} is being run again.", f"测试 {run.method} 正在重新执行。")
        if run.status in (Run.Status.QUEUED, Run.Status.RUNNING):
            return Text(f"The test {run.method} is not finished yet.", f"测试 {run.method} 尚未完成。")
        if run.status == Run.Status.CANCELLED:
            return Text(
                f"The test {run.method} was cancelled: run it again.", f"测试 {run.method} 已取消：请重新执行。"
            )
        if run.status == Run.Status.FAILED and run.failure_kind != Run.FailureKind.VENDOR:
            return Text(
                f"The test {run.method} failed through no fault of the system: run it again or revise the plan.",
                f"测试 {run.method} 失败，原因不在被评系统：请重新执行或修订方案。",
            )
    return None


def proposal_of(run: Run, thresholds: Mapping[str, Any]) -> Proposal:
    """What one ended run proposes. A system or data at fault leaves the criterion not demonstrated."""
    if run.status != Run.Status.FINISHED or run.result is None:
        reason = as_text(run.failure_reason or {"en": "the test failed", "zh": "测试失败"})
        line = Text(f"{run.method}: {reason.en}", f"{run.method}：{reason.zh}")
        return Proposal("not_demonstrated", None, "fail", (line,), ())
    if not run.result.get("scored", True) or run.method not in thresholds:
        line = Text(
            f"{run.method}: it has no validation record or no thresholds, so its result is not scored.",
            f"{run.method}：该方法没有确认记录或阈值，其结果不计分。",
        )
        return Proposal("not_demonstrated", None, "fail", (line,), ())
    return propose(run.result, thresholds[run.method])


def as_text(value: Mapping[str, str]) -> Text:
    return Text(value["en"], value["zh"])
