"""A metric on the thin scale of its thresholds: bands, the value as a mark, the interval as a whisker, n at the end."""

from __future__ import annotations

from collections.abc import Sequence

from django.utils import translation
from django.utils.translation import gettext as _

from assessments.presentation.charts.svg import PAGE, Canvas, DataTable, Drawing, Palette
from assessments.presentation.figures import interval, number

WIDTH = 460.0
LEFT = 14.0
RIGHT = 396.0
BAND_Y = 26.0
BAND = 8.0
MET = 3


def metric_ruler(
    points: Sequence[tuple[float, float]],
    value: float | None,
    low: float | None = None,
    high: float | None = None,
    n: int | None = None,
    *,
    direction: str = "higher",
    title: str = "",
    language: str | None = None,
    palette: Palette = PAGE,
) -> Drawing:
    """Draw the threshold table `points` ((metric value, score 0–5), in any order) and the measurement on it.

    The better end is always at the right, also when a lower value is better (`direction` "lower"). The scale is
    linear in the metric and reaches over the table, value and interval. From score 3 on (requirement met) the
    band is green. `low` and `high` are the ends of the interval; None leaves the whisker out.
    """
    if len(points) < 2:
        raise ValueError("A ruler needs at least two threshold points.")
    with translation.override(language or translation.get_language()):
        canvas = Canvas(WIDTH, 58, palette)
        known = [x for x, _score in points] + [x for x in (value, low, high) if x is not None]
        scale = _Scale(min(known), max(known), better_is_high=direction == "higher")
        ordered = sorted(points, key=lambda point: point[1])
        _bands(canvas, scale, ordered)
        _measurement(canvas, scale, value, low, high)
        if n is not None:
            canvas.text(RIGHT + 12, BAND_Y + 8, f"n = {n}", size=11, fill="muted")
        heading = title or _("Value on the scale of thresholds")
        rows = [(_("threshold for score %(score)s") % {"score": f"{s:g}"}, number(x)) for x, s in ordered]
        rows += [(_("measured"), number(value)), (_("95 % interval"), interval(low, high))]
        if n is not None:
            rows.append(("n", str(n)))
        described = _("%(value)s, interval %(interval)s, n = %(n)s; score 3 needs %(met)s") % {
            "value": number(value),
            "interval": interval(low, high),
            "n": "–" if n is None else n,
            "met": number(_value_at(ordered, MET)),
        }
        return canvas.drawing(heading, described, DataTable(heading, (_("Item"), _("Value")), tuple(rows)))


class _Scale:
    """Maps a metric's value to a place on the ruler, the better end at the right."""

    def __init__(self, lowest: float, highest: float, *, better_is_high: bool) -> None:
        self.lowest = lowest
        self.reach = (highest - lowest) or 1.0
        self.better_is_high = better_is_high

    def __call__(self, value: float) -> float:
        share = (value - self.lowest) / self.reach
        return LEFT + (share if self.better_is_high else 1 - share) * (RIGHT - LEFT)


def _bands(canvas: Canvas, scale: _Scale, ordered: Sequence[tuple[float, float]]) -> None:
    edges = [(LEFT, -1.0), *((scale(x), score) for x, score in ordered)]
    for index, (start, score) in enumerate(edges):
        end = edges[index + 1][0] if index + 1 < len(edges) else RIGHT
        fill = "passed-soft" if score >= MET else "attention-soft" if score >= MET - 1 else "sunken"
        canvas.rectangle(start, BAND_Y, end - start, BAND, fill)
    canvas.line(LEFT, BAND_Y + BAND, RIGHT, BAND_Y + BAND, "control")
    last = -100.0
    for x, score in ordered:
        place = scale(x)
        canvas.line(place, BAND_Y, place, BAND_Y + BAND + 3, "passed" if score == MET else "control", width=1.5)
        if place - last >= 14 or score == MET:
            canvas.text(
                place, BAND_Y + BAND + 15, f"{score:g}", size=10, anchor="middle", fill="muted", bold=score == MET
            )
            last = place


def _measurement(canvas: Canvas, scale: _Scale, value: float | None, low: float | None, high: float | None) -> None:
    middle = BAND_Y + BAND / 2
    if low is not None and high is not None:
        canvas.line(scale(low), middle, scale(high), middle, "text", width=2)
        for end in (low, high):
            canvas.line(scale(end), middle - 5, scale(end), middle + 5, "text", width=2)
    if value is not None:
        x = scale(value)
        canvas.polygon(
            [(x, middle - 7), (x + 6, middle), (x, middle + 7), (x - 6, middle)], "accent", stroke="surface", width=1.5
        )
        canvas.text(min(max(x, LEFT + 14), RIGHT - 14), BAND_Y - 8, number(value), size=12, anchor="middle", bold=True)


def _value_at(ordered: Sequence[tuple[float, float]], score: float) -> float | None:
    return next((x for x, s in ordered if s == score), None)
