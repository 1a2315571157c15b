"""What a page is made of, whatever it says: pages alike in this are looked at once."""

from __future__ import annotations

import re

# Elements of which a page of the same make has more or fewer.
LEAVES = (
    "path",
    "circle",
    "line",
    "rect",
    "text",
    "g",
    "tspan",
    "polygon",
    "use",
    "title",
    "desc",
    "meta",
    "br",
    "option",
)


def shape_of(text: str) -> frozenset[str]:
    """Each kind of element of the content with its classes."""
    main = text[text.find("<main") :]
    marks: list[str] = []
    for closing, tag, attributes in re.findall(r"<(/?)([a-z][a-z0-9]*)([^>]*)>", main):
        if closing or tag in LEAVES:
            continue
        given = re.search(r'class="([^"]*)"', attributes)
        marks.append(f"{tag}.{given[1] if given else ''}")
    return frozenset(marks)
