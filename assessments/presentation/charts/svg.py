"""What all charts share: colours that are classes on a page and values on paper, escaped elements, and their data."""

from __future__ import annotations

import base64
from collections.abc import Sequence
from dataclasses import dataclass, field
from html import escape

from django.utils.safestring import SafeString

LIGHT = {
    "page": "#f7f8f8",
    "surface": "#ffffff",
    "sunken": "#eef1f3",
    "text": "#16212c",
    "muted": "#4d5b68",
    "line": "#c9d1d8",
    "control": "#7a8894",
    "accent": "#0a5c84",
    "passed": "#0b6b4a",
    "passed-soft": "#e3f3ec",
    "attention": "#7a4a00",
    "attention-soft": "#fcf0d9",
    "failed": "#a3231b",
    "failed-soft": "#fbe6e4",
    "rc": "#0072b2",
    "te": "#c05000",
    "dp": "#00805e",
    "cr": "#a34b85",
    "di": "#9a6b00",
}
"""The tokens of the light page by name; the style sheet gives the same names as classes `fill-…` and `stroke-…`."""


@dataclass(frozen=True)
class Palette:
    """How a chart says a colour: by class (a page in light or dark) or by value (a PDF)."""

    by_class: bool
    fonts: str = ""

    def ink(self, fill: str = "none", stroke: str = "") -> str:
        """The attributes for a fill and a stroke, each a token's name or "none"."""
        if self.by_class:
            names = [f"fill-{fill}"] + ([f"stroke-{stroke}"] if stroke else [])
            return f' class="{" ".join(names)}"'
        line = f' stroke="{LIGHT[stroke]}"' if stroke else ""
        return f' fill="{LIGHT.get(fill, "none")}"{line}'


PAGE = Palette(by_class=True)
PDF = Palette(by_class=False)


@dataclass(frozen=True)
class DataTable:
    """The figures of a chart as rows of text, first the column headings; the first cell of a row names it."""

    caption: str
    headings: Sequence[str] = field(default_factory=tuple)
    rows: Sequence[Sequence[str]] = field(default_factory=tuple)


class Drawing(SafeString):
    """An SVG element as text, safe to print, that carries the table of the same data and its words for the ear."""

    data_table: DataTable
    spoken: str

    @classmethod
    def of(cls, svg: str, data_table: DataTable, spoken: str = "") -> Drawing:
        drawing = cls(svg)
        drawing.data_table = data_table
        drawing.spoken = spoken
        return drawing

    def as_data(self) -> str:
        """The address of the drawing as a picture of its own, for paper."""
        return "data:image/svg+xml;base64," + base64.b64encode(self.encode()).decode()


class Canvas:
    """Collects the marks of one chart. Coordinates are user units; y grows downward."""

    def __init__(self, width: float, height: float, palette: Palette) -> None:
        self.width = width
        self.height = height
        self.palette = palette
        self.marks: list[str] = []

    def line(
        self, x1: float, y1: float, x2: float, y2: float, stroke: str, *, width: float = 1, dash: str = ""
    ) -> None:
        """A straight line in the colour `stroke`."""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.marks.append(
            f'<line x1="{_c(x1)}" y1="{_c(y1)}" x2="{_c(x2)}" y2="{_c(y2)}" stroke-width="{_c(width)}"{dashed}'
            f"{self.palette.ink('none', stroke)}/>"
        )

    def rectangle(self, x: float, y: float, width: float, height: float, fill: str, *, stroke: str = "") -> None:
        """An upright rectangle; `stroke` gives it a thin border."""
        self.marks.append(
            f'<rect x="{_c(x)}" y="{_c(y)}" width="{_c(max(width, 0))}" height="{_c(max(height, 0))}"'
            f"{self.palette.ink(fill, stroke)}/>"
        )

    def circle(self, x: float, y: float, radius: float, fill: str, *, stroke: str = "", width: float = 1) -> None:
        """A disc or, with fill "none", a ring."""
        self.marks.append(
            f'<circle cx="{_c(x)}" cy="{_c(y)}" r="{_c(radius)}" stroke-width="{_c(width)}"'
            f"{self.palette.ink(fill, stroke)}/>"
        )

    def polygon(
        self,
        points: Sequence[tuple[float, float]],
        fill: str,
        *,
        stroke: str = "",
        width: float = 1,
        opacity: float = 1,
        dash: str = "",
        closed: bool = True,
    ) -> None:
        """A polygon, or a polyline when not `closed`; `opacity` is that of the fill."""
        shape = "polygon" if closed else "polyline"
        listed = " ".join(f"{_c(x)},{_c(y)}" for x, y in points)
        faint = f' fill-opacity="{_c(opacity)}"' if opacity < 1 else ""
        dashed = f' stroke-dasharray="{dash}"' if dash else ""
        self.marks.append(
            f'<{shape} points="{listed}" stroke-width="{_c(width)}" stroke-linejoin="round"{faint}{dashed}'
            f"{self.palette.ink(fill, stroke)}/>"
        )

    def text(
        self,
        x: float,
        y: float,
        words: str,
        *,
        size: float = 12,
        fill: str = "text",
        anchor: str = "start",
        bold: bool = False,
    ) -> None:
        """One line of text with its baseline at y."""
        weight = ' font-weight="600"' if bold else ""
        self.marks.append(
            f'<text x="{_c(x)}" y="{_c(y)}" font-size="{_c(size)}" text-anchor="{anchor}"{weight}'
            f"{self.palette.ink(fill)}>{escape(words)}</text>"
        )

    def picture(self, x: float, y: float, width: float, height: float, png: str) -> None:
        """A picture given as base64 of a PNG; it is decoration here, the drawing's description says what it shows."""
        self.marks.append(
            f'<image x="{_c(x)}" y="{_c(y)}" width="{_c(width)}" height="{_c(height)}"'
            f' href="data:image/png;base64,{escape(png)}"/>'
        )

    def hatch(self, x: float, y: float, width: float, height: float, stroke: str, *, step: float = 5) -> None:
        """Slanted lines over a rectangle: a figure that is too uncertain to be filled."""
        self.rectangle(x, y, width, height, "none", stroke=stroke)
        reach = x - height + step
        while reach < x + width:
            x1, x2 = max(reach, x), min(reach + height, x + width)
            if x2 > x1:
                self.line(x1, y + height - (x1 - reach), x2, y + height - (x2 - reach), stroke, width=0.75)
            reach += step

    def drawing(self, title: str, description: str, table: DataTable) -> Drawing:
        """The finished element, titled and described for those who do not see it."""
        fonts = f' font-family="{escape(self.palette.fonts)}"' if self.palette.fonts else ""
        spoken = f"{title}. {description}" if description else title
        svg = (
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_c(self.width)} {_c(self.height)}" '
            f'width="{_c(self.width)}" height="{_c(self.height)}" role="img" aria-label="{escape(spoken)}"{fonts}>'
            f"<title>{escape(title)}</title><desc>{escape(description)}</desc>{''.join(self.marks)}</svg>"
        )
        return Drawing.of(svg, table, spoken)


def span(words: str, size: float) -> float:
    """About how wide a line of text is: a Chinese character is one em, a Latin one a little over half."""
    return sum(size if ord(letter) > 0x2E7F else size * 0.56 for letter in words)


def _c(value: float) -> str:
    """A coordinate with at most two decimals."""
    return f"{value:.2f}".rstrip("0").rstrip(".")
