"""What a plan freezes is what the runner reads: a planned run is carried out for real, in the sandbox."""

from __future__ import annotations

import pytest

from evaluations.cases import planning, progress
from evaluations.runs import tasks
from tests.factories import cases

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.mark.parametrize("bundle", ["digits", "diabetes"])
def test_a_planned_run_is_carried_out_on_the_frozen_files(bundle: str) -> None:
    case = cases.planned_case(cases.people(), bundle=bundle)
    plan = planning.approved_plan(case)
    assert plan is not None
    run = progress.counted_runs(plan)["performance.claim"]
    tasks.execute_run(str(run.pk))
    run.refresh_from_db()
    assert run.status == "finished", run.failure_reason
    assert run.result is not None
    assert run.result["seed"] == run.seed
    assert {given["sha256"] for given in plan.inputs} <= set(run.result["digests"].values())
    assert progress.tally(plan).finished == 1
