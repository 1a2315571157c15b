"""The pages of the help: start with search, a guide, the methods and one of them. All are public."""

from __future__ import annotations

from django.http import Http404, HttpRequest, HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_safe

from portal.dashboards.search import plain_words

from . import catalogue, finding, guides


@require_safe
def index(request: HttpRequest) -> HttpResponse:
    """What help there is, one's own guides first; or what the words of `q` find in it."""
    words = plain_words(request.GET.get("q", ""))
    own = guides.of_person(request.user)
    found = [*finding.hits_in_guides(words), *finding.hits_in_methods(words), *finding.hits_in_terms(words)]
    context = {
        "words": words,
        "hits": found,
        "own": own,
        "for_everybody": [guide for guide in guides.ALL if not guide.role],
        "for_roles": [guide for guide in guides.ALL if guide.role and guide not in own],
    }
    return render(request, "help/index.html", context)


@require_safe
def guide(request: HttpRequest, code: str) -> HttpResponse:
    chosen = guides.BY_CODE.get(code)
    if chosen is None:
        raise Http404
    return render(request, "help/guide.html", {"guide": chosen, "document": chosen.document})


@require_safe
def methods(request: HttpRequest) -> HttpResponse:
    """Every method that can run here, by characteristic."""
    return render(request, "help/methods.html", {"chapters": catalogue.chapters()})


@require_safe
def method(request: HttpRequest, method_id: str) -> HttpResponse:
    """One method as it declares itself."""
    found = {entry.id: (chapter, entry) for chapter in catalogue.chapters() for entry in chapter.methods}
    if method_id not in found:
        raise Http404
    chapter, chosen = found[method_id]
    context = {
        "chapter": chapter,
        "method": chosen,
        "needs": catalogue.needs(chosen.needs),
        "kinds": catalogue.kinds(chosen.needs),
    }
    return render(request, "help/method.html", context)
