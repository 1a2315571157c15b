"""The help as people meet it: pages, links from other pages, the header's search, the catalogue of methods."""

from __future__ import annotations

import re
from typing import Any

import pytest

from evaluations.methods import registry
from portal.help import catalogue, guides

pytestmark = pytest.mark.django_db


def text(client: Any, address: str, **query: str) -> str:
    answer = client.get(address, query)
    assert answer.status_code == 200, address
    return answer.content.decode()


def test_ones_own_guides_come_first(client: Any, lead: Any) -> None:
    page = text(client, "/help/")
    assert "For your work" not in page
    assert all(f'href="/help/{code}/"' in page for code in guides.BY_CODE)
    client.force_login(lead)
    page = text(client, "/help/")
    assert page.index("For your work") < page.index('href="/help/lead/"') < page.index("For everybody")
    assert page.count('href="/help/lead/"') == 1


def test_unknown_guides_and_methods_are_not_found(client: Any) -> None:
    assert client.get("/help/nobody/").status_code == 404
    assert client.get("/help/methods/privacy.dp/").status_code == 404  # declared, not installed


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_each_method_is_shown_as_it_declares_itself(language: str, client: Any) -> None:
    client.cookies["django_language"] = language
    pick = "zh" if language.startswith("zh") else "en"
    listed = text(client, "/help/methods/")
    methods = registry.all_methods()
    assert len(methods) == sum(len(chapter.methods) for chapter in catalogue.chapters()) >= 12
    for method_id, method in methods.items():
        assert f"/help/methods/{method_id}/" in listed
        page = (
            re.sub(r"\s+", " ", text(client, f"/help/methods/{method_id}/")).replace("&#x27;", "'").replace("&gt;", ">")
        )
        assert method.validation is not None
        for said in (method.description, method.validation.limits, *(p.description for p in method.parameters)):
            assert getattr(said, pick) in page, method_id
        for meaning in method.meanings:
            assert f'id="metric-{meaning.name}"' in page
            assert getattr(meaning.silent, pick).replace("<", "&lt;") in page


def test_a_page_leads_to_the_part_that_explains_it_by_role(client: Any, alice: Any, lead: Any, reviewer: Any) -> None:
    assert 'href="/help/visitor/#find"' in text(client, "/registry/")
    assert 'href="/help/visitor/#verify"' in text(client, "/verify/")
    assert "How this page works" not in text(client, "/help/")
    client.force_login(alice)
    assert 'href="/help/vendor/#apply"' in text(client, "/applications/")
    client.force_login(lead)
    assert 'href="/help/lead/#day"' in text(client, "/cases/")
    client.force_login(reviewer)
    assert 'href="/help/reviewer/#day"' in text(client, "/cases/")


def test_the_dashboard_leads_to_the_guides_of_ones_roles(client: Any, alice: Any, regulator: Any) -> None:
    client.force_login(alice)
    assert 'href="/help/vendor/"' in text(client, "/dashboard/")
    client.force_login(regulator)
    page = text(client, "/dashboard/")
    assert 'href="/help/regulator/"' in page
    assert 'href="/help/vendor/"' not in page


def test_the_search_of_the_header_finds_guides_methods_and_terms(client: Any) -> None:
    page = text(client, "/search/", q="submit")
    assert 'href="/help/vendor/#submit"' in page
    page = text(client, "/search/", q="guard band")
    assert 'href="/help/glossary/#guard-band"' in page
    page = text(client, "/search/", q="fairness.group")
    assert 'href="/help/methods/fairness.group/"' in page
    client.cookies["django_language"] = "zh-hans"
    page = text(client, "/search/", q="签署协议")
    assert 'href="/help/vendor/#agreement"' in page
    assert "帮助" in page


def test_the_help_searches_itself(client: Any) -> None:
    assert "Clopper–Pearson interval" in text(client, "/help/", q="Clopper")
    assert "Nothing fits" in text(client, "/help/", q="phlogiston")
    assert "/help/methods/privacy.membership/" in text(client, "/help/", q="membership")


def test_every_page_of_the_help_asks_the_database_little(client: Any, django_assert_max_num_queries: Any) -> None:
    for address in ("/help/", "/help/vendor/", "/help/methods/", "/help/methods/fairness.group/"):
        client.get(address)
        with django_assert_max_num_queries(1):
            client.get(address)
