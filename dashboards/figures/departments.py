"""Departments over time, as small multiples."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from dashboards.figures.paper import GLYPHS, Band, Figure, ink, plain
from dashboards.figures.words import shortened
from funnel.formulas.numbers import format_score


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


PANEL_HEIGHT = 132
PANEL_GAP = 62


def departments(
    panels: Sequence[Panel], band: Band, *, weeks: int, now: float, closed: bool, week_label: str
) -> Figure:
    """Small multiples: each department's mean score by week against pace, on one scale, with the band behind.

    `now` is today's place on the axis of weeks (0–`weeks`), where the last score stands; `week_label` has `{week}` in
    it.
    """
    data: list[dict[str, Any]] = []
    for index, panel in enumerate(panels, start=1):
        data += _panel_traces(index, panel, weeks=weeks, now=now, closed=closed, week_label=week_label)
    layout: dict[str, Any] = {"hovermode": "closest", "margin": {"l": 30, "r": 10, "t": 30, "b": 30}}
    layout["shapes"] = [
        band.across(xref=f"x{_number(index)}", yref=f"y{_number(index)}", x0=0, x1=weeks, y0=band.lower, y1=band.upper)
        for index in range(1, len(panels) + 1)
    ]
    layout |= _grid(panels, columns=3, weeks=weeks, week_label=week_label)
    return {
        "data": data,
        "layout": layout,
        "narrow": {"layout": _grid(panels, columns=2, weeks=weeks, week_label=week_label)},
        "wide": {"layout": _grid(panels, columns=6, weeks=weeks, week_label=week_label)},
    }


def _number(index: int) -> str:
    return "" if index == 1 else str(index)


def _panel_traces(
    index: int, panel: Panel, *, weeks: int, now: float, closed: bool, week_label: str
) -> list[dict[str, Any]]:
    axes = {"xaxis": f"x{_number(index)}", "yaxis": f"y{_number(index)}"}
    said = [(week, score) for week, score in enumerate(panel.scores, start=1) if score is not None]
    places = [min(week, now) for week, _ in said]
    paced = [(min(week, now), pace) for week, pace in enumerate(panel.paces, start=1) if pace is not None]
    colour = "role:none" if panel.zone == "none" else f"role:{panel.zone}"
    traces: list[dict[str, Any]] = [
        {
            "type": "scatter",
            "mode": "lines",
            "x": [place for place, _ in paced],
            "y": [round(pace, 4) for _, pace in paced],
            "line": {"color": "role:pace", "width": 1, "dash": "1px,3px"},
            "hoverinfo": "skip",
            **axes,
        },
        {
            "type": "scatter",
            "mode": "lines+markers",
            "x": places,
            "y": [round(score, 4) for _, score in said],
            "line": {"color": colour, "width": 2},
            "marker": {"color": colour, "size": [1] * (len(said) - 1) + [7] if said else [], "line": {"width": 0}},
            "hoverinfo": "text",
            "hovertext": [
                f"{plain(panel.name)}<br>{plain(week_label.format(week=week))}: {format_score(score)}"
                for week, score in said
            ],
            "customdata": [[panel.address]] * len(said),
            **axes,
        },
    ]
    if said and panel.landing is not None and not closed:
        end = min(panel.landing, 1.04)
        traces.append(
            {
                "type": "scatter",
                "mode": "lines+markers",
                "x": [places[-1], weeks],
                "y": [round(said[-1][1], 4), round(end, 4)],
                "line": {"color": colour, "width": 1.75, "dash": "1.5px,3px"},
                "marker": {
                    "symbol": "diamond",
                    "size": [0, 9],
                    "color": "role:paper",
                    "line": {"color": colour, "width": 1.5},
                },
                "cliponaxis": False,
                "hoverinfo": "text",
                "hovertext": ["", f"{plain(panel.name)}<br>{plain(panel.verdict)}"],
                "customdata": [[panel.address]] * 2,
                **axes,
            }
        )
    return traces


def _grid(panels: Sequence[Panel], *, columns: int, weeks: int, week_label: str) -> dict[str, Any]:
    """Axes, titles and height for panels set in so many columns."""
    columns = max(min(columns, len(panels)), 1)
    rows = max(math.ceil(len(panels) / columns), 1)
    gap = 0.09 if columns < 3 else 0.06 if columns == 3 else 0.035
    width = (1 - gap * (columns - 1)) / columns
    inner = rows * PANEL_HEIGHT - PANEL_GAP
    tall, between = (PANEL_HEIGHT - PANEL_GAP) / inner, PANEL_GAP / inner
    layout: dict[str, Any] = {"height": inner + 60, "annotations": []}
    ticks = sorted({1, (weeks + 1) // 2, weeks})
    for index, panel in enumerate(panels):
        row, column = divmod(index, columns)
        left, top = column * (width + gap), 1 - row * (tall + between)
        right, bottom = min(left + width, 1), max(top - tall, 0)
        name = _number(index + 1)
        layout[f"xaxis{name}"] = {
            "domain": [round(left, 4), round(right, 4)],
            "anchor": f"y{name}",
            "range": [0, weeks],
            "tickvals": ticks,
            "ticktext": [plain(week_label.format(week=week)) if week == 1 else str(week) for week in ticks],
            "showline": True,
            "automargin": False,
        }
        layout[f"yaxis{name}"] = {
            "domain": [round(bottom, 4), round(top, 4)],
            "anchor": f"x{name}",
            "range": [0, 1.06],
            "tickvals": [0, 0.5, 1],
            "ticktext": ["0", "0.5", "1"],
            "showticklabels": column == 0,
            "automargin": False,
        }
        place = {"xref": "paper", "yref": "paper", "showarrow": False}
        above = {**place, "y": top, "yanchor": "bottom", "yshift": 6}
        room, size = {1: (20, 13), 2: (7, 12), 3: (11, 13)}.get(columns, (8, 13))
        layout["annotations"] += [
            {
                **above,
                "x": left,
                "xanchor": "left",
                "text": plain(shortened(panel.name, room)),
                "font": {"color": "role:ink", "size": size, "weight": 600},
            },
            {
                **above,
                "x": right,
                "xanchor": "right",
                "text": f"{GLYPHS[panel.zone]} {format_score(panel.landing)}",
                "font": {"color": ink(panel.zone), "size": size, "weight": 600},
            },
        ]
    return layout
