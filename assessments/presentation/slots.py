"""Named places in pages that rooms above fill, so that no lower template links upward.

A room registers in its `AppConfig.ready`. A filler gets the request and the keyword arguments of the
`{% slot %}` tag, and gives one piece of markup, several, or nothing. Plain strings are escaped.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.functional import Promise
from django.utils.html import conditional_escape
from django.utils.safestring import SafeString

Piece = str | SafeString
Filler = Callable[..., Piece | Iterable[Piece] | None]
Predicate = Callable[[HttpRequest], bool]

_fillers: dict[str, dict[str, tuple[int, Filler]]] = defaultdict(dict)
_navigation: dict[str, NavigationEntry] = {}


def everyone(request: HttpRequest) -> bool:
    """The entry is shown to each visitor, signed in or not."""
    return True


@dataclass(frozen=True)
class NavigationEntry:
    """One word in the header: where it leads, who sees it, and where it stands (low comes first)."""

    label: str | Promise
    url_name: str
    shown: Predicate
    position: int


@dataclass(frozen=True)
class NavigationLink:
    label: str
    url: str
    is_current: bool


def register(slot: str, filler: Filler, *, position: int = 100) -> None:
    """Let `filler` contribute to `slot`; registering the same function again changes nothing."""
    _fillers[slot][f"{filler.__module__}.{filler.__qualname__}"] = (position, filler)


def fill(slot: str, request: HttpRequest | None, **context: object) -> list[SafeString]:
    """All contributions to `slot` for this request, in order of position, escaped where they must be."""
    pieces: list[SafeString] = []
    for _position, filler in sorted(_fillers[slot].values(), key=lambda entry: entry[0]):
        filled = filler(request, **context)
        if filled is None:
            continue
        several = [filled] if isinstance(filled, str) else list(filled)
        pieces.extend(conditional_escape(piece) for piece in several if piece)
    return pieces


def register_navigation(
    label: str | Promise, url_name: str, *, shown: Predicate = everyone, position: int = 100
) -> None:
    """Add a word to the header. `shown` asks, for each request, whether this person has work there."""
    _navigation[url_name] = NavigationEntry(label, url_name, shown, position)


def navigation(request: HttpRequest) -> list[NavigationLink]:
    """The header's links for this request; an address that is not routed is left out."""
    links = []
    for entry in sorted(_navigation.values(), key=lambda entry: entry.position):
        if not entry.shown(request):
            continue
        try:
            url = reverse(entry.url_name)
        except NoReverseMatch:
            continue
        here = request.path == url if url == "/" else request.path.startswith(url)
        links.append(NavigationLink(str(entry.label), url, here))
    return links
