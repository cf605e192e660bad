"""How cycles ended and what was said of them: strips on one scale, squares of stated against true, small lines.

As in `multiples`: SVG, words escaped here, colours from classes of the style sheet. x of a strip is in per cent, so
that one drawing fits any width. Source of zones and band: the product's domain notes 2.3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape
from math import sqrt

from dashboards.figures.distribution import BIN
from dashboards.figures.multiples import number
from dashboards.figures.paper import ZONES, Band

# Above so many in one place dots become bars: they could not be counted any more.
MOST_DOTS = 8
DOT, PITCH, ROOM = 3.4, 8.0, 5.0
BAR_HEIGHT = 44.0
SCALE = 1 + BIN
SIDE, EDGE = 168.0, 26.0
SMALLEST, LARGEST, LARGE = 3.0, 7.5, 60
LINE_WIDTH, LINE_HEIGHT = 240.0, 34.0


@dataclass(frozen=True, slots=True)
class Lane:
    """The objectives of one intent: how many of which zone lie in which twentieth, and what pointing at one says.

    `tallest` is the largest heap of its intent in any of the strips that stand together: all share one scale.
    """

    piles: Mapping[int, Mapping[str, int]]
    said: Mapping[int, str]
    tallest: int
    committed: bool = False
    median: float | None = None

    @property
    def is_dotted(self) -> bool:
        return self.tallest <= MOST_DOTS

    @property
    def height(self) -> float:
        return ROOM + (PITCH * max(self.tallest, 1) if self.is_dotted else BAR_HEIGHT)


def across_at(value: float) -> str:
    """Where a score stands on the strip: its right end holds 1.0 and all above.

    >>> across_at(0), across_at(1.05)
    ('0%', '100%')
    """
    return f"{number(100 * value / SCALE)}%"


def strip(lanes: Sequence[Lane], band: Band, *, is_over: bool, label: str) -> str:
    """Objectives on the scale from 0 to 1: aspirational ones above the band, committed ones before the mark at 1.0.

    A dot is one objective, hollow while its cycle runs; of many in one place a bar. The tick is the median.

    >>> lane = Lane({12: {"in": 2, "below": 0, "above": 0}}, {12: "0.60–0.65"}, tallest=2, median=0.62)
    >>> drawn = strip([lane], Band(0.6, 0.7), is_over=True, label="Q1")
    >>> drawn.count("<circle"), drawn.count("<title>"), 'class="band"' in drawn
    (2, 1, True)
    """
    parts: list[str] = []
    top = 0.0
    for lane in lanes:
        base = top + lane.height
        parts += _ground(lane, band, top, base)
        for bin_, zones in sorted(lane.piles.items()):
            parts.append(f"<g><title>{escape(lane.said.get(bin_, ''))}</title>")
            parts += _dots(bin_, zones, base, lane, is_over) if lane.is_dotted else _bar(bin_, zones, base, lane)
            parts.append("</g>")
        if lane.median is not None:
            x = across_at(min(max(lane.median, 0.0), 1.0))
            parts.append(f'<line class="median" x1="{x}" x2="{x}" y1="{number(top + 1)}" y2="{number(base + 4)}"/>')
        top = base + ROOM
    height = number(top + 1)
    return f'<svg class="strip" role="img" aria-label="{escape(label)}" height="{height}">{"".join(parts)}</svg>'


def _ground(lane: Lane, band: Band, top: float, base: float) -> list[str]:
    high, deep = number(top), number(base - top)
    if lane.committed:
        mark = f'<line class="mark" x1="{across_at(1)}" x2="{across_at(1)}" y1="{high}" y2="{number(base + 4)}"/>'
    else:
        wide = f'x="{across_at(band.lower)}" width="{across_at(band.upper - band.lower)}"'
        mark = f'<rect class="band" {wide} y="{high}" height="{deep}"/>'
    return [mark, f'<line class="axis" x1="0" x2="100%" y1="{number(base)}" y2="{number(base)}"/>']


def _dots(bin_: int, zones: Mapping[str, int], base: float, lane: Lane, is_over: bool) -> list[str]:
    x, parts, place = across_at((bin_ + 0.5) * BIN), [], 0
    for zone in ZONES:
        kind = zone if is_over else f"hollow line-{zone}"
        for _one in range(zones.get(zone, 0)):
            y = base - PITCH * (place + 0.5)
            place += 1
            if lane.committed:
                parts.append(
                    f'<svg x="{x}" y="{number(y)}" overflow="visible"><rect class="{kind}" x="{-DOT}" y="{-DOT}" '
                    f'width="{number(2 * DOT)}" height="{number(2 * DOT)}"/></svg>'
                )
            else:
                parts.append(f'<circle class="{kind}" cx="{x}" cy="{number(y)}" r="{DOT}"/>')
    return parts


def _bar(bin_: int, zones: Mapping[str, int], base: float, lane: Lane) -> list[str]:
    parts, y = [], base
    for zone in ZONES:
        count = zones.get(zone, 0)
        if count:
            # What is there is seen, however few it is beside the tallest.
            high = max(BAR_HEIGHT * count / lane.tallest, 1.5)
            y -= high
            place = f'x="{across_at(bin_ * BIN + 0.004)}" width="{across_at(BIN - 0.008)}"'
            parts.append(f'<rect class="{zone}" {place} y="{number(y)}" height="{number(high)}"/>')
    return parts


def strip_axis(band: Band, *, label: str) -> str:
    """The scale below strips, with the limits of the band.

    >>> strip_axis(Band(0.6, 0.7), label="Score").count("<text")
    6
    """
    marks = sorted({band.lower, band.upper} | {mark for mark in (0.0, 0.2, 0.4, 0.8, 1.0) if _is_clear(mark, band)})
    parts = []
    for mark in marks:
        anchor = "start" if mark == 0 else "middle"
        text = f"{mark:.1f}" if round(mark, 1) == mark else f"{mark:g}"
        parts.append(f'<text x="{across_at(mark)}" y="12" text-anchor="{anchor}">{text}</text>')
    return f'<svg class="strip-axis" role="img" aria-label="{escape(label)}" height="16">{"".join(parts)}</svg>'


def _is_clear(mark: float, band: Band) -> bool:
    return all(abs(mark - limit) >= 0.12 for limit in (band.lower, band.upper))


@dataclass(frozen=True, slots=True)
class Dot:
    """One part of the scale of a square: what was said, what came true, of how many; hollow where they are too few."""

    said: float
    came: float
    cases: int
    is_few: bool
    words: str


def square(dots: Sequence[Dot], *, label: str, said: str, came: str) -> str:
    """What was said (to the right) against what came true (upwards): on the diagonal both are the same.

    >>> drawn = square([Dot(0.7, 0.6, 10, False, "a"), Dot(0.95, 0.5, 2, True, "b")], label="x", said="s", came="c")
    >>> drawn.count("<circle"), drawn.count("hollow")
    (2, 1)
    """
    x0, y0, x1, y1 = number(EDGE), number(SIDE), number(EDGE + SIDE - 8), "8"
    parts = [
        f'<path class="axis" d="M{x0} {y1}V{y0}H{x1}"/>',
        f'<path class="grid" d="M{x0} {number(_up(0.5))}H{x1}M{number(_along(0.5))} {y1}V{y0}"/>',
        f'<path class="diagonal" d="M{x0} {y0}L{x1} {y1}"/>',
    ]
    for share, text in ((0.0, "0"), (0.5, "50%"), (1.0, "100%")):
        anchor = {"0": "start", "50%": "middle", "100%": "end"}[text]
        y = number(_up(share) + (10 if share == 1 else 0 if share == 0 else 4))
        parts.append(f'<text x="{number(_along(share))}" y="{number(SIDE + 13)}" text-anchor="{anchor}">{text}</text>')
        parts.append(f'<text x="{number(EDGE - 4)}" y="{y}" text-anchor="end">{text.removesuffix("%")}</text>')
    parts.append(f'<text x="{x1}" y="{number(SIDE + 27)}" text-anchor="end">{escape(said)} →</text>')
    parts.append(f'<text x="{number(EDGE + 6)}" y="17">↑ {escape(came)}</text>')
    for dot in sorted(dots, key=lambda one: -one.cases):
        radius = SMALLEST + (LARGEST - SMALLEST) * sqrt(min(dot.cases, LARGE) / LARGE)
        kind = "hollow line" if dot.is_few else "neutral"
        parts.append(
            f'<g><title>{escape(dot.words)}</title><circle class="{kind}" cx="{number(_along(dot.said))}" '
            f'cy="{number(_up(dot.came))}" r="{number(radius)}"/></g>'
        )
    box = f'role="img" aria-label="{escape(label)}" viewBox="0 0 {number(EDGE + SIDE)} {number(SIDE + 32)}"'
    return f'<svg class="plot square" {box}>{"".join(parts)}</svg>'


def _along(share: float) -> float:
    return EDGE + (SIDE - 8) * share


def _up(share: float) -> float:
    return SIDE - (SIDE - 8) * share


@dataclass(frozen=True, slots=True)
class Point:
    """One cycle of a small line: a share of 0–1, or None where there is none; hollow where it rests on too few."""

    value: float | None
    is_few: bool
    words: str


def small_line(points: Sequence[Point], *, label: str) -> str:
    """Shares of 0–1 over cycles, the oldest on the left.

    >>> drawn = small_line([Point(0.5, False, "a"), Point(None, True, "b"), Point(0.7, True, "c")], label="x")
    >>> drawn.count("<circle"), drawn.count("<title>"), drawn.count("hollow")
    (2, 3, 1)
    """
    step = (LINE_WIDTH - 20) / max(len(points) - 1, 1)
    places = [(10 + number_ * step if len(points) > 1 else LINE_WIDTH / 2) for number_ in range(len(points))]
    high = LINE_HEIGHT - 8

    def y_of(value: float) -> float:
        return 4 + high * (1 - max(0.0, min(value, 1.0)))

    told = [(x, y_of(point.value)) for x, point in zip(places, points, strict=True) if point.value is not None]
    parts = [
        f'<path class="grid" d="M0 4H{number(LINE_WIDTH)}M0 {number(4 + high / 2)}H{number(LINE_WIDTH)}"/>',
        f'<path class="axis" d="M0 {number(4 + high)}H{number(LINE_WIDTH)}"/>',
    ]
    if len(told) > 1:
        parts.append(f'<path class="line" d="M{"L".join(f"{number(x)} {number(y)}" for x, y in told)}"/>')
    for x, point in zip(places, points, strict=True):
        dot = ""
        if point.value is not None:
            kind = "hollow line" if point.is_few else "neutral"
            dot = f'<circle class="{kind}" cx="{number(x)}" cy="{number(y_of(point.value))}" r="3.4"/>'
        wide = max(step, 20.0)
        parts.append(
            f'<g><title>{escape(point.words)}</title>{dot}<rect x="{number(x - wide / 2)}" y="0" '
            f'width="{number(wide)}" height="{number(LINE_HEIGHT)}" fill="none" pointer-events="all"/></g>'
        )
    box = f'role="img" aria-label="{escape(label)}" viewBox="0 0 {number(LINE_WIDTH)} {number(LINE_HEIGHT)}"'
    return f'<svg class="plot small-line" {box}>{"".join(parts)}</svg>'
