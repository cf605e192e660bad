"""What Plotly draws, as plain dictionaries: no Django, no database, no colours.

Colours are roles ("role:below") that the browser reads from the style sheet, so a figure follows light and dark. Every
word a person wrote passes `plain`, since Plotly reads a little HTML; it makes letters bold by a style attribute, which
the content security policy forbids, so weight is always a font's. A figure may carry `narrow` and `wide`: what
differs on a phone and on a wide screen. Source of zones and band: the product's domain notes 2.3.
"""

from __future__ import annotations

import math
import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from html import escape
from typing import Any

from funnel.formulas.numbers import format_score

Figure = dict[str, Any]

ZONES = ("below", "in", "above")
GLYPHS = {"below": "▼", "in": "●", "above": "▲", "none": "○"}
BIN = 0.05
BINS = round(1 / BIN)


def plain(text: str) -> str:
    """A person's words as Plotly must be given them: no tag or link of theirs survives. It draws quotes as they are."""
    return escape(text.replace("\x00", ""), quote=False)


def ink(zone: str) -> str:
    """The role in which words of a zone are written."""
    return "role:muted" if zone == "none" else f"role:{zone}-ink"


def wash(zone: str) -> str:
    return "role:well" if zone == "none" else f"role:{zone}-wash"


@dataclass(frozen=True, slots=True)
class Band:
    """The stretch band and its word."""

    lower: float
    upper: float

    def across(self, **place: Any) -> dict[str, Any]:
        return {
            "type": "rect",
            "layer": "below",
            "fillcolor": "role:band",
            "line": {"width": 0},
            **place,
        }


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
            hover.append(f"{_folded(brick.title, 24)}<br>{plain(brick.note)}")
            leads.append([brick.address])
        if x:
            data.append(_bar(zone, x=x, y=[0.82] * len(x), base=base, hovertext=hover, customdata=leads))
    return data, max(heights.values(), default=0)


# Departments over time


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
                "text": plain(_shortened(panel.name, room)),
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


# The map of alignment


@dataclass(frozen=True, slots=True)
class Cell:
    """An objective in the map. `path` names the way to it from the root, since it may hang in several places."""

    path: str
    parent: str
    title: str
    team: str
    zone: str
    value: float | None
    weight: int
    leads: str
    opens: str = ""
    note: str = ""


MAP_WIDTH = 1180
PHONE_WIDTH = 328
LEVEL_HEIGHT = 66
LETTER = 12.6


def alignment_map(cells: Sequence[Cell], *, root: str) -> Figure:
    """The company's goals, each over what contributes to it; widths are numbers of key results.

    `root` is what stands on top of all of them. A cell with `opens` opens a branch, one without leads to its objective.
    """
    totals = {"": 0.0}
    for cell in cells:
        totals[cell.path] = totals.get(cell.path, 0.0) + max(cell.weight, 1)
    for cell in sorted(cells, key=lambda cell: -cell.path.count("/")):
        totals[cell.parent] += totals[cell.path]
    whole = totals[""] or 1.0
    levels = 1 + max((cell.path.count("/") + 1 for cell in cells), default=0)
    leaves = len(cells) - len({cell.parent for cell in cells} - {""})
    phone_height = max(360, min(leaves * 58, 2400))

    shares = [totals[cell.path] / whole for cell in cells]
    wide = [_cell_text(cell, share * MAP_WIDTH - 14, LEVEL_HEIGHT) for cell, share in zip(cells, shares, strict=True)]
    small = [
        _cell_text(cell, PHONE_WIDTH / levels - 8, share * phone_height)
        for cell, share in zip(cells, shares, strict=True)
    ]
    trace = {
        "type": "icicle",
        "ids": ["root", *(cell.path for cell in cells)],
        "parents": ["", *(cell.parent or "root" for cell in cells)],
        "labels": [plain(root), *(plain(cell.title) for cell in cells)],
        "values": [0, *(max(cell.weight, 1) for cell in cells)],
        "text": [plain(root), *wide],
        "textinfo": "text",
        "textposition": "top left",
        "textfont": {"color": "role:ink", "size": 12},
        "hoverinfo": "text",
        "hovertext": [plain(root), *(_cell_hover(cell) for cell in cells)],
        "customdata": [["", ""], *([cell.leads if not cell.opens else "", cell.opens] for cell in cells)],
        "branchvalues": "remainder",
        "marker": {
            "colors": ["role:well", *(wash(cell.zone) for cell in cells)],
            "line": {"color": "role:paper", "width": 2},
        },
        "sort": False,
        "tiling": {"orientation": "v", "pad": 0},
        "pathbar": {"visible": False},
        "leaf": {"opacity": 1},
    }
    return {
        "data": [trace],
        "layout": {
            "height": levels * LEVEL_HEIGHT,
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
            "hovermode": "closest",
            "uniformtext": {"minsize": 11, "mode": "hide"},
        },
        "narrow": {
            "data": [
                {
                    "text": [_lines(root, PHONE_WIDTH / levels - 8, 4), *small],
                    "tiling": {"orientation": "h", "pad": 0},
                    "textfont": {"size": 11},
                }
            ],
            "layout": {"height": phone_height, "uniformtext": {"minsize": 9}},
        },
    }


def _cell_text(cell: Cell, width: float, height: float) -> str:
    if width < LETTER or height < 18:
        return ""
    has_score = cell.value is not None and width >= 3.3 * LETTER
    score = f"{GLYPHS[cell.zone]} {format_score(cell.value)}" if has_score else GLYPHS[cell.zone]
    lines = max(int((height - 12) / 16) - 1, 0)
    words = _lines(cell.title, width, min(lines, 3)) if lines and width >= 40 else ""
    return f"{score}<br>{words}" if words else score


def _cell_hover(cell: Cell) -> str:
    lines = [_folded(cell.title, 24), plain(cell.team), plain(cell.note)]
    return "<br>".join(line for line in lines if line)


# Setting words


def _width_of(letter: str) -> float:
    return 1.0 if unicodedata.east_asian_width(letter) in "WFA" else 0.56


def _shortened(text: str, room: float) -> str:
    """As much of a text as fits, with an ellipsis where it does not; `room` in full-width letters."""
    taken = 0.0
    for index, letter in enumerate(text):
        taken += _width_of(letter)
        if taken > room:
            return text[: max(index - 1, 1)].rstrip() + "…"
    return text


def _wrapped(text: str, room: float, most: int | None = None) -> list[str]:
    """Lines of at most `room` full-width letters, broken between words where there are any."""
    lines, line, taken = [], "", 0.0
    for word in _pieces(text):
        wide = sum(map(_width_of, word))
        if line and taken + wide > room and word.strip():
            lines.append(line.rstrip())
            line, taken = "", 0.0
        line += word
        taken += wide
    lines.append(line.rstrip())
    if most is not None and len(lines) > most:
        rest = lines[most - 1] + lines[most]
        lines = [*lines[: most - 1], _shortened(rest, room - 0.5) if most else ""]
    return [_shortened(line, room + 2) for line in lines]


def _pieces(text: str) -> list[str]:
    """Where a line may break: after every full-width letter, and after a space."""
    pieces = [""]
    for letter in text:
        wide = unicodedata.east_asian_width(letter) in "WF"
        if wide and letter not in "、。，．」』）ーっゃゅょッャュョ！？・":
            pieces.append(letter)
        else:
            pieces[-1] += letter
            if letter == " ":
                pieces.append("")
    return [piece for piece in pieces if piece]


def _lines(text: str, width: float, most: int) -> str:
    room = width / LETTER
    return "<br>".join(plain(line) for line in _wrapped(text, max(room, 2), most))


def _folded(text: str, room: float) -> str:
    return "<br>".join(plain(line) for line in _wrapped(text, room))
