"""An Atom feed of the newest certificates."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime
from typing import Any

from django.contrib.syndication.views import Feed
from django.http import HttpRequest, HttpResponse
from django.urls import reverse, reverse_lazy
from django.utils.decorators import method_decorator
from django.utils.feedgenerator import Atom1Feed
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from . import indexing
from .facets import standing_word
from .search import listed

ENTRIES = 50


class NewestCertificates(Feed):
    """The newest certificates with their present status, for feed readers."""

    feed_type = Atom1Feed
    link = reverse_lazy("registry:search")

    @method_decorator(require_safe)
    def __call__(self, request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponse:
        return super().__call__(request, *args, **kwargs)

    def title(self) -> str:
        return _("Newest certificates in the registry")

    def items(self) -> Iterable[Any]:
        indexing.catch_up()
        return listed().select_related("certificate__body").order_by("-issued_at", "-pk")[:ENTRIES]

    def item_title(self, item: Any) -> str:
        return f"{item.number} · {item.system} {item.version}"

    def item_description(self, item: Any) -> str:
        return f"{item.holder} · {item.certificate.get_level_display()} · {standing_word(item.standing)}"

    def item_link(self, item: Any) -> str:
        return reverse("certificates:certificate", args=[item.number])

    def item_pubdate(self, item: Any) -> datetime:
        return item.issued_at

    def item_updateddate(self, item: Any) -> datetime:
        return item.issued_at
