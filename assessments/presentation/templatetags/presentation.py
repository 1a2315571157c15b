"""Template tags and filters of the design system; `README.md` of this room lists them with their parameters."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any
from urllib.parse import urlencode

from django import template
from django.conf import settings
from django.forms.boundfield import BoundField
from django.http import HttpRequest
from django.template.context import Context
from django.utils import translation
from django.utils.html import format_html, format_html_join
from django.utils.safestring import SafeString, mark_safe

from assessments.presentation import figures, icons, slots, statuses

register = template.Library()

register.filter("tenths", figures.tenths)
register.filter("number", figures.number)
register.filter("percent", figures.percent)
register.filter("size", figures.size)
register.filter("duration", figures.duration)
register.filter("digest", figures.digest)
register.filter("moment", figures.moment)
register.filter("day", figures.day)
register.filter("joined", figures.joined)
register.filter("spelled", figures.spelled)
register.filter("sentences", figures.sentences)
register.filter("in_language", figures.in_language)
register.filter("tone", statuses.tone_of)


@register.filter
def entry(mapping: Mapping[Any, Any], key: object) -> object:
    """The value of a mapping under a key that is itself a variable; nothing when it is absent."""
    return mapping.get(key)


@register.simple_tag
def icon(name: str) -> SafeString:
    """An icon of `icons.py`, hidden from screen readers: put a word beside it."""
    return icons.draw(name)


@register.simple_tag
def language_tag(code: str = "") -> str:
    """A BCP 47 tag for `lang`: the active language, or the given code ("zh-hans" → "zh-Hans")."""
    return translation.to_locale(code or translation.get_language() or settings.LANGUAGE_CODE).replace("_", "-")


@register.simple_tag
def language_name(code: str) -> str:
    """A language's own name for itself."""
    return {"en": "English", "zh-hans": "简体中文"}.get(code, code)


@register.simple_tag(takes_context=True)
def slot(context: Context, name: str, **values: object) -> SafeString:
    """What rooms above contributed to this place (see `slots.py`)."""
    request = _whole_request(context)
    if request is None:
        return mark_safe("")
    return mark_safe("".join(slots.fill(name, request, **values)))  # noqa: S308  fill() escapes


@register.simple_tag(takes_context=True)
def navigation_links(context: Context) -> list[slots.NavigationLink]:
    """The header's links for this request."""
    request = _whole_request(context)
    return [] if request is None else slots.navigation(request)


def _whole_request(context: Context) -> HttpRequest | None:
    """The page's request, if it went far enough to know its person: a page of error may come earlier."""
    request = context.get("request")
    return request if hasattr(request, "user") else None


@register.simple_tag(takes_context=True)
def query(context: Context, **changes: object) -> str:
    """The page's own query string with some parameters changed; an empty value removes one."""
    request = context.get("request")
    parameters = {} if request is None else {name: request.GET.getlist(name) for name in request.GET}
    for name, value in changes.items():
        parameters.pop(name, None)
        if value not in ("", None):
            parameters[name] = [value]
    return f"?{urlencode(parameters, doseq=True)}" if parameters else "?"


@register.inclusion_tag("presentation/components/status_badge.html")
def status(state: str, label: object = "", tone: str = "") -> dict[str, object]:
    """A state as word, shape and colour. `state` is the code; `label` the word to show; `tone` overrides the colour."""
    chosen = tone or statuses.tone_of(str(state))
    return {"label": label or state, "tone": chosen, "shape": statuses.SHAPES[chosen]}


@register.inclusion_tag("presentation/components/field.html")
def field(bound: BoundField, unit: str = "", note: str = "") -> dict[str, object]:
    """One field of a form with label, hint, error and unit."""
    return {"field": bound, "unit": unit, "note": note}


@register.inclusion_tag("presentation/components/error_summary.html")
def error_summary(form: object) -> dict[str, object]:
    """All errors of a form (or none) with links to their fields; put it above the form."""
    return {"form": form}


@register.simple_tag
def interval(low: float | None, high: float | None, digits: int = 3) -> str:
    """An interval in figures: "0.912 – 0.958"."""
    return figures.interval(low, high, digits)


@register.inclusion_tag("presentation/components/chart.html")
def chart(drawing: Any, caption: object = "") -> dict[str, object]:
    """A drawing of `charts` with its caption and, for screen readers and the curious, the table of the same data."""
    return {"drawing": drawing, "caption": caption, "table": drawing.data_table}


@register.simple_tag
def sort_heading(label: str, order: str, current: str, url: str) -> SafeString:
    """A column heading that sorts. `order` is the column's key; `current` the order in force ("key" or "-key")."""
    active = current.lstrip("-") == order
    descending = active and current.startswith("-")
    turned = order if not active or descending else f"-{order}"
    state = format_html(' aria-sort="{}"', "descending" if descending else "ascending") if active else ""
    arrow = icons.draw("down" if descending else "up") if active else ""
    return format_html(
        '<th scope="col"{}><a class="sort" href="{}">{}{}</a></th>', state, f"{url}{turned}", label, arrow
    )


@register.filter
def attributes(pairs: Mapping[str, object]) -> SafeString:
    """A mapping as HTML attributes, escaped."""
    return format_html_join("", ' {}="{}"', pairs.items())
