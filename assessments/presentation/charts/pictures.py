"""Image strip: one picture that a run made of several side by side, with what each of them shows written beneath."""

from __future__ import annotations

import base64
import struct
from collections.abc import Sequence

from django.utils import translation
from django.utils.translation import gettext as _

from assessments.presentation.charts.svg import PAGE, Canvas, DataTable, Drawing, Palette, span

PART = 96.0
LABEL = 11.0


def image_strip(
    png: str,
    labels: Sequence[str],
    *,
    title: str = "",
    language: str | None = None,
    palette: Palette = PAGE,
) -> Drawing:
    """Draw `png` (base64), which holds as many equally wide pictures as there are `labels`, from left to right.

    Raises ValueError when it is no PNG or there is no label.
    """
    with translation.override(language or translation.get_language()):
        if not labels:
            raise ValueError("A strip needs a label for each of its pictures.")
        width, height = _size(png)
        # A label must not run into its neighbour: the widest one gives the width of each part.
        part = max(PART, max(span(label, LABEL) for label in labels) + 10)
        reach = part * len(labels)
        tall = reach * height / width
        canvas = Canvas(reach, tall + 20, palette)
        canvas.picture(0, 0, reach, tall, png)
        for place, label in enumerate(labels):
            canvas.text(part * (place + 0.5), tall + 14, label, size=LABEL, anchor="middle", fill="muted")
        heading = title or _("Pictures of a sample")
        rows = tuple((str(place), label) for place, label in enumerate(labels, 1))
        described = _("From left to right: %(labels)s") % {"labels": ", ".join(labels)}
        return canvas.drawing(heading, described, DataTable(heading, (_("Picture"), _("What it shows")), rows))


def _size(png: str) -> tuple[int, int]:
    """Width and height in pixels, from the header of the file."""
    head = base64.b64decode(png[:64])
    if not head.startswith(b"\x89PNG\r\n\x1a\n") or len(head) < 24:
        raise ValueError("The picture is not a PNG.")
    width, height = struct.unpack(">II", head[16:24])
    if not width or not height:
        raise ValueError("The picture is empty.")
    return width, height
