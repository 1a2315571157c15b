"""The report is complete: a program that shares no code with the portal recomputes every score and the level."""

from __future__ import annotations

import json
import subprocess
import sys
from copy import deepcopy
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml

from evaluations.cases import report, scoring_sheet, settling
from evaluations.cases.assessing import assess_case
from evaluations.cases.models import Case
from evaluations.cases.progress import adopt_repeats
from evaluations.runs.models import Run
from evaluations.runs.services import rerun_with_reason
from tests.evaluations.cases import recompute
from tests.factories import cases, evaluated

pytestmark = pytest.mark.django_db

ROOT = Path(__file__).parents[3]
STANDARD, SCHEME = cases.STANDARDS / "TAI-0.9.yaml", cases.STANDARDS / "TAI-scheme.yaml"


@pytest.fixture
def who() -> cases.People:
    return cases.people()


def documents() -> tuple[dict[str, Any], dict[str, Any]]:
    return yaml.safe_load(STANDARD.read_text("utf-8")), yaml.safe_load(SCHEME.read_text("utf-8"))


def check(document: dict[str, Any], name: str) -> None:
    schema = json.loads((ROOT / "docs" / "schemas" / name).read_text("utf-8"))
    jsonschema.Draft202012Validator(schema).validate(document)


def recomputed(case: Case) -> dict[str, Any]:
    """What the other program finds; checked against the portal's own figures."""
    results = json.loads(json.dumps(report.results_json(case)))
    check(results, "results.schema.json")
    found = recompute.recompute(results, *documents())
    assert found["faults"] == []
    assessment = assess_case(case)
    assert found["level"] == assessment.level
    shown = {code: score.tenths if score.rated else None for code, score in assessment.characteristics.items()}
    assert found["characteristics"] == shown
    return found


@pytest.mark.parametrize(
    ("tests", "otherwise", "level"),
    [({}, 4, "basic"), ({}, 5, "basic"), ({"performance.claim": 2}, 5, None), ({"privacy.pii": 1}, 2, None)],
)
def test_recomputation_gives_every_score_and_the_level(who: Any, tests: Any, otherwise: int, level: str | None) -> None:
    found = recomputed(evaluated.settled_case(who, tests=tests, otherwise=otherwise))
    assert found["level"] == level


def test_recomputation_follows_bounds_caps_changes_and_differences(who: Any) -> None:
    case = cases.planned_case(who)
    thresholds = case.application.scheme.content["thresholds"]  # type: ignore[union-attr]
    for run in Run.objects.filter(scope=case.pk):
        changes: dict[str, Any] = {}
        rule = thresholds[run.method]
        if run.method == "robustness.blackbox":
            changes["metrics"] = [
                evaluated.metric("robust_accuracy_primary", 0.6123, bound=0.5512, low=0.54, high=0.68)
            ]
        if run.method == "performance.claim":
            changes["metrics"] = [evaluated.metric("claim_difference", -0.0171, bound=-0.0302, low=-0.033, high=0)]
        if run.method == "data.quality":
            changes["flags"] = {"label_suspects_unchecked": True}
        if run.method == "privacy.pii":
            changes["undefined"] = [{"en": "nothing to read", "zh": "无可读内容"}]
        evaluated.finish(run, evaluated.result_for(run, rule, **changes))
    for evaluator, points in zip(who.evaluators, (2, 3), strict=True):
        evaluated.give_scores(case, evaluator, {"RC-10": points, "TE-2": None})
        scoring_sheet.hand_in(case, actor=evaluator)
    settling.settle_agreed(case, actor=who.lead)
    settling.settle(case, "RC-10", actor=who.lead, examined=settling.Given(3), rationale="Rehearsed in May.")
    revision = case.settlements.get(criterion="RC-6").revision
    settling.settle(
        case, "RC-6", actor=who.lead, tested=settling.Given(40), rationale="Beyond the budget.", revision=revision
    )
    found = recomputed(case)["criteria"]
    # min(f(.6123), f(.5512) + 1) = min(3.082, 3.6747) → 3.0; the claim: min(f(−.0171), f(−.0302) + 1) = 3.6, 3.99
    assert (found["RC-6"]["proposed"], found["RC-6"]["settled"]) == (30, 40)
    assert found["RC-1"]["proposed"] == 36
    assert found["DI-6"]["proposed"] == 30
    assert found["TE-2"]["state"] == found["DP-7"]["state"] == "not_demonstrated"


def test_recomputation_notices_a_figure_that_was_touched(who: Any) -> None:
    case = evaluated.settled_case(who, tests={"robustness.blackbox": 3})
    results = report.results_json(case)
    for name, value in (("settled", 45), ("confirmed", 45), ("proposed", 45), ("state", "not_applicable")):
        touched = deepcopy(results)
        next(row for row in touched["criteria"] if row["code"] == "RC-6")[name] = value
        assert recompute.recompute(touched, *documents())["faults"]


def test_recomputation_runs_as_a_program_of_its_own(who: Any, tmp_path: Path) -> None:
    source = Path(recompute.__file__).read_text("utf-8")
    assert "import assessments" not in source
    assert "from evaluations" not in source
    file = tmp_path / "results.json"
    file.write_text(json.dumps(report.results_json(evaluated.settled_case(who))), "utf-8")
    command = [sys.executable, "-I", recompute.__file__, str(file), str(STANDARD), str(SCHEME)]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert json.loads(done.stdout)["level"] == "basic"


def test_every_attempt_is_in_the_results_and_only_the_newest_counts(who: Any) -> None:
    case = evaluated.settled_case(who)
    old = Run.objects.get(scope=case.pk, method="robustness.blackbox")
    rerun_with_reason(old, actor=who.lead, reason="A doubt about the sample.")
    adopt_repeats()
    evaluated.finish_runs(case, {"robustness.blackbox": 2})
    settling.settle_agreed(case, actor=who.lead)
    runs = [run for run in report.results_json(case)["runs"] if run["method"] == "robustness.blackbox"]
    assert [(run["counted"], bool(run["supersedes"])) for run in runs] == [(False, False), (True, True)]
    assert runs[1]["reason"] == "A doubt about the sample."
    assert runs[0]["seed"] == runs[1]["seed"]
    assert recomputed(case)["criteria"]["RC-6"]["settled"] == 20


def test_scores_stay_out_of_the_results_until_all_are_handed_in(who: Any) -> None:
    case = cases.planned_case(who)
    evaluated.give_scores(case, who.evaluators[0])
    scoring_sheet.hand_in(case, actor=who.evaluators[0])
    assert all(row["scores"] == [] for row in report.results_json(case)["criteria"])


def test_summary_names_certificate_level_and_coverage(who: Any) -> None:
    case = evaluated.decided_case(who)
    summary = report.summary_json(case, number="TAI-2026-000001-X", status="in_force")
    check(summary, "summary.schema.json")
    assert (summary["level"], summary["number"], summary["status"]) == ("basic", "TAI-2026-000001-X", "in_force")
    assert summary["criteria"]["RC-4"] == {
        "state": "not_applicable",
        "proposed": None,
        "settled": None,
        "origin": "profile",
        "weight": 3,
        "gate": "M+",
        "characteristic": "RC",
    }
    coverage = summary["characteristics"]["RC"]["coverage"]
    assert sum(coverage.values()) == sum(row["characteristic"] == "RC" for row in summary["criteria"].values())
