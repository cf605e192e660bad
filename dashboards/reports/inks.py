"""Drawings as a printer takes them: what the page's style sheet says of an SVG, written into the SVG itself.

The drawing is the page's own. A printer of PDFs reads no style sheet inside SVG, and knows no light and dark.
"""

from __future__ import annotations

import re

PAPER, INK, SOFT, MUTED = "#ffffff", "#2b2621", "#57504a", "#6e6761"
LINE, CONTROL, WELL, BAND, TRAIL = "#ded9d1", "#a39c93", "#ebe7e0", "#bfe3dc", "#7c756d"
ZONES = {"below": "#c05a1c", "in": "#0f766e", "above": "#2c4fa3", "none": "#a3a09a", "plain": SOFT}
WASHES = {"below": "#fbe9da", "in": "#d9efec", "above": "#e0e7f6", "none": WELL}
FAMILY = "Noto Sans CJK JP, Hiragino Sans, Yu Gothic, Noto Sans JP, sans-serif"

# By the classes of the page's style sheets (stretch_bar.css, charts.css, report.css).
INKS = {
    "track": {"fill": WELL},
    "end": {"stroke": CONTROL},
    "band": {"fill": BAND},
    "soft": {"opacity": "0.45"},
    "pace": {"stroke": SOFT, "fill": SOFT},
    "must": {"fill": INK, "stroke": PAPER},
    "challenge": {"fill": PAPER, "stroke": INK, "stroke-width": "1.25"},
    "trail": {"fill": TRAIL},
    "trail-line": {"stroke": TRAIL, "opacity": "0.55"},
    "axis": {"stroke": CONTROL, "fill": "none"},
    "grid": {"stroke": LINE, "fill": "none"},
    "line": {"fill": "none", "stroke": INK, "stroke-width": "1.75"},
    "pace-line": {"fill": "none", "stroke": SOFT, "stroke-dasharray": "1 3"},
    "neutral": {"fill": SOFT},
    "neutral-2": {"fill": TRAIL},
    "sheet-fill": {"fill": PAPER},
    "brought": {"fill": TRAIL},
    "brought-chosen": {"fill": INK},
    "brought-running": {"fill": "none", "stroke": SOFT, "stroke-dasharray": "3 2"},
    **{zone: {"fill": colour} for zone, colour in ZONES.items() if zone != "plain"},
    **{f"{zone}-wash": {"fill": colour} for zone, colour in WASHES.items()},
    **{f"line-{zone}": {"stroke": ZONES[zone]} for zone in ("below", "in", "above")},
    "ib": {"fill": "#8a3f10", "font-weight": "600"},
    "ii": {"fill": "#0b5a54", "font-weight": "600"},
    "ia": {"fill": "#223f85", "font-weight": "600"},
}
# What a stretch bar draws in the colour of its zone.
OF_ZONE = {"value": "fill", "beyond": "fill", "lead": "stroke", "landing": "stroke"}
MORE = {
    "lead": {"stroke-width": "1.5", "stroke-dasharray": "1.5 3"},
    "landing": {"fill": PAPER, "stroke-width": "1.75"},
}

BAR = re.compile(r'<span class="stretch-bar" data-size="\w+" data-zone="(\w+)">(.*?)</span>', re.DOTALL)
DRAWN = re.compile(r'<(rect|path|line|circle|text)( class="([\w -]+)")?')


def inked(html: str) -> str:
    """A page whose drawings bring their colours with them.

    People's words cannot be taken for a drawing: their angle brackets are escaped.

    >>> inked('<svg><rect class="in brick" x="1"/></svg>')
    '<svg><rect fill="#0f766e" x="1"/></svg>'
    """
    html = BAR.sub(lambda bar: f'<span class="stretch-bar">{of_zone(bar[2], ZONES.get(bar[1], SOFT))}</span>', html)
    # What stands at the very edge is drawn over it, as on the page.
    html = html.replace('<svg x="', '<svg overflow="visible" x="')
    return DRAWN.sub(coloured, html)


def of_zone(drawing: str, colour: str) -> str:
    for name, part in OF_ZONE.items():
        given = {part: colour} | MORE.get(name, {})
        drawing = drawing.replace(f'class="{name}"', written(given))
    return drawing


def coloured(found: re.Match[str]) -> str:
    tag, classes = found[1], found[3] or ""
    given: dict[str, str] = {"font-size": "10", "fill": MUTED, "font-family": FAMILY} if tag == "text" else {}
    for name in classes.split():
        given |= INKS.get(name, {})
    return f"<{tag} {written(given)}".rstrip()


def written(given: dict[str, str]) -> str:
    return " ".join(f'{name}="{value}"' for name, value in given.items())
