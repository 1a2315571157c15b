"""The pages of an application: who reaches them, what they save, what two tabs do to each other."""

from __future__ import annotations

import re
import uuid
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments.applications import services
from assessments.applications.forms import BodyForm
from assessments.applications.models import Application
from assessments.applications.steps import fingerprint
from assessments.systems.models import SystemVersion
from assessments.systems.services import create_version
from tests.assessments.applications.conftest import ANSWERS, PROFILE, SCHEMA

VENDOR_PAGES = ["application", "answers", "evidence"]
STEP_PAGES = ["profile", "standard", "body", "model", "declarations"]


@pytest.fixture
def sign_in() -> Any:
    def signed_in(person: Any) -> Client:
        client = Client()
        client.force_login(person, backend="django.contrib.auth.backends.ModelBackend")
        return client

    return signed_in


def address(name: str, *args: Any) -> str:
    return reverse(f"applications:{name}", args=args)


def test_vendor_pages_are_reached_by_members_only(
    *, ready: Application, sign_in: Any, alice: Any, bob: Any, charlie: Any, lead: Any, reviewer: Any
) -> None:
    pages = [address(name, ready.pk) for name in VENDOR_PAGES]
    pages += [address("step", ready.pk, name) for name in STEP_PAGES] + [address("criterion", ready.pk, "GM-6")]
    for page in pages:
        for person in (alice, bob):
            assert sign_in(person).get(page).status_code == 200, page
        for person in (charlie, lead, reviewer):
            assert sign_in(person).get(page).status_code == 404, page
        assert Client().get(page)["Location"].startswith("/accounts/login/")
    assert sign_in(alice).get(address("application", uuid.uuid4())).status_code == 404
    assert sign_in(alice).get(address("step", ready.pk, "other")).status_code == 404
    assert sign_in(alice).get(address("criterion", ready.pk, "RC-1")).status_code == 404


def test_lead_pages_are_reached_by_the_bodys_lead_only(
    *, submitted: Application, sign_in: Any, alice: Any, charlie: Any, lead: Any, other_lead: Any, evaluator1: Any
) -> None:
    page = address("admission", submitted.pk)
    assert sign_in(lead).get(page).status_code == 200
    for person in (alice, charlie, other_lead, evaluator1):
        assert sign_in(person).get(page).status_code == 404
    for name in ("application", "answers"):
        assert sign_in(lead).get(address(name, submitted.pk)).status_code == 200
        assert sign_in(other_lead).get(address(name, submitted.pk)).status_code == 404
    assert sign_in(lead).get(address("queue")).status_code == 200
    for person in (alice, evaluator1):
        assert sign_in(person).get(address("queue")).status_code == 404
    assert sign_in(lead).get(address("list")).status_code == 404


@pytest.mark.parametrize("name", ["submit", "withdraw", "sign", "return", "decline"])
def test_acts_are_posted_by_those_who_may(
    *,
    submitted: Application,
    sign_in: Any,
    charlie: Any,
    other_lead: Any,
    evaluator1: Any,
    alice: Any,
    lead: Any,
    name: str,
) -> None:
    page = address(name, submitted.pk)
    for person in (charlie, other_lead, evaluator1):
        assert sign_in(person).post(page, {"reason": "x", "agreed": "yes"}).status_code == 404
    assert sign_in(alice).get(page).status_code == 404
    wrong = alice if name in ("return", "decline") else lead
    if name != "sign":
        assert sign_in(wrong).post(page, {"reason": "x"}).status_code == 404
    assert Application.objects.get(pk=submitted.pk).status == "submitted"


def test_a_vendor_fills_in_and_submits_by_forms_alone(
    *, standard: Any, version: Any, sign_in: Any, alice: Any, body: Any, lead: Any
) -> None:
    client = sign_in(alice)
    answer = client.post(address("start"), {"version": version.pk})
    application = Application.objects.get()
    assert answer["Location"] == address("application", application.pk)
    facts = {name: {True: "yes", False: "no"}.get(value, value) for name, value in PROFILE.items()}
    pk = application.pk
    for name, values in {
        "profile": facts,
        "standard": {"scheme": standard.pk, "target_level": "basic"},
        "body": {"body": body.pk},
        "declarations": {"truthful": "on", "right_to_data": "on", "sole_body": "on", "generative": "no"},
    }.items():
        assert client.post(address("step", pk, name), values)["Location"] == address("application", pk), name
    shown = client.get(address("step", pk, "model")).content.decode()
    assert "0, 1, 2, 3, 4, 5, 6, 7, 8, 9" in shown  # ten outputs were read from the model
    form = {
        "task": "classification", "output_kind": "logits", "classes": "0, 1, 2, 3, 4, 5, 6, 7, 8, 9", "label": "y",
        "layout": "flat", "shape": "1, 8, 8", "scale": "0.0625", "lowest": "0", "highest": "16", "grid": "1",
        "columns-TOTAL_FORMS": "0", "columns-INITIAL_FORMS": "0",
        "claims-TOTAL_FORMS": "1", "claims-INITIAL_FORMS": "0",
        "claims-0-metric": "accuracy", "claims-0-value": "0.95", "claims-0-minimum": "0.9",
    }  # fmt: skip
    assert client.post(address("step", pk, "model"), form, headers={"X-Autosave": "1"}).status_code == 204
    # The button sends the same once more: what was saved meanwhile must not count as left empty.
    assert client.post(address("step", pk, "model"), form).status_code == 302
    assert SystemVersion.objects.get(pk=version.pk).schema == SCHEMA
    for part in re.findall(r"/evidence/([A-Z]+-\d+)/", client.get(address("answers", pk)).content.decode()):
        client.post(address("criterion", pk, part), {"explanation": f"What we do for {part}"})
    revision = re.search(r'name="revision" value="(\d+)"', client.get(address("answers", pk)).content.decode())
    assert revision
    client.post(address("submit", pk), {"revision": revision[1]})
    assert Application.objects.get().status == "submitted"


def test_lead_admits_and_both_sign_by_forms(submitted: Application, sign_in: Any, alice: Any, lead: Any) -> None:
    pk = submitted.pk
    answers = {name: "yes" if value else "no" for name, value in ANSWERS.items()}
    open_question = sign_in(lead).post(
        address("admission", pk), {**answers, "affects_people": "no", "reason": "Complete"}
    )
    assert open_question.status_code == 422
    assert "Answer this question" in open_question.content.decode()
    sign_in(lead).post(address("admission", pk), {**answers, "reason": "Complete"})
    assert Application.objects.get(pk=pk).tier == "limited"
    sign_in(lead).post(address("sign", pk), {"agreed": "yes"})
    assert Application.objects.get(pk=pk).status == "admitted"
    sign_in(alice).post(address("sign", pk))
    assert Application.objects.get(pk=pk).agreement.vendor_signed_at is None
    sign_in(alice).post(address("sign", pk), {"agreed": "yes"})
    sign_in(lead).post(address("sign", pk), {"agreed": "yes"})
    assert Application.objects.get(pk=pk).status == "agreed"


def test_return_gives_reasons_and_opens_the_steps_again(
    submitted: Application, sign_in: Any, alice: Any, lead: Any
) -> None:
    sign_in(lead).post(address("return", submitted.pk), {"reason": "The claim is unclear."})
    page = sign_in(alice).get(address("application", submitted.pk)).content.decode()
    assert "The claim is unclear." in page
    assert address("step", submitted.pk, "model") in page


def test_two_tabs_on_one_criterion(draft: Application, sign_in: Any, alice: Any, bob: Any) -> None:
    page = address("criterion", draft.pk, "GM-6")
    seen = re.search(r'name="seen" value="(\w+)"', sign_in(alice).get(page).content.decode())
    assert seen
    assert sign_in(bob).post(page, {"explanation": "Bob’s words", "seen": seen[1]}).status_code == 302
    late = sign_in(alice).post(page, {"explanation": "Alice’s words", "seen": seen[1]})
    assert late.status_code == 409
    assert "Alice’s words" in late.content.decode()  # given back, not lost
    assert "What stands there now:" in late.content.decode()
    assert "Bob’s words" in late.content.decode()
    assert draft.evidence.get().explanation == "Bob’s words"


def test_autosave_keeps_up_with_itself(draft: Application, sign_in: Any, alice: Any) -> None:
    client, page = sign_in(alice), address("criterion", draft.pk, "GM-6")
    assert 'href="/standards/TAI/0.9/#GM-6"' in client.get(page).content.decode()
    seen = fingerprint(draft, "evidence/GM-6")
    for text in ("A", "A po", "A policy"):
        answer = client.post(page, {"explanation": text, "seen": seen}, headers={"X-Autosave": "1"})
        assert answer.status_code == 204
        seen = answer["X-Seen"]
    assert draft.evidence.get().explanation == "A policy"
    stale = client.post(page, {"explanation": "Other", "seen": "0" * 32}, headers={"X-Autosave": "1"})
    assert stale.status_code == 409
    wrong = client.post(page, {"explanation": "A", "page": "-1", "seen": seen}, headers={"X-Autosave": "1"})
    assert wrong.status_code == 422
    assert draft.evidence.get().explanation == "A policy"


def test_what_does_not_fit_is_said_and_kept_on_the_page(draft: Application, sign_in: Any, alice: Any) -> None:
    form = {
        "task": "classification", "shape": "1, eight", "lowest": "4", "highest": "2", "population": "sex f",
        "columns-TOTAL_FORMS": "0", "columns-INITIAL_FORMS": "0",
        "claims-TOTAL_FORMS": "0", "claims-INITIAL_FORMS": "0",
    }  # fmt: skip
    answer = sign_in(alice).post(address("step", draft.pk, "model"), form)
    page = answer.content.decode()
    assert answer.status_code == 422
    assert "Write numbers, separated by commas." in page
    assert "It must be more than the lowest value." in page
    assert "1, eight" in page
    assert SystemVersion.objects.get(pk=draft.version_id).schema == {}


def test_saving_after_handing_in_is_a_conflict(submitted: Application, sign_in: Any, alice: Any, body: Any) -> None:
    page = address("step", submitted.pk, "body")
    assert sign_in(alice).post(page, {"body": body.pk}).status_code == 409
    assert BodyForm(submitted).typed() == [("Evaluation body", body.name)]  # in words, for the page of a conflict
    assert sign_in(alice).get(page)["Location"] == address("application", submitted.pk)


@pytest.mark.parametrize("count", [1, 30])
def test_lists_ask_the_same_number_of_queries(
    *, standard: Any, version: Any, alice: Any, lead: Any, body: Any, sign_in: Any, count: int,
    django_assert_max_num_queries: Any,
) -> None:  # fmt: skip
    for index in range(count):
        other = create_version(version.system, actor=alice, label=f"2.{index}")
        application = services.start_application(other, actor=alice)
        Application.objects.filter(pk=application.pk).update(
            body=body, status="submitted", submitted_at="2030-01-01T00:00Z"
        )
    vendor, leader = sign_in(alice), sign_in(lead)
    with django_assert_max_num_queries(8):
        assert vendor.get(address("list")).status_code == 200
    with django_assert_max_num_queries(8):
        page = leader.get(address("queue")).content.decode()
    assert page.count("/admission/") == count


HAN = re.compile("[\u4e00-\u9fff]")
ENGLISH = re.compile(r"(?:\b[A-Za-z]{2,}\b[ ,;:]+){3,}")


def english_sentences(page: str) -> list[str]:
    """Runs of three English words in the visible text."""
    body = page.partition("<main")[2].partition("</main>")[0]
    text = re.sub(r"<(script|style)[^>]*>.*?</\1>", " ", body, flags=re.DOTALL)
    pieces = [piece.strip() for piece in re.split(r"<[^>]+>", text)]
    return [piece for piece in pieces if ENGLISH.search(piece + " ") and not HAN.search(piece)]


def test_pages_in_chinese_have_no_english_sentence(ready: Application, sign_in: Any, alice: Any, lead: Any) -> None:
    SystemVersion.objects.filter(pk=ready.version_id).update(intended_use="读取表格上的数字。")
    Application.objects.get(pk=ready.pk).evidence.update(explanation="见制度。")
    clients = {person: sign_in(person) for person in (alice, lead)}
    assert english_sentences(clients[alice].get(address("application", ready.pk)).content.decode())  # it does find them
    for client in clients.values():
        client.cookies["django_language"] = "zh-hans"
    pk = ready.pk
    pages = [address("list"), address("start"), *(address(name, pk) for name in VENDOR_PAGES)]
    pages += [address("step", pk, name) for name in STEP_PAGES] + [address("criterion", pk, "GM-6")]
    shown = [(page, clients[alice].get(page)) for page in pages]
    services.submit(Application.objects.get(pk=pk), actor=alice)
    shown += [
        (page, clients[lead].get(page))
        for page in (address("queue"), address("admission", pk), address("application", pk))
    ]
    services.admit(Application.objects.get(pk=pk), actor=lead, answers=ANSWERS, reason="材料齐全。")
    shown += [(page, clients[alice].get(page)) for page in (address("agreement", pk), address("application", pk))]
    for page, answer in shown:
        assert answer.status_code == 200, page
        assert english_sentences(answer.content.decode()) == [], page
