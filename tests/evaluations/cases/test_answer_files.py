"""Documents that a client puts to its answer: added, taken back, fixed with the answer, and read by the case alone."""

from __future__ import annotations

import hashlib
import re
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client
from django.utils import timezone

from assessments.accounts.services import open_object
from assessments.ledger.services import history
from assessments.systems.models import Artifact, Reading
from evaluations.cases import assignment
from evaluations.cases.models import AnswerFile, Case, Finding
from tests.factories import cases, evaluated
from tests.factories.people import person

pytestmark = pytest.mark.django_db
PAPER = b"%PDF-1.4 rehearsal of 12 May"
DIGEST = hashlib.sha256(PAPER).hexdigest()


@pytest.fixture(autouse=True)
def own_files(settings: Any, tmp_path: Any) -> None:
    settings.ARTIFACT_ROOT, settings.UPLOAD_ROOT = tmp_path / "artifacts", tmp_path / "quarantine"


@pytest.fixture
def who() -> cases.People:
    return cases.people()


@pytest.fixture
def finding(who: cases.People) -> Finding:
    return evaluated.told_case(who, points={"RC-10": 1}).findings.get()


def signed_in(someone: Any) -> Client:
    client = Client()
    client.force_login(someone)
    return client


def post(someone: Any, row: Finding, *, content: bytes | None = PAPER, name: str = "proof.pdf", **fields: Any) -> Any:
    row.refresh_from_db()
    day = timezone.now().date() + timedelta(days=20)
    data: dict[str, Any] = {"answer": "We rehearse.", "due_on": day.isoformat(), "revision": row.revision, **fields}
    step = {"step": data.pop("step")} if "step" in data else {}
    sent = {f"finding-{row.pk}-{key}": value for key, value in data.items()} | step
    if content is not None:
        sent["file"] = SimpleUploadedFile(name, content)
    return signed_in(someone).post(f"/cases/{row.case_id}/findings/{row.pk}/answer/", sent)


def test_without_script_a_document_is_added_and_what_was_typed_stays(who: cases.People, finding: Finding) -> None:
    page = post(who.applicant, finding, step="file", answer="Half a sentence", due_on="")
    assert page.status_code == 200
    text = page.content.decode()
    assert "Half a sentence" in text
    assert "proof.pdf" in text
    assert DIGEST in text
    assert "This field is required" not in text
    post(who.applicant, finding, step="file")  # a page loaded again
    (held,) = AnswerFile.objects.all()
    assert (held.artifact.role, held.artifact.inspection, held.sent_at) == ("answer", "awaiting", None)
    # Nobody of the body sees it before the answer is sent.
    assert signed_in(who.lead).get(f"/systems/files/{held.artifact_id}/").status_code == 404
    assert "proof.pdf" not in signed_in(who.lead).get(f"/cases/{finding.case_id}/findings/").content.decode()
    back = f"/cases/{finding.case_id}/findings/{finding.pk}/files/{held.artifact_id}/remove/"
    kept = signed_in(who.applicant).post(back, {f"finding-{finding.pk}-answer": "Still here"})
    assert "Still here" in kept.content.decode()
    assert not AnswerFile.objects.exists()
    assert Artifact.objects.get(pk=held.artifact_id).replaced_at is not None
    # An answer that is wrong keeps the document that came with it.
    assert post(who.applicant, finding, due_on="").status_code == 400
    assert AnswerFile.objects.count() == 1


def test_with_the_answer_it_is_fixed_told_by_digest_and_open_to_the_case_alone(
    who: cases.People, finding: Finding
) -> None:
    assert post(who.applicant, finding).status_code == 302
    held = AnswerFile.objects.get()
    case, key = finding.case, str(held.artifact_id)
    entry = [entry for entry in history(case) if entry.transition == "answer_finding"][-1]
    assert entry.details["files"] == {key: DIGEST}
    for someone, address in ((who.applicant, "client"), (who.lead, "findings"), (who.evaluators[0], "findings")):
        text = signed_in(someone).get(f"/cases/{case.pk}/{address}/").content.decode()
        assert "proof.pdf" in text
        assert DIGEST in text
        assert len(re.findall(DIGEST, text)) >= 2, "beside the answer, and in who said what"
        answer = signed_in(someone).get(f"/systems/files/{key}/")
        assert b"".join(answer.streaming_content) == PAPER
        assert answer["Content-Disposition"].startswith("attachment")
    assert set(Reading.objects.values_list("person", flat=True)) == {who.lead.pk, who.evaluators[0].pk}
    # A grant on the version, as another case would give, opens other files and not this one.
    other = person("Otto", who.body, "evaluator")
    open_object(other, "systems.systemversion", held.artifact.version_id, "C-2026-9999 evaluator")
    assert signed_in(other).get(f"/systems/files/{key}/").status_code == 404
    assert key not in signed_in(other).get(f"/systems/versions/{held.artifact.version_id}/").content.decode()
    # Fixed: not taken back, not added to, and gone for whoever leaves the case.
    back = f"/cases/{case.pk}/findings/{finding.pk}/files/{key}/remove/"
    assert signed_in(who.applicant).post(back).status_code == 409
    assert post(who.applicant, finding, step="file", name="more.pdf", content=b"more").status_code == 409
    assert signed_in(who.applicant).post(f"/systems/files/{key}/remove/").status_code == 302
    assert Artifact.objects.get(pk=key).replaced_at is None
    row = case.assignments.get(person=who.evaluators[0], part="evaluator")
    assignment.end_assignment(row, actor=who.lead, reason="Elsewhere now.")
    assert signed_in(who.evaluators[0]).get(f"/systems/files/{key}/").status_code == 404


def test_by_the_interface(who: cases.People, finding: Finding, charlie: Any) -> None:
    client, version = signed_in(who.applicant), finding.case.application.version

    def upload(role: str = "answer", name: str = "proof.pdf") -> str:
        about = {"version": str(version.pk), "role": role, "filename": name, "size": len(PAPER)}
        begun = client.post("/api/uploads/", about, content_type="application/json").json()
        head = {"Upload-Offset": "0"}
        kind = "application/offset+octet-stream"
        client.patch(f"/api/uploads/{begun['id']}/", PAPER, content_type=kind, headers=head)
        return str(client.post(f"/api/uploads/{begun['id']}/finish/").json()["id"])

    place = f"/api/cases/{finding.case_id}/findings/{finding.pk}/files/"
    key = upload()
    put = client.post(place, {"file": key}, content_type="application/json")
    assert (put.status_code, put.json()["sha256"], put.json()["sent_at"]) == (201, DIGEST, None)
    assert client.post(place, {"file": key}, content_type="application/json").status_code == 201
    evidence = client.post(place, {"file": upload("evidence")}, content_type="application/json")
    assert evidence.status_code == 400
    assert "file" in evidence.json()
    for someone in (charlie, who.lead):
        assert signed_in(someone).post(place, {"file": key}, content_type="application/json").status_code == 404
    assert client.delete(f"{place}{key}/").status_code == 204
    assert client.delete(f"{place}{key}/").status_code == 404
    key = upload()
    assert client.post(place, {"file": key}, content_type="application/json").status_code == 201
    post(who.applicant, finding, content=None)
    (told,) = client.get(f"/api/cases/{finding.case_id}/findings/").json()
    assert [(file["id"], file["filename"], bool(file["sent_at"])) for file in told["files"]] == [
        (key, "proof.pdf", True)
    ]
    assert client.delete(f"{place}{key}/").status_code == 409


def test_a_case_that_is_over_takes_no_document(who: cases.People, finding: Finding) -> None:
    Case.objects.filter(pk=finding.case_id).update(status="in_review")
    assert post(who.applicant, finding, step="file").status_code == 409
    assert not AnswerFile.objects.exists()
