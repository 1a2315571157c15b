"""Metrics: for the holder of the token only, true, in the format that Prometheus reads; and rules that fit them."""

from __future__ import annotations

import re
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
import yaml
from django.test import Client
from django.utils import timezone
from prometheus_client.parser import text_string_to_metric_families

from evaluations.runs.models import Run
from portal.operations import counting, metrics
from portal.operations.counting import count_ledger
from portal.operations.models import ChainCheck, Cursor, Tally

pytestmark = pytest.mark.django_db
ALERTS = Path(__file__).resolve().parents[3] / "deploy" / "alerts.yml"
TOKEN = "a token of the tests"


@pytest.fixture
def asked(client: Client, settings: Any) -> Any:
    """The samples as a scraper reads them: name and labels → value."""
    settings.METRICS_TOKEN = TOKEN

    def samples() -> dict[str, float]:
        answer = client.get("/metrics", headers={"Authorization": f"Bearer {TOKEN}"})
        assert answer.status_code == 200
        assert answer["Content-Type"].startswith("text/plain; version=")
        found = {}
        for family in text_string_to_metric_families(answer.content.decode()):
            for sample in family.samples:
                labels = ",".join(f"{key}={value}" for key, value in sorted(sample.labels.items()))
                name = f"{sample.name}{{{labels}}}"
                assert name not in found, "no sample twice"
                found[name] = sample.value
        return found

    return samples


def test_nothing_is_there_without_a_token(client: Client, settings: Any, administrator: Any) -> None:
    bearer = {"Authorization": f"Bearer {TOKEN}"}
    assert client.get("/metrics", headers=bearer).status_code == 404
    assert client.get("/metrics", headers={"Authorization": "Bearer "}).status_code == 404
    settings.METRICS_TOKEN = TOKEN
    client.force_login(administrator)
    for wrong in ({}, {"Authorization": "Bearer x"}, {"Authorization": TOKEN}, {"Authorization": "Bearer ü"}):
        assert client.get("/metrics", headers=wrong).status_code == 404
    assert client.get("/metrics", headers=bearer).status_code == 200
    assert client.post("/metrics", headers=bearer).status_code == 405


def test_requests_are_counted_by_route_method_and_status(client: Client, asked: Any) -> None:
    before = asked()
    for _ in range(3):
        client.get("/healthz")
    client.post("/healthz")
    client.get("/no/such/address/1")
    client.get("/no/such/address/2")
    client.generic("BREW", "/healthz")
    after = asked()

    def more(name: str) -> float:
        return after.get(name, 0) - before.get(name, 0)

    total = "portal_http_requests_total"
    assert more(total + "{method=GET,route=operations:healthz,status=200}") == 3
    assert more(total + "{method=POST,route=operations:healthz,status=405}") == 1
    assert more(total + "{method=other,route=operations:healthz,status=405}") == 1
    assert more(total + "{method=GET,route=unrouted,status=404}") == 2
    assert more("portal_http_request_seconds_count{method=GET,route=operations:healthz}") == 3
    assert not [name for name in after if "/no/such" in name]


def run_of(body: Any, method: str, **values: Any) -> Run:
    now = timezone.now()
    given = {"started_at": now - timedelta(seconds=7), "ended_at": now, **values}
    return Run.objects.create(scope=body.pk, organisation=body, method=method, seed=1, **given)


def test_ledger_is_counted_once_whoever_counts(
    write: Any, body: Any, asked: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    done, failed, lost = (run_of(body, "data.quality") for _ in range(3))
    write(done, "start", details={"attempt": 1})
    write(done, "retry", details={"attempt": 1, "kind": "platform", "code": "OSError"})
    write(done, "start", details={"attempt": 2})
    write(done, "finish", details={"attempt": 2, "level": "S3"})
    write(failed, "fail", details={"attempt": 1, "kind": "vendor", "code": "refused"})
    for attempt in (1, 2, 3):
        write(lost, "start", details={"attempt": attempt})
    write(lost, "fail", details={"attempt": 3, "kind": "platform", "code": "worker_lost"})
    monkeypatch.setattr(counting, "BATCH", 4)
    while count_ledger():
        pass
    told = asked()
    assert told["portal_runs_total{method=data.quality,outcome=finished}"] == 1
    assert told["portal_runs_total{method=data.quality,outcome=failed_vendor}"] == 1
    assert told["portal_runs_total{method=data.quality,outcome=failed_platform}"] == 1
    assert told["portal_run_retries_total{code=OSError,method=data.quality}"] == 1
    assert told["portal_run_leases_lost_total{}"] == 3, "two taken over, one given up; the retry is none"
    assert told["portal_run_levels_total{level=S3}"] == 1
    assert told["portal_run_seconds_bucket{le=5,method=data.quality}"] == 0
    assert told["portal_run_seconds_bucket{le=10,method=data.quality}"] == 1
    assert told["portal_run_seconds_bucket{le=+Inf,method=data.quality}"] == 1
    assert told["portal_run_seconds_sum{method=data.quality}"] == pytest.approx(7, abs=0.01)
    assert told["portal_ledger_length{}"] == 9
    assert told["portal_ledger_entries_total{object=runs.run,transition=start}"] == 5


def test_batch_that_another_has_counted_is_not_counted_again(
    write: Any, vendor: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    write(vendor, "step")
    real = counting.tallies_of

    def overtaken(entries: Any) -> Any:
        Cursor.objects.filter(pk=1).update(sequence=1)
        return real(entries)

    monkeypatch.setattr(counting, "tallies_of", overtaken)
    assert count_ledger() == 0
    assert not Tally.objects.exists()


def test_certificates_signing_and_keys_are_told(issued: Any, asked: Any) -> None:
    while count_ledger():
        pass
    told = asked()
    assert told["portal_certificates{status=in_force}"] == 1
    assert told["portal_certificates{status=expired}"] == 0
    assert told["portal_signing_attempts_total{}"] == 1
    assert told["portal_signing_failures_total{}"] == 0
    assert told["portal_certificate_issue_seconds_count{}"] == 1
    assert told["portal_signing_key_expires_seconds{}"] > 86400
    issued.__class__.objects.filter(pk=issued.pk).update(
        attempt=3, valid_until=timezone.now().date() - timedelta(days=1)
    )
    told = asked()
    assert told["portal_certificates{status=in_force}"] == 0
    assert told["portal_certificates{status=expired}"] == 1
    assert told["portal_signing_failures_total{}"] == 2


def test_workers_queues_and_clock_are_told(heard: Any, asked: Any) -> None:
    heard("runs@a", queues=["runs"], level="S2", doing=[{"task": "x", "id": "", "since": ""}])
    heard("runs@b", queues=["runs"], ago=100)
    heard("clock@a", kind="clock", ticked_at=(timezone.now() - timedelta(seconds=50)).isoformat())
    told = asked()
    assert told["portal_queue_workers{queue=runs}"] == 1
    assert told["portal_queue_workers{queue=quick}"] == 0
    assert told["portal_worker_sandbox_level{worker=runs@a}"] == 2
    assert told["portal_worker_busy{worker=runs@a}"] == 1
    assert told["portal_worker_age_seconds{worker=runs@b}"] == pytest.approx(100, abs=20)
    assert told["portal_clock_age_seconds{}"] == pytest.approx(50, abs=20)
    assert told["portal_part_up{part=queue}"] == 1
    assert told["portal_queue_messages{queue=runs}"] >= 0


SELECTOR = re.compile(r"\b(portal_\w+|up)\b(?:\{([^}]*)\})?")
LABEL = re.compile(r'(\w+)\s*(=~|=)\s*"([^"]*)"')
KNOWN_VALUES = {"outcome": {"finished", "failed_vendor", "failed_evaluator", "failed_platform", "cancelled"}}


def test_every_metric_and_label_of_the_alert_rules_exists(issued: Any, heard: Any, asked: Any) -> None:
    heard("runs@a", queues=["runs"], level="S2", doing=[])
    heard("clock@a", kind="clock", ticked_at=timezone.now().isoformat())
    ChainCheck.objects.create(ended_at=timezone.now(), entries=1)
    told: dict[str, dict[str, set[str]]] = {}
    asked()  # itself a request that is counted
    for line in asked():
        name, labels = line.rstrip("}").split("{")
        known = told.setdefault(name, {})
        for pair in filter(None, labels.split(",")):
            known.setdefault(pair.split("=")[0], set()).add(pair.split("=", 1)[1])
    told["portal_runs_total"] = {"outcome": set(counting.OUTCOMES.values()) | KNOWN_VALUES["outcome"], "method": set()}
    for rule in rules():
        for name, selector in SELECTOR.findall(rule["expr"]):
            if name == "up":
                continue
            assert name in told, f"{rule['alert']}: {name}"
            for label, how, value in LABEL.findall(selector):
                assert label in told[name], f"{rule['alert']}: {name} has no label {label}"
                fits = [v for v in told[name][label] if (re.fullmatch(value, v) if how == "=~" else value == v)]
                assert fits or label == "status", f"{rule['alert']}: {label} is never {value}"
        used = set(re.findall(r"\$labels\.(\w+)", str(rule["annotations"])))
        names = {label for name, _ in SELECTOR.findall(rule["expr"]) for label in told.get(name, {"instance": set()})}
        assert used <= names, rule["alert"]


def rules() -> list[dict[str, Any]]:
    return [rule for group in yaml.safe_load(ALERTS.read_text())["groups"] for rule in group["rules"]]


def test_alert_rules_have_the_form_that_prometheus_reads() -> None:
    document = yaml.safe_load(ALERTS.read_text())
    assert set(document) == {"groups"}
    assert len({group["name"] for group in document["groups"]}) == len(document["groups"])
    for group in document["groups"]:
        assert set(group) <= {"name", "interval", "rules"}
    for rule in rules():
        assert set(rule) <= {"alert", "expr", "for", "labels", "annotations"}, rule
        assert re.fullmatch(r"[A-Z][A-Za-z]+", rule["alert"])
        assert re.fullmatch(r"\d+[smhd]", rule.get("for", "1m"))
        assert rule["labels"]["severity"] in {"critical", "warning"}
        assert set(rule["annotations"]) == {"summary", "action"}
        for opening, closing in ("()", "[]", "{}"):
            assert rule["expr"].count(opening) == rule["expr"].count(closing), rule["alert"]
    assert len({rule["alert"] for rule in rules()}) == len(rules())


def test_every_metric_is_described(asked: Any, issued: Any, heard: Any) -> None:
    """docs/metrics.md names each; a shortened name ("_bytes") stands behind the first of its row."""
    heard("runs@a", queues=["runs"], level="S2", doing=[])
    text = (ALERTS.parents[1] / "docs" / "metrics.md").read_text()
    ends = re.compile(r"_(total|created|bucket|count|sum)$")
    for name in {ends.sub("", line.split("{")[0]) for line in asked()}:
        heads = [name[:i] for i in range(len("portal_"), len(name) + 1)]
        tails = [name[i:] for i in range(len(name)) if name[i] == "_"]
        listed = f"`{name}" in text or any(f"`{t}`" in text or f"`{t}_total`" in text for t in tails)
        assert listed, name
        assert any(f"`{head}" in text for head in heads)


def test_metrics_ask_a_fixed_number_of_questions(
    heard: Any, write: Any, vendor: Any, django_assert_max_num_queries: Any
) -> None:
    for number in range(30):
        heard(f"runs@{number}", queues=["runs"], level="S3", doing=[])
        write(vendor, f"step_{number}")
    count_ledger()
    with django_assert_max_num_queries(30):
        metrics.exposition()
