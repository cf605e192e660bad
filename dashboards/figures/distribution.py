"""Where all objectives are heading: bricks while they can be told apart, else piles."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.figures.paper import ZONES, Band, Figure, plain
from dashboards.figures.words import folded

BIN = 0.05
BINS = round(1 / BIN)


def bin_of(value: float, zone: str, band: Band, *, committed: bool = False) -> int:
    """The number of the twentieth a value falls in, the last one holding 1.0 and all above.

    Both limits belong to the band, so what lies exactly on the upper one is counted inside it.

    >>> band = Band(0.6, 0.7)
    >>> bin_of(0.6, "in", band), bin_of(0.7, "in", band), bin_of(0.71, "above", band), bin_of(1.4, "above", band)
    (12, 13, 14, 20)
    """
    number = min(max(math.floor(value / BIN + 1e-9), 0), BINS)
    if zone == "in" and not committed and number * BIN >= band.upper - 1e-9:
        number -= 1
    return number


@dataclass(frozen=True, slots=True)
class Brick:
    """One objective in the distribution."""

    value: float
    zone: str
    title: str
    note: str
    address: str
    committed: bool = False


@dataclass(frozen=True, slots=True)
class Pile:
    """Objectives of one zone in one twentieth of the scale."""

    bin: int
    zone: str
    count: int
    note: str


def distribution(things: Sequence[Brick] | Sequence[Pile], band: Band, *, axis: str) -> Figure:
    """Where objectives are heading: a brick each while they can be told apart, else a pile for each twentieth."""
    piles = [thing for thing in things if isinstance(thing, Pile)]
    bricks = [thing for thing in things if isinstance(thing, Brick)]
    data, tallest = _piles(piles) if piles else _bricks(bricks, band)
    marks = sorted({band.lower, band.upper} | {mark for mark in (0, 0.2, 0.4, 0.8, 1.0) if _is_clear_of(mark, band)})
    return {
        "data": data,
        "layout": {
            "height": 172,
            "barmode": "stack" if piles else "overlay",
            "bargap": 0,
            "hovermode": "closest",
            "margin": {"l": 8 if not piles else 40, "r": 8, "t": 4, "b": 44},
            "xaxis": {
                "range": [-0.01, 1 + BIN + 0.01],
                "tickvals": marks,
                "ticktext": [f"{mark:.1f}" if round(mark, 1) == mark else f"{mark:g}" for mark in marks],
                "showline": True,
                "automargin": False,
            },
            "yaxis": {"visible": bool(piles), "range": [0, max(tallest, 4) * 1.04], "rangemode": "tozero"},
            "shapes": [band.across(xref="x", yref="paper", x0=band.lower, x1=band.upper, y0=0, y1=1)],
            "annotations": [
                {
                    "text": plain(axis),
                    "xref": "paper",
                    "yref": "paper",
                    "x": 1,
                    "y": 0,
                    "xanchor": "right",
                    "yanchor": "top",
                    "yshift": -22,
                    "showarrow": False,
                    "font": {"color": "role:muted"},
                }
            ],
        },
    }


def _is_clear_of(mark: float, band: Band) -> bool:
    return all(abs(mark - limit) > 0.07 for limit in (band.lower, band.upper))


def _bar(zone: str, **values: Any) -> dict[str, Any]:
    return {
        "type": "bar",
        "width": BIN * 0.8,
        "marker": {"color": f"role:{zone}", "line": {"width": 0}},
        "hoverinfo": "text",
        "textposition": "none",
        **values,
    }


def _piles(piles: Sequence[Pile]) -> tuple[list[dict[str, Any]], int]:
    heights: dict[int, int] = {}
    data = []
    for zone in ZONES:
        own = [pile for pile in piles if pile.zone == zone]
        for pile in own:
            heights[pile.bin] = heights.get(pile.bin, 0) + pile.count
        if own:
            data.append(
                _bar(
                    zone,
                    x=[(pile.bin + 0.5) * BIN for pile in own],
                    y=[pile.count for pile in own],
                    hovertext=[plain(pile.note) for pile in own],
                )
            )
    return data, max(heights.values(), default=0)


def _bricks(bricks: Sequence[Brick], band: Band) -> tuple[list[dict[str, Any]], int]:
    heights: dict[int, int] = {}
    data = []
    for zone in ZONES:
        x, base, hover, leads = [], [], [], []
        for brick in sorted((brick for brick in bricks if brick.zone == zone), key=lambda brick: brick.value):
            number = bin_of(brick.value, zone, band, committed=brick.committed)
            x.append(round((number + 0.5) * BIN, 4))
            base.append(round(heights.get(number, 0) + 0.09, 2))
            heights[number] = heights.get(number, 0) + 1
            hover.append(f"{folded(brick.title, 24)}<br>{plain(brick.note)}")
            leads.append([brick.address])
        if x:
            data.append(_bar(zone, x=x, y=[0.82] * len(x), base=base, hovertext=hover, customdata=leads))
    return data, max(heights.values(), default=0)
