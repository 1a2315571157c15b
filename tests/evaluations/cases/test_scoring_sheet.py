"""Scores are whole, blind, complete and final; what agrees stands, what differs is settled with a reason."""

from __future__ import annotations

from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from assessments.ledger.models import Entry
from assessments.ledger.workflow import Conflict
from evaluations.cases import scoring_sheet, settling
from evaluations.cases.assignment import end_assignment
from evaluations.cases.models import Case, Score, Settlement
from evaluations.cases.progress import adopt_repeats
from evaluations.cases.proposing import grounds
from evaluations.cases.settling import Given
from evaluations.runs.models import Run
from evaluations.runs.services import rerun_with_reason
from tests.factories import cases, evaluated

pytestmark = pytest.mark.django_db


@pytest.fixture
def who() -> cases.People:
    return cases.people()


def save(case: Case, actor: Any, code: str = "RC-10", **values: Any) -> Score:
    return scoring_sheet.save_score(case, code, actor=actor, **{"points": 3, "rationale": "Seen.", **values})


def test_score_is_kept_half_written_and_changed_only_at_the_revision_that_was_read(who: Any) -> None:
    case, erik = cases.planned_case(who), who.evaluators[0]
    first = save(case, erik, points=None, rationale="")
    second = save(case, erik, points=4, revision=first.revision)
    assert (second.points, second.revision) == (4, first.revision + 1)
    with pytest.raises(Conflict):
        save(case, erik, points=2, revision=first.revision)
    with pytest.raises(Conflict):
        save(case, who.evaluators[1], revision=3)
    assert Score.objects.get(criterion="RC-10", evaluator=erik).points == 4
    assert save(case, erik, points=4, revision=0).revision == second.revision  # the same again changes nothing


@pytest.mark.parametrize(("code", "points"), [("RC-10", 6), ("RC-7", 4), ("RC-1", 3), ("RC-4", 3), ("XX-1", 3)])
def test_score_out_of_bounds_or_on_a_criterion_that_is_not_examined_is_refused(
    who: Any, code: str, points: int
) -> None:
    case = cases.planned_case(who)
    assert grounds(case)["RC-7"].route == "examined"
    with pytest.raises(ValidationError):
        save(case, who.evaluators[0], code, points=points)
    assert not case.scores.exists()


def test_only_assigned_evaluators_score(who: Any, evaluator1: Any, alice: Any) -> None:
    case = cases.planned_case(who)
    for person in (who.lead, who.reviewer, who.applicant, evaluator1, alice):
        with pytest.raises(PermissionDenied):
            save(case, person)
        with pytest.raises(PermissionDenied):
            scoring_sheet.hand_in(case, actor=person)


def test_hand_in_needs_every_score_with_its_rationale_and_then_nothing_changes(who: Any) -> None:
    case, erik = cases.planned_case(who), who.evaluators[0]
    evaluated.give_scores(case, erik)
    row = case.scores.get(criterion="TE-2", evaluator=erik)
    save(case, erik, "TE-2", rationale=" ", revision=row.revision)
    with pytest.raises(ValidationError, match="TE-2"):
        scoring_sheet.hand_in(case, actor=erik)
    save(case, erik, "TE-2", rationale="Looked at.", revision=row.revision + 1)
    scoring_sheet.hand_in(case, actor=erik)
    with pytest.raises(Conflict):
        scoring_sheet.hand_in(case, actor=erik)
    with pytest.raises(ValidationError):
        save(case, erik, "TE-2", points=0, revision=row.revision + 2)
    entry = Entry.objects.get(transition="hand_in_scores")
    assert entry.details["scores_sha256"] == scoring_sheet.digest_of_scores(case, erik)


def test_nobody_sees_anothers_scores_before_all_have_handed_in(who: Any) -> None:
    case = cases.planned_case(who)
    first, second = who.evaluators
    evaluated.give_scores(case, first)
    scoring_sheet.hand_in(case, actor=first)
    evaluated.give_scores(case, second)
    assert not scoring_sheet.are_complete(case)
    for person in (who.lead, first, second):
        assert all(not row.scores for row in settling.rows_of(case, person))
        seen = scoring_sheet.scores_open_to(case, person, complete=False)
        assert {score.evaluator_id for score in seen} <= {person.pk}
    scoring_sheet.hand_in(case, actor=second)
    rows = {row.ground.code: row for row in settling.rows_of(case, who.lead)}
    assert {score.evaluator_id for score in rows["RC-10"].scores} == {first.pk, second.pk}


def test_an_evaluator_whose_part_ended_does_not_count(who: Any) -> None:
    case = evaluated.scored_case(who)
    end_assignment(case.assignments.get(person=who.evaluators[0]), actor=who.lead, reason="Moved on.")
    assert not scoring_sheet.are_complete(case)


def test_what_agrees_is_settled_at_once_and_differences_wait_for_the_lead(who: Any) -> None:
    case = cases.planned_case(who)
    evaluated.finish_runs(case)
    for evaluator, given in zip(who.evaluators, (2, 4), strict=True):
        evaluated.give_scores(case, evaluator, {"RC-10": given, "TE-2": None if given == 2 else 3})
        scoring_sheet.hand_in(case, actor=evaluator)
    done = settling.settle_agreed(case, actor=who.lead)
    rows = settling.rows_of(case, who.lead)
    assert settling.unsettled(rows) == ["RC-10", "TE-2"] == [row.ground.code for row in settling.differing(rows)]
    assert "RC-10" not in done
    with pytest.raises(ValidationError):
        settling.settle(case, "RC-10", actor=who.lead, rationale="Between them.")
    with pytest.raises(ValidationError, match="reason"):
        settling.settle(case, "RC-10", actor=who.lead, examined=Given(3), rationale=" ")
    settling.settle(case, "RC-10", actor=who.lead, examined=Given(2), rationale="The plan was never rehearsed.")
    settling.settle(case, "TE-2", actor=who.lead, examined=Given(None), rationale="No access to the logs.")
    settled = {row.criterion: row for row in case.settlements.all()}
    assert (settled["RC-10"].settled_tenths, settled["RC-10"].state) == (20, "scored")
    assert (settled["TE-2"].settled_tenths, settled["TE-2"].state) == (None, "not_demonstrated")
    assert settled["RC-4"].state == "not_applicable"
    assert settling.unsettled(settling.rows_of(case, who.lead)) == []


def test_equal_scores_stand(who: Any) -> None:
    case = evaluated.scored_case(who, points={"RC-10": 2})
    with pytest.raises(ValidationError):
        settling.settle(case, "RC-10", actor=who.lead, examined=Given(3), rationale="Better than that.")


def test_a_test_score_goes_down_freely_up_by_one_and_never_up_on_a_gate(who: Any) -> None:
    case = evaluated.scored_case(who, tests={"robustness.blackbox": 3, "performance.claim": 3})
    assert {c: grounds(case)[c].criterion.gate for c in ("RC-1", "RC-6")} == {"RC-1": "M", "RC-6": "none"}

    def settle(code: str, tenths: int | None, rationale: str = "Reasons.") -> Settlement:
        revision = case.settlements.filter(criterion=code).values_list("revision", flat=True).first() or 0
        return settling.settle(case, code, actor=who.lead, tested=Given(tenths), rationale=rationale, revision=revision)

    for code, tenths in (("RC-1", 31), ("RC-6", 41), ("RC-6", -1)):
        with pytest.raises(ValidationError):
            settle(code, tenths)
    with pytest.raises(ValidationError):
        settle("RC-6", 40, "")
    assert (settle("RC-6", 40).settled_tenths, settle("RC-1", 25).settled_tenths) == (40, 25)
    assert settle("RC-6", None).state == "not_demonstrated"
    assert settle("RC-6", 30, "").overridden is False


def test_what_the_tests_did_not_demonstrate_gets_no_score(who: Any) -> None:
    case = cases.planned_case(who)
    run = Run.objects.get(method="robustness.blackbox", scope=case.pk)
    rule = case.application.scheme.content["thresholds"]["robustness.blackbox"]  # type: ignore[union-attr]
    reason = [{"en": "no clean-correct sample", "zh": "没有原本正确的样本"}]
    evaluated.finish(run, evaluated.result_for(run, rule, undefined=reason))
    evaluated.finish_runs(case)
    with pytest.raises(ValidationError):
        settling.settle(case, "RC-6", actor=who.lead, tested=Given(10), rationale="Surely one.")
    settling.settle(case, "RC-6", actor=who.lead, rationale="")
    assert case.settlements.get(criterion="RC-6").state == "not_demonstrated"


def test_tested_and_examined_the_lower_counts(who: Any) -> None:
    case = evaluated.settled_case(who, tests={"privacy.pii": 2}, points={"DP-7": 4, "DP-1": 4})
    row = case.settlements.get(criterion="DP-7")
    assert (row.origin, row.proposed_tenths, row.examined_points, row.settled_tenths) == ("both", 20, 4, 20)


def test_profile_alone_decides_what_does_not_apply(who: Any) -> None:
    case = evaluated.scored_case(who)
    with pytest.raises(ValidationError):
        settling.settle(case, "RC-4", actor=who.lead, tested=Given(50), rationale="It does.")


def test_a_settlement_falls_when_the_run_is_repeated_or_scores_change(who: Any) -> None:
    case = evaluated.settled_case(who)
    run = Run.objects.get(scope=case.pk, method="robustness.blackbox")
    rerun_with_reason(run, actor=who.lead, reason="A doubt about the sample.")
    assert settling.unsettled(settling.rows_of(case, who.lead)) == ["RC-6"]
    adopt_repeats()
    assert settling.unsettled(settling.rows_of(case, who.lead)) == ["RC-6"]
    evaluated.finish_runs(case, {"robustness.blackbox": 1})
    assert settling.settle_agreed(case, actor=who.lead) == ["RC-6"]
    scoring_sheet.reopen_scores(case, actor=who.lead, reason="New evidence.")
    erik = who.evaluators[0]
    row = case.scores.get(criterion="RC-10", evaluator=erik)
    save(case, erik, points=1, revision=row.revision)
    for evaluator in who.evaluators:
        scoring_sheet.hand_in(case, actor=evaluator)
    assert settling.unsettled(settling.rows_of(case, who.lead)) == ["RC-10"]


def test_a_settlement_changed_in_another_window_is_a_conflict(who: Any) -> None:
    case = evaluated.settled_case(who)
    row = case.settlements.get(criterion="RC-6")
    settling.settle(
        case, "RC-6", actor=who.lead, tested=Given(20), rationale="Masked gradients.", revision=row.revision
    )
    with pytest.raises(Conflict):
        settling.settle(case, "RC-6", actor=who.lead, tested=Given(10), rationale="Worse.", revision=row.revision)
    with pytest.raises(PermissionDenied):
        settling.settle(case, "RC-6", actor=who.evaluators[0], tested=Given(10), rationale="Worse.")
