"""The registry's facets in words, each value with the address that chooses it or takes it back."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from assessments.accounts.models import Organisation
from assessments.applications.models import Level, Tier
from portal.certificates.models import Certificate

from .search import ORDERS, Question

TITLES = {
    "status": gettext_lazy("Status"),
    "level": gettext_lazy("Level"),
    "tier": gettext_lazy("Risk tier"),
    "standard": gettext_lazy("Standard"),
    "sector": gettext_lazy("Sector"),
    "modality": gettext_lazy("Kind of data"),
    "holder": gettext_lazy("Holder"),
    "body": gettext_lazy("Evaluation body"),
    "year": gettext_lazy("Granted in"),
}
ORDER_TITLES = {
    "newest": gettext_lazy("newest first"),
    "oldest": gettext_lazy("oldest first"),
    "number": gettext_lazy("by number"),
    "validity": gettext_lazy("ending soonest first"),
}
MODALITIES = {
    "image": gettext_lazy("images"),
    "tabular": gettext_lazy("tables"),
    "text": gettext_lazy("text"),
    "audio": gettext_lazy("audio"),
    "time_series": gettext_lazy("time series"),
}
OPEN = {"status", "level", "tier"}


def panel(question: Question, counts: Mapping[str, list[tuple[str, int]]]) -> list[dict[str, Any]]:
    """What the component `facet_panel` shows."""
    names = _organisation_names(counts)
    return [
        {
            "title": title,
            "open": facet in OPEN,
            "active": _word(facet, question.chosen[facet], names) if facet in question.chosen else "",
            "options": [_option(question, facet, value, count, names) for value, count in counts[facet]],
        }
        for facet, title in TITLES.items()
    ]


def orders(question: Question) -> list[dict[str, Any]]:
    """The orders to choose from: title, address, and which one is in force."""
    return [
        {"title": ORDER_TITLES[name], "url": address(question, order=name), "active": name == question.order}
        for name in ORDERS
    ]


def parameters(
    question: Question, *, chosen: Mapping[str, str] | None = None, order: str | None = None
) -> dict[str, str]:
    """A question as the parameters of an address, with other choices or another order."""
    kept = {"q": question.words} if question.words else {}
    kept.update(question.chosen if chosen is None else chosen)
    sort = order or question.order
    return kept if sort == "newest" else {**kept, "sort": sort}


def address(question: Question, *, chosen: Mapping[str, str] | None = None, order: str | None = None) -> str:
    """The address of the list that answers the question."""
    query = urlencode(parameters(question, chosen=chosen, order=order))
    return reverse("registry:search") + (f"?{query}" if query else "")


def standing_word(standing: str) -> str:
    """A certificate's standing in words of the page's language."""
    return _("expired") if standing == "expired" else str(dict(Certificate.Status.choices).get(standing, standing))


def _option(question: Question, facet: str, value: str, count: int, names: Mapping[str, str]) -> dict[str, Any]:
    active = question.chosen.get(facet) == value
    others = {name: choice for name, choice in question.chosen.items() if name != facet}
    url = address(question, chosen=others if active else {**others, facet: value})
    return {"label": _word(facet, value, names), "count": count, "url": url, "active": active}


def _word(facet: str, value: str, names: Mapping[str, str]) -> str:
    words: dict[str, Mapping[str, Any]] = {
        "level": dict(Level.choices),
        "tier": dict(Tier.choices),
        "modality": MODALITIES,
        "holder": names,
        "body": names,
    }
    return standing_word(value) if facet == "status" else str(words.get(facet, {}).get(value, value))


def _organisation_names(counts: Mapping[str, list[tuple[str, int]]]) -> dict[str, str]:
    keys = {value for facet in ("holder", "body") for value, count in counts[facet] if count}
    return {str(organisation.pk): organisation.name for organisation in Organisation.objects.filter(pk__in=keys)}
