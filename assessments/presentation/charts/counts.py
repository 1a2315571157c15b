"""Bars of counts: how many there are of each kind, from zero, with the figure at the end of each bar."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import translation
from django.utils.translation import gettext as _

from assessments.presentation.charts.svg import PAGE, Canvas, DataTable, Drawing, Palette, span

BAR_H, GAP, TOP, SIZE = 18.0, 10.0, 6.0, 12.0
# All drawings are of one width, so that their letters are of one size where several stand beside one another.
WIDTH, LONGEST_NAME = 360.0, 210.0


def count_bars(
    rows: Sequence[tuple[str, int]],
    *,
    title: str,
    heading: str,
    language: str | None = None,
    palette: Palette = PAGE,
) -> Drawing:
    """Draw each count (a whole number from 0) as a bar in the order given; the longest bar is the highest count.

    `heading` names what the rows are ("Sector"); it heads the first column of the table of the same data. A name too
    long for the drawing is cut there; the description and the table have it whole.
    """
    with translation.override(language or translation.get_language()):
        side = max((span(_cut(name), SIZE) for name, _count in rows), default=0) + 16
        bottom = TOP + (BAR_H + GAP) * len(rows)
        highest = max([*(count for _name, count in rows), 1])
        reach = WIDTH - side - 12 - span(str(highest), SIZE)
        canvas = Canvas(WIDTH, bottom + TOP, palette)
        for place, (name, count) in enumerate(rows):
            y = TOP + GAP / 2 + (BAR_H + GAP) * place
            length = count / highest * reach
            canvas.text(side - 10, y + 13, _cut(name), size=SIZE, anchor="end")
            canvas.rectangle(side, y, length, BAR_H, "accent")
            canvas.text(side + length + 8, y + 13, str(count), size=SIZE)
        canvas.line(side, TOP, side, bottom, "control")
        written = tuple((name, str(count)) for name, count in rows)
        described = "; ".join(f"{name}: {count}" for name, count in written)
        return canvas.drawing(title, described, DataTable(title, (heading, _("Count")), written))


def _cut(name: str) -> str:
    """The name as far as there is room for it."""
    if span(name, SIZE) <= LONGEST_NAME:
        return name
    kept = name
    while span(f"{kept}…", SIZE) > LONGEST_NAME:
        kept = kept[:-1]
    return f"{kept.rstrip()}…"
