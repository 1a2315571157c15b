"""Plans: laid out from what was read, frozen by approval, begun by the portal, revised without losing anything."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from assessments.ledger.workflow import Conflict
from assessments.systems.models import Artifact
from evaluations.cases import beginning, planning, progress, revising
from evaluations.cases.models import Case, PlannedRun, PlanRevision, Settlement
from evaluations.readers.bundle import load_bundle
from evaluations.runs.facts import facts_of
from evaluations.runs.models import Run
from evaluations.runs.services import rerun_with_reason
from tests.factories import cases

pytestmark = pytest.mark.django_db


@pytest.fixture
def who() -> cases.People:
    return cases.people()


def layout_of(case: Case) -> Any:
    plan = planning.current_plan(case)
    assert plan is not None
    return planning.draft_layout(case, plan)


@pytest.mark.parametrize("bundle", ["digits", "diabetes"])
def test_facts_from_descriptions_equal_the_facts_that_opening_the_files_gives(who: Any, bundle: str) -> None:
    version = cases.submitted_version(who, bundle=bundle)
    manifest, _inputs = planning.build_manifest(version)
    told = facts_of(manifest, Artifact.objects.filter(version=version))
    opened = load_bundle(cases.bundle_folder(bundle)).facts()
    seen, truly = told.pop("model_seen"), opened.pop("model_seen")
    assert told == opened
    assert {name: seen[name] for name in truly} == truly


def test_profile_decides_what_applies_and_says_why(who: Any) -> None:
    layout = layout_of(cases.staffed_case(who))
    assert not layout.refusals
    pgd = layout.applicability["RC-4"]
    assert not pgd["applies"]
    assert pgd["route"] == "none"
    assert pgd["because"]["en"] == "Exposure to attack: queries only; Exact gradients can be read from the model: yes."
    assert layout.applicability["RC-6"]["route"] == "test"
    assert layout.applicability["RC-10"]["route"] == "examination"
    assert layout.applicability["RC-7"]["route"] == "examined"
    assert layout.applicability["DP-7"]["route"] == "both"


def test_methods_that_do_not_fit_are_named_with_their_reason(who: Any) -> None:
    layout = layout_of(cases.staffed_case(who))
    explanation = layout.applicability["TE-5"]
    assert explanation["methods"] == ["explanation.lime"]
    assert [(said["method"], said["installed"]) for said in explanation["unfit"]] == [("explanation.gradcam", False)]
    assert explanation["unfit"][0]["reasons"][0]["zh"] == "本平台未安装该方法"


def test_a_profile_that_denies_attack_is_not_believed_at_high_risk(who: Any) -> None:
    case = cases.staffed_case(who, tier="high", profile={"attack_exposure": "none"})
    assert layout_of(case).applicability["RC-6"]["applies"]


def test_at_high_risk_gates_need_data_of_the_body(who: Any) -> None:
    case = cases.staffed_case(who, tier="high")
    before = layout_of(case).applicability
    assert before["RC-1"]["obstacle"]["en"].endswith("supplied by the vendor (C).")
    assert before["RC-2"]["obstacle"] is None
    assert before["CR-4"]["obstacle"] is None
    held = cases.bundle_folder("digits") / "test.npz"
    cases.add_file(case.application.version, held, "test", who.body, who.lead, origin="A")
    after = layout_of(case)
    assert after.applicability["RC-1"]["obstacle"] is None
    assert next(entry for entry in after.manifest["data"] if entry["role"] == "test")["origin"] == "A"


def test_approval_freezes_all_that_the_evaluation_rests_on(who: Any) -> None:
    case = cases.staffed_case(who)
    cases.approve(case, who.lead)
    plan = planning.approved_plan(case)
    assert plan is not None
    scheme = case.application.scheme
    assert plan.basis["scheme"]["digest"] == scheme.digest
    assert plan.basis["thresholds"]["performance.claim"] == scheme.content["thresholds"]["performance.claim"]
    assert plan.basis["origins"] == {"test": "C", "training": "C"}
    assert {given["file"] for given in plan.inputs} == {"model.onnx", "test.npz", "training.npz"}
    assert not plan.items.filter(seed__isnull=False).exists()
    assert case.status == Case.Status.PLAN_APPROVED


def test_nobody_approves_what_they_did_not_see(who: Any) -> None:
    case = cases.staffed_case(who)
    plan = planning.current_plan(case)
    layout = planning.draft_layout(case, plan)
    seen = planning.digest_of(layout, planning.planned_tests(plan, layout))
    cases.add_file(
        case.application.version, cases.bundle_folder("digits") / "test.npz", "test", who.body, who.lead, origin="A"
    )
    with pytest.raises(Conflict):
        planning.approve_plan(case, actor=who.lead, seen=seen)


def test_only_the_lead_approves_and_only_with_two_signed_evaluators(who: Any) -> None:
    case = cases.opened_case(who)
    cases.sign(case, who.lead)
    with pytest.raises(ValidationError, match="2 to go"):
        cases.approve(case, who.lead)
    case = cases.Case.objects.get(pk=case.pk)
    with pytest.raises(PermissionDenied):
        planning.approve_plan(case, actor=who.evaluators[0], seen="")


def test_a_model_that_was_not_read_stops_approval(who: Any) -> None:
    case = cases.staffed_case(who)
    Artifact.objects.filter(version=case.application.version, role="model").update(inspection="refused")
    with pytest.raises(ValidationError, match="No readable model"):
        cases.approve(case, who.lead)


def test_parameters_change_with_a_reason_and_never_over_anothers_change(who: Any) -> None:
    case = cases.staffed_case(who)
    plan, evaluator = planning.current_plan(case), who.evaluators[0]
    test = next(t for t in planning.planned_tests(plan, layout_of(case)) if t.method.id == "reproducibility.inference")
    values = {**test.parameters, "repeats": 6}
    with pytest.raises(ValidationError, match="Say why"):
        planning.edit_test(case, test, values, rationale=" ", actor=evaluator, revision=0)
    planning.edit_test(case, test, values, rationale="More certainty.", actor=evaluator, revision=0)
    with pytest.raises(Conflict):
        planning.edit_test(case, test, values, rationale="Mine.", actor=who.evaluators[1], revision=0)
    with pytest.raises(ValidationError):
        planning.edit_test(case, test, {"repeats": -1}, rationale="Odd.", actor=evaluator, revision=1)
    with pytest.raises(PermissionDenied):
        planning.edit_test(case, test, values, rationale="Hers.", actor=who.applicant, revision=1)
    again = next(t for t in planning.planned_tests(plan, layout_of(case)) if t.method.id == test.method.id)
    assert (again.changed, again.rationale, again.revision) == ({"repeats": 6}, "More certainty.", 1)


def test_seeds_are_drawn_after_approval_and_runs_are_asked_for_once(who: Any) -> None:
    case = cases.planned_case(who)
    plan = planning.approved_plan(case)
    assert case.status == Case.Status.EVALUATING
    assert not beginning.begin_evaluation(case.pk)
    runs = progress.counted_runs(plan)
    assert set(runs) == set(plan.items.values_list("method", flat=True))
    assert {run.seed for run in runs.values()} == set(plan.items.values_list("seed", flat=True))
    assert len({run.seed for run in runs.values()}) == len(runs)
    assert all(run.scope == case.pk and run.requested_by == who.lead for run in runs.values())
    assert progress.tally(plan).under_way == len(runs)


def ended(run: Run) -> Run:
    Run.objects.filter(pk=run.pk).update(status="failed", failure_kind="platform", failure_reason={"en": "", "zh": ""})
    run.refresh_from_db()
    return run


def test_a_repeated_run_counts_and_the_attempt_before_stays(who: Any) -> None:
    case = cases.planned_case(who)
    first = PlannedRun.objects.filter(item__plan__case=case).first()
    again = rerun_with_reason(ended(first.run), actor=who.evaluators[0], reason="The worker was lost.")
    third = rerun_with_reason(ended(again), actor=who.lead, reason="It was lost again.")
    assert progress.adopt_repeats() == 2
    assert progress.adopt_repeats() == 0
    rows = PlannedRun.objects.filter(item=first.item)
    assert {row.run: row.counted for row in rows} == {first.run: False, again: False, third: True}


def test_a_repeat_of_a_superseded_plan_counts_for_nothing(who: Any) -> None:
    case = cases.planned_case(who)
    first = PlannedRun.objects.filter(item__plan__case=case).first()
    revising.revise_plan(case, actor=who.lead, reason="Other parameters.")
    again = rerun_with_reason(ended(first.run), actor=who.lead, reason="Once more.")
    progress.adopt_repeats()
    assert not PlannedRun.objects.get(run=again).counted


def corrected_version(who: Any) -> Any:
    return cases.submitted_version(who, label="1.0.1")


def test_a_corrected_version_is_adopted_by_a_new_plan_and_voids_test_scores(who: Any) -> None:
    case = cases.planned_case(who)
    old = planning.approved_plan(case)
    version = corrected_version(who)
    with pytest.raises(ValidationError, match="not offered"):
        revising.revise_plan(case, actor=who.lead, reason="Corrected.", version=version, impact="None.")
    revising.offer_version(case, version, actor=who.applicant)
    version.refresh_from_db()
    assert version.status == "frozen"
    assert who.evaluators[0].has_perm("systems.view_version", version)
    for code, origin in (("RC-1", "test"), ("DP-7", "both"), ("GM-1", "examination")):
        Settlement.objects.create(case=case, criterion=code, state="scored", origin=origin, settled_tenths=30)
    with pytest.raises(ValidationError, match="examinations"):
        revising.revise_plan(case, actor=who.lead, reason="Corrected.", version=version)
    case.refresh_from_db()
    draft = revising.revise_plan(case, actor=who.lead, reason="Corrected.", version=version, impact="None.")
    assert (draft.number, draft.version) == (2, version)
    assert list(case.settlements.values_list("criterion", flat=True)) == ["GM-1"]
    old.refresh_from_db()
    assert old.status == PlanRevision.Status.SUPERSEDED
    assert not progress.counted_runs(old)
    assert progress.cancel_stray() == Run.objects.filter(status="cancelled").count() > 0
    cases.approve(case, who.lead)
    assert beginning.begin_approved() == 1
    new = planning.approved_plan(case)
    assert set(new.items.values_list("seed", flat=True)).isdisjoint(old.items.values_list("seed", flat=True))


def test_only_the_client_offers_and_only_a_version_of_the_system(who: Any) -> None:
    case = cases.planned_case(who)
    with pytest.raises(PermissionDenied):
        revising.offer_version(case, corrected_version(who), actor=who.lead)
    with pytest.raises(ValidationError, match="another version"):
        revising.offer_version(case, case.application.version, actor=who.applicant)
