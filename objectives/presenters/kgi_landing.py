"""How a KGI's forecast went, as it is drawn: week by week, against its targets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from funnel.models import KGI
from objectives.formulas.history import NARROW, WIDE, Frame, Guess, History, Level, Plot, Point, draw
from objectives.formulas.scoring import Span
from objectives.models import KGIForecast
from objectives.sentences.forecast import outlook

NEAR = Decimal(2)
"""A target is drawn that lies within so many heights of the range; one further away would flatten it."""
FEWEST = 2
WHOLE = 1e6
"""The ranges are what this drawing is about: they are never cut."""


@dataclass(frozen=True)
class Told:
    """What was forecast on a day."""

    date: date
    low: Decimal
    middle: Decimal
    high: Decimal
    must_hit: float | None
    challenge: float | None

    @property
    def amounts(self) -> list[str]:
        """The range and its middle as a file has them: six figures, and nobody is promised a thousandth of a yen."""
        return [in_six_figures(value) for value in (self.low, self.middle, self.high)]

    @property
    def must_hit_words(self) -> str:
        return "" if self.must_hit is None else outlook(self.must_hit)

    @property
    def challenge_words(self) -> str:
        return "" if self.challenge is None else outlook(self.challenge)

    @property
    def percents(self) -> list[float | None]:
        """The chances of must-hit and of the challenge in per cent, as a file has them."""
        return [None if share is None else round(share * 100, 1) for share in (self.must_hit, self.challenge)]


def in_six_figures(value: Decimal) -> str:
    """The part before the point is always whole.

    >>> [in_six_figures(Decimal(value)) for value in ("60192108.998447", "12.3456789", "0.05", "0")]
    ['60192109', '12.3457', '0.05', '0']
    """
    return f"{round(value, max(5 - value.adjusted(), 0)).normalize():f}"


def told_of(rows: Sequence[KGIForecast]) -> list[Told]:
    return [
        Told(row.date, row.p10, row.p50, row.p90, row.must_hit, row.challenge)
        for row in rows
        if row.p10 is not None and row.p50 is not None and row.p90 is not None
    ]


def plots_of(told: Sequence[Told], kgi: KGI) -> list[tuple[str, Plot]]:
    """The same drawing wide and narrow; none before there are two forecasts."""
    if len(told) < FEWEST:
        return []
    history = history_of(told, kgi)
    return [("wide", draw(history, short(WIDE))), ("narrow", draw(history, short(NARROW)))]


def short(frame: Frame) -> Frame:
    return Frame(frame.width, 170, left=frame.left, right=frame.right, months=frame.months)


def history_of(told: Sequence[Told], kgi: KGI) -> History:
    """The middles as a line, the ranges as a fan behind it."""
    span = Span(told[0].date, told[-1].date)
    low, high = min(one.low for one in told), max(one.high for one in told)
    room = (high - low) * NEAR
    aims = (("must", kgi.must_hit_value), ("challenge", kgi.challenge_value))
    return History(
        span=span,
        points=tuple(Point(one.date, one.middle, one.middle, not number) for number, one in enumerate(told)),
        levels=tuple(
            Level(kind, value, span.start, span.end)
            for kind, value in aims
            if value is not None and low - room <= value <= high + room
        ),
        fan=tuple(Guess(one.date, one.low, one.middle, one.high) for one in told),
        fan_beyond=WHOLE,
    )
