"""The company's goals as an icicle or a treemap: each over what stands below it, or around it."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from math import sqrt

from dashboards.figures.paper import Figure, plain
from dashboards.figures.words import LETTER, folded, in_lines, width_of

WIDTH = 1180
PHONE_WIDTH = 328
LEVEL_HEIGHT = 66
HOVER_WIDTH = 24
TREEMAP_HEIGHT = 600
LEAST = {"icicle": 0.013, "treemap": 0.0035}
"""The smallest part of the whole that is drawn by itself: 15 px of an icicle, 50 × 50 px of a treemap."""


@dataclass(frozen=True, slots=True)
class Cell:
    """A cell: a goal, a team, or several folded into one. `path` names the way to it from the top.

    `tone` is the role it is filled with, `sign` the glyph and word or number beside it, `leads` where a click goes,
    `opens` the branch a click opens instead, `is_found` whether it is what was sought.
    """

    path: str
    parent: str
    title: str
    size: float
    tone: str
    sign: str
    note: str = ""
    leads: str = ""
    opens: str = ""
    is_found: bool = False


def company_map(cells: Sequence[Cell], *, root: str, up: str = "", shape: str = "icicle") -> Figure:
    """`cells` below one that is called `root`; a click on that goes `up`."""
    inside: dict[str, float] = {}
    for cell in cells:
        inside[cell.parent] = inside.get(cell.parent, 0.0) + cell.size
    whole = inside.get("", 0.0) or 1.0
    levels = 1 + max((cell.path.count("/") + 1 for cell in cells), default=0)
    parents = {cell.parent for cell in cells}
    leaves = sum(1 for cell in cells if cell.path not in parents)
    phone_height = max(360, min(leaves * 40, 2000))
    is_icicle = shape == "icicle"
    if is_icicle:
        texts = [_text(cell, cell.size / whole * WIDTH - 14, LEVEL_HEIGHT) for cell in cells]
        small = [_text(cell, PHONE_WIDTH / levels - 8, cell.size / whole * phone_height) for cell in cells]
    else:
        texts = [_area_text(cell, cell.size / whole * WIDTH * TREEMAP_HEIGHT, cell.path in parents) for cell in cells]
        small = [
            _area_text(cell, cell.size / whole * PHONE_WIDTH * phone_height, cell.path in parents) for cell in cells
        ]
    trace = {
        "ids": ["root", *[cell.path for cell in cells]],
        "parents": ["", *[cell.parent or "root" for cell in cells]],
        "labels": [plain(root), *[plain(cell.title) for cell in cells]],
        "values": [0, *[max(cell.size - inside.get(cell.path, 0.0), 0.0) for cell in cells]],
        "text": [plain(root), *texts],
        "textinfo": "text",
        "textposition": "top left",
        "textfont": {"color": "role:ink", "size": 12},
        "hoverinfo": "text",
        "hovertext": [plain(root), *[_hover(cell) for cell in cells]],
        "customdata": [["", up], *[["" if cell.opens else cell.leads, cell.opens] for cell in cells]],
        "branchvalues": "remainder",
        "marker": {
            "colors": ["role:well", *[cell.tone for cell in cells]],
            "line": {
                "color": ["role:paper", *["role:accent" if cell.is_found else "role:paper" for cell in cells]],
                "width": [2, *[3 if cell.is_found else 2 for cell in cells]],
            },
        },
        "sort": False,
        "pathbar": {"visible": False},
    }
    if is_icicle:
        trace |= {"type": "icicle", "tiling": {"orientation": "v", "pad": 0}, "leaf": {"opacity": 1}}
    else:
        trace |= {"type": "treemap", "tiling": {"packing": "squarify", "pad": 2}}
        # Over what stands in it a branch shows its label, not its text.
        trace["labels"] = [plain(root), *_labels(cells, texts, parents)]
        trace["marker"] |= {"pad": {"t": 24, "l": 3, "r": 3, "b": 3}, "cornerradius": 2}  # type: ignore[operator]
    narrow = {"text": [in_lines(root, PHONE_WIDTH / levels - 8, 4) if is_icicle else plain(root), *small]}
    if is_icicle:
        narrow |= {"tiling": {"orientation": "h", "pad": 0}}  # type: ignore[dict-item]
    else:
        narrow |= {"labels": [plain(root), *_labels(cells, small, parents)]}
    return {
        "data": [trace],
        "layout": {
            "height": levels * LEVEL_HEIGHT if is_icicle else TREEMAP_HEIGHT,
            "margin": {"l": 0, "r": 0, "t": 0, "b": 0},
            "hovermode": "closest",
            "uniformtext": {"minsize": 11, "mode": "hide"},
        },
        "narrow": {
            "data": [narrow | {"textfont": {"size": 11}}],
            "layout": {"height": phone_height, "uniformtext": {"minsize": 9}},
        },
    }


def _text(cell: Cell, width: float, height: float) -> str:
    if width < LETTER or height < 18:
        return ""
    sign = _sign(cell, width)
    lines = max(int((height - 12) / 16) - 1, 0)
    words = in_lines(cell.title, width, min(lines, 3)) if lines and width >= 40 else ""
    return f"{plain(sign)}<br>{words}" if words else plain(sign)


def _sign(cell: Cell, width: float) -> str:
    """As many words of the sign as fit, its glyph at least: what is too wide is hidden whole."""
    words = cell.sign.split(" ")
    while len(words) > 1 and sum(map(width_of, " ".join(words))) * 0.9 * LETTER > width:
        words.pop()
    return " ".join(words)


def _area_text(cell: Cell, area: float, is_branch: bool) -> str:
    """What fits a rectangle of about this area; a branch has one line above what stands in it."""
    # Squarified cells are up to about three times as high as wide; text that overflows is hidden whole, its sign too.
    width = sqrt(area) * 0.55
    if width < 2 * LETTER:
        return ""
    if is_branch:
        return f"{plain(cell.sign[:1])} {in_lines(cell.title, width - 24, 1)}"
    return _text(cell, width - 16, area / width - 4)


def _labels(cells: Sequence[Cell], texts: Sequence[str], parents: Collection[str]) -> list[str]:
    return [text if cell.path in parents else plain(cell.title) for cell, text in zip(cells, texts, strict=True)]


def _hover(cell: Cell) -> str:
    title = plain(cell.title) if len(cell.title) <= HOVER_WIDTH else folded(cell.title, HOVER_WIDTH)
    lines = [title, *map(plain, cell.note.split("\n"))]
    return "<br>".join(line for line in lines if line)
