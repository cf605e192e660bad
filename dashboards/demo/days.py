"""When things happen in the example company, seen from its today."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from decimal import ROUND_HALF_UP, Decimal

from dashboards.demo.story import Log, Result
from objectives.formulas.calendar import fiscal_quarter, fiscal_year
from objectives.formulas.scoring import Span

DAY = timedelta(days=1)
WEEK = timedelta(days=7)
QUARTER = 13 * WEEK
WEEKS_GONE = 6
TOLD_ON = 3
"""The weekday for which the logs are told: Thursday."""
NEAR = 10 * DAY
SCALED = ("reach", "cumulative", "coverage")


@dataclass(frozen=True)
class Days:
    """The cycles around a today, and on which day a week's check-in was made."""

    today: date

    @property
    def monday(self) -> date:
        return self.today - self.today.weekday() * DAY

    @property
    def spans(self) -> dict[str, Span]:
        start = self.monday - WEEKS_GONE * WEEK
        return {
            "first": Span(start - 4 * QUARTER, start - 3 * QUARTER - DAY),
            "second": Span(start - 3 * QUARTER, start - 2 * QUARTER - DAY),
            "third": Span(start - 2 * QUARTER, start - QUARTER - DAY),
            "last": Span(start - QUARTER, start - DAY),
            "current": Span(start, start + QUARTER - DAY),
            "next": Span(start + QUARTER, start + 2 * QUARTER - DAY),
            "year": Span(start - QUARTER, start + 3 * QUARTER - DAY),
        }

    def name_of(self, cycle: str, first_month: int) -> str:
        """As the fiscal calendar has it where the cycle nearly coincides with it, else the months it covers."""
        span = self.spans[cycle]
        middle = span.start + (span.end - span.start) / 2
        fiscal = (fiscal_year if cycle == "year" else fiscal_quarter)(middle, first_month)
        if abs(fiscal.start - span.start) <= NEAR and abs(fiscal.end - span.end) <= NEAR:
            return fiscal.name
        return f"{span.start + NEAR:%Y.%m}–{span.end - NEAR:%Y.%m}"

    def check_in_day(self, cycle: str, week: int, usual: int) -> date:
        """The day of a week's check-in: the person's usual weekday, or the day it is due where that comes first."""
        return self.spans[cycle].start + week * WEEK + min(usual, self.today.weekday()) * DAY

    def factor(self, cycle: str) -> Decimal:
        """How much more of an open cycle has passed today than on the day for which the logs are told."""
        if cycle not in ("current", "year"):
            return Decimal(1)
        start = self.spans[cycle].start
        return Decimal((self.today - start).days + 1) / ((self.monday - start).days + TOLD_ON + 1)


def moment(day: date, at: str, organization_zone, minutes: int = 0) -> datetime:
    return datetime.combine(day, time.fromisoformat(at), organization_zone) + timedelta(minutes=minutes)


def told(log: Log) -> dict[int, tuple[Decimal, int]]:
    """Week by week the value and the confidence, where there is one."""
    pairs = zip(log.values.split(), log.confidence.split(), strict=True)
    return {week: (Decimal(value), int(sure)) for week, (value, sure) in enumerate(pairs) if value != "-"}


def carried(result: Result, value: Decimal, factor: Decimal) -> Decimal:
    """A told value on the real day, in the precision in which people report it."""
    if result.kind not in SCALED:
        return value
    start = Decimal(str(result.start or 0))
    grain = Decimal(result.grain)
    return ((start + (value - start) * factor) / grain).quantize(Decimal(1), ROUND_HALF_UP) * grain
