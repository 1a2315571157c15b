"""Links into the help, which fill slots of the pages of rooms below."""

from __future__ import annotations

from django.http import HttpRequest
from django.template.loader import render_to_string
from django.urls import reverse
from django.utils.html import format_html
from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from evaluations.methods import registry

from . import guides, places


def how_this_page_works(request: HttpRequest) -> SafeString | None:
    """The link in the head of a page that a guide explains."""
    part = places.part_for(request)
    if part is None:
        return None
    guide, section = part
    return SafeString(render_to_string("help/page_link.html", {"guide": guide, "section": section}))


def footer(request: HttpRequest) -> SafeString:
    return SafeString(render_to_string("help/footer.html"))


def breadcrumb(request: HttpRequest) -> SafeString:
    """The way from the help to a page of it that lives in a room below."""
    return format_html('<li><a href="{}">{}</a></li>', reverse("help:index"), _("Help"))


def own_guides(request: HttpRequest) -> SafeString | None:
    """The guides of the reader's roles, on their dashboard."""
    own = guides.of_person(request.user)
    return SafeString(render_to_string("help/own_guides.html", {"guides": own})) if own else None


def method_page(request: HttpRequest, method: str) -> SafeString | None:
    """A link to what is known of a test method, where it is installed."""
    if not registry.is_installed(method):
        return None
    return format_html('<a href="{}">{}</a>', reverse("help:method", args=[method]), _("About this method"))
