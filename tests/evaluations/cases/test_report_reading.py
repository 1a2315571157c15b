"""The report as it is read: who may and when, what is frozen, the printed file, and what changed behind the review."""

from __future__ import annotations

import hashlib
import io
import json
import subprocess
from collections.abc import Iterator
from typing import Any

import pytest
import rfc8785
from django.test import Client
from django.urls import reverse
from pyhanko.pdf_utils.reader import PdfFileReader

from assessments.systems import storage
from evaluations.cases import changes, printing, reporting, reviewing, settling, tasks
from evaluations.cases.models import Case, Finding, ReportPrint
from evaluations.runs.models import Run
from tests.factories import cases, evaluated

pytestmark = pytest.mark.django_db
CURVE = {
    "kind": "curve",
    "title": {"en": "Accuracy 😀 under attack", "zh": "攻击下的准确率"},
    "data": {"x": [0.1, 0.2], "y": [0.9, 0.5], "low": [0.8, 0.4], "high": [0.95, 0.6], "x_label": "", "clean": 1.0},
}


@pytest.fixture
def who() -> cases.People:
    return cases.people()


def get(person: Any, name: str, case: Case, **query: str) -> Any:
    client = Client()
    client.force_login(person)
    return client.get(reverse(name, args=[case.pk]), query)


def text_of(pdf: bytes) -> str:
    return subprocess.run(["pdftotext", "-", "-"], input=pdf, capture_output=True, check=True).stdout.decode()


def printed(row: ReportPrint) -> bytes:
    assert printing.print_report(row.pk)
    row.refresh_from_db()
    with storage.open_blob(row.pdf_sha256) as file:
        return file.read()


def elements(node: Any) -> Iterator[Any]:
    """Every structure element below a node of the tag tree."""
    kids = node.get("/K", [])
    listed = kids if isinstance(kids, list) else [kids]
    for kid in (each.get_object() if hasattr(each, "get_object") else each for each in listed):
        if hasattr(kid, "get") and "/S" in kid:
            yield kid
            yield from elements(kid)


def test_the_client_reads_the_report_once_it_is_decided(who: Any) -> None:
    case = evaluated.reviewed_case(who)
    for name in ("cases:report", "cases:report-file", "cases:report-pdf", "api:case-report", "api:case-report-pdf"):
        assert get(who.applicant, name, case).status_code == 404, name
    reviewing.decide(case, actor=who.reviewer, outcome="granted", level="basic", reasons="As recommended.")
    page = get(who.applicant, "cases:report", case).content.decode()
    digest = case.frozen_report["sha256"]  # type: ignore[index]
    for shown in ("Level reached", "Decision rule", "Limits", "What this number means", digest, "granted", "Jaccard"):
        assert shown in page, shown
    inside = reverse("cases:settle-criterion", args=[case.pk, "RC-1"])
    assert inside not in page
    assert inside in get(who.lead, "cases:report", case).content.decode()
    assert reverse("cases:report", args=[case.pk]) in get(who.applicant, "cases:client", case).content.decode()
    application = reverse("applications:application", args=[case.application_id])
    client = Client()
    client.force_login(who.applicant)
    assert reverse("cases:report", args=[case.pk]) in client.get(application).content.decode()
    data = get(who.applicant, "api:case-report", case).json()
    assert hashlib.sha256(rfc8785.dumps(data)).hexdigest() == digest
    waiting = get(who.applicant, "api:case-report-pdf", case)
    assert (waiting.status_code, waiting["Retry-After"]) == (202, "30")


def test_the_printed_report_is_tagged_whole_and_the_same_data(who: Any) -> None:
    case = cases.planned_case(who)
    run = Run.objects.get(scope=case.pk, method="robustness.blackbox")
    rule = case.application.scheme.content["thresholds"][run.method]  # type: ignore[union-attr]
    evaluated.finish(run, evaluated.result_for(run, rule, charts=[CURVE]))
    evaluated.finish_runs(case)
    preview = printing.request_preview(case, "en")
    assert printing.request_preview(case, "en").pk == preview.pk
    text = text_of(printed(preview))
    assert text.count("PREVIEW: not frozen, of no effect") >= text.count("\f")
    assert "Accuracy [U+1F600] under attack" in text, "what no face can print is written by its code point"
    for evaluator in who.evaluators:
        evaluated.give_scores(case, evaluator)
        evaluated.scoring_sheet.hand_in(case, actor=evaluator)
    settling.settle_agreed(case, actor=who.lead)
    for code in reporting.nonconformities(case):
        evaluated.findings.write_finding(
            case, code, kind=Finding.Kind.NONCONFORMITY, text="Not shown 😀.", actor=who.lead
        )
    evaluated.findings.tell_client(case, actor=who.lead)
    reporting.hand_to_review(case, actor=who.lead)
    frozen = case.frozen_report
    assert frozen is not None
    rows = {row.language: row for row in case.prints.filter(preview__isnull=True)}
    assert set(rows) == {"en", "zh-hans"}
    tasks.print_report(str(rows["zh-hans"].pk))
    assert not printing.print_report(rows["zh-hans"].pk), "printed twice"
    chinese = get(who.lead, "cases:report-pdf", case, language="zh-hans")
    assert chinese["Content-Disposition"] == f'attachment; filename="{case.number}-report-zh-hans.pdf"'
    reader = PdfFileReader(io.BytesIO(chinese.content))
    figures = [each for each in elements(reader.root["/StructTreeRoot"]) if each["/S"] == "/Figure"]
    assert len(figures) > 5
    assert all(str(each.get("/Alt", "")).strip() for each in figures)
    assert "/Outlines" in reader.root
    assert b"pdfuaid:part" in reader.root["/Metadata"].data
    assert str(reader.root["/Lang"]) == "zh-Hans"
    attached = reader.root["/Names"]["/EmbeddedFiles"]["/Names"][1]["/EF"]["/F"].data
    assert hashlib.sha256(attached).hexdigest() == frozen["sha256"]
    assert json.loads(attached)["case"] == case.number
    text = text_of(chinese.content)
    for words in ("评估报告", "判定规则", "人员与独立性", "局限" if "局限" in text else "限制", case.number, "RC-6"):
        assert words in text, words
    assert "预览" not in text


def test_a_preview_of_what_is_then_frozen_is_printed_anew(who: Any) -> None:
    case = evaluated.told_case(who)
    row = printing.request_preview(case, "en")
    other = printing.request_preview(case, "zh-hans")
    ReportPrint.objects.filter(pk=row.pk).update(status=ReportPrint.Status.READY, pdf_sha256="0" * 64)
    reporting.hand_to_review(case, actor=who.lead)
    rows = case.prints.filter(preview__isnull=True, status=ReportPrint.Status.WAITING, pdf_sha256="")
    assert {each.pk for each in rows} == {row.pk, other.pk}
    assert {each.report_sha256 for each in rows} == {case.frozen_report["sha256"]}  # type: ignore[index]
    page = get(who.lead, "cases:report-pdf", case, language="en")
    assert page.status_code == 302, "the preview is no print of the frozen report"


def test_review_says_whether_anything_changed_behind_it(who: Any) -> None:
    case = evaluated.evaluated_case(who)
    page = get(who.reviewer, "cases:review", case).content.decode()
    assert "are what was frozen" in page
    assert "Interest in the client on record" in page
    case.settlements.filter(criterion="RC-1").update(settled_tenths=10, rationale="Changed behind the review.")
    found = changes.since_freeze(case)
    assert {str(part) for part in found["differing"]} == {"Scores", "Level"}
    page = get(who.reviewer, "cases:review", case).content.decode()
    assert "would read differently today" in page
    assert "Part given" in page, "the reviewer was assigned after the freeze"


def test_review_of_a_second_round_shows_what_the_rework_changed(who: Any) -> None:
    case = evaluated.evaluated_case(who)
    reviewing.record_review(
        case, actor=who.reviewer, checklist={}, recommendation="rework", reasons="RC-1 needs a second look."
    )
    row = case.settlements.get(criterion="RC-1")
    settling.settle(
        case,
        "RC-1",
        actor=who.lead,
        tested=settling.Given(40),
        rationale="Fewer rows than claimed.",
        revision=row.revision,
    )
    reporting.hand_to_review(case, actor=who.lead)
    rounds = changes.since_freeze(case)["rounds"]
    assert (rounds["before"], rounds["after"]) == (1, 2)
    assert [(row["code"], row["before"], row["after"]) for row in rounds["criteria"]] == [("RC-1", "5.0", "4.0")]
    assert "From round 1 to round 2" in get(who.reviewer, "cases:review", case).content.decode()
