"""Every page in every state, as a browser shows it: accessible, in its frame, named once, and still."""

from __future__ import annotations

from collections import defaultdict

import pytest

from tests.pages.catalogue import ALIKE, Page
from tests.pages.chinese import english_in
from tests.pages.looking import SHIFT, Tabs
from tests.portal.access.expectations import TABLE

pytestmark = [pytest.mark.journey, pytest.mark.timeout(900)]
# Answers only a program that shows the operator's token; tests/portal/operations ask it.
BY_TOKEN = {"operations:metrics"}
# Not a page but what replaces a part of one.
PARTS = {"runs:progress"}


def visited(pages: list[Page]) -> list[Page]:
    return [page for page in pages if page.name.partition(" [")[0] not in PARTS]


def report(found: dict[str, list[str]]) -> str:
    return "\n".join(["", *(f"{page}\n    " + "\n    ".join(told) for page, told in found.items())])


def test_every_address_has_an_example(collected: tuple[list[Page], dict[str, list[str]]]) -> None:
    """A page or a file: a new address is asked by its name, and one that serves nobody is told."""
    _pages, answered = collected
    unserved = {name: told for name, told in answered.items() if all(each >= "4" for each in told)}
    assert unserved.keys() - BY_TOKEN == set(), unserved
    broken = {name: told for name, told in answered.items() if any(each.startswith("5") for each in told)}
    assert broken == {}


def test_pages_of_different_addresses_have_different_titles(pages: list[Page]) -> None:
    names: dict[str, set[str]] = defaultdict(set)
    for page in visited(pages):
        names[page.title].add(page.name.partition(" [")[0].partition(": ")[0])
    assert {
        title: found for title, found in names.items() if not title or (len(found) > 1 and found not in ALIKE)
    } == {}


def test_every_page_in_english(pages: list[Page], tabs: Tabs) -> None:
    """axe and target sizes, dialogs open, dark, forced colours, 360 px and 400 % (320 px), headings, layout shift."""
    found = {str(page): told for page in visited(pages) if (told := tabs.english(page))}
    assert not found, report(found)


def test_every_page_in_chinese(pages: list[Page], tabs: Tabs) -> None:
    """Marked as Chinese, and no English sentence but what people typed, names and code."""
    found = {str(page): told for page in visited(pages) if (told := tabs.chinese(page))}
    assert not found, report(found)


@pytest.mark.parametrize("language", ["zh-hans", "en"])
def test_every_form_that_is_refused_shows_its_errors(pages: list[Page], tabs: Tabs, language: str) -> None:
    """One page of each address with a form, sent empty. Last in this file: where nothing is asked, sending is doing."""
    found, refused = {}, 0
    first = {page.name.partition(" [")[0]: page for page in reversed(visited(pages))}
    for name, page in first.items():
        if name not in ALLAUTH_FORMS and "POST" not in getattr(TABLE.get(name), "methods", {}):
            continue
        told = tabs.refused(page, language)
        refused += told is not None
        if told:
            found[str(page)] = told
    assert not found, report(found)
    assert refused > 15


ALLAUTH_FORMS = ("account_login", "account_signup", "account_reset_password", "account_change_password")


@pytest.mark.parametrize("actor", ["anonymous", "applicant"])
def test_what_is_not_there_is_told_on_a_page(tabs: Tabs, actor: str) -> None:
    page = Page("nothing", "/nothing-is-here/", actor)
    assert tabs.go(page) == ["status 404"]
    assert [*tabs.check("structure", SHIFT), *tabs.violations(), *tabs.narrow()] == []
    tabs.go(page, "zh-hans")
    assert english_in(tabs.check("texts")) == []
