"""The course of a key result over its cycle, as numbers and as the places of a drawing.

What is drawn: the readings (or what they add up to), where an even pace would be, must-hit and challenge with the lines
they were moved from, and the stretch band in the key result's own unit. Colours and words belong to the page.
Source: the product's domain notes 2.3 and 3.10.
"""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction

from objectives.formulas.pace import key_result_pace
from objectives.formulas.reporting import value_at
from objectives.formulas.scoring import Measure, Reading, Span, start_of_period

_DAY = timedelta(days=1)
MOST_TICKS = 5
# A landing far off the scale would flatten everything else; it is then told in words only.
LANDING_DRAWN = (-0.25, 1.35)
LABEL_GAP = 14.0
# A range far off the scale would flatten it as well; it is cut at so many heights of all else beyond it.
FAN_BEYOND = 0.35


@dataclass(frozen=True)
class Point:
    """One check-in on the line: what was reported, and the value it brings the key result to.

    `begins` says that a new line begins here, as a quota does in every period.
    """

    date: date
    reported: Decimal
    value: Decimal
    begins: bool = False


@dataclass(frozen=True)
class Level:
    """A horizontal line of a target. `kind` is must, challenge or old; both days belong to it."""

    kind: str
    value: Decimal
    first: date
    last: date


@dataclass(frozen=True)
class Change:
    """A target moved on a day; the values are those before."""

    on: date
    must_hit: Decimal | None
    target: Decimal | None


@dataclass(frozen=True)
class Guess:
    """Where it is likely to be on a day: with 80 % from `low` to `high`."""

    date: date
    low: Decimal
    middle: Decimal
    high: Decimal


@dataclass(frozen=True)
class History:
    """Everything a chart of one key result shows, in its own unit. `fan` is what is forecast, from today on."""

    span: Span
    points: tuple[Point, ...]
    levels: tuple[Level, ...]
    pace: tuple[tuple[date, Decimal], ...] = ()
    band: tuple[Decimal, Decimal] | None = None
    landing: Decimal | None = None
    fan: tuple[Guess, ...] = ()
    fan_beyond: float = FAN_BEYOND


@dataclass(frozen=True)
class Frame:
    """The size of a drawing and the margins round its plot, in its own units."""

    width: int
    height: int
    left: int
    right: int
    top: int = 20
    bottom: int = 28
    months: int = 7


WIDE = Frame(760, 250, left=58, right=78)
NARROW = Frame(340, 200, left=50, right=52, months=4)


@dataclass(frozen=True)
class Mark:
    """Something at a place: `value` is what it stands for."""

    x: float
    y: float
    value: Decimal
    kind: str = ""
    date: date | None = None


@dataclass(frozen=True)
class Plot:
    """The drawing of a history: paths and places in the units of its frame."""

    frame: Frame
    ticks: tuple[Mark, ...]
    months: tuple[tuple[float, date], ...]
    line: str
    dots: tuple[Mark, ...]
    pace: str
    levels: tuple[tuple[str, str], ...]
    old: tuple[Mark, ...]
    band: tuple[float, float] | None
    lead: str
    landing: Mark | None
    labels: tuple[Mark, ...] = field(default=())
    fan: str = ""
    middle: str = ""

    @property
    def plot_right(self) -> int:
        return self.frame.width - self.frame.right

    @property
    def plot_width(self) -> int:
        return self.plot_right - self.frame.left

    @property
    def floor(self) -> int:
        return self.frame.height - self.frame.bottom


def points_of(measure: Measure, readings: Sequence[Reading]) -> list[Point]:
    """The line through a key result's check-ins (those that count, in order of entry).

    Cumulative runs up from its start, an average is the mean so far, a quota runs up within each period; every other
    kind is what was reported.

    >>> day = date(2026, 4, 6)
    >>> said = [Reading(day, Decimal(4)), Reading(day + 7 * _DAY, Decimal(5))]
    >>> [point.value for point in points_of(Measure("cumulative", target_value=Decimal(30)), said)]
    [Decimal('4'), Decimal('9')]
    """
    points: list[Point] = []
    total, count = Fraction(measure.start_value or 0 if measure.kind == "cumulative" else 0), 0
    period: date | None = None
    for reading in sorted((r for r in readings if r.value is not None), key=lambda reading: reading.date):
        reported = reading.value
        if reported is None:
            continue
        begins = not points
        count += 1
        if measure.kind == "quota":
            current = start_of_period(measure.period or "month", reading.date)
            if current != period:
                period, total, begins = current, Fraction(0), True
        total += Fraction(reported)
        value = reported
        if measure.kind in ("cumulative", "quota"):
            value = _decimal(total)
        elif measure.kind == "average":
            value = _decimal(total / count)
        points.append(Point(reading.date, reported, value, begins))
    return points


def levels_of(
    span: Span, must_hit: Decimal | None, target: Decimal | None, changes: Sequence[Change] = ()
) -> list[Level]:
    """The targets as they stood on every day of the cycle; what was given up is `old`.

    >>> quarter = Span(date(2026, 4, 1), date(2026, 6, 30))
    >>> moved = [Change(date(2026, 5, 11), None, Decimal(6000))]
    >>> levels = levels_of(quarter, None, Decimal(4800), moved)
    >>> [(level.kind, int(level.value), level.first.isoformat()) for level in levels]
    [('old', 6000, '2026-04-01'), ('challenge', 4800, '2026-05-11')]
    >>> [(level.kind, int(level.value)) for level in levels_of(quarter, None, Decimal(4800))]
    [('challenge', 4800)]
    """
    ordered = sorted((change for change in changes if change.on in span), key=lambda change: change.on)
    levels: list[Level] = []
    for kind, now, before in (
        ("must", must_hit, [change.must_hit for change in ordered]),
        ("challenge", target, [change.target for change in ordered]),
    ):
        first = span.start
        for change, old, new in zip(ordered, before, [*before, now][1:], strict=True):
            if old == new:
                continue
            if old is not None and change.on > first:
                levels.append(Level("old", old, first, change.on))
            first = change.on
        if now is not None:
            levels.append(Level(kind, now, first, span.end))
    return levels


def pace_of(measure: Measure, span: Span, phases: Sequence[tuple[date, float]] = ()) -> list[tuple[date, Decimal]]:
    """The corners of the line an even pace (or the phased plan) would draw; empty for what measures a level.

    >>> quarter = Span(date(2026, 4, 1), date(2026, 6, 30))
    >>> [int(value) for _, value in pace_of(Measure("reach", Decimal(0), Decimal(91)), quarter)]
    [1, 91]
    """
    if measure.kind in ("keep", "average", "quota"):
        return []
    days = sorted({span.start, span.end, *(day for day, _ in phases if day in span)})
    corners = [(day, value_at(measure, key_result_pace(measure.kind, span, day, phases))) for day in days]
    return [(day, value) for day, value in corners if value is not None]


def nice_ticks(low: float, high: float, most: int = MOST_TICKS) -> list[Decimal]:
    """Round numbers within a range, `most` of them or fewer: steps of 1, 2, 2.5 or 5 times a power of ten.

    >>> [int(tick) for tick in nice_ticks(1150, 6050)]
    [2000, 3000, 4000, 5000, 6000]
    >>> [str(tick) for tick in nice_ticks(0, 1)]
    ['0', '0.25', '0.5', '0.75', '1']
    """
    if not (math.isfinite(low) and math.isfinite(high)) or high <= low:
        return [Decimal(repr(low))] if math.isfinite(low) else []
    exponent = math.floor(math.log10((high - low) / most))
    for power in (exponent, exponent + 1, exponent + 2):
        for factor in (Decimal(1), Decimal(2), Decimal("2.5"), Decimal(5)):
            step = factor.scaleb(power)
            if step == step.to_integral_value() or step < 1:
                first = math.ceil(low / float(step) - 1e-9)
                last = math.floor(high / float(step) + 1e-9)
                if last - first + 1 <= most:
                    return [_plain(step * index) for index in range(first, last + 1)]
    return []


def draw(history: History, frame: Frame = WIDE) -> Plot:
    """Where everything of a history stands in a frame. Days go by their number, so a phone and a wall agree.

    >>> quarter = Span(date(2026, 4, 1), date(2026, 6, 30))
    >>> said = (Point(quarter.start, Decimal(0), Decimal(0), True), Point(quarter.end, Decimal(10), Decimal(10)))
    >>> draw(History(quarter, said, ())).line
    'M58 212.8L682 29.2'
    """
    low, high = _range(history)
    length = max((history.span.end - history.span.start).days, 1)
    plot_height = frame.height - frame.top - frame.bottom
    plot_width = frame.width - frame.left - frame.right

    def x(day: date) -> float:
        return round(frame.left + plot_width * (day - history.span.start).days / length, 1)

    def y(value: Decimal) -> float:
        return round(frame.top + plot_height * (high - float(value)) / (high - low), 1)

    def within(value: Decimal) -> float:
        return min(max(y(value), float(frame.top)), float(frame.height - frame.bottom))

    daily = _last_of_each_day(history.points)
    line = "".join(f"{'M' if point.begins else 'L'}{_at(x(point.date), y(point.value))}" for point in daily)
    dots = tuple(Mark(x(point.date), y(point.value), point.value, date=point.date) for point in daily)
    landing = None
    lead = ""
    if history.landing is not None and daily:
        landing = Mark(x(history.span.end), y(history.landing), history.landing, "landing", history.span.end)
        lead = f"M{_at(dots[-1].x, dots[-1].y)}L{_at(landing.x, landing.y)}"
    labels = [
        Mark(x(level.last), y(level.value), level.value, level.kind) for level in history.levels if level.kind != "old"
    ]
    if landing is not None:
        labels.append(landing)
    return Plot(
        frame=frame,
        ticks=tuple(Mark(frame.left, y(tick), tick) for tick in nice_ticks(low, high)),
        months=tuple((x(day), day) for day in _months(history.span, frame.months)),
        line=line,
        dots=dots,
        pace=_path((x(day), y(value)) for day, value in history.pace),
        levels=tuple(
            (level.kind, _path([(x(level.first), y(level.value)), (x(level.last), y(level.value))]))
            for level in history.levels
        ),
        old=tuple(
            Mark(x(level.last), y(level.value), level.value, "old", level.last)
            for level in history.levels
            if level.kind == "old"
        ),
        band=None if history.band is None else _band(y(history.band[0]), y(history.band[1])),
        lead=lead,
        landing=landing,
        labels=tuple(_apart(labels, frame.top, frame.height - frame.bottom)),
        fan=_area(history.fan, x, within),
        middle=_path((x(guess.date), within(guess.middle)) for guess in history.fan),
    )


def _range(history: History) -> tuple[float, float]:
    values = [float(point.value) for point in history.points]
    values += [float(level.value) for level in history.levels]
    values += [float(value) for _, value in history.pace]
    values += [float(value) for value in history.band or ()]
    values += [] if history.landing is None else [float(history.landing)]
    low, high = min(values, default=0.0), max(values, default=1.0)
    room = (high - low) * history.fan_beyond
    low = min([low, *(max(float(guess.low), low - room) for guess in history.fan)])
    high = max([high, *(min(float(guess.high), high + room) for guess in history.fan)])
    pad = (high - low) * 0.05 or abs(high) * 0.1 or 1.0
    return low - pad, high + pad


def _last_of_each_day(points: Sequence[Point]) -> list[Point]:
    """One point a day is all a drawing can show; a line that begins on the day still begins there."""
    kept: dict[date, Point] = {}
    for point in points:
        begins = point.begins or (point.date in kept and kept[point.date].begins)
        kept[point.date] = Point(point.date, point.reported, point.value, begins)
    return list(kept.values())


def _months(span: Span, most: int) -> list[date]:
    firsts = [span.start]
    day = (span.start.replace(day=1) + 32 * _DAY).replace(day=1)
    while day <= span.end:
        firsts.append(day)
        day = (day + 32 * _DAY).replace(day=1)
    # A first day late in its month would stand in the way of the next month's name.
    if len(firsts) > 1 and (firsts[1] - firsts[0]).days < (span.end - span.start).days / 9:
        firsts = firsts[1:]
    return firsts[:: math.ceil(len(firsts) / most)]


def _apart(marks: Sequence[Mark], top: float, bottom: float) -> list[Mark]:
    """Labels moved up or down until none covers another, in the order of their places."""
    ordered = sorted(marks, key=lambda mark: mark.y)
    places = [mark.y for mark in ordered]
    for index in range(1, len(places)):
        places[index] = max(places[index], places[index - 1] + LABEL_GAP)
    if places:
        places[-1] = min(places[-1], max(bottom, ordered[-1].y))
    for index in range(len(places) - 2, -1, -1):
        places[index] = min(places[index], places[index + 1] - LABEL_GAP)
    return [Mark(mark.x, round(place, 1), mark.value, mark.kind) for mark, place in zip(ordered, places, strict=True)]


def _band(one: float, other: float) -> tuple[float, float]:
    return min(one, other), round(abs(one - other), 1)


def _path(places: Iterable[tuple[float, float]]) -> str:
    text = "L".join(_at(across, down) for across, down in places)
    return f"M{text}" if text else ""


def _area(fan: Sequence[Guess], x: Callable[[date], float], y: Callable[[Decimal], float]) -> str:
    """The range from its lower edge out and its upper edge back."""
    if len(fan) < 2:
        return ""
    out = [(x(guess.date), y(guess.low)) for guess in fan]
    back = [(x(guess.date), y(guess.high)) for guess in reversed(fan)]
    return _path([*out, *back]) + "Z"


def _at(across: float, down: float) -> str:
    return f"{across:g} {down:g}"


def _plain(value: Decimal) -> Decimal:
    return Decimal(f"{value.normalize():f}")


def _decimal(value: Fraction) -> Decimal:
    return _plain(round(Decimal(value.numerator) / Decimal(value.denominator), 6))
