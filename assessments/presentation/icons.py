"""The portal's own line icons, drawn on a 24 × 24 grid with a 1.75 stroke. An icon never stands without a word."""

from __future__ import annotations

from django.utils.html import format_html
from django.utils.safestring import SafeString, mark_safe

PATHS = {
    "mark": "M12 2.5a9.5 9.5 0 1 0 0 19a9.5 9.5 0 1 0 0-19M12 5.5l6.2 4.5-2.4 7.2H8.2L5.8 10zM9 12.2l2.2 2.2 4-4.3",
    "menu": "M4 7h16M4 12h16M4 17h16",
    "language": "M3.5 6h10M8.5 3.5V6M11.5 6c-1 4-4 7-8 8.5M5.5 9c1.5 2.5 3.5 4.3 6 5.5M12.5 20.5l4-9.5 4 9.5M14 17.5h5",
    "person": "M12 4a4 4 0 1 0 0 8a4 4 0 1 0 0-8M4.5 20.5c.8-4 3.7-6 7.5-6s6.7 2 7.5 6",
    "search": "M10.5 4a6.5 6.5 0 1 0 0 13a6.5 6.5 0 1 0 0-13M15.5 15.5L20.5 20.5",
    "check": "M5 12.5l4.5 4.5L19 7.5",
    "cross": "M6.5 6.5l11 11M17.5 6.5l-11 11",
    "warning": "M12 4L21 19.5H3zM12 10v4.5M12 17v.1",
    "pause": "M9 6v12M15 6v12",
    "minus": "M6 12h12",
    "dots": "M6 12v.1M12 12v.1M18 12v.1",
    "clock": "M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 1 0 0-17M12 7.5V12l3 2",
    "play": "M8 5.5v13l10.5-6.5z",
    "stop": "M7 7h10v10H7z",
    "information": "M12 3.5a8.5 8.5 0 1 0 0 17a8.5 8.5 0 1 0 0-17M12 11v5.5M12 7.7v.1",
    "file": "M7 3.5h7l4 4v13H7zM14 3.5v4h4",
    "upload": "M12 16V4.5M7.5 9L12 4.5 16.5 9M4.5 15.5v4h15v-4",
    "download": "M12 4.5V16M7.5 11.5L12 16l4.5-4.5M4.5 15.5v4h15v-4",
    "arrow-left": "M19 12H5M10.5 6.5L5 12l5.5 5.5",
    "arrow-right": "M5 12h14M13.5 6.5L19 12l-5.5 5.5",
    "up": "M6 15l6-6 6 6",
    "down": "M6 9l6 6 6-6",
    "lock": "M6.5 11h11v9h-11zM8.5 11V8a3.5 3.5 0 0 1 7 0v3",
    "seal": "M12 3.5a6 6 0 1 0 0 12a6 6 0 1 0 0-12M9.3 9.5l2 2 3.4-3.6M8.5 14.5V21l3.5-2 3.5 2v-6.5",
    "filter": "M4 6h16M7 12h10M10 18h4",
    "inbox": "M4 13.5l2.5-8h11l2.5 8v6H4zM4 13.5h5l1.2 2.5h3.6l1.2-2.5h5",
    "feed": "M5 19v.1M5 12.5a6.5 6.5 0 0 1 6.5 6.5M5 6a13 13 0 0 1 13 13",
}


def draw(name: str) -> SafeString:
    """The named icon as inline SVG, hidden from screen readers (the word beside it speaks).

    Raises KeyError for a name that is not drawn here.
    """
    return format_html(
        '<svg class="icon" viewBox="0 0 24 24" width="20" height="20" fill="none" stroke="currentColor" '
        'stroke-width="1.75" stroke-linecap="round" stroke-linejoin="round" aria-hidden="true" focusable="false">'
        '<path d="{}"/></svg>',
        mark_safe(PATHS[name]),  # noqa: S308  the paths are constants of this module
    )
