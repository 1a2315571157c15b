"""Two to four certificates side by side: what is asked for, what is shown, and where they differ in words."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from portal.registry.comparing import choose, side_by_side
from tests.factories.certificates import pair, snapshot

from .conftest import Publish

pytestmark = pytest.mark.django_db
ADDRESS = "/registry/compare/"


def page(client: Client, *numbers: str) -> str:
    answer = client.get(ADDRESS, {"n": list(numbers)})
    assert answer.status_code == 200
    return answer.content.decode()


def scored(**tenths: int | None) -> list[dict[str, Any]]:
    """The factory's criteria with other scores; None is "not demonstrated". RC_1 stands for RC-1."""
    changed = {code.replace("_", "-"): value for code, value in tenths.items()}
    rows: Any = snapshot()["criteria"]
    for row in rows:
        if row["code"] in changed:
            row["tenths"] = changed[row["code"]]
            row["state"] = "scored" if row["tenths"] is not None else "not_demonstrated"
    return rows


def rows_of(certificates: list[Any], part: str) -> dict[str, list[tuple[str, str]]]:
    return {row.term: [(cell.text, cell.mark) for cell in row.cells] for row in side_by_side(certificates)[part]}


def test_two_certificates_stand_side_by_side_with_their_status(client: Client, publish: Publish) -> None:
    first = publish("Digit reader", status="suspended")
    second = publish("Number reader")
    text = page(client, first.number, second.number)
    for words in ("Digit reader 1.0", "Number reader 1.0", "suspended", "in force", "Use as Number reader."):
        assert words in text
    assert text.count("<svg") - page(client, first.number).count("<svg") >= 2, "a radar for each"
    assert text.index("suspended") < text.index("Aurora Vision Ltd"), "status comes first"


def test_only_what_differs_is_marked_and_in_words(publish: Publish) -> None:
    certificates = [
        publish(frozen={"criteria": scored(RC_1=45, TE_1=30)}),
        publish(frozen={"criteria": scored(RC_1=30, TE_1=30)}),
        publish(frozen={"criteria": scored(RC_1=None, TE_1=30)}),
    ]
    shown = side_by_side(certificates)
    assert [row.term for row in shown["differing"]] == ["RC-1 Requirement 1 of RC"]
    row = shown["differing"][0]
    assert [(c.text, c.mark) for c in row.cells] == [("4.5", "highest"), ("3.0", "lowest"), ("not demonstrated", "")]
    assert row.note == "1.5 points apart; not scored in all"
    assert "TE-1 Requirement 1 of TE" in [row.term for row in shown["same"]]
    assert len(shown["same"]) + len(shown["differing"]) == 18


def test_several_may_be_highest_and_the_middle_has_no_word(publish: Publish) -> None:
    certificates = [publish(frozen={"criteria": scored(RC_1=tenths)}) for tenths in (45, 45, 40, 35)]
    assert [mark for _text, mark in rows_of(certificates, "differing")["RC-1 Requirement 1 of RC"]] == [
        "highest",
        "highest",
        "",
        "lowest",
    ]


def test_characteristics_are_shown_with_the_unrated_and_the_one_beside(publish: Publish) -> None:
    rows = rows_of([publish(), publish()], "characteristics")
    assert len(rows) == 6
    assert rows["RC Reliability and controllability"] == [("81.2", ""), ("81.2", "")]
    assert rows["DI Diversity and inclusiveness"] == [("not rated", ""), ("not rated", "")]


def test_other_editions_and_tiers_are_cautioned(client: Client, publish: Publish) -> None:
    other = {"code": "TAI", "edition": "1.0", "pilot": False, "title": pair("Spec", "规范")}
    frozen = {"standard": other, "tier": "high", "criteria": [row for row in scored() if row["code"] != "GM-3"]}
    certificates = [publish(), publish(tier="high", frozen=frozen)]
    shown = side_by_side(certificates)
    assert len(shown["cautions"]) == 2
    assert rows_of(certificates, "differing")["GM-3 Requirement 3 of GM"][1] == ("not in its standard", "")
    assert side_by_side([publish(), publish()])["cautions"] == []


def test_unknown_numbers_are_named_and_what_is_known_is_still_compared(client: Client, publish: Publish) -> None:
    first, second = publish(), publish()
    text = page(client, first.number, "TAI-2026-999999-0", second.number)
    assert "Not in the registry: TAI-2026-999999-0" in text
    assert "Status and facts" in text
    assert "Not in the registry: X" in page(client, "x")


def test_one_or_none_is_told_how_to_go_on(client: Client, publish: Publish) -> None:
    first = publish()
    text = page(client, first.number)
    assert f"Only {first.number} is chosen" in text
    assert f'<input type="hidden" name="n" value="{first.number}">' in text, "the form adds to it"
    assert "No certificate is chosen yet" in page(client)


def test_more_than_four_are_offered_for_choice(client: Client, publish: Publish) -> None:
    text = page(client, *[publish().number for _n in range(5)])
    assert "5 certificates are too many" in text
    assert text.count('type="checkbox" name="n"') == 5
    assert text.count(" checked") - text.count("data-shortcut checked") == 4
    assert "Status and facts" not in text


def test_numbers_count_once_however_they_are_typed(publish: Publish) -> None:
    first = publish()
    choice = choose([first.number, first.number.lower(), f" {first.number.replace('-', '–')} ", "", "\x00"])
    assert [one.number for one in choice.certificates] == [first.number]
    assert choice.unknown == []


def test_a_certificate_in_preparation_is_unknown(publish: Publish) -> None:
    waiting = publish(status="preparing", pdf_sha256="", issued_at=None)
    assert choose([waiting.number]).unknown == [waiting.number]


def test_search_results_and_certificate_lead_to_the_comparison(client: Client, publish: Publish) -> None:
    first, second = publish(), publish()
    results = client.get("/registry/").content.decode()
    for number in (first.number, second.number):
        assert f'<input type="checkbox" name="n" value="{number}">' in results
    assert f'action="{ADDRESS}"' in results
    frozen = client.get(f"/certificates/{first.number}/").content.decode()
    assert f'href="{ADDRESS}?n={first.number}"' in frozen


def test_as_many_queries_for_four_as_for_two(client: Client, publish: Publish) -> None:
    numbers = [publish().number for _n in range(30)]
    counts = []
    for asked in (numbers[:2], numbers[:4], numbers[:20]):
        with CaptureQueriesContext(connection) as queries:
            page(client, *asked)
        counts.append(len(queries))
    assert counts[0] == counts[1] == counts[2] <= 2


def test_comparison_in_chinese(client: Client, publish: Publish) -> None:
    client.cookies["django_language"] = "zh-hans"
    certificates = [publish(frozen={"criteria": scored(RC_1=45)}), publish(frozen={"criteria": scored(RC_1=30)})]
    text = page(client, *[one.number for one in certificates])
    for words in ("证书比较", "存在差异的评估项", "最高", "相差 1.5 分", "手写数字识别系统 1.0"):
        assert words in text


def test_nobody_can_post(client: Client) -> None:
    assert client.post(ADDRESS).status_code == 405
