"""The glossary: both languages, no dead end, found by any name, and terms in pages that open without script."""

from __future__ import annotations

import json
import re
from itertools import pairwise
from pathlib import Path
from typing import Any

import jsonschema
import pytest
import yaml
from django.conf import settings
from django.template import Context, Template
from django.test import RequestFactory

from assessments.glossary.terms import DATA, UnknownTerm, glossary

BOOK = glossary()
CHINESE = re.compile(r"[一-鿿]")
HALF_WIDTH = re.compile(r"[一-鿿][,;:!?()]|[,;:!?(][一-鿿]")
TAG = re.compile(r"""\{%\s*term\s+["']([^"']+)["']""")
# Abbreviations that Chinese texts use as they are.
SAME = {"onnx", "skops"}


@pytest.mark.parametrize("code", BOOK.fields)
def test_a_field_keeps_to_the_schema(code: str) -> None:
    schema = json.loads((DATA / "term.schema.json").read_text(encoding="utf-8"))
    jsonschema.validate(yaml.safe_load((DATA / f"{code}.yaml").read_text(encoding="utf-8")), schema)
    assert set(schema["additionalProperties"]["properties"]["where"]["items"]["enum"]) == set(BOOK.places)


def test_there_are_terms_of_every_field_and_none_twice() -> None:
    keys = [
        key
        for code in BOOK.fields
        for key in re.findall(r"(?m)^([a-z0-9-]+):$", (DATA / f"{code}.yaml").read_text("utf-8"))
    ]
    assert len(keys) == len(set(keys)) == len(BOOK.terms) >= 90
    assert {path.stem for path in DATA.glob("*.yaml")} == {*BOOK.fields, "fields"}
    for pick in ("en", "zh"):
        names = [getattr(term.name, pick).lower() for term in BOOK.terms.values()]
        assert len(names) == len(set(names))


def test_chinese_is_chinese_and_english_is_not() -> None:
    for term in BOOK.terms.values():
        assert term.slug in SAME or CHINESE.search(term.name.zh), term.slug
        assert CHINESE.search(term.meaning.zh), term.slug
        assert not HALF_WIDTH.search(term.meaning.zh), term.slug
        assert term.meaning.zh.endswith("。"), term.slug
        assert term.meaning.en.endswith("."), term.slug
        assert not CHINESE.search(term.meaning.en + term.name.en), term.slug


def test_a_meaning_is_one_to_four_sentences() -> None:
    for term in BOOK.terms.values():
        assert 30 <= len(term.meaning.en) <= 420, term.slug
        assert len(re.findall(r"[.](?:\s|$)", term.meaning.en)) <= 4, term.slug


def test_related_terms_exist_and_no_term_stands_alone() -> None:
    named = {slug for term in BOOK.terms.values() for slug in term.related}
    assert named <= set(BOOK.terms)
    for term in BOOK.terms.values():
        assert term.slug not in term.related
        assert BOOK.related(term), term.slug


def test_a_term_is_found_by_each_of_its_names() -> None:
    assert BOOK.get("Decision Rule") is BOOK.get("判定规则") is BOOK.get("decision-rule")
    assert BOOK.get("PGD").slug == "pgd"
    assert BOOK.get("tier").slug == "risk-tier"
    with pytest.raises(UnknownTerm):
        BOOK.get("phlogiston")


def test_search_takes_both_languages_and_puts_names_first() -> None:
    assert BOOK.search("wilson")[0].slug == "wilson-interval"
    assert "guard-band" in {term.slug for term in BOOK.search("保护带")}
    found = BOOK.search("interval")
    named = [any("interval" in name.lower() for name in term.names) for term in found]
    assert named[0]
    assert all(before >= after for before, after in pairwise(named))
    assert BOOK.search("phlogiston") == []


def test_every_term_in_a_template_exists() -> None:
    used = {
        (str(path.relative_to(settings.BASE_DIR)), name)
        for path in (Path(settings.BASE_DIR) / "templates").rglob("*.html")
        for name in TAG.findall(path.read_text(encoding="utf-8"))
    }
    for place, name in used:
        assert BOOK.get(name), place


def test_the_first_use_opens_and_the_second_is_plain() -> None:
    request = RequestFactory().get("/")
    text = Template('{% load glossary %}{% term "gate" %}|{% term "M+" "must &amp; more" %}|{% term "level" "Level" %}')
    first, second, third = text.render(Context({"request": request})).split("|")
    assert 'popovertarget="term-gate"' in first
    assert 'id="term-gate" popover' in first
    assert "/help/glossary/#gate" in first
    assert second == "must &amp;amp; more"
    assert ">Level</button>" in third
    assert Template('{% load glossary %}{% term "gate" %}').render(Context({})) == "gate"


@pytest.mark.journey
def test_a_word_opens_by_keyboard_and_without_script(browser: Any) -> None:
    request = RequestFactory().get("/")
    text = Template('{% load glossary %}<p>A {% term "gate" %} fails.</p>{% words_explained "level" "gate" "weight" %}')
    context = browser.new_context(java_script_enabled=False)
    page = context.new_page()
    page.set_content(text.render(Context({"request": request})))
    note = page.locator("#term-gate")
    assert not note.is_visible()
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    note.wait_for(state="visible")
    assert note.inner_text().startswith("gate")
    page.keyboard.press("Tab")
    page.keyboard.press("Escape")
    note.wait_for(state="hidden")
    page.get_by_role("button", name="weight").click()
    page.locator("#term-weight").wait_for(state="visible")
    assert page.locator("button").all_inner_texts() == ["gate", "level", "weight"]
    context.close()


@pytest.mark.django_db
def test_the_page_has_every_term_and_is_light(client: Any, django_assert_max_num_queries: Any) -> None:
    with django_assert_max_num_queries(2):
        page = client.get("/help/glossary/", headers={"accept-encoding": "gzip"})
    assert page["Content-Encoding"] == "gzip"
    assert len(page.content) < 45_000
    page = client.get("/help/glossary/").content.decode()
    ids = re.findall(r'id="([^"]+)"', page)
    assert set(BOOK.terms) <= set(ids)
    assert len(ids) == len(set(ids))
    assert set(re.findall(r'href="#([^"]+)"', page)) <= set(ids)


@pytest.mark.django_db
def test_the_page_searches_in_chinese(client: Any) -> None:
    client.cookies["django_language"] = "zh-hans"
    page = client.get("/help/glossary/", {"q": "Wilson"}).content.decode()
    assert "威尔逊区间" in page
    assert 'id="gate"' not in page
    assert 'href="/help/glossary/#confidence-interval"' in page
    assert "没有符合的术语" in client.get("/help/glossary/", {"q": "phlogiston"}).content.decode()
    assert client.get("/help/glossary/", {"q": "\x00"}).status_code == 200
