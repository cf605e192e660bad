"""The tornado: how far each lever alone takes the goal; only what lies past must-hit is coloured."""

from __future__ import annotations

from dataclasses import dataclass

from django.utils.safestring import SafeString
from django.utils.translation import gettext as _

from funnel.presenters.drawing import Drawing, fitted, ticks_between, width_of
from funnel.presenters.words import amount

MOST_ROWS = 12
LABELLED = 3
HARDLY = 1e-6


@dataclass(frozen=True)
class Swung:
    """A lever: the goal at its two ends, and from where to where it goes in words."""

    name: str
    span: str
    low: float
    high: float

    @property
    def ends(self) -> tuple[float, float]:
        return min(self.low, self.high), max(self.low, self.high)


@dataclass(frozen=True)
class Tornado:
    """`rows` with the largest swing first; `must_hit` is drawn where it lies within reach."""

    rows: tuple[Swung, ...]
    goal: float
    goal_words: str
    must_hit: float | None
    unit: str
    spoken: str

    @property
    def shown(self) -> tuple[Swung, ...]:
        return self.rows[:MOST_ROWS]

    @property
    def domain(self) -> tuple[float, float]:
        ends = [end for row in self.shown for end in row.ends] + [self.goal]
        low, high = min(ends), max(ends)
        reach = (high - low) or abs(self.goal) or 1.0
        if self.must_hit is not None and low - reach / 2 <= self.must_hit <= high + reach / 2:
            low, high = min(low, self.must_hit), max(high, self.must_hit)
        return low, high

    @property
    def has_must_hit(self) -> bool:
        return self.must_hit is not None and self.domain[0] <= self.must_hit <= self.domain[1]

    @property
    def wide(self) -> SafeString:
        return draw(self, Frame(700, 190, 690, 30, 16, 114, span_at=168), "tor-wide")

    @property
    def narrow(self) -> SafeString:
        return draw(self, Frame(340, 96, 336, 34, 20, 90), "tor-narrow")


@dataclass(frozen=True)
class Frame:
    """A drawing's measures: its width, from where to where the bars may reach, and how high its rows and bars are."""

    width: float
    left: float
    right: float
    step: float
    thick: float
    room_for_name: float
    span_at: float | None = None


def draw(chart: Tornado, frame: Frame, kind: str) -> SafeString:
    low, high = chart.domain
    room = width_of(amount(high, chart.unit, 2), 11) + 8
    left, right = frame.left + room, frame.right - room
    bottom = 22 + frame.step * len(chart.shown) + 4
    drawing = Drawing(frame.width, bottom + 22)

    def at(value: float) -> float:
        return left + (value - low) / ((high - low) or 1.0) * (right - left)

    _grid(drawing, chart, at, low, high, bottom)
    base = at(chart.goal)
    edge = at(chart.must_hit) if chart.has_must_hit and chart.must_hit is not None else None
    for number, row in enumerate(chart.shown):
        y = 32 + number * frame.step
        _bar(drawing, at(row.ends[0]), at(row.ends[1]), base, edge, y, frame.thick)
        _name(drawing, row, frame, y + frame.thick / 2 + 4)
    _marks(drawing, chart, base, edge, bottom, frame)
    for number, row in enumerate(chart.shown[:LABELLED]):
        _ends(drawing, chart, row, at, 32 + number * frame.step + frame.thick / 2 + 4, edge)
    return drawing.svg(kind, chart.spoken)


def _grid(drawing: Drawing, chart: Tornado, at, low: float, high: float, bottom: float) -> None:
    last = -1e9
    for tick in ticks_between(low, high, 5):
        x, words = at(tick), amount(tick, chart.unit).removesuffix("円")
        drawing.upright("grid", x, 22, bottom)
        half = width_of(words, 11) / 2
        if x - half > last + 6 and x + half < drawing.width:
            drawing.text(words, x, bottom + 16, anchor="middle")
            last = x + half


def _bar(drawing: Drawing, start: float, end: float, base: float, edge: float | None, y: float, thick: float) -> None:
    """To the left of the goal darker than to the right; past must-hit, seen from the goal, in its zone's colour."""
    base = min(max(base, start), end)
    below = (start, base)
    above = (base, end)
    if edge is not None and edge <= base:
        cut = min(max(edge, start), base)
        drawing.rect("below", start, y, cut - start, thick)
        below = (cut, base)
    elif edge is not None:
        cut = min(max(edge, base), end)
        drawing.rect("in", cut, y, end - cut, thick)
        above = (base, cut)
    drawing.rect("neutral-2", below[0], y, below[1] - below[0], thick)
    drawing.rect("neutral", above[0], y, above[1] - above[0], thick)


def _name(drawing: Drawing, row: Swung, frame: Frame, y: float) -> None:
    """Who moves, and from where to where if there is room for both."""
    room = frame.room_for_name if frame.span_at is None else frame.span_at
    drawing.text(fitted(row.name, room), 0, y, kind="t s")
    if frame.span_at is not None and width_of(row.span, 11) + width_of(row.name) < frame.span_at - 8:
        drawing.text(row.span, frame.span_at, y, anchor="end")


def _ends(drawing: Drawing, chart: Tornado, row: Swung, at, y: float, edge: float | None) -> None:
    (low, high), must = row.ends, chart.must_hit
    if low == high:
        return
    falls_short = edge is not None and must is not None and low < must * (1 - HARDLY) and must <= chart.goal
    reaches = edge is not None and must is not None and high > must * (1 + HARDLY) and must > chart.goal
    drawing.text(amount(low, chart.unit, 2), at(low) - 5, y, anchor="end", kind="ib" if falls_short else "t b")
    drawing.text(amount(high, chart.unit, 2), at(high) + 5, y, kind="ii" if reaches else "t b")


def _marks(drawing: Drawing, chart: Tornado, base: float, edge: float | None, bottom: float, frame: Frame) -> None:
    drawing.upright("axis", base, 22, bottom)
    words = f"{chart.goal_words} {amount(chart.goal, chart.unit)}"
    if edge is None or chart.must_hit is None:
        half = width_of(words) / 2
        drawing.text(words, min(max(base, half), frame.width - half), 16, anchor="middle", kind="t")
        return
    drawing.upright("must-line", edge, 22, bottom)
    must = _("Must-hit %(amount)s") % {"amount": amount(chart.must_hit, chart.unit)}
    is_left = edge <= base
    for text, x, anchor, kind in (
        (must, edge, "end" if is_left else "start", "t b"),
        (words, base, "start" if is_left else "end", "t"),
    ):
        wide = width_of(text)
        if anchor == "end" and x - wide < 0:
            x, anchor = 0.0, "start"
        elif anchor == "start" and x + wide > frame.width:
            x, anchor = frame.width, "end"
        drawing.text(text, x, 16, anchor=anchor, kind=kind)
