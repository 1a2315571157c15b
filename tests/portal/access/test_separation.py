"""Separation of duties (ISO/IEC 17065, 4.2, 7.5, 7.6): over all pairs of parts, and with an interest on record.

The expectation is written down here in words of the standard, and asked of the rules, of the proposal of people and of
the services alike.
"""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date, timedelta
from itertools import product
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError
from django.db import transaction
from django.utils import timezone

from assessments.accounts.models import AccessGrant, InterestDeclaration, Membership
from assessments.accounts.services import add_member
from assessments.ledger.services import append
from evaluations.cases import assignment, reviewing, tasks
from evaluations.cases.candidates import candidates
from evaluations.cases.models import Assignment, Case, Score, Settlement
from portal.certificates.models import Certificate
from tests.factories import cases, evaluated
from tests.factories.people import person

pytestmark = pytest.mark.django_db
Part = Assignment.Part
EVALUATING = {Part.LEAD, Part.EVALUATOR}
# What each part may do, once it is signed and has not ended.
ACTS = {
    "cases.lead_case": {Part.LEAD},
    "cases.settle_case": {Part.LEAD},
    "cases.score_case": {Part.EVALUATOR},
    "cases.evaluate_case": EVALUATING,
    "cases.review_case": {Part.REVIEWER},
    "cases.decide_case": {Part.REVIEWER},
}


@pytest.fixture
def own_files(settings: Any, tmp_path: Any) -> None:
    settings.ARTIFACT_ROOT = tmp_path / "artifacts"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]


@pytest.fixture
def who() -> cases.People:
    return cases.people()


@pytest.fixture
def case(who: cases.People) -> Case:
    """A case whose parts are all free, in review: the only stage at which every act could be open."""
    opened = cases.opened_case(who)
    opened.assignments.all().delete()
    return in_review(opened)


def in_review(case: Case) -> Case:
    Case.objects.filter(pk=case.pk).update(status=Case.Status.IN_REVIEW)
    return Case.objects.get(pk=case.pk)


@pytest.fixture
def alma(who: cases.People) -> Any:
    """Somebody who holds every role of the body: only the parts tell what she may do."""
    return person("Alma", who.body, "lead_evaluator", "evaluator", "reviewer")


def give(case: Case, someone: Any, part: str, *, ended: bool = False, signed: bool = True) -> None:
    now = timezone.now()
    Assignment.objects.create(
        case=case, person=someone, part=part, declared_at=now if signed else None, ended_at=now if ended else None
    )


def allowed(someone: Any, case: Case) -> set[str]:
    return {act for act in ACTS if someone.has_perm(act, case)}


def expected(parts: Iterable[tuple[str, bool]]) -> set[str]:
    """What follows from the parts that somebody holds or held: (part, ended)."""
    parts = list(parts)
    held = {part for part, ended in parts if not ended}
    evaluated_once = {part for part, _ended in parts} & EVALUATING
    acts = {act for act, needed in ACTS.items() if held & needed}
    return acts - {"cases.review_case", "cases.decide_case"} if evaluated_once else acts


PAIRS = [pair for pair in product(Part, Part) if pair[0] != pair[1]]


@pytest.mark.parametrize(("first", "second"), [*PAIRS, *((part, None) for part in Part)])
@pytest.mark.parametrize("ended", [False, True])
def test_nobody_reviews_or_decides_what_they_evaluated(
    case: Case, alma: Any, first: str, second: str | None, ended: bool
) -> None:
    """Whatever rows there are: the rules do not rely on assignment having been refused."""
    give(case, alma, first, ended=ended)
    if second:
        give(case, alma, second)
    parts = [(first, ended), *([(second, False)] if second else [])]
    assert allowed(alma, case) == expected(parts)


@pytest.mark.parametrize("part", list(Part))
def test_an_unsigned_part_opens_nothing(case: Case, alma: Any, part: str) -> None:
    give(case, alma, part, signed=False)
    assert allowed(alma, case) == set()


@pytest.mark.parametrize("part", list(Part))
@pytest.mark.parametrize(("until", "holds"), [(None, True), (30, True), (729, True), (740, False)])
def test_an_interest_stops_every_act(
    case: Case, who: cases.People, alma: Any, part: str, until: int | None, holds: bool
) -> None:
    """Two years back, and whenever it was declared: also after the part was signed."""
    give(case, alma, part)
    ended = timezone.now().date() - timedelta(days=until) if until else None
    declare(alma, who.vendor, until=ended)
    assert allowed(alma, case) == (set() if holds else expected([(part, False)]))


# What is done about a client beside the acts in a case, and by which role.
BESIDE = {
    "applications.admit_application": "lead_evaluator",
    "applications.countersign_agreement": "lead_evaluator",
    "cases.assign_case": "lead_evaluator",
    "certificates.suspend_certificate": "reviewer",
    "certificates.reinstate_certificate": "reviewer",
    "certificates.withdraw_certificate": "reviewer",
}
# How somebody comes to have an interest in the client: declared, ended a year ago, or belonging to it.
WAYS = ("declared", "ended", "member")


def interested(someone: Any, vendor: Any, way: str) -> None:
    if way == "member":  # accounts refuse it; the rules do not rely on that
        Membership.objects.create(person=someone, organisation=vendor, role="vendor_member")
    else:
        declare(someone, vendor, until=timezone.now().date() - timedelta(days=365) if way == "ended" else None)
    vars(someone).pop("roles_read", None)


@pytest.mark.parametrize("act", sorted({*ACTS, *BESIDE}))
def test_no_way_of_having_an_interest_leaves_an_act(case: Case, who: cases.People, act: str) -> None:
    """Every act about a client, in a case or beside it: one who has no interest may, and nobody who has one."""
    certificate = Certificate(holder=who.vendor, body=who.body, suspended_by=who.body)
    about = {"applications": case.application, "cases": case, "certificates": certificate}[act.partition(".")[0]]
    for way in ("", *WAYS):
        someone = person(f"Agda-{way}", who.body, "lead_evaluator", "evaluator", "reviewer")
        part = next(iter(ACTS[act])) if act in ACTS else Part.LEAD
        case.assignments.all().delete()
        if act not in BESIDE or BESIDE[act] == "lead_evaluator":
            give(case, someone, part)
        if way:
            interested(someone, who.vendor, way)
        assert someone.has_perm(act, about) == (way == ""), way


def test_nobody_belongs_to_a_client_and_to_a_body(alma: Any, who: cases.People) -> None:
    with pytest.raises(ValidationError, match="of one kind"):
        add_member(alma, who.vendor, "vendor_member", actor=None)


@pytest.mark.parametrize("part", list(Part))
def test_an_interest_in_another_vendor_stops_nothing(case: Case, alma: Any, other_vendor: Any, part: str) -> None:
    give(case, alma, part)
    declare(alma, other_vendor)
    assert allowed(alma, case) == expected([(part, False)])


@pytest.mark.parametrize("trace", [Score, Settlement])
def test_a_score_or_a_settlement_is_a_part_taken(case: Case, alma: Any, trace: Any) -> None:
    """Even without any assignment as evaluator on record."""
    give(case, alma, Part.REVIEWER)
    if trace is Score:
        Score.objects.create(case=case, criterion="GM-1", evaluator=alma, points=3)
    else:
        Settlement.objects.create(case=case, criterion="GM-1", state="scored", origin="test", settled_by=alma)
    assert allowed(alma, case) == set()


@pytest.mark.parametrize("part", [None, *Part])
def test_nobody_reviews_or_decides_what_they_admitted(case: Case, who: cases.People, alma: Any, part: Any) -> None:
    """The lead of the case may have admitted it; a reviewer may not, whatever else they hold or held in it."""
    append_admission(case, alma)
    if part and part != Part.REVIEWER:
        give(case, alma, part, ended=True)
    give(case, alma, Part.REVIEWER)
    assert allowed(alma, case) == set()
    give(case, alma, Part.LEAD)
    assert allowed(alma, case) == {"cases.lead_case", "cases.settle_case", "cases.evaluate_case"}


def test_who_admitted_is_not_proposed_as_reviewer_and_the_page_says_why(
    client: Any, case: Case, who: cases.People, alma: Any
) -> None:
    append_admission(case, alma)
    give(case, who.lead, Part.LEAD)
    proposed = {part: {each.person for each in candidates(case, part)} for part in Part}
    assert {part: alma in people for part, people in proposed.items()} == {
        Part.LEAD: True,
        Part.EVALUATOR: True,
        Part.REVIEWER: False,
    }
    with pytest.raises(ValidationError):
        assignment.assign(case, alma, Part.REVIEWER, actor=who.lead)
    client.force_login(who.lead)
    assignment.sync_grants(case)
    assert (
        "admitted the application, which nobody reviews themselves"
        in client.get(f"/cases/{case.pk}/people/").content.decode()
    )


def append_admission(case: Case, someone: Any) -> None:
    """As if `someone` had admitted the application: what the ledger says counts, not who has a part."""
    with transaction.atomic():
        append(case.application, "admit", actor=someone)


@pytest.mark.parametrize("role", ["lead_evaluator", "evaluator", "reviewer"])
def test_a_role_alone_opens_no_act(case: Case, who: cases.People, role: str) -> None:
    assert allowed(person("Nora", who.body, role), case) == set()


@pytest.mark.parametrize("part", list(Part))
def test_a_part_without_the_role_in_this_body_reviews_nothing(case: Case, other_body: Any, part: str) -> None:
    outsider = person("Olga", other_body, "lead_evaluator", "evaluator", "reviewer")
    give(case, outsider, part)
    assert not allowed(outsider, case) & {"cases.review_case", "cases.decide_case"}


def test_the_services_refuse_what_the_rules_refuse(who: cases.People) -> None:
    """The lead and the evaluators of a reviewed case, each also given the part of reviewer behind the rules' back."""
    case = evaluated.evaluated_case(who)
    for someone in (who.lead, *who.evaluators):
        give(case, someone, Part.REVIEWER)
        with pytest.raises(PermissionDenied):
            reviewing.record_review(case, actor=someone, checklist={}, recommendation="refuse", reasons="No.")
    declare(who.reviewer, who.vendor)
    with pytest.raises(PermissionDenied):
        reviewing.record_review(case, actor=who.reviewer, checklist={}, recommendation="refuse", reasons="No.")


def test_an_interest_declared_after_the_review_stops_the_decision(who: cases.People) -> None:
    case = evaluated.reviewed_case(who)
    declare(who.reviewer, who.vendor)
    with pytest.raises(PermissionDenied):
        reviewing.decide(case, actor=who.reviewer, outcome="refused", reasons="No.")


def test_the_sweep_closes_what_is_open_to_the_interested(who: cases.People) -> None:
    """Runs and files stand in rooms below, which know grants only; the sweep brings what was declared down to them."""
    case = cases.planned_case(who)
    interested, other = who.evaluators
    version = case.application.version
    declare(interested, who.vendor)
    tasks.sweep()
    assert not AccessGrant.objects.active().filter(person=interested).exists()
    assert not interested.has_perm("systems.view_version", version)
    assert other.has_perm("systems.add_artifact", version)
    assert assignment.close_to_the_interested() == 0


def test_files_are_added_by_those_who_evaluate_and_only_before_review(who: cases.People) -> None:
    case = evaluated.evaluated_case(who)
    version = case.application.version
    for someone in (who.lead, *who.evaluators, who.reviewer):
        assert someone.has_perm("systems.view_version", version)
        assert not someone.has_perm("systems.add_artifact", version)


@pytest.mark.parametrize("part", list(Part))
def test_nobody_with_an_interest_signs(who: cases.People, part: str) -> None:
    case = cases.opened_case(who)
    case.assignments.all().delete()
    nora = person("Nora", who.body, "lead_evaluator", "evaluator", "reviewer")
    give(case, nora, part, signed=False)
    declare(nora, who.vendor)
    with pytest.raises(ValidationError, match="interest"):
        assignment.sign_statement(case.assignments.get(), actor=nora)


def declare(someone: Any, organisation: Any, *, until: date | None = None) -> None:
    InterestDeclaration.objects.create(
        person=someone, organisation=organisation, nature="Advised it.", since=date(2015, 1, 1), until=until
    )
