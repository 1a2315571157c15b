"""Level ladder: the levels as steps, the highest reached one filled, for page and paper."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import translation
from django.utils.translation import gettext as _

from assessments.presentation.charts.svg import PAGE, Canvas, DataTable, Drawing, Palette

STEP_W, RISE, GROUND = 150.0, 24.0, 108.0


def level_ladder(
    levels: Sequence[str],
    reached: int,
    *,
    target: int | None = None,
    title: str = "",
    language: str | None = None,
    palette: Palette = PAGE,
) -> Drawing:
    """Draw the names of `levels` from lowest to highest as rising steps.

    The first `reached` of them are filled (0: none); `target` (1 for the first) marks the level applied for.
    """
    with translation.override(language or translation.get_language()):
        canvas = Canvas(STEP_W * len(levels) + 4, GROUND + 4, palette)
        rows = []
        for place, name in enumerate(levels):
            holds = place < reached
            height = RISE * (place + 1)
            x, y = 2 + STEP_W * place, GROUND - height
            canvas.rectangle(x, y, STEP_W - 3, height, "passed-soft" if holds else "sunken")
            canvas.line(x, y, x + STEP_W - 3, y, "passed" if holds else "control", width=2.5)
            canvas.text(x + 2, y - 8, name, size=12.5, bold=holds, fill="text" if holds else "muted")
            words = _("reached") if holds else _("not reached")
            if target == place + 1:
                words = f"{words} · {_('target')}"
            canvas.text(x + 8, y + 16, words, size=10.5, fill="passed" if holds else "muted")
            rows.append((name, words))
        heading = title or _("Level reached")
        described = "; ".join(f"{name}: {words}" for name, words in rows)
        return canvas.drawing(heading, described, DataTable(heading, (_("Level"), _("State")), tuple(rows)))
