"""What people see of a run, and who sees it."""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse

from assessments.systems import services as systems
from assessments.systems import storage
from assessments.systems.models import Artifact
from evaluations.runs import execution, leases, sealing, tasks
from evaluations.runs.models import Run
from evaluations.runs.views import as_card

Ask = Callable[..., Run]
PIXEL = "iVBORw0KGgoAAAANSUhEUgAAAAIAAAABCAAAAADRSSBWAAAAC0lEQVR4nGNgYAAAAAMAAbitOmMAAAAASUVORK5CYII="
ADDRESSES = ["run", "progress", "result"]


def finished(run: Run) -> Run:
    """A run with a result that has one of each thing a page shows, some of it hostile."""
    claimed = leases.claim_run(run.pk)
    assert claimed is not None
    text = {"en": "Read with <b>care</b>", "zh": "请谨慎解读"}
    metric = {
        "name": "performance", "value": 0.9523, "n": 600, "direction": "higher", "unit": "", "low": 0.93, "high": 0.97,
        "bound": 0.93, "interval": "Wilson", "slice": {"metric": "accuracy"}, "undefined": None,
    }  # fmt: skip
    charts = [
        {"kind": "curve", "title": text, "data": {"x": [0.1], "y": [0.9], "low": [0.8], "high": [0.95]}},
        {"kind": "grid", "title": text, "data": {"rows": ["noise"], "columns": ["1", "2"], "values": [[0.9, 0.4]]}},
        {"kind": "bars", "title": text, "data": {"groups": [{"group": "F", "value": 0.5, "n": 10}]}},
        {"kind": "histogram", "title": text, "data": {"edges": [0, 1], "counts": [3], "axis": text}},
        {"kind": "heat", "title": text, "data": {"rows": ["cat"], "columns": ["dog"], "values": [[7]]}},
        {"kind": "bars", "title": text, "data": {"groups": "nonsense"}},
        {"kind": "ruler", "title": text, "data": {}},
    ]
    rows = [["<script>alert(1)</script>"], [None], [1 / 3]]
    result = {
        "version": "1.0", "metrics": [metric, {**metric, "name": "claim_difference", "undefined": text, "value": None}],
        "undefined": [], "charts": charts, "notes": [text], "environment": {"python": "3.11"},
        "tables": [{"name": "t", "title": text, "columns": [text], "rows": rows}],
        "images": [{"name": "i", "title": text, "png": PIXEL}],
    }  # fmt: skip
    sandbox = {"level": "S2", "reservations": ["shared_user"], "seconds": 1.0}
    leases.finish_run(claimed, result=result, seal=sealing.seal(claimed, result, sandbox), sandbox=sandbox, log="a log")
    claimed.refresh_from_db()
    return claimed


def page(client: Client, person: Any, name: str, run: Run, **more: Any) -> Any:
    client.force_login(person)
    return client.get(reverse(f"runs:{name}", args=[run.pk]), **more)


def test_finished_run_shows_result_and_how_it_was_run(client: Client, request_run: Ask, evaluator1: Any) -> None:
    response = page(client, evaluator1, "run", finished(request_run()))
    text = response.content.decode()
    assert response.status_code == 200
    for shown in (
        "0.952",
        "0.3333",
        "n = 600",
        "S2",
        "intact",
        "a log",
        "dog",
        PIXEL[:20],
        "Run again",
        "What this number means",
    ):
        assert shown in text, shown
    assert text.count("<svg") >= 4
    assert "<script>alert" not in text
    assert "<b>care" not in text


def test_page_is_written_in_chinese(client: Client, request_run: Ask, evaluator1: Any) -> None:
    run = finished(request_run())
    client.cookies["django_language"] = "zh-hans"
    text = page(client, evaluator1, "run", run).content.decode()
    assert "请谨慎解读" in text
    assert "Read with" not in text


def test_changed_result_is_shown_as_broken(client: Client, request_run: Ask, evaluator1: Any) -> None:
    run = finished(request_run())
    Run.objects.filter(pk=run.pk).update(result={**run.result, "notes": []})  # type: ignore[dict-item]
    assert "broken" in page(client, evaluator1, "run", run).content.decode()


def test_progress_is_polled_until_the_end(client: Client, request_run: Ask, evaluator1: Any) -> None:
    run = leases.claim_run(request_run().pk)
    assert run is not None
    leases.renew(run, 0.4, "attacking")
    under_way = page(client, evaluator1, "progress", run)
    assert "hx-get" in under_way.content.decode()
    assert "40" in under_way.content.decode()
    assert "attacking" in under_way.content.decode()
    assert "HX-Refresh" not in under_way
    leases.stop_run(run)
    ended = page(client, evaluator1, "progress", run)
    assert ended["HX-Refresh"] == "true"
    assert "hx-get" not in ended.content.decode()


def test_result_is_given_as_a_file(client: Client, request_run: Ask, evaluator1: Any) -> None:
    run = finished(request_run())
    response = page(client, evaluator1, "result", run)
    assert response["Content-Disposition"].startswith("attachment")
    assert json.loads(response.content)["seal"] == run.seal


def test_unfinished_run_has_no_result_file(client: Client, request_run: Ask, evaluator1: Any) -> None:
    assert page(client, evaluator1, "result", request_run()).status_code == 404


def test_cancel_and_again_by_the_buttons(client: Client, request_run: Ask, evaluator1: Any) -> None:
    run = request_run()
    client.force_login(evaluator1)
    assert client.post(reverse("runs:cancel", args=[run.pk])).status_code == 302
    run.refresh_from_db()
    assert run.status == Run.Status.CANCELLED
    assert client.post(reverse("runs:cancel", args=[run.pk])).status_code == 409
    again = reverse("runs:again", args=[run.pk])
    assert client.post(again, {"reason": ""}).status_code == 302
    assert Run.objects.count() == 1
    assert client.post(again, {"reason": "by mistake"}).status_code == 302
    assert Run.objects.count() == 2
    conflict = client.post(again, {"reason": "once more"})
    assert conflict.status_code == 409
    assert "once more" in conflict.content.decode()
    assert client.get(again).status_code == 404


@pytest.mark.parametrize(
    "who", ["alice", "charlie", "evaluator2", "reviewer", "other_lead", "regulator", "administrator"]
)
@pytest.mark.parametrize("name", ADDRESSES)
def test_run_does_not_exist_for_others(client: Client, request: Any, request_run: Ask, who: str, name: str) -> None:
    run = finished(request_run())
    assert page(client, request.getfixturevalue(who), name, run).status_code == 404
    for action in ("cancel", "again"):
        assert client.post(reverse(f"runs:{action}", args=[run.pk]), {"reason": "x"}).status_code == 404
    assert client.get(f"/api/runs/{run.pk}/").status_code == 404


@pytest.mark.parametrize("name", ADDRESSES)
def test_stranger_is_sent_to_sign_in(client: Client, request_run: Ask, name: str) -> None:
    response = client.get(reverse(f"runs:{name}", args=[request_run().pk]))
    assert response.status_code == 302
    assert response["Location"].startswith("/accounts/login/")


def test_card_of_a_failed_run_says_why(request_run: Ask) -> None:
    run = request_run()
    Run.objects.filter(pk=run.pk).update(status="failed", failure_reason={"en": "too large", "zh": "过大"})
    run.refresh_from_db()
    card = as_card(run, may_steer=True)
    assert (card["reason"], card["cancel_url"], card["poll_url"]) == ("too large", "", "")


@pytest.fixture
def version(vendor: Any, alice: Any, bundle: Path, sent: Any) -> Any:
    """A version of the vendor's with a model and test data that were read."""
    manifest = json.loads((bundle / "manifest.json").read_text())
    system = systems.create_system(organisation=vendor, actor=alice, name_en="Digits", description="x", sector="other")
    version = systems.create_version(
        system, actor=alice, label="1", profile=manifest["profile"],
        schema={"model": manifest["model"], "data": {"test": manifest["data"][0]}, "claims": manifest["claims"]},
    )  # fmt: skip
    for name, role, kind in (("model.onnx", "model", "onnx"), ("test.npz", "test", "npz")):
        artifact = systems.add_artifact(
            version, blob=storage.keep_bytes((bundle / name).read_bytes()), filename=name, role=role, origin="C",
            organisation=vendor, person=alice,
        )  # fmt: skip
        Artifact.objects.filter(pk=artifact.pk).update(
            inspection="accepted", description={"kind": kind, "facts": {"rows": 60}}
        )
    return version


@pytest.mark.django_db(transaction=True)
def test_vendor_tests_its_own_version_before_submitting(client: Client, alice: Any, bob: Any, version: Any) -> None:
    Artifact.objects.update(inspection="awaiting", description={})
    for artifact in version.artifacts.all():
        tasks.inspect_artifact(str(artifact.pk))
    client.force_login(alice)
    address = reverse("runs:self-tests", args=[version.pk])
    overview = client.get(address).content.decode()
    assert "?method=performance.claim" in overview, "it fits: there is a model, labelled test data and a claim"
    assert "needs a training sample" in overview.partition("<details")[2], "why others do not"
    set_up = client.get(address, {"method": "performance.claim"}).content.decode()
    fields = dict(re.findall(r'name="(p_\w+)"[^>]*value="([^"]*)"', set_up))
    assert fields, "parameters with their defaults"
    assert "not a certificate" in set_up
    assert "With the defaults it takes about" in set_up
    wrong = client.post(address, {"method": "performance.claim", **dict.fromkeys(fields, "?")})
    assert wrong.status_code == 422
    assert client.post(address, {"method": "performance.claim", **fields}).status_code == 302
    run = leases.claim_run(Run.objects.get().pk)
    assert run is not None
    execution.execute(run)
    run.refresh_from_db()
    assert run.status == Run.Status.FINISHED, (run.failure_reason, run.log)
    shown = page(client, bob, "run", run)
    assert shown.status_code == 200
    assert "not a certificate" in shown.content.decode()
    assert client.get(reverse("runs:result", args=[run.pk])).json()["notice"]["en"].startswith("A self-test: not a")
    assert client.get(f"/api/runs/{run.pk}/").json()["result"]["method"] == "performance.claim"


def test_self_test_of_others_does_not_exist(client: Client, charlie: Any, evaluator1: Any, version: Any) -> None:
    for person in (charlie, evaluator1):
        client.force_login(person)
        address = reverse("runs:self-tests", args=[version.pk])
        assert client.get(address).status_code == 404
        assert client.post(address, {"method": "performance.claim"}).status_code == 404
        assert client.get(f"/api/versions/{version.pk}/runs/").status_code == 404


def test_self_test_of_an_unknown_method_is_refused_with_words(client: Client, alice: Any, version: Any) -> None:
    client.force_login(alice)
    response = client.post(reverse("runs:self-tests", args=[version.pk]), {"method": "no.such"})
    assert response.status_code == 400
    assert "not installed" in response.content.decode()


def test_self_tests_by_the_api(client: Client, alice: Any, version: Any) -> None:
    client.force_login(alice)
    address = f"/api/versions/{version.pk}/runs/"
    made = client.post(address, {"method": "performance.claim"}, content_type="application/json")
    assert made.status_code == 201
    assert client.post(address, {"method": "no.such"}, content_type="application/json").status_code == 400
    assert [run["id"] for run in client.get(address).json()["results"]] == [made.json()["id"]]
    assert client.post(f"/api/runs/{made.json()['id']}/cancel/").json()["status"] == "cancelled"
    assert client.post(f"/api/runs/{made.json()['id']}/cancel/").status_code == 409


def test_self_test_of_what_is_not_read_yet_is_refused(client: Client, alice: Any, version: Any) -> None:
    """While the model waits to be read, a test of it would only fail, and be told as its vendor's fault."""
    Artifact.objects.filter(version=version, role="model").update(inspection="awaiting", description={})
    client.force_login(alice)
    address = f"/api/versions/{version.pk}/runs/"
    refused = client.post(address, {"method": "performance.claim"}, content_type="application/json")
    assert refused.status_code == 400
    assert "needs a model or a column of predictions" in refused.content.decode()
    client.cookies["django_language"] = "zh-hans"
    shown = client.post(reverse("runs:self-tests", args=[version.pk]), {"method": "performance.claim"})
    assert shown.status_code == 400
    assert "它需要模型或预测结果列" in shown.content.decode()
    assert not Run.objects.exists()


def test_no_more_self_tests_than_the_limit_at_once(client: Client, alice: Any, version: Any, monkeypatch: Any) -> None:
    monkeypatch.setattr("evaluations.runs.services.SELF_TESTS_UNDER_WAY", 1)
    client.force_login(alice)
    address = reverse("runs:self-tests", args=[version.pk])
    assert client.post(address, {"method": "performance.claim"}).status_code == 302
    assert client.post(address, {"method": "performance.claim"}).status_code == 400


@pytest.mark.parametrize("count", [1, 30])
def test_list_of_self_tests_needs_few_queries(
    client: Client, alice: Any, version: Any, count: int, django_assert_max_num_queries: Any
) -> None:
    for _ in range(count):
        Run.objects.create(
            purpose="self_test",
            scope=version.pk,
            organisation=version.system.organisation,
            method="fairness.group",
            seed=1,
        )
    client.force_login(alice)
    with django_assert_max_num_queries(12):
        assert client.get(reverse("runs:self-tests", args=[version.pk])).status_code == 200
