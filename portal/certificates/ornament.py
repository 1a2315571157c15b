"""The drawn parts of the printed certificate: guilloche frame, rosette, seal, QR code. All SVG, all made here.

The frame's and the rosette's curves follow the SHA-256 of the certificate's own data, so no two certificates share
a pattern and the same certificate always has the same one. Lengths are millimetres on an A4 page.
"""

from __future__ import annotations

import io
import math
from collections.abc import Callable, Iterator
from xml.sax.saxutils import escape

import segno

WIDTH, HEIGHT = 210.0, 297.0
_INSET, _RADIUS, _BAND = 11.5, 7.0, 2.6  # the band's middle line, its corners, its half width
_SEA, _TEAL, _PALE = "#5b93ad", "#a9c9d6", "#e4edf2"
VERMILION = "#c1301c"

Point = tuple[float, float]


def frame(digest: bytes) -> str:
    """A closed guilloche band between two hairlines along the edge of an A4 page."""
    straight = (WIDTH - 2 * _INSET - 2 * _RADIUS, HEIGHT - 2 * _INSET - 2 * _RADIUS)
    length = 2 * sum(straight) + 2 * math.pi * _RADIUS
    waves = 88 + digest[0] % 16
    swell = 20 + digest[1] % 8
    turn = digest[2] / 256 * 2 * math.pi
    curves = []
    for strand in range(6):
        phase = turn + strand * math.pi / 3

        def offset(s: float, phase: float = phase) -> float:
            breath = 0.62 + 0.38 * math.cos(2 * math.pi * swell * s / length + turn)
            return _BAND * breath * math.sin(2 * math.pi * waves * s / length + phase)

        curves.append(_polyline(_along(length, straight, offset), _SEA if strand % 2 else _TEAL, 0.11, closed=True))
    edge = _BAND + 0.9
    lines = "".join(_hairline(d, w) for d, w in ((-edge - 0.7, 0.12), (-edge, 0.35), (edge, 0.2)))
    return _svg(WIDTH, HEIGHT, lines + "".join(curves))


def _hairline(distance: float, width: float) -> str:
    """A rounded rectangle parallel to the band, `distance` inside it (negative: outside)."""
    at, radius = _INSET + distance, max(_RADIUS - distance, 0.5)
    return (
        f'<rect x="{at:.2f}" y="{at:.2f}" width="{WIDTH - 2 * at:.2f}" height="{HEIGHT - 2 * at:.2f}" '
        f'rx="{radius:.2f}" fill="none" stroke="#0a5c84" stroke-width="{width}"/>'
    )


def _along(length: float, straight: Point, offset: Callable[[float], float]) -> Iterator[Point]:
    """Points every half millimetre along the rounded rectangle, each moved outward by `offset(s)`."""
    steps = round(length / 0.5)
    for step in range(steps):
        s = length * step / steps
        x, y, angle = _at(s, straight)
        d = offset(s)
        yield x + d * math.cos(angle), y + d * math.sin(angle)


def _at(s: float, straight: Point) -> tuple[float, float, float]:
    """Position and direction of the outward normal at arc length `s`, clockwise from the top left corner's end."""
    quarter = math.pi * _RADIUS / 2
    x, y, heading = _INSET + _RADIUS, _INSET, 0.0
    for side in (straight[0], straight[1], straight[0], straight[1]):
        if s <= side:
            return x + s * math.cos(heading), y + s * math.sin(heading), heading - math.pi / 2
        x, y, s = x + side * math.cos(heading), y + side * math.sin(heading), s - side
        centre = (x - _RADIUS * math.sin(heading), y + _RADIUS * math.cos(heading))
        turned = heading - math.pi / 2 + min(s, quarter) / _RADIUS
        if s <= quarter:
            return centre[0] + _RADIUS * math.cos(turned), centre[1] + _RADIUS * math.sin(turned), turned
        s, heading = s - quarter, heading + math.pi / 2
        x, y = centre[0] + _RADIUS * math.sin(heading), centre[1] - _RADIUS * math.cos(heading)
    return x, y, heading - math.pi / 2


def rosette(digest: bytes) -> str:
    """A pale engine-turned rosette for the middle of the page (a square of 200 units)."""
    petals, turns = 9 + digest[3] % 6, 3 + digest[4] % 3
    turn = digest[5] / 256 * 2 * math.pi
    curves = []
    for ring, (radius, depth) in enumerate(((82, 13), (55, 11), (30, 9))):
        count = petals * (3 - ring)
        for strand in range(8):
            points = []
            for step in range(1440):
                angle = 2 * math.pi * step / 1440
                wave = math.sin(count * angle + strand * math.pi / 4 + turn)
                reach = radius + depth * wave * (0.7 + 0.3 * math.cos(turns * angle))
                points.append((100 + reach * math.cos(angle), 100 + reach * math.sin(angle)))
            curves.append(_polyline(points, _PALE, 0.22, closed=True))
    return _svg(200, 200, "".join(curves))


def seal(name: str, purpose: str) -> str:
    """The body's round seal: its Chinese name above, `purpose` below, the pentagon of five characteristics inside."""
    rings = "".join(
        f'<circle cx="50" cy="50" r="{r}" fill="none" stroke="{VERMILION}" stroke-width="{w}"/>'
        for r, w in ((48.4, 1.5), (46, 0.4), (27.5, 0.4))
    )
    size = min(9.4, 150.0 / max(len(name), 8) * 0.95)
    return _svg(100, 100, rings + _pentagon() + _arc(name, 36.8, size, 270) + _arc(purpose, 36.8, 6.2, 90))


def _pentagon() -> str:
    parts = []
    for radius, width in ((20, 0.9), (13.3, 0.45), (6.7, 0.45)):
        corners = [_polar(radius, 270 + 72 * k) for k in range(5)]
        parts.append(_polyline(corners, VERMILION, width, closed=True))
    parts += [_polyline([(50, 50), _polar(20, 270 + 72 * k)], VERMILION, 0.45) for k in range(5)]
    return "".join(parts)


def _arc(text: str, radius: float, size: float, middle: float) -> str:
    """Text along a circle, one rotated character at a time; `middle` is 270 (above) or 90 (below), in degrees."""
    above = middle == 270
    widths = [size * (1.0 if ord(c) > 0x2E7F else 0.66) * 1.1 for c in text]
    baseline = radius - size * 0.36 if above else radius + size * 0.36
    angle = middle - math.degrees(sum(widths) / radius) / 2 * (1 if above else -1)
    parts = []
    for character, width in zip(text, widths, strict=True):
        step = math.degrees(width / radius) * (1 if above else -1)
        x, y = _polar(baseline, angle + step / 2)
        rotation = angle + step / 2 + (90 if above else -90)
        parts.append(
            f'<text x="{x:.2f}" y="{y:.2f}" transform="rotate({rotation:.2f} {x:.2f} {y:.2f})" text-anchor="middle" '
            f'font-family="Trust Serif" font-weight="700" font-size="{size:.2f}" fill="{VERMILION}">'
            f"{escape(character)}</text>"
        )
        angle += step
    return "".join(parts)


def qr_code(url: str, quiet_zone: int = 0) -> str:
    """The address as a QR code (error correction Q).

    On paper the page itself leaves a white border; on a screen, which may be dark, `quiet_zone` modules of white belong
    to the picture.
    """
    buffer = io.BytesIO()
    segno.make(url, error="q", micro=False).save(
        buffer,
        kind="svg",
        xmldecl=False,
        border=quiet_zone,
        omitsize=True,
        dark="#16212c",
        light="#ffffff" if quiet_zone else None,
        lineclass=None,
        svgclass=None,
    )
    return buffer.getvalue().decode()


def development_mark() -> str:
    """The words that every page of a certificate signed with a development key carries across it."""
    return _svg(
        210,
        297,
        f'<g transform="rotate(-52 105 148.5)" fill="{VERMILION}" fill-opacity=".15" font-family="Trust Sans" '
        'font-weight="700" text-anchor="middle"><text x="105" y="155" font-size="17.5" letter-spacing="1.2">'
        "DEVELOPMENT · 测试签发</text></g>",
    )


def _polar(radius: float, degrees: float) -> Point:
    return 50 + radius * math.cos(math.radians(degrees)), 50 + radius * math.sin(math.radians(degrees))


def _polyline(points: Iterator[Point] | list[Point], colour: str, width: float, *, closed: bool = False) -> str:
    path = "L".join(f"{x:.2f} {y:.2f}" for x, y in points)
    return f'<path d="M{path}{"Z" if closed else ""}" fill="none" stroke="{colour}" stroke-width="{width}"/>'


def _svg(width: float, height: float, content: str) -> str:
    return f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width:g} {height:g}">{content}</svg>'
