"""The company's goals, each over what contributes to it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dashboards.figures.paper import GLYPHS, Figure, plain, wash
from dashboards.figures.words import LETTER, folded, in_lines
from funnel.formulas.numbers import format_score


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
                    "text": [in_lines(root, PHONE_WIDTH / levels - 8, 4), *small],
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
    words = in_lines(cell.title, width, min(lines, 3)) if lines and width >= 40 else ""
    return f"{score}<br>{words}" if words else score


def _cell_hover(cell: Cell) -> str:
    lines = [folded(cell.title, 24), plain(cell.team), plain(cell.note)]
    return "<br>".join(line for line in lines if line)
