"""Robust accuracy over the size of the perturbation ε, with its interval band, clean accuracy and chance marked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from django.utils import translation
from django.utils.translation import gettext as _

from assessments.presentation.charts.svg import PAGE, Canvas, DataTable, Drawing, Palette
from assessments.presentation.figures import interval, number

CurvePoint = tuple[float, float, float | None, float | None]
Place = Callable[[float, float], tuple[float, float]]
WIDTH, HEIGHT = 520.0, 300.0
LEFT, RIGHT, TOP, BOTTOM = 52.0, 400.0, 18.0, 252.0


def epsilon_curve(
    points: Sequence[CurvePoint],
    *,
    clean: float | None = None,
    chance: float | None = None,
    primary: float | None = None,
    title: str = "",
    unit: str = "",
    sign: str = "ε",
    language: str | None = None,
    palette: Palette = PAGE,
) -> Drawing:
    """Draw (ε, accuracy, low, high) in increasing ε; accuracies are shares of 1, the axis runs from 0 to 1.

    `clean` is the accuracy at ε = 0, `chance` that of guessing, `primary` the ε that is scored. ε begins at 0 on a
    linear axis, so that distances are what they seem. `sign` names what the axis counts, where it is not ε.
    """
    if not points:
        raise ValueError("A curve needs at least one point.")
    with translation.override(language or translation.get_language()):
        canvas = Canvas(WIDTH, HEIGHT, palette)
        ordered = sorted(points)
        reach = ordered[-1][0] or 1.0

        def place(epsilon: float, share: float) -> tuple[float, float]:
            return LEFT + epsilon / reach * (RIGHT - LEFT), BOTTOM - share * (BOTTOM - TOP)

        _grid(canvas)
        _levels(canvas, place, clean, chance, ordered)
        _band(canvas, place, ordered)
        start = [] if clean is None else [place(0, clean)]
        line = start + [place(epsilon, share) for epsilon, share, *_rest in ordered]
        canvas.polygon(line, "none", stroke="accent", width=2.25, closed=False)
        for epsilon, share, *_rest in ordered:
            x, y = place(epsilon, share)
            scored = primary is not None and abs(epsilon - primary) < 1e-9
            canvas.circle(x, y, 5 if scored else 3.5, "accent", stroke="surface", width=1.5)
            canvas.text(
                x,
                BOTTOM + 16,
                f"{epsilon:.4g}",
                size=10.5,
                anchor="middle",
                fill="text" if scored else "muted",
                bold=scored,
            )
            if epsilon != ordered[-1][0]:  # the last figure stands beside the words at the right
                canvas.text(x + 6, y - 8, number(share, 2), size=11, bold=scored)
        canvas.text((LEFT + RIGHT) / 2, BOTTOM + 36, f"{sign} {unit}".strip(), size=11.5, anchor="middle", fill="muted")
        heading = title or _("Accuracy under attack over ε")
        rows = tuple((f"{e:.4g}", number(share), interval(low, high)) for e, share, low, high in ordered)
        described = "; ".join(f"{sign or unit} {row[0]}: {row[1]} ({row[2]})" for row in rows)
        return canvas.drawing(
            heading, described, DataTable(heading, (sign or unit, _("Accuracy"), _("95 % interval")), rows)
        )


def _grid(canvas: Canvas) -> None:
    for share in (0, 0.25, 0.5, 0.75, 1):
        y = BOTTOM - share * (BOTTOM - TOP)
        canvas.line(LEFT, y, RIGHT, y, "control" if share == 0 else "line")
        canvas.text(LEFT - 8, y + 4, f"{share:g}", size=10.5, anchor="end", fill="muted")


def _levels(
    canvas: Canvas, place: Place, clean: float | None, chance: float | None, ordered: Sequence[CurvePoint]
) -> None:
    last = ordered[-1][1]
    for share, words in ((clean, _("clean")), (chance, _("chance"))):
        if share is None:
            continue
        _x, y = place(0, share)
        canvas.line(LEFT, y, RIGHT, y, "muted", dash="5 4")
        canvas.text(RIGHT + 8, y + 4, f"{words} {number(share, 2)}", size=11, fill="muted")
    _x, y = place(0, last)
    taken = [share for share in (clean, chance) if share is not None and abs(share - last) < 0.06]
    shift = 4 if not taken else 18 if taken[0] >= last else -10
    canvas.text(RIGHT + 8, y + shift, f"{_('under attack')} {number(last, 2)}", size=11, fill="accent", bold=True)


def _band(canvas: Canvas, place: Place, ordered: Sequence[CurvePoint]) -> None:
    known = [(e, low, high) for e, _share, low, high in ordered if low is not None and high is not None]
    if len(known) < 2:
        for epsilon, low, high in known:
            canvas.line(*place(epsilon, low), *place(epsilon, high), "accent", width=1.5)
        return
    upper = [place(e, high) for e, _low, high in known]
    lower = [place(e, low) for e, low, _high in reversed(known)]
    canvas.polygon(upper + lower, "accent", opacity=0.15)
