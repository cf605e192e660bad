"""Small charts drawn on the server as SVG: only attributes, so the content security policy holds."""

from __future__ import annotations

import unicodedata
from math import ceil, floor, log10

from django.utils.html import escape
from django.utils.safestring import SafeString, mark_safe

WIDE, LATIN = 1.0, 0.58
STEPS = (1, 2, 2.5, 5, 10)


class Drawing:
    """Marks in the order in which they are painted; x and y in units of the drawing's own width and height."""

    def __init__(self, width: float, height: float) -> None:
        self.width = width
        self.height = height
        self.marks: list[str] = []

    def rect(self, kind: str, x: float, y: float, width: float, height: float) -> None:
        if width > 0:
            self.marks.append(
                f'<rect class="{kind}" x="{px(x)}" y="{px(y)}" width="{px(width)}" height="{px(height)}"/>'
            )

    def path(self, kind: str, d: str) -> None:
        self.marks.append(f'<path class="{kind}" d="{d}"/>')

    def upright(self, kind: str, x: float, top: float, bottom: float) -> None:
        self.path(kind, f"M{px(x)} {px(top)}V{px(bottom)}")

    def text(self, words: str, x: float, y: float, *, anchor: str = "start", kind: str = "") -> None:
        named = f' class="{kind}"' if kind else ""
        self.marks.append(f'<text{named} x="{px(x)}" y="{px(y)}" text-anchor="{anchor}">{escape(words)}</text>')

    def svg(self, kind: str, spoken: str) -> SafeString:
        return mark_safe(  # noqa: S308 (numbers of our own, and words escaped)
            f'<svg class="plot {kind}" viewBox="0 0 {px(self.width)} {px(self.height)}" role="img"'
            f' aria-label="{escape(spoken)}">{"".join(self.marks)}</svg>'
        )


def px(value: float) -> str:
    return f"{value:.1f}".removesuffix(".0")


def width_of(words: str, size: float = 12) -> float:
    """About how wide words are in a type of this size: a Japanese character is a square.

    >>> width_of("訪問", 10), round(width_of("ab", 10), 2)
    (20.0, 11.6)
    """
    return sum(size * (WIDE if unicodedata.east_asian_width(sign) in "WFA" else LATIN) for sign in words)


def fitted(words: str, width: float, size: float = 12) -> str:
    """Words cut to a width, with an ellipsis where something is left out.

    >>> fitted("サイト訪問", 60), fitted("サイト訪問", 48)
    ('サイト訪問', 'サイト…')
    """
    if width_of(words, size) <= width:
        return words
    kept = words
    while kept and width_of(kept + "…", size) > width:
        kept = kept[:-1]
    return kept.rstrip() + "…"


def ticks_between(low: float, high: float, most: int = 6) -> list[float]:
    """Round numbers from low to high, at most so many.

    >>> ticks_between(3.1e8, 6.2e8)
    [350000000.0, 400000000.0, 450000000.0, 500000000.0, 550000000.0, 600000000.0]
    """
    if not high > low:
        return [low]
    power = 10.0 ** floor(log10((high - low) / most))
    step = next(
        each * power for each in (*STEPS, 20) if floor(high / (each * power)) - ceil(low / (each * power)) < most
    )
    return [round(number * step, 12) for number in range(ceil(low / step), floor(high / step) + 1)]
