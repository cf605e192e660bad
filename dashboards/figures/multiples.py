"""Small drawings that stand side by side on one scale, as SVG: they print, need no library and fit any width.

Words reach them as text that is escaped here; colours come from classes of the style sheet. Source of zones and band:
the product's domain notes 2.3.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from html import escape

from dashboards.figures.paper import GLYPHS, ZONES, Band

WIDTH, HEIGHT = 240, 96
LEFT, RIGHT, TOP, BOTTOM = 16.0, 234.0, 7.0, 77.0
HIGHEST = 1.04
MARK = 4.5
ROOM_FOR_SIGN, ROOM_FOR_COUNT = 6, 3


@dataclass(frozen=True, slots=True)
class Panel:
    """A department's way through the cycle: mean scores and paces by week, and where it is heading."""

    name: str
    address: str
    scores: Sequence[float | None]
    paces: Sequence[float | None]
    landing: float | None
    zone: str
    verdict: str


def number(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def course(panel: Panel, band: Band, *, weeks: int, now: float, closed: bool, said: Sequence[str], label: str) -> str:
    """A mean score by week against pace, with the band behind it and the way to where it heads (◇).

    `now` is today's place on the axis of weeks (0–`weeks`), where the last score stands; `said` holds what pointing at
    a week says, `label` the whole in words.

    >>> panel = Panel("営業", "/x", [0.1, None, 0.3], [0.1, 0.2, 0.3], 0.65, "in", "● 0.65")
    >>> drawn = course(panel, Band(0.6, 0.7), weeks=13, now=2.5, closed=False, said=["a", "b", "c"], label="営業")
    >>> drawn.startswith("<svg"), drawn.count("<title>"), "end-mark" in drawn
    (True, 3, True)
    """
    places = {week: min(week, now) for week in range(1, len(panel.scores) + 1)}
    told = [(places[week], score) for week, score in enumerate(panel.scores, start=1) if score is not None]
    paced = [(places[week], pace) for week, pace in enumerate(panel.paces, start=1) if pace is not None]
    kind = f" line-{panel.zone}" if panel.zone in ZONES else ""
    fill = panel.zone if panel.zone in ZONES else "neutral-2"
    high = up(band.upper)
    across = f'x="{number(LEFT)}" width="{number(RIGHT - LEFT)}"'
    parts = [
        f'<rect class="band" {across} y="{number(high)}" height="{number(up(band.lower) - high)}"/>',
        f'<path class="grid" d="M{number(LEFT)} {number(up(1))}H{number(RIGHT)}"/>',
        f'<path class="axis" d="M{number(LEFT)} {number(up(0))}H{number(RIGHT)}"/>',
        f'<text x="{number(LEFT - 5)}" y="{number(up(1) + 4)}" text-anchor="end">1</text>',
        f'<text x="{number(LEFT - 5)}" y="{number(up(0) + 4)}" text-anchor="end">0</text>',
    ]
    for week in sorted({1, (weeks + 1) // 2, weeks}):
        anchor = "end" if week == weeks and weeks > 1 else "middle"
        parts.append(f'<text x="{number(along(week, weeks))}" y="92" text-anchor="{anchor}">{week}</text>')
    if len(paced) > 1:
        parts.append(f'<path class="pace-line" d="{path(paced, weeks)}"/>')
    if len(told) > 1:
        parts.append(f'<path class="line{kind}" d="{path(told, weeks)}"/>')
    if told:
        place, score = told[-1]
        x, y = along(place, weeks), up(score)
        if panel.landing is not None and not closed:
            end = up(max(0.0, min(panel.landing, HIGHEST)))
            parts.append(
                f'<path class="line{kind}" stroke-dasharray="1.5 3" '
                f'd="M{number(x)} {number(y)}L{number(RIGHT)} {number(end)}"/>'
                f'<path class="sheet-fill line{kind} end-mark" d="M{number(RIGHT)} {number(end - MARK)}'
                f'l{MARK} {MARK}-{MARK} {MARK}-{MARK}-{MARK}z"/>'
            )
        parts.append(f'<circle class="{fill}" cx="{number(x)}" cy="{number(y)}" r="3.2"/>')
    for week, words in enumerate(said, start=1):
        left = along(week - 1, weeks)
        parts.append(
            f"<g><title>{escape(words)}</title>"
            f'<rect x="{number(left)}" y="0" width="{number(along(week, weeks) - left)}" height="{number(BOTTOM + 4)}" '
            'fill="none" pointer-events="all"/></g>'
        )
    box = f'role="img" aria-label="{escape(label)}" viewBox="0 0 {WIDTH} {HEIGHT}"'
    return f'<svg class="plot" {box}>{"".join(parts)}</svg>'


def along(week: float, weeks: int) -> float:
    return LEFT + (RIGHT - LEFT) * week / max(weeks, 1)


def up(score: float) -> float:
    return BOTTOM - (BOTTOM - TOP) * max(0.0, min(score, HIGHEST))


def path(points: Sequence[tuple[float, float]], weeks: int) -> str:
    places = [f"{number(along(place, weeks))} {number(up(value))}" for place, value in points]
    return "M" + "L".join(places)


WORDS = {"below": "ib", "in": "ii", "above": "ia", "none": ""}


def shares(counts: Mapping[str, int], *, most: int, said: Mapping[str, str], label: str) -> str:
    """Objectives by zone as one bar whose full width is `most` objectives; each part says its count.

    >>> drawn = shares({"below": 1, "in": 2, "above": 0, "none": 1}, most=8, said={}, label="x")
    >>> drawn.count("-wash"), drawn.count(">● 2<"), 'width="25%"' in drawn
    (3, 1, True)
    """
    parts, left = [], 0.0
    for zone in (*ZONES, "none"):
        count = counts.get(zone, 0)
        if not count:
            continue
        width = 100 * count / max(most, 1)
        place = f'x="{number(left)}%" width="{number(width)}%"'
        words = f"<title>{escape(said[zone])}</title>" if zone in said else ""
        sign = f"{GLYPHS[zone]} {count}" if width >= ROOM_FOR_SIGN else str(count) if width >= ROOM_FOR_COUNT else ""
        edge = f'<rect class="{zone}" {place} y="21" height="3"/>' if zone in ZONES else ""
        parts.append(
            f'<g>{words}<rect class="{zone}-wash" {place} y="0" height="24"/>{edge}'
            f'<text class="{WORDS[zone]}" x="{number(left + width / 2)}%" y="15" text-anchor="middle">{sign}</text></g>'
        )
        left += width
    return f'<svg class="shares" role="img" aria-label="{escape(label)}" height="24">{"".join(parts)}</svg>'


def between(before: float | None, now: float | None, band: Band, *, label: str) -> str:
    """Two mean scores on one scale: hollow where it stood before, filled where it stands now.

    >>> between(0.2, None, Band(0.6, 0.7), label="x").count("<circle")
    1
    """
    parts = [
        '<line class="axis" x1="0" x2="100%" y1="12" y2="12"/>',
        f'<rect class="band" x="{number(100 * band.lower)}%" y="3" width="{number(100 * (band.upper - band.lower))}%" '
        'height="18"/>',
    ]
    if before is not None and now is not None:
        parts.append(f'<line class="line" x1="{number(100 * before)}%" x2="{number(100 * now)}%" y1="12" y2="12"/>')
    if before is not None:
        parts.append(f'<circle class="sheet-fill line" cx="{number(100 * before)}%" cy="12" r="4"/>')
    if now is not None:
        parts.append(f'<circle class="neutral" cx="{number(100 * now)}%" cy="12" r="4.5"/>')
    return f'<svg class="between" role="img" aria-label="{escape(label)}" height="24">{"".join(parts)}</svg>'
