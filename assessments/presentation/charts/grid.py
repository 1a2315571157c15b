"""Corruption grid: families × severities with the retained share in figures in each cell."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import translation
from django.utils.translation import gettext as _

from assessments.presentation.charts.svg import PAGE, Canvas, DataTable, Drawing, Palette, span
from assessments.presentation.figures import number

CELL_W, CELL_H, TOP = 62.0, 30.0, 34.0


def corruption_grid(
    rows: Sequence[tuple[str, Sequence[float | None]]],
    *,
    severities: Sequence[str] = ("1", "2", "3", "4", "5"),
    met: float = 0.8,
    attention: float = 0.65,
    title: str = "",
    language: str | None = None,
    palette: Palette = PAGE,
) -> Drawing:
    """Draw (family, one value for each severity) as a grid of figures; a value is the share of 1 that is retained.

    From `met` on a cell is green, from `attention` on amber, below red; None prints a dash. The figure in the cell
    says the same as its colour.
    """
    with translation.override(language or translation.get_language()):
        side = max((span(name, 12) for name, _values in rows), default=0) + 16
        canvas = Canvas(side + CELL_W * len(severities) + 2, TOP + CELL_H * len(rows) + 4, palette)
        canvas.text(side - 10, 22, _("severity"), size=11, anchor="end", fill="muted")
        for column, severity in enumerate(severities):
            canvas.text(side + CELL_W * (column + 0.5), 22, severity, size=11, anchor="middle", fill="muted")
        for line, (name, values) in enumerate(rows):
            y = TOP + CELL_H * line
            canvas.text(side - 10, y + 19, name, size=12, anchor="end")
            for column, value in enumerate(values):
                fill, ink = _tone(value, met, attention)
                x = side + CELL_W * column
                canvas.rectangle(x + 1, y + 1, CELL_W - 2, CELL_H - 2, fill)
                canvas.text(x + CELL_W / 2, y + 19, number(value, 2), size=12, anchor="middle", fill=ink)
        heading = title or _("Performance retained under corruption")
        written = tuple((name, *(number(value, 2) for value in values)) for name, values in rows)
        described = "; ".join(f"{row[0]}: {', '.join(row[1:])}" for row in written)
        return canvas.drawing(heading, described, DataTable(heading, (_("Family"), *severities), written))


def _tone(value: float | None, met: float, attention: float) -> tuple[str, str]:
    if value is None:
        return "sunken", "muted"
    if value >= met:
        return "passed-soft", "passed"
    return ("attention-soft", "attention") if value >= attention else ("failed-soft", "failed")
