"""The levers' ratios side by side on a logarithmic scale: what they make together, beside what is needed."""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, exp, floor, log, log10

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from funnel.presenters.drawing import Drawing, fitted, ticks_between, width_of
from funnel.presenters.words import times

LEFT, TOP, THICK = 1.0, 34.0, 36.0
SERIES = (1, 2, 5)
LOW_LABELS = 11


@dataclass(frozen=True)
class Segment:
    """A lever: its part of the logarithm of what all make together."""

    name: str
    ratio: float | None
    log: float


@dataclass(frozen=True)
class LogBar:
    """`required` and `implied` are ratios of the goal, above 0."""

    segments: tuple[Segment, ...]
    required: float
    implied: float
    is_consistent: bool
    spoken: str

    @property
    def wide(self) -> SafeString:
        return draw(self, 760, "log-wide")

    @property
    def narrow(self) -> SafeString:
        return draw(self, 340, "log-narrow", narrow=True)


def scale_of(low: float, high: float) -> tuple[float, float, list[float]]:
    """From where to where the axis goes, and its ticks.

    >>> scale_of(1, 65.6)
    (1.0, 100.0, [1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0])
    >>> scale_of(1.0, 1.4)
    (1.0, 1.4, [1.0, 1.1, 1.2, 1.3, 1.4])
    """
    if high / low <= 4:
        ticks = ticks_between(low, high * 1.0001, 7)
        return min(low, ticks[0]), max(high, ticks[-1]), ticks
    powers = range(floor(log10(low)) - 1, ceil(log10(high)) + 2)
    series = [digit * 10.0**power for power in powers for digit in SERIES]
    bottom = max(tick for tick in series if tick <= low * 1.0001)
    top = min(tick for tick in series if tick >= high)
    ticks = [tick for tick in series if bottom <= tick <= top]
    if len(ticks) > 9:
        ticks = [tick for tick in ticks if f"{tick:e}".startswith("1.0")]
    if len(ticks) > 9:
        ticks = ticks[:: len(ticks) // 6]
    return bottom, top, ticks


def draw(bar: LogBar, width: float, kind: str, *, narrow: bool = False) -> SafeString:
    ahead = [segment for segment in bar.segments if segment.log * log(bar.implied) > 0]
    back = [segment for segment in bar.segments if segment.log * log(bar.implied) < 0]
    farthest = exp(sum(segment.log for segment in ahead))
    reach = (1.0, bar.required, bar.implied, farthest)
    low, high, ticks = scale_of(min(reach), max(reach))
    right = width - 4

    def at(ratio: float) -> float:
        return LEFT + (log(ratio) - log(low)) / (log(high) - log(low)) * (right - LEFT)

    labels = _labels(bar, at, width)
    top = TOP + (16 if labels[0][3] else 0)
    drawing = Drawing(width, top + 68)
    drawing.rect("well", LEFT, top, right - LEFT, THICK)
    place = 0.0
    for number, segment in enumerate(ahead):
        ends = sorted((at(exp(place)), at(exp(place + segment.log))))
        _segment(drawing, segment, (ends[0], ends[1]), at(bar.required), top, number, narrow)
        place += segment.log
    for segment in back:
        start, end = sorted((at(exp(place)), at(exp(place + segment.log))))
        drawing.rect("below", start, top + THICK - 8, end - start, 8)
        place += segment.log
    need, made = at(bar.required), at(bar.implied)
    drawing.path("sheet-fill", f"M{need - 3.5:.1f} {top - 12:.1f}h7v60h-7z")
    drawing.rect("must", need - 2, top - 11, 4, 58)
    for words, x, anchor, raised, tone in labels:
        drawing.text(words, x, top - 18 - (16 if raised else 0), anchor=anchor, kind=tone)
    drawing.upright("line" if bar.is_consistent else "line line-below", made, top - 10, top + 46)
    _axis(drawing, ticks, at, right, top + 44.5, narrow)
    return drawing.svg(kind, bar.spoken)


def _labels(bar: LogBar, at, width: float) -> list[tuple[str, float, str, bool, str]]:
    """What is needed and what is made, each with its place; the first is raised where the two would meet."""
    need, made = at(bar.required), at(bar.implied)
    needed = _("Needed %(times)s") % {"times": times(bar.required)}
    together = _("Levers' targets %(times)s") % {"times": times(bar.implied)}
    half = width_of(needed) / 2
    middle = min(max(need, half), width - half)
    long = width_of(together)
    anchor = "end" if made - long >= 0 else "start"
    start, end = (made - long, made) if anchor == "end" else (made, made + long)
    meets = start - 8 < middle + half and middle - half < end + 8
    return [
        (needed, middle, "middle", meets, "t b s"),
        (together, made, anchor, False, "t b s" if bar.is_consistent else "ib s"),
    ]


def _segment(
    drawing: Drawing,
    segment: Segment,
    ends: tuple[float, float],
    mark: float,
    top: float,
    number: int,
    narrow: bool,
) -> None:
    start, end = ends[0] + 0.8, ends[1] - 0.7
    drawing.rect("neutral-2" if number % 2 else "neutral", start, top, end - start, THICK)
    # Words keep clear of the mark of what is needed: they stand on its wider side.
    sides = [(start, min(end, mark - 4)), (max(start, mark + 4), end)] if start < mark < end else [(start, end)]
    start, end = max(sides, key=lambda side: side[1] - side[0])
    room = end - start - 10
    ratio = "" if segment.ratio is None else f"×{times(segment.ratio).strip('倍×')}"
    for words in (f"{segment.name} {ratio}".strip(), segment.name) if not narrow else (segment.name,):
        if width_of(words) <= room:
            drawing.text(words, (start + end) / 2, top + 22, anchor="middle", kind="inv")
            return
    if room >= 36:
        drawing.text(fitted(segment.name, room), (start + end) / 2, top + 22, anchor="middle", kind="inv")


def _axis(drawing: Drawing, ticks: list[float], at, right: float, y: float, narrow: bool) -> None:
    last = -1e9
    for tick in ticks:
        x, words = at(tick), times(tick)
        drawing.upright("axis", x, y - 0.5, y + 3.5)
        half = width_of(words, LOW_LABELS) / 2
        anchor = "start" if x - half < 0 else "end" if x + half > right + 2 else "middle"
        start = {"start": x, "end": x - 2 * half, "middle": x - half}[anchor]
        if start > last + (4 if narrow else 8):
            drawing.text(words, x, y + 17.5, anchor=anchor)
            last = start + 2 * half
    drawing.path("axis", f"M{LEFT:g} {y:.1f}H{right:g}")
