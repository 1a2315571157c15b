"""An application from draft to agreement: all pairs of state and act, conflicts, freezing, numbers, signatures."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import PermissionDenied, ValidationError

from assessments.accounts.models import AccessGrant, InterestDeclaration
from assessments.applications import agreement, services
from assessments.applications.completeness import missing_parts
from assessments.applications.models import Application
from assessments.applications.steps import fingerprint
from assessments.ledger.services import history
from assessments.ledger.workflow import Conflict
from assessments.systems.models import Artifact, SystemVersion
from tests.assessments.applications.conftest import ANSWERS, PROFILE, SCHEMA

ACTS: dict[str, tuple[str, set[str], Callable[[Any, Any, Any], None]]] = {
    "submit": ("submitted", {"draft", "returned"}, lambda a, alice, lead: services.submit(a, actor=alice)),
    "return": (
        "returned",
        {"submitted"},
        lambda a, alice, lead: services.return_application(a, actor=lead, reason="The claim is unclear."),
    ),
    "decline": ("declined", {"submitted"}, lambda a, alice, lead: services.decline(a, actor=lead, reason="No means.")),
    "admit": (
        "admitted",
        {"submitted"},
        lambda a, alice, lead: services.admit(a, actor=lead, answers=ANSWERS, reason="Complete."),
    ),
    "withdraw": (
        "withdrawn",
        {"submitted", "returned", "admitted", "agreed"},
        lambda a, alice, lead: services.withdraw(a, actor=alice),
    ),
    "conclude": ("concluded", {"agreed"}, lambda a, alice, lead: services.conclude(a)),
}


@pytest.mark.parametrize("act", ACTS)
@pytest.mark.parametrize("status", Application.Status.values)
def test_acts_in_every_state(ready: Application, alice: Any, lead: Any, status: str, act: str) -> None:
    target, sources, perform = ACTS[act]
    frozen = "frozen" if status in ("submitted", "admitted", "agreed", "concluded") else "draft"
    SystemVersion.objects.filter(pk=ready.version_id).update(status=frozen)
    Application.objects.filter(pk=ready.pk).update(status=status)
    ready.refresh_from_db()
    if status in sources:
        perform(ready, alice, lead)
        expected = target
    else:
        with pytest.raises((Conflict, ValidationError)):
            perform(ready, alice, lead)
        expected = status
    assert Application.objects.get(pk=ready.pk).status == expected


@pytest.mark.parametrize("status", set(Application.Status.values) - {"draft", "returned"})
def test_edits_after_handing_in(ready: Application, alice: Any, body: Any, status: str) -> None:
    Application.objects.filter(pk=ready.pk).update(status=status)
    for edit in (
        lambda: services.choose_body(ready, actor=alice, body=None),
        lambda: services.choose_standard(ready, actor=alice, scheme=None),
        lambda: services.save_profile(ready, actor=alice, profile={}),
        lambda: services.save_schema(ready, actor=alice, schema={}),
        lambda: services.save_evidence(ready, "GM-6", actor=alice, explanation="Changed"),
        lambda: services.save_declarations(ready, actor=alice, declarations={}),
    ):
        with pytest.raises(Conflict):
            edit()
    stored = Application.objects.get(pk=ready.pk)
    assert stored.body == body
    assert stored.version.profile == PROFILE
    assert stored.evidence.get(criterion="GM-6").explanation == "See the policy."


def test_numbers_run_by_year(standard: Any, version: Any, alice: Any) -> None:
    numbers = [services.start_application(version, actor=alice).number for _ in range(3)]
    assert [number[-4:] for number in numbers] == ["0001", "0002", "0003"]
    assert all(number.startswith("A-2") for number in numbers)


def test_only_the_vendor_starts_and_edits(draft: Application, version: Any, charlie: Any, lead: Any, bob: Any) -> None:
    with pytest.raises(PermissionDenied):
        services.start_application(version, actor=charlie)
    with pytest.raises(PermissionDenied):
        services.save_profile(draft, actor=lead, profile=PROFILE)
    services.save_profile(draft, actor=bob, profile=PROFILE)
    assert SystemVersion.objects.get(pk=version.pk).profile == PROFILE


def test_what_is_missing_is_named_and_refuses(draft: Application, alice: Any) -> None:
    steps = {part.step for part in missing_parts(draft)}
    assert steps == {"profile", "standard", "body", "model", "evidence", "declarations"}
    with pytest.raises(ValidationError) as refused:
        services.submit(draft, actor=alice)
    assert "Choose the evaluation body." in refused.value.messages
    assert Application.objects.get(pk=draft.pk).status == "draft"


def test_complete_application_lacks_nothing(ready: Application) -> None:
    assert missing_parts(ready) == []


def test_refused_and_unread_files_hold_it_back(ready: Application) -> None:
    for inspection, word in (("refused", "refused"), ("awaiting", "Wait"), ("failed", "failed")):
        Artifact.objects.filter(version=ready.version, role="evidence").update(inspection=inspection)
        (part,) = missing_parts(ready)
        assert part.step == "model"
        assert word in part.text


def test_declared_schema_must_make_a_manifest(ready: Application, alice: Any) -> None:
    schema = {**SCHEMA, "model": {**SCHEMA["model"], "threshold": 0.5}}
    services.save_schema(ready, actor=alice, schema=schema)
    (part,) = missing_parts(ready)
    assert "two classes" in part.text


def test_second_application_for_a_version_is_held_back(submitted: Application, version: Any, alice: Any) -> None:
    second = services.start_application(version, actor=alice)
    assert any("Another application" in part.text for part in missing_parts(second))


def test_edit_on_an_old_sight_is_a_conflict(draft: Application, alice: Any, bob: Any) -> None:
    seen = fingerprint(draft, "evidence/GM-6")
    other = Application.objects.get(pk=draft.pk)
    services.save_evidence(other, "GM-6", actor=bob, explanation="Bob’s words", seen=seen)
    with pytest.raises(Conflict):
        services.save_evidence(draft, "GM-6", actor=alice, explanation="Alice’s words", seen=seen)
    assert draft.evidence.get().explanation == "Bob’s words"
    # Another step, seen at the same time, is not in conflict.
    services.save_evidence(draft, "GM-9", actor=alice, explanation="The list", seen=fingerprint(draft, "evidence/GM-9"))


def test_submission_of_what_was_not_seen_is_a_conflict(ready: Application, alice: Any, bob: Any) -> None:
    stale = Application.objects.get(pk=ready.pk)
    services.save_evidence(ready, "GM-6", actor=bob, explanation="Changed")
    with pytest.raises(Conflict):
        services.submit(stale, actor=alice)
    assert Application.objects.get(pk=ready.pk).status == "draft"
    assert SystemVersion.objects.get(pk=ready.version_id).status == "draft"


def test_submission_freezes_and_return_thaws(ready: Application, alice: Any, lead: Any) -> None:
    services.submit(ready, actor=alice)
    version = SystemVersion.objects.get(pk=ready.version_id)
    assert version.status == "frozen"
    assert version.profile["training_sample"] is True
    assert version.profile["differentiable"] is True
    services.return_application(ready, actor=lead, reason="The claim is unclear.")
    assert SystemVersion.objects.get(pk=ready.version_id).status == "draft"
    assert ready.admission_reason == "The claim is unclear."
    services.submit(Application.objects.get(pk=ready.pk), actor=alice)
    assert [entry.transition for entry in history(ready)] == ["start", "submit", "return", "submit"]


def test_leads_read_files_while_they_admit(ready: Application, alice: Any, lead: Any, other_lead: Any) -> None:
    version = ready.version
    assert not lead.has_perm("systems.view_version", version)
    services.submit(ready, actor=alice)
    assert lead.has_perm("systems.view_version", version)
    assert not other_lead.has_perm("systems.view_version", version)
    services.decline(ready, actor=lead, reason="We have no means for this.")
    assert not lead.has_perm("systems.view_version", version)


def test_lead_with_an_interest_neither_sees_files_nor_admits(ready: Application, alice: Any, lead: Any) -> None:
    InterestDeclaration.objects.create(
        person=lead, organisation=ready.organisation, nature="Shares", since="2020-01-01"
    )
    services.submit(ready, actor=alice)
    assert not AccessGrant.objects.filter(person=lead).exists()
    with pytest.raises(PermissionDenied):
        services.admit(ready, actor=lead, answers=ANSWERS, reason="Complete.")
    assert ready.status == "submitted"


def test_admission_stores_tier_and_path(submitted: Application, lead: Any) -> None:
    services.admit(submitted, actor=lead, answers=ANSWERS, reason="Complete.")
    assert submitted.tier == "limited"
    assert submitted.tier_path[-1] == {"question": "affects_people", "answer": True}
    assert submitted.agreement.text_sha256 == agreement.agreement_text("1").sha256


@pytest.mark.parametrize(
    "answers",
    [{"unacceptable_practice": True}, {"unacceptable_practice": False}, {}],
    ids=["unacceptable", "open", "none"],
)
def test_admission_is_refused(submitted: Application, lead: Any, answers: dict[str, bool]) -> None:
    with pytest.raises(ValidationError):
        services.admit(submitted, actor=lead, answers=answers, reason="Complete.")
    assert Application.objects.get(pk=submitted.pk).status == "submitted"


def test_generative_system_is_not_admitted(ready: Application, alice: Any, lead: Any) -> None:
    services.save_declarations(ready, actor=alice, declarations={**ready.declarations, "generative": True})
    services.submit(ready, actor=alice)
    with pytest.raises(ValidationError, match="generative"):
        services.admit(ready, actor=lead, answers=ANSWERS, reason="Complete.")


def test_high_risk_is_never_beyond_attack(ready: Application, alice: Any, lead: Any) -> None:
    services.save_profile(ready, actor=alice, profile={**PROFILE, "attack_exposure": "none"})
    services.submit(ready, actor=alice)
    high = {"unacceptable_practice": False, "safety_component": True}
    with pytest.raises(ValidationError, match="attack_exposure"):
        services.admit(ready, actor=lead, answers=high, reason="Complete.")


def test_reasons_are_needed(submitted: Application, lead: Any) -> None:
    for act in (services.return_application, services.decline):
        with pytest.raises(ValidationError):
            act(submitted, actor=lead, reason="  ")
    assert SystemVersion.objects.get(pk=submitted.version_id).status == "frozen"


def test_vendor_signs_first_then_the_body(admitted: Application, alice: Any, bob: Any, lead: Any) -> None:
    with pytest.raises(ValidationError):
        services.countersign(admitted, actor=lead)
    with pytest.raises(PermissionDenied):
        services.sign_agreement(admitted, actor=lead)
    services.sign_agreement(admitted, actor=alice)
    with pytest.raises(Conflict):
        services.sign_agreement(admitted, actor=bob)
    with pytest.raises(PermissionDenied):
        services.countersign(admitted, actor=alice)
    services.countersign(admitted, actor=lead)
    assert admitted.status == "agreed"
    assert admitted.agreement.is_signed
    assert (admitted.agreement.vendor_signatory, admitted.agreement.body_signatory) == (alice, lead)
    assert not lead.has_perm("systems.view_version", admitted.version)


def test_withdrawal_after_agreement_keeps_the_version_frozen(agreed: Application, alice: Any) -> None:
    services.withdraw(agreed, actor=alice)
    assert SystemVersion.objects.get(pk=agreed.version_id).status == "frozen"


def test_agreement_text_is_digested_as_it_stands() -> None:
    text = agreement.agreement_text("1")
    file = Path(agreement.__file__).parent / "agreements" / "1.md"
    assert text.sha256 == hashlib.sha256(file.read_bytes()).hexdigest()
    assert [block.kind for block in text.en] == [block.kind for block in text.zh]
    assert text.zh[0].lines == ("评估协议",)
    with pytest.raises(FileNotFoundError):
        agreement.agreement_text("../models")
