"""Guides: the same parts in both languages, no dead link, pictures there and light, no HTML let through."""

from __future__ import annotations

import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.urls import NoReverseMatch, get_resolver, resolve
from django.urls.resolvers import URLResolver
from django.utils import translation
from PIL import Image

from assessments.glossary.terms import UnknownTerm, glossary
from portal.help import guides
from portal.help.markdown import Document, address, read
from portal.help.places import PARTS

CODES = list(guides.BY_CODE)
ROLES = {"vendor_member", "lead_evaluator", "evaluator", "reviewer", "scheme_owner", "regulator", "administrator"}
HEADING = re.compile(r"(?m)^(#{1,3}) .*?(?:\{#([a-z0-9-]+)\})?$")
HALF_WIDTH = re.compile(r"[一-鿿][,;:!?]|[,;!?][一-鿿]")
CALL = re.compile(r'(?:-X (\w+) )?"\$PORTAL(/api/[^"?]*)')
SOME_ID = "6f9619ff-8b86-4011-b42d-00c04fc964ff"


def source(code: str, language: str) -> str:
    return (guides.TEXTS / language / f"{code}.md").read_text(encoding="utf-8")


def test_there_is_a_guide_for_each_role_that_has_a_login_and_for_everybody() -> None:
    assert {guide.role for guide in guides.ALL} - {""} == ROLES
    for language in guides.LANGUAGES:
        assert {path.stem for path in (guides.TEXTS / language).glob("*.md")} == set(CODES)


@pytest.mark.parametrize("code", CODES)
def test_both_languages_have_the_same_parts(code: str) -> None:
    english, chinese = (source(code, language) for language in guides.LANGUAGES)
    assert HEADING.findall(english) == HEADING.findall(chinese)
    for mark in (r"^\d+\. ", r"^- ", r"^> ", r"^\| ", r"\]\(", r"!\["):
        assert len(re.findall(mark, english, re.MULTILINE)) == len(re.findall(mark, chinese, re.MULTILINE)), mark
    targets = re.compile(r"\]\(([^)]+)\)")
    assert sorted(targets.findall(english)) == sorted(targets.findall(chinese))


@pytest.mark.parametrize("code", CODES)
def test_chinese_is_written_as_chinese(code: str) -> None:
    document = guides.document(code, "zh-hans")
    for section in document.sections:
        assert re.search("[一-鿿]", section.title)
        prose = re.sub(r"<(pre|code)>.*?</\1>", "", section.html, flags=re.DOTALL)
        prose = re.sub(r"<[^>]+>", "", prose)
        assert not HALF_WIDTH.search(prose), (code, section.anchor, HALF_WIDTH.search(prose))
    english = guides.document(code, "en")
    assert not re.search("[一-鿿]", "".join(section.text for section in english.sections).replace("测试签发", ""))


@pytest.mark.django_db
@pytest.mark.parametrize("language", guides.LANGUAGES)
def test_every_link_leads_to_a_page_and_its_anchor(language: str, client: Any) -> None:
    client.cookies["django_language"] = language
    pages: dict[str, str] = {}
    for code in CODES:
        html = client.get(f"/help/{code}/").content.decode()
        for link in re.findall(r'href="([^"]+)"', html.split('class="guide"')[1].split("</article>")[0]):
            page, _mark, anchor = link.partition("#")
            resolve(page.partition("?")[0])
            if anchor:
                pages.setdefault(page, client.get(page).content.decode())
                assert f'id="{anchor}"' in pages[page], (code, link)


@pytest.mark.parametrize("language", guides.LANGUAGES)
def test_pictures_are_light_and_have_their_size_and_words(language: str) -> None:
    folder = Path(settings.BASE_DIR) / "static/images/help" / language
    shown = set()
    for code in CODES:
        for section in guides.document(code, language).sections:
            for tag in re.findall(r"<img [^>]+>", section.html):
                found = re.search(r'src="[^"]*/([\w-]+)(?:\.[0-9a-f]+)?\.webp"', tag)
                assert found, tag
                shown.add(found[1])
                with Image.open(folder / f"{found[1]}.webp") as image:
                    assert f'width="{image.width}" height="{image.height}"' in tag
                assert re.search(r'alt="[^"]{12,}"', tag), tag
                assert 'loading="lazy"' in tag
    files = {path.stem: path.stat().st_size for path in folder.iterdir()}
    assert shown == set(files)
    assert max(files.values()) <= 36_000


def test_the_examples_of_the_interface_exist_with_their_methods() -> None:
    calls = CALL.findall(source("api", "en").replace("\\\n", " "))
    assert len(calls) > 12
    for method, path in calls:
        found = resolve(re.sub(r"\$[A-Z]+", SOME_ID, path))
        handler = method.lower() or ("post" if path == "/api/verify/" else "get")
        assert hasattr(found.func.view_class, handler), (method, path)
    blocks = re.compile(r"```sh.*?```", re.DOTALL)
    assert blocks.findall(source("api", "en")) == blocks.findall(source("api", "zh-hans"))


def names(resolver: URLResolver, prefix: str = "") -> list[str]:
    found: list[str] = []
    for entry in resolver.url_patterns:
        if isinstance(entry, URLResolver):
            found += names(entry, f"{prefix}{entry.namespace}:" if entry.namespace else prefix)
        elif entry.name:
            found.append(prefix + entry.name)
    return found


def test_every_page_that_is_explained_exists_and_so_does_the_part() -> None:
    assert set(PARTS) <= set(names(get_resolver()))
    for parts in PARTS.values():
        for part in parts:
            code, _mark, anchor = part.partition("#")
            for language in ("en", "zh-hans"):
                with translation.override(language):
                    assert guides.BY_CODE[code].section(anchor).text


def test_html_in_a_guide_stays_text() -> None:
    document = read("# T\n\nS\n\n## H {#h}\n\n<script>alert(1)</script> [x](javascript:alert)\n", "en")
    assert "<script" not in document.sections[0].html
    assert 'href="javascript' not in document.sections[0].html


def test_a_heading_without_anchor_and_a_dead_link_are_refused() -> None:
    with pytest.raises(ValueError, match="without anchor"):
        read("# T\n\nS\n\n## H\n", "en")
    with pytest.raises(NoReverseMatch):
        address("page:nowhere:at-all")
    with pytest.raises(UnknownTerm):
        address("term:phlogiston")
    with pytest.raises(FileNotFoundError):
        read("# T\n\nS\n\n![what one sees](picture:nothing)\n", "en")


def test_a_document_is_title_summary_and_sections() -> None:
    document = read(
        "# Title\n\nFor *whom*.\n\n## One {#one}\n\n| a |\n| --- |\n| b |\n\n### Two {#two}\n\ntext\n", "en"
    )
    assert isinstance(document, Document)
    assert (document.title, document.summary) == ("Title", "For whom.")
    assert document.sections[0].anchor == "one"
    assert '<th scope="col">a</th>' in document.sections[0].html
    assert '<h3 id="two">Two</h3>' in document.sections[0].html


def test_search_puts_titles_first() -> None:
    with translation.override("en"):
        found = [(guide.code, section.anchor) for guide, section in guides.search("submit")]
        assert found[0] == ("vendor", "submit")
        assert list(guides.search("")) == []
    with translation.override("zh-hans"):
        assert ("reviewer", "decide") in [(g.code, s.anchor) for g, s in guides.search("作出决定")]


def test_terms_that_guides_link_to_are_there() -> None:
    for code in CODES:
        for slug in re.findall(r"\(term:([^)]+)\)", source(code, "en")):
            assert slug in glossary().terms
