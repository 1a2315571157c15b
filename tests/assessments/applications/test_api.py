"""The REST interface: a vendor applies from a program, and others find nothing."""

from __future__ import annotations

from typing import Any

import pytest
from rest_framework.test import APIClient

from assessments.accounts.tokens import make_token
from assessments.applications.models import Application
from tests.assessments.applications.conftest import PROFILE, SCHEMA

DECLARED = {"truthful": True, "right_to_data": True, "sole_body": True, "generative": False}


@pytest.fixture
def api() -> Any:
    def for_person(person: Any) -> APIClient:
        return APIClient(headers={"Authorization": f"Bearer {make_token(person, 'test')}"})

    return for_person


def test_a_vendor_applies_and_submits(
    *, standard: Any, version: Any, api: Any, alice: Any, lead: Any, body: Any
) -> None:
    client = api(alice)
    begun = client.post("/api/applications/", {"version": str(version.pk)})
    assert begun.status_code == 201
    page = f"/api/applications/{begun.data['id']}/"
    assert client.post(f"{page}submit/").status_code == 400
    (known,) = client.get("/api/bodies/").data
    fields = {
        "target_level": "basic",
        "body": known["id"],
        "profile": PROFILE,
        "schema": SCHEMA,
        "declarations": DECLARED,
    }
    changed = client.patch(page, fields)
    assert changed.status_code == 200, changed.data
    codes = {part["criterion"] for part in changed.data["missing"]}
    assert codes
    assert {part["step"] for part in changed.data["missing"]} == {"evidence"}
    for code in codes:
        document = str(version.artifacts.get(role="evidence").pk)
        given = client.put(f"{page}evidence/{code}/", {"explanation": "See page 3.", "artifact": document, "page": 3})
        assert given.status_code == 200, given.data
    assert len(client.get(f"{page}evidence/").data) == len(codes)
    submitted = client.post(f"{page}submit/")
    assert submitted.data["status"] == "submitted"
    assert client.patch(page, {"target_level": "enhanced"}).status_code == 409
    assert api(lead).get(page).data["status"] == "submitted"
    assert client.post(f"{page}withdraw/").data["status"] == "withdrawn"


def test_the_client_signs(admitted: Application, api: Any, alice: Any, lead: Any) -> None:
    page = f"/api/applications/{admitted.pk}/sign/"
    assert api(lead).post(page).status_code == 404
    assert api(alice).post(page).status_code == 200
    assert api(alice).post(page).status_code == 409


def test_out_of_reach_is_not_found(ready: Application, version: Any, api: Any, charlie: Any, lead: Any) -> None:
    page = f"/api/applications/{ready.pk}/"
    for person in (charlie, lead):  # to the body a draft does not exist
        client = api(person)
        assert client.get(page).status_code == 404
        assert client.patch(page, {"target_level": "basic"}).status_code == 404
        assert client.put(f"{page}evidence/GM-6/", {"explanation": "x"}).status_code == 404
        assert client.post(f"{page}submit/").status_code == 404
        assert client.post("/api/applications/", {"version": str(version.pk)}).status_code == 404
        assert client.get("/api/applications/").data == []
    assert APIClient().get(page).status_code == 401


def test_lead_cannot_change_what_was_submitted(submitted: Application, api: Any, lead: Any, other_lead: Any) -> None:
    page = f"/api/applications/{submitted.pk}/"
    assert api(lead).patch(page, {"target_level": "basic"}).status_code == 404
    assert api(lead).post(f"{page}withdraw/").status_code == 404
    assert api(other_lead).get(page).status_code == 404


@pytest.mark.parametrize(
    "change", [{"scheme": "NO/1"}, {"target_level": "gold"}, {"body": "00000000-0000-0000-0000-000000000000"}]
)
def test_wrong_values_are_refused(draft: Application, api: Any, alice: Any, change: dict[str, str]) -> None:
    assert api(alice).patch(f"/api/applications/{draft.pk}/", change).status_code == 400


def test_a_file_of_another_vendor_is_no_evidence(
    ready: Application, api: Any, alice: Any, charlie: Any, other_vendor: Any
) -> None:
    from assessments.systems.services import create_system, create_version
    from tests.assessments.applications.conftest import read_file

    system = create_system(organisation=other_vendor, actor=charlie, name_en="Other")
    foreign = read_file(
        create_version(system, actor=charlie, label="1"), charlie, "evidence", "secret.pdf", {}, kind="pdf"
    )
    answer = api(alice).put(f"/api/applications/{ready.pk}/evidence/GM-6/", {"artifact": str(foreign.pk)})
    assert answer.status_code == 400
    assert ready.evidence.get(criterion="GM-6").artifact is None
