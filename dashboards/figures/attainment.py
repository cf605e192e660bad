"""Where objectives ended, as a pile of bricks on the scale with the band behind it: SVG that any width fits and any
printer prints. Words reach it escaped here. Source of zones and band: the product's domain notes 2.3.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping, Sequence
from html import escape

from dashboards.figures.distribution import BIN
from dashboards.figures.multiples import number
from dashboards.figures.paper import ZONES, Band

HIGHEST = 1.05
HEIGHT, TOP, FLOOR = 168, 26, 138
TALLEST = 16.0
GAP = 1.5
MOST_BRICKS = 400


def along(value: float) -> str:
    return number(100 * value / HIGHEST) + "%"


def attainment(values: Sequence[tuple[int, str]], band: Band, *, said: Mapping[int, str], label: str) -> str:
    """The twentieths in which values lie (`distribution.bin_of`), with their zones, piled up.

    `said` is what pointing at a pile says, `label` the whole.

    >>> drawn = attainment([(12, "in"), (12, "in"), (4, "below")], Band(0.6, 0.7), said={}, label="x")
    >>> drawn.count('class="in brick"'), drawn.count('class="below brick"'), drawn.count("<text")
    (2, 1, 8)
    """
    piles: dict[int, Counter[str]] = {}
    for place, zone in values:
        piles.setdefault(place, Counter())[zone] += 1
    most = max((sum(pile.values()) for pile in piles.values()), default=0)
    each = min(TALLEST, (FLOOR - TOP) / max(most, 1))
    parts = [
        f'<rect class="band" x="{along(band.lower)}" width="{along(band.upper - band.lower)}" y="8" '
        f'height="{FLOOR - 8}"/>',
        f'<line class="axis" x1="0" x2="100%" y1="{FLOOR}" y2="{FLOOR}"/>',
    ]
    for tick in (0, 0.2, 0.4, 0.6, 0.8, 1.0):
        anchor = "start" if tick == 0 else "middle"
        parts.append(f'<text x="{along(tick)}" y="{FLOOR + 18}" text-anchor="{anchor}">{tick:g}</text>')
    for place, pile in sorted(piles.items()):
        words = f"<title>{escape(said[place])}</title>" if place in said else ""
        parts.append(f"<g>{words}{''.join(pile_of(place, pile, each, whole=len(values) > MOST_BRICKS))}</g>")
    box = f'role="img" aria-label="{escape(label)}" height="{HEIGHT}"'
    return f'<svg class="attainment-plot" {box}>{"".join(parts)}</svg>'


def pile_of(place: int, pile: Counter[str], each: float, *, whole: bool) -> list[str]:
    """The bricks of one twentieth, what lies below the band at the bottom; its count stands above it."""
    width = f'x="{along(place * BIN + BIN * 0.1)}" width="{along(BIN * 0.8)}"'
    drawn, top = [], float(FLOOR)
    for zone in ZONES:
        count = pile[zone]
        if count and (whole or each < 2 * GAP):
            top -= count * each
            drawn.append(f'<rect class="{zone} brick" {width} y="{number(top)}" height="{number(count * each)}"/>')
            continue
        for _brick in range(count):
            top -= each
            drawn.append(f'<rect class="{zone} brick" {width} y="{number(top)}" height="{number(each - GAP)}"/>')
    middle = along(place * BIN + BIN / 2)
    return [*drawn, f'<text x="{middle}" y="{number(top - 4)}" text-anchor="middle">{sum(pile.values())}</text>']
