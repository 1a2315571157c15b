"""`{% term "decision rule" %}`: a word underlined with dots that shows what it means, without script."""

from __future__ import annotations

from django import template
from django.http import HttpRequest
from django.template.context import Context
from django.template.loader import render_to_string
from django.utils.html import escape
from django.utils.safestring import SafeString

from assessments.glossary.terms import Term
from assessments.glossary.terms import glossary as whole_glossary
from assessments.presentation.figures import in_language

register = template.Library()
SHOWN = "glossary.shown"


@register.simple_tag(takes_context=True)
def term(context: Context, name: str, words: object = "") -> SafeString:
    """The term under its own name, or under `words` where the sentence needs another form.

    A page explains a term once: where it stands again, it is plain text. So it is in a part without a request.
    """
    entry = whole_glossary().get(name)
    return marked(entry, str(words) or str(in_language(entry.name)), context.get("request"))


@register.simple_tag(takes_context=True)
def words_explained(context: Context, *names: str) -> SafeString:
    """A line with several terms, for a part of a page whose words come from data and cannot be marked one by one."""
    book = whole_glossary()
    entries = [book.get(name) for name in names]
    request = context.get("request")
    words = [marked(entry, str(in_language(entry.name)), request) for entry in entries]
    return SafeString(render_to_string("glossary/words.html", {"words": words}).strip())


def marked(entry: Term, words: str, request: HttpRequest | None) -> SafeString:
    """`words` as a button that opens the meaning of `entry`, with a link to the glossary."""
    if request is None:
        return escape(words)
    shown: set[str] = request.META.setdefault(SHOWN, set())
    if entry.slug in shown:
        return escape(words)
    shown.add(entry.slug)
    return SafeString(render_to_string("glossary/term.html", {"term": entry, "words": words}).strip())
