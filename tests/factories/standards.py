"""The shipped standards, whose files do not change while tests run."""

from __future__ import annotations

import json
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from assessments.standards import documents, loading
from assessments.standards.documents import Document

Read = Callable[[Path], Document]


def once(name: str) -> Read:
    """`read_document` or `load_document` that parses and checks each shipped file once; others each time.

    Everybody gets content of their own, so that what one test changes no other test sees.
    """
    read: Read = {"read_document": documents.read_document, "load_document": loading.load_document}[name]
    kept: dict[Path, tuple[Document, str]] = {}

    def known(path: Path) -> Document:
        place = path.resolve()
        if place.parent != loading.DATA.resolve():
            return read(path)
        if place not in kept:
            document = read(path)
            kept[place] = document, json.dumps(document.content)
        document, content = kept[place]
        return replace(document, content=json.loads(content))

    return known
