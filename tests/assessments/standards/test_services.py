"""Loading into the database: the same twice as once, frozen when published, recorded in the ledger."""

from __future__ import annotations

import io
from pathlib import Path

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, transaction
from django.utils import translation

from assessments.ledger.services import history
from assessments.ledger.workflow import Conflict
from assessments.standards.documents import DocumentRefused
from assessments.standards.loading import DATA, shipped_files
from assessments.standards.models import Criterion, Edition, Frozen, Scheme, Status
from assessments.standards.services import digest_of, kind_for, load_scheme, load_standard, methods_for, publish

STANDARD = DATA / "TAI-0.9.yaml"
SCHEME = DATA / "TAI-scheme.yaml"

pytestmark = pytest.mark.django_db


def rewritten(tmp_path: Path, source: Path, changes: dict[str, str]) -> Path:
    text = source.read_text(encoding="utf-8")
    for old, new in changes.items():
        assert old in text
        text = text.replace(old, new)
    path = tmp_path / source.name
    path.write_text(text, encoding="utf-8")
    return path


def test_loading_twice_changes_nothing() -> None:
    first, again = load_standard(STANDARD), load_standard(STANDARD)
    assert first.pk == again.pk
    assert again.revision == 1
    assert again.criteria.count() == 79
    assert list(again.criteria.values_list("position", flat=True)) == list(range(79))
    assert [entry.transition for entry in history(first)] == ["publish"]
    assert history(first)[0].details["digest"] == first.digest == digest_of(first.content)


def test_content_survives_the_database_with_its_digest() -> None:
    load_standard(STANDARD)
    scheme = load_scheme(SCHEME)
    stored = Scheme.objects.get(pk=scheme.pk)
    assert digest_of(stored.content) == stored.digest
    assert stored.rules.level("basic").each == 60


def test_published_content_is_frozen_on_every_path(tmp_path: Path) -> None:
    edition = load_standard(STANDARD)
    criterion = edition.criteria.first()
    assert criterion is not None
    attempts = [
        edition.save,
        edition.delete,
        lambda: Edition.objects.filter(pk=edition.pk).update(content={}),
        lambda: Edition.objects.all().delete(),
        lambda: Edition.objects.bulk_update([edition], ["digest"]),
        criterion.save,
        criterion.delete,
        lambda: Criterion.objects.filter(edition=edition).update(weight=1),
        lambda: edition.criteria.all().delete(),
    ]
    for attempt in attempts:
        with pytest.raises(Frozen):
            attempt()
    changed = rewritten(tmp_path, STANDARD, {"    weight: 3\n": "    weight: 2\n"})
    with pytest.raises(DocumentRefused, match="published and frozen"):
        load_standard(changed)
    assert Edition.objects.get().digest == edition.digest


def test_draft_is_replaced_and_then_published_once(tmp_path: Path) -> None:
    draft = rewritten(tmp_path, STANDARD, {"status: published": "status: draft"})
    edition = load_standard(draft)
    assert edition.status == Status.DRAFT
    longer = rewritten(tmp_path, STANDARD, {"status: published": "status: draft", "    weight: 3\n": "    weight: 2\n"})
    assert load_standard(longer).pk == edition.pk
    assert not Edition.objects.get().criteria.filter(weight=3).exists()
    row = Edition.objects.get()
    publish(row)
    with pytest.raises(Conflict):
        publish(row)


def test_database_refuses_publication_without_a_date_and_unknown_states() -> None:
    edition = load_standard(STANDARD)
    with pytest.raises(IntegrityError), transaction.atomic():
        Edition.objects.filter(pk=edition.pk).update(status="burnt")
    with pytest.raises(IntegrityError), transaction.atomic():
        Edition.objects.filter(pk=edition.pk).update(status=Status.WITHDRAWN, published_at=None)


def test_scheme_needs_its_standard_first() -> None:
    with pytest.raises(DocumentRefused, match="load the standard first"):
        load_scheme(SCHEME)
    with pytest.raises(DocumentRefused, match="this is a standard"):
        load_scheme(STANDARD)


def test_edition_is_open_for_applications_with_a_published_scheme() -> None:
    edition = load_standard(STANDARD)
    assert not Edition.objects.open_for_applications().exists()
    load_scheme(SCHEME)
    assert list(Edition.objects.open_for_applications()) == [edition]
    assert Scheme.objects.open_for_applications().count() == 1


def test_titles_follow_the_language() -> None:
    edition = load_standard(STANDARD)
    criterion = edition.criteria.get(code="TE-1")
    with translation.override("zh-hans"):
        assert (edition.title, criterion.title) == ("可信人工智能评估规范", "推理可复现")
    with translation.override("en"):
        assert criterion.title == "Reproducible inference"


def test_chat_endpoint_adds_a_test_to_an_examined_criterion() -> None:
    criterion = load_standard(STANDARD).criteria.get(code="TE-9")
    assert (kind_for(criterion, {"endpoint": False}), methods_for(criterion, {"endpoint": False})) == ("E", [])
    assert kind_for(criterion, {"endpoint": True}) == "T+E"
    assert methods_for(criterion, {"endpoint": True}) == [{"id": "disclosure.identity", "parameters": {}}]


def run_command(*words: str) -> tuple[str, str]:
    out, err = io.StringIO(), io.StringIO()
    call_command("standards", *words, stdout=out, stderr=err)
    return out.getvalue(), err.getvalue()


def test_command_checks_and_loads_what_is_shipped() -> None:
    checked = run_command("check")[0].splitlines()
    assert checked == [f"{path.name}: in order" for path in shipped_files()]
    assert {"frameworks.yaml: in order", "TAI-0.9.yaml: in order", "TAI-1.0.yaml: in order"} < set(checked)
    assert not Edition.objects.exists()
    first, _ = run_command("load")
    assert first == run_command("load")[0]
    assert Scheme.objects.get().standard_edition == Edition.objects.get()


def test_command_names_every_problem_and_fails(tmp_path: Path) -> None:
    path = rewritten(tmp_path, STANDARD, {"- code: RC-2\n": "- code: RC-1\n"})
    err = io.StringIO()
    with pytest.raises(CommandError, match="2 of 2 files refused"):
        call_command("standards", "check", str(path), str(tmp_path / "absent.yaml"), stdout=io.StringIO(), stderr=err)
    assert "criteria[1].code: RC-1 stands twice" in err.getvalue()
    assert "No such file" in err.getvalue()
