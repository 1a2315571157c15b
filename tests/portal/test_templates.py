"""The strict content security policy, seen from the templates: nothing inline that a browser would refuse to run."""

from __future__ import annotations

import re
from pathlib import Path

import pytest
from django.conf import settings

ROOT = Path(settings.BASE_DIR)
PAGES = [
    path
    for folder in (ROOT / "templates", *sorted(ROOT.glob("*/*/templates")))
    for path in sorted(folder.rglob("*.html"))
    # The printed certificate is laid out by WeasyPrint, not by a browser.
    if "pdf" not in path.parts
]
TAG = re.compile(r"<([a-zA-Z][\w-]*)\b((?:[^<>\"']|\"[^\"]*\"|'[^']*')*)>", re.DOTALL)
COMMENT = re.compile(r"\{#.*?#\}|\{% comment %\}.*?\{% endcomment %\}|<!--.*?-->", re.DOTALL)
ATTRIBUTE = re.compile(r"(?:^|\s)([a-zA-Z][\w:.-]*)\s*=")
TEMPLATE_TAG = re.compile(r"\{[%{].*?[%}]\}", re.DOTALL)


def inline(text: str) -> list[str]:
    """What a strict policy would refuse."""
    found = []
    for tag, attributes in TAG.findall(TEMPLATE_TAG.sub(_kept, COMMENT.sub("", text))):
        names = {name.lower() for name in ATTRIBUTE.findall(attributes)}
        if tag.lower() == "script" and "src" not in names:
            found.append("script without src")
        if tag.lower() == "style":
            found.append("style element")
        found += [f"{tag} {name}" for name in sorted(names) if name == "style" or name.startswith(("on", "hx-on"))]
        if "javascript:" in attributes.lower():
            found.append(f"{tag} javascript:")
    return found


def _kept(match: re.Match[str]) -> str:
    """Template tags out of the way of the search for HTML tags; what they would write is not seen here."""
    return " "


@pytest.mark.parametrize("page", PAGES, ids=lambda path: str(path.relative_to(ROOT)))
def test_a_page_has_nothing_inline(page: Path) -> None:
    assert inline(page.read_text(encoding="utf-8")) == []


@pytest.mark.parametrize(
    "text",
    [
        "<script>alert(1)</script>",
        '<p style="color: red">',
        "<style>p {}</style>",
        '<button onclick="go()">',
        "<button {% if x %}onclick='go()'{% endif %}>",
        '<a href="javascript:go()">',
        '<div hx-on:click="go()">',
    ],
)
def test_the_search_finds_what_it_looks_for(text: str) -> None:
    assert inline(text)


def test_the_search_lets_pass_what_is_right() -> None:
    assert inline('<script src="{% static \'js/portal.js\' %}" defer></script><p class="small" data-on="x">a</p>') == []


def test_there_are_pages() -> None:
    assert len(PAGES) > 40
