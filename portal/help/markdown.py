"""Guides are Markdown; here they become HTML that is safe to print, with links and pictures of the portal.

Raw HTML in a guide stays text. Addresses are written by what they mean, and are resolved or fail:

    [the registry](page:registry:search)     the page of that name; `?q=1` and `#anchor` may follow
    [how scores come about](guide:certificate#scores)
    [decision rule](term:decision-rule)      in the glossary
    [what it measures](method:fairness.group)
    ![what one sees](picture:registry)       static/images/help/<language>/registry.webp
"""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

from django.conf import settings
from django.templatetags.static import static
from django.urls import reverse
from django.utils.html import escape, strip_tags
from django.utils.safestring import SafeString, mark_safe
from markdown_it import MarkdownIt
from markdown_it.token import Token
from PIL import Image

from assessments.glossary.terms import glossary

ANCHOR = re.compile(r"\s*\{#([a-z0-9-]+)\}\s*$")


@dataclass(frozen=True)
class Section:
    """A part under one heading of the second rank: its anchor, its title, and the HTML below the title."""

    anchor: str
    title: str
    html: SafeString

    @property
    def text(self) -> str:
        """What it says, without markup, for the search."""
        return " ".join(strip_tags(self.html).split())


@dataclass(frozen=True)
class Document:
    """A whole guide: title, the paragraph that says whom it serves, sections."""

    title: str
    summary: str
    sections: tuple[Section, ...]


def read(source: str, language: str) -> Document:
    """The document written in `source`. Raises ValueError for a heading without anchor, LookupError for a dead link."""
    reader = MarkdownIt("commonmark", {"html": False}).enable("table")
    tokens = reader.parse(source)
    for token in tokens:
        _prepare(token, language)
    starts = [at for at, token in enumerate(tokens) if token.type == "heading_open" and token.tag == "h2"]
    intro = tokens[: starts[0]] if starts else tokens
    texts = [_plain(token) for token in intro if token.type == "inline"]
    sections = [
        _section(reader, tokens[start:end]) for start, end in zip(starts, [*starts[1:], len(tokens)], strict=True)
    ]
    return Document(texts[0], texts[1] if len(texts) > 1 else "", tuple(sections))


def _section(reader: MarkdownIt, tokens: list[Token]) -> Section:
    anchor = _take_anchor(tokens[1])
    for at, token in enumerate(tokens):
        if token.type == "heading_open" and token.tag == "h3":
            token.attrSet("id", _take_anchor(tokens[at + 1]))
    title = _plain(tokens[1])
    html = _framed(reader.renderer.render(tokens[3:], reader.options, {}), title)
    return Section(anchor, title, mark_safe(html))  # noqa: S308  Markdown with HTML switched off


def _framed(html: str, title: str) -> str:
    """Tables and examples that may be moved sideways by keyboard; a table is named like the part that it stands in."""
    frame = f'<div class="table-frame" tabindex="0" role="group" aria-label="{escape(title)}">'
    html = html.replace("<table>", f'{frame}<table class="table">')
    html = html.replace("</table>", "</table></div>").replace("<th>", '<th scope="col">')
    return html.replace("<pre>", '<pre tabindex="0">')


def _take_anchor(token: Token) -> str:
    """The `{#anchor}` at the end of a heading, which is taken away from its text."""
    found = ANCHOR.search(token.content)
    if found is None:
        raise ValueError(f"heading without anchor: {token.content}")
    token.content = token.content[: found.start()]
    last = (token.children or [])[-1]
    last.content = ANCHOR.sub("", last.content)
    return found[1]


def _plain(token: Token) -> str:
    return "".join(child.content for child in token.children or ())


def _prepare(token: Token, language: str) -> None:
    for child in token.children or ():
        if child.type == "link_open":
            child.attrSet("href", address(str(child.attrGet("href") or "")))
        if child.type == "image":
            _show(child, language)


def _show(token: Token, language: str) -> None:
    name = str(token.attrGet("src") or "").removeprefix("picture:")
    path, width, height = picture(name, language)
    token.attrs = {"src": static(path), "alt": "", "width": width, "height": height, "loading": "lazy"}


@cache
def picture(name: str, language: str) -> tuple[str, int, int]:
    """Static path, width and height in pixels of a guide's picture. Raises FileNotFoundError."""
    path = f"images/help/{language}/{name}.webp"
    with Image.open(Path(settings.BASE_DIR) / "static" / path) as image:
        return path, image.width, image.height


def address(link: str) -> str:
    """Where a link of a guide leads. Raises LookupError (NoReverseMatch, UnknownTerm) when it leads nowhere."""
    kind, _, rest = link.partition(":")
    resolver = RESOLVERS.get(kind)
    if resolver is None:
        return link
    mark = next((sign for sign in rest if sign in "?#"), "")
    name, _, tail = rest.partition(mark) if mark else (rest, "", "")
    return f"{resolver(name)}{mark}{tail}"


def _term(name: str) -> str:
    return f"{reverse('glossary:glossary')}#{glossary().get(name).slug}"


RESOLVERS: dict[str, Callable[[str], Any]] = {
    "page": reverse,
    "guide": lambda name: reverse("help:guide", args=[name]),
    "method": lambda name: reverse("help:method", args=[name]),
    "term": _term,
}
