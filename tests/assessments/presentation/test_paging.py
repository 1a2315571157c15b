"""Walking through pages gives each row once, forward and backward, whatever the ties and the cursor."""

from __future__ import annotations

from typing import Any

import pytest

from assessments.accounts.models import Organisation
from assessments.presentation.paging import keyset_page

pytestmark = pytest.mark.django_db


@pytest.fixture
def rows() -> list[Organisation]:
    made = [Organisation(kind="vendor", name_en=f"Vendor {n:02}", name_zh="甲" if n % 3 else "乙") for n in range(23)]
    Organisation.objects.bulk_create(made)
    return made


def walk(order: str, size: int) -> list[list[Any]]:
    pages, cursor = [], ""
    while True:
        page = keyset_page(Organisation.objects.all(), order=order, cursor=cursor, size=size)
        pages.append([row.pk for row in page.items])
        if not page.next:
            return pages
        cursor = page.next


@pytest.mark.parametrize(
    "order", ["name_en", "-name_en", "name_zh", "-name_zh", "pk", "-pk", "created_at", "-created_at"]
)
def test_forward_gives_each_row_once_and_in_order(order: str, rows: list[Organisation]) -> None:
    keys = [order] if order.lstrip("-") == "pk" else [order, "-pk" if order.startswith("-") else "pk"]
    wanted = list(Organisation.objects.order_by(*keys).values_list("pk", flat=True))
    pages = walk(order, 5)
    assert [key for page in pages for key in page] == wanted
    assert [len(page) for page in pages] == [5, 5, 5, 5, 3]


@pytest.mark.parametrize("order", ["name_zh", "-created_at", "pk"])
def test_backward_gives_the_pages_that_were_seen(order: str, rows: list[Organisation]) -> None:
    everything = Organisation.objects.all()
    first = keyset_page(everything, order=order, size=5)
    second = keyset_page(everything, order=order, cursor=first.next, size=5)
    third = keyset_page(everything, order=order, cursor=second.next, size=5)
    back = keyset_page(everything, order=order, cursor=third.previous, size=5)
    assert [r.pk for r in back.items] == [r.pk for r in second.items]
    assert back.next
    assert back.previous
    start = keyset_page(everything, order=order, cursor=back.previous, size=5)
    assert [r.pk for r in start.items] == [r.pk for r in first.items]
    assert not start.previous


@pytest.mark.parametrize("cursor", ["x", "!!!", "W10", "bnVsbA", "WyJhIiwgIngiLCAieSJd", "a" * 600, "é"])
def test_a_cursor_that_cannot_be_read_gives_the_first_page(cursor: str, rows: list[Organisation]) -> None:
    page = keyset_page(Organisation.objects.all(), order="created_at", cursor=cursor, size=5)
    assert len(page.items) == 5
    assert not page.previous


def test_empty_list_has_no_pages() -> None:
    page = keyset_page(Organisation.objects.all(), size=5)
    assert (page.items, page.next, page.previous) == ([], "", "")
