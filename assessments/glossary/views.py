"""The glossary as a page."""

from __future__ import annotations

from django.http import HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.gzip import gzip_page
from django.views.decorators.http import require_safe

from assessments.presentation.figures import in_language, is_chinese

from .terms import Term
from .terms import glossary as whole_glossary

LONGEST_QUESTION = 100


@gzip_page  # a long page of repeated markup: a fifth of its size on the way
@require_safe
def glossary(request: HttpRequest) -> HttpResponse:
    """All terms by field, or those that hold the words of `q`. Each has its slug as anchor."""
    book = whole_glossary()
    words = " ".join(request.GET.get("q", "").replace("\x00", "").split())[:LONGEST_QUESTION]
    found = book.search(words) if words else None
    terms = list(book.terms.values()) if found is None else found
    parts = [(code, book.of_field(code)) for code in book.fields] if found is None else [("found", found)]
    groups = [(code, book.fields.get(code), [_shown(term) for term in part]) for code, part in parts if part]
    index = sorted(book.terms.values(), key=lambda term: term.name.en.lower())
    context = {"groups": groups, "words": words, "count": len(terms), "index": index, "is_chinese": is_chinese()}
    return render(request, "glossary/glossary.html", context)


def _shown(term: Term) -> dict[str, object]:
    book = whole_glossary()
    other = term.name.en if is_chinese() else term.name.zh
    return {
        "term": term,
        "other": "" if other == in_language(term.name) else other,
        "related": book.related(term),
        "places": [in_language(book.places[code]) for code in term.places],
    }
