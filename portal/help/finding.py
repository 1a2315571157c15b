"""What the search finds in the help: parts of guides, methods, terms."""

from __future__ import annotations

import re
from typing import Any

from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _

from assessments.glossary.terms import glossary
from assessments.presentation.figures import in_language
from portal.dashboards.search import SHOWN, Group, Hit

from . import catalogue, guides


def guides_holding(_person: Any, words: str) -> Group:
    """Parts of guides and methods, for the search of the header."""
    return _cut("guides", _("Help"), hits_in_guides(words) + hits_in_methods(words), reverse("help:index"), words)


def terms_holding(_person: Any, words: str) -> Group:
    """Terms of the glossary, for the search of the header."""
    return _cut("terms", _("Glossary"), hits_in_terms(words), reverse("glossary:glossary"), words)


def hits_in_guides(words: str) -> list[Hit]:
    return [
        Hit(section.title, f"{reverse('help:guide', args=[guide.code])}#{section.anchor}", facts=guide.document.title)
        for guide, section in guides.search(words)
    ]


def hits_in_methods(words: str) -> list[Hit]:
    wanted = words.lower().split()
    hits = []
    for chapter in catalogue.chapters():
        for method in chapter.methods:
            text = f"{method.id} {method.title.en} {method.title.zh} {in_language(method.description)}".lower()
            if wanted and all(word in text for word in wanted):
                url = reverse("help:method", args=[method.id])
                hits.append(Hit(str(in_language(method.title)), url, facts=method.id))
    return hits


def hits_in_terms(words: str) -> list[Hit]:
    page = reverse("glossary:glossary")
    return [
        Hit(str(in_language(term.name)), f"{page}#{term.slug}", facts=str(in_language(term.meaning)))
        for term in glossary().search(words)
    ]


def _means_something(words: str) -> bool:
    """Two letters or one Chinese character at least: signs alone stand in every text."""
    return bool(re.search(r"[^\W_]{2}|[\u4e00-\u9fff]", words))


def _cut(anchor: str, title: str, hits: list[Hit], page: str, words: str) -> Group:
    hits = hits if _means_something(words) else []
    return Group(anchor, title, hits[:SHOWN], len(hits) > SHOWN, f"{page}?{urlencode({'q': words})}")
