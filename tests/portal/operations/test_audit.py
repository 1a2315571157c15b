"""The search of the audit trail: what is found, that only codes are shown, the export, and the check of the chain."""

from __future__ import annotations

import csv
import io
import json
from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from assessments.ledger.models import Entry
from evaluations.runs import dispatch
from portal.operations import chain, tasks
from portal.operations.counting import count_ledger
from portal.operations.models import ChainCheck

pytestmark = pytest.mark.django_db


@pytest.fixture
def sent(monkeypatch: pytest.MonkeyPatch) -> list[str]:
    tasks_sent: list[str] = []
    monkeypatch.setattr(dispatch, "send_on_commit", lambda task, key: tasks_sent.append(task))
    return tasks_sent


@pytest.fixture
def operator(client: Client, administrator: Any) -> Client:
    client.force_login(administrator)
    return client


def found(operator: Client, query: str) -> list[int]:
    answer = operator.get(f"{reverse('operations:audit')}?{query}")
    assert answer.status_code == 200
    return [line.entry.sequence for line in answer.context["lines"]]


@pytest.fixture
def three(write: Any, vendor: Any, body: Any, alice: Any, lead: Any) -> list[Entry]:
    return [
        write(vendor, "member_added", actor=alice, details={"role": "vendor_member"}),
        write(body, "member_added", actor=lead, details={"criterion": "RC-1", "tenths": 34}),
        write(
            vendor, "rename", texts={"reason": "a secret reason"}, details={"label": "Project X", "files": {"a": "b"}}
        ),
    ]


def test_entries_are_found_by_each_field_newest_first(
    operator: Client, three: list[Entry], vendor: Any, lead: Any
) -> None:
    count_ledger()
    assert found(operator, "") == [3, 2, 1]
    assert found(operator, f"about={vendor.pk}") == [3, 1]
    assert found(operator, "kind=accounts.organisation&step=rename") == [3]
    assert found(operator, "who=lena") == [2]
    assert found(operator, f"who={lead.pk}") == [2]
    assert found(operator, "who=nobody") == []
    assert found(operator, "words=rc-1") == [2]
    today, tomorrow = timezone.now().date(), timezone.now().date() + timedelta(days=1)
    assert found(operator, f"since={today}&until={today}") == [3, 2, 1]
    assert found(operator, f"since={tomorrow}") == []


def test_case_and_certificate_are_found_by_their_numbers(operator: Client, issued: Any) -> None:
    answer = operator.get(f"{reverse('operations:audit')}?about={issued.number}")
    assert [line.entry.transition for line in answer.context["lines"]] == ["issue", "prepare"]


def test_only_codes_are_shown_and_exported(operator: Client, three: list[Entry]) -> None:
    page = operator.get(reverse("operations:audit")).content.decode()
    export = b"".join(operator.get(reverse("operations:audit-csv")).streaming_content).decode()  # type: ignore[attr-defined]
    for text in (page, export):
        assert "RC-1" in text
        assert "secret reason" not in text
        assert "Project X" not in text
    rows = list(csv.DictReader(io.StringIO(export.removeprefix("\ufeff"))))
    assert [row["sequence"] for row in rows] == ["3", "2", "1"]
    assert json.loads(rows[0]["details"]) == {}
    assert rows[0]["texts"] == "reason"
    assert rows[1]["hash"] == three[1].hash
    assert rows[1]["actor_email"] == "lena@example.org"


def test_every_entry_of_a_whole_case_holds_only_codes(operator: Client, issued: Any) -> None:
    """What rooms write as details is shown whole, so that nothing is missed: names and texts are elsewhere."""
    from portal.operations.audit import UNTOLD, codes

    for entry in Entry.objects.all():
        left_out = set(entry.details) - set(codes(entry.details)) - UNTOLD
        assert not left_out, f"{entry.object_type} {entry.transition}: {left_out}"


def test_export_has_no_formula(operator: Client, write: Any, vendor: Any) -> None:
    write(vendor, "=cmd")
    export = b"".join(operator.get(reverse("operations:audit-csv")).streaming_content).decode()  # type: ignore[attr-defined]
    assert ",'=cmd," in export


def test_pages_follow_each_other_without_gap(operator: Client, write: Any, vendor: Any) -> None:
    for number in range(120):
        write(vendor, "step", details={"n": number})
    address, seen = reverse("operations:audit"), []
    cursor = ""
    for _ in range(3):
        answer = operator.get(f"{address}?step=&page={cursor}")
        seen += [line.entry.sequence for line in answer.context["lines"]]
        cursor = answer.context["page"].next
    assert seen == list(range(120, 0, -1))
    assert cursor == ""


def test_wrong_date_is_named_and_finds_nothing_to_export(operator: Client, three: list[Entry]) -> None:
    answer = operator.get(f"{reverse('operations:audit')}?since=yesterday")
    assert answer.status_code == 400
    assert "Enter a valid date." in answer.content.decode()
    assert operator.get(f"{reverse('operations:audit-csv')}?since=yesterday").status_code == 302


def test_check_is_asked_for_carried_out_and_shown(operator: Client, three: list[Entry], sent: list[str]) -> None:
    address = reverse("operations:audit")
    assert "Not checked yet." in operator.get(address).content.decode()
    operator.post(reverse("operations:audit-check"))
    operator.post(reverse("operations:audit-check"))
    check = ChainCheck.objects.get()
    assert sent == [chain.CHECK]
    page = operator.get(address).content.decode()
    assert "is under way" in page
    assert "Check the whole chain" not in page
    tasks.check_chain(str(check.pk))
    assert not chain.carry_out(check.pk), "once"
    assert "Whole up to entry 3, checked" in operator.get(address).content.decode()


def test_altered_entry_is_named_in_both_languages(operator: Client, three: list[Entry], sent: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute("UPDATE ledger_entry SET transition = 'other' WHERE sequence = 2")
    chain.carry_out(chain.ask().pk)
    page = operator.get(reverse("operations:audit")).content.decode()
    assert "Does not hold at 1 place" in page
    assert "Entry 2: its content was altered" in page
    operator.cookies["django_language"] = "zh-hans"
    assert "条目 2：内容被改动" in operator.get(reverse("operations:audit")).content.decode()
    parts = {part.code: part.state for part in operator.get(reverse("operations:overview")).context["parts"]}
    assert parts["ledger"] == "failed"


def test_chain_is_checked_once_a_day_without_asking(three: list[Entry], sent: list[str]) -> None:
    chain.sweep()
    chain.sweep()
    check = ChainCheck.objects.get()
    assert sent == [chain.CHECK]
    # The message was lost: the sweeper does it itself.
    ChainCheck.objects.update(asked_at=timezone.now() - timedelta(minutes=1))
    chain.sweep()
    check.refresh_from_db()
    assert check.is_whole
    assert check.entries == 3
    ChainCheck.objects.update(asked_at=timezone.now() - timedelta(days=1, minutes=1))
    chain.sweep()
    assert ChainCheck.objects.count() == 2
