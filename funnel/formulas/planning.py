"""A year's volumes brought down to a cycle, and to the days by which they must happen.

Source: the product's domain notes 2.1 (volumes divided by months, lead times).
"""

from calendar import monthrange
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from fractions import Fraction
from math import ceil, lcm

from funnel.formulas.back_calculation import VOLUMES

Weight = int | float | Decimal | Fraction

# Days from each stage to the next, named after the stage they begin at.
STAGES = ("visits", "cvs", "deals", "orders")

_SENTENCES = {
    "period_reversed": "The last day lies before the first.",
    "period_too_long": "A period lasts fifty years at most.",
    "twelve_weights": "A seasonal pattern has one weight for each month from January to December.",
    "negative_weight": "A month's weight cannot be below 0.",
    "no_weight": "The months of this period have no weight at all.",
    "not_positive": "A volume may not be below 0.",
    "unknown_stage": "This is not a stage of the funnel.",
    "lead_time": "A lead time is a number of days from 0 to 3,660.",
}
_LONGEST_LEAD_TIME = 3660
_LONGEST_PERIOD = 50 * 366


class PlanRefused(ValueError):
    """Dates, weights or lead times that make no plan. `code` says why, `field` where."""

    def __init__(self, code: str, field: str) -> None:
        super().__init__(_SENTENCES[code])
        self.code = code
        self.field = field


def months_share(
    period_start: date,
    period_end: date,
    cycle_start: date,
    cycle_end: date,
    monthly_weights: Sequence[Weight] | None = None,
) -> Fraction:
    """The share of a period's volume that falls into a cycle; all days inclusive.

    Months count alike whatever their length (a quarter is 3 of 12), or by `monthly_weights` from January to December;
    a part of a month counts by its days. What lies outside the period counts nothing. Raises PlanRefused.

    >>> fiscal_year = date(2026, 4, 1), date(2027, 3, 31)
    >>> months_share(*fiscal_year, date(2026, 4, 1), date(2026, 6, 30))
    Fraction(1, 4)
    >>> months_share(*fiscal_year, date(2026, 10, 1), date(2026, 12, 31), [1] * 11 + [4])
    Fraction(2, 5)
    >>> months_share(*fiscal_year, date(2026, 4, 16), date(2026, 5, 31))
    Fraction(1, 8)
    """
    for field, start, end in (("period_end", period_start, period_end), ("cycle_end", cycle_start, cycle_end)):
        if end < start:
            raise PlanRefused("period_reversed", field)
    if (period_end - period_start).days > _LONGEST_PERIOD:
        raise PlanRefused("period_too_long", "period_end")
    weights = _weights(monthly_weights)
    whole = _weigh(period_start, period_end, weights)
    if whole == 0:
        raise PlanRefused("no_weight", "monthly_weights")
    return _weigh(max(period_start, cycle_start), min(period_end, cycle_end), weights) / whole


def elapsed_share(start: date, end: date, today: date) -> Fraction:
    """The share of a period's days that have begun, 0–1, however long the period; both days belong to it.

    Raises PlanRefused. Source: the product's domain notes 2.3, expected by now.

    >>> [str(elapsed_share(date(2026, 4, 1), date(2027, 3, 31), date(2026, month, 1))) for month in (3, 4, 5)]
    ['0', '1/365', '31/365']
    >>> elapsed_share(date(1900, 1, 1), date(2199, 12, 31), date(2200, 1, 1))
    Fraction(1, 1)
    """
    if end < start:
        raise PlanRefused("period_reversed", "period_end")
    days, begun = (end - start).days + 1, (today - start).days + 1
    return Fraction(min(max(begun, 0), days), days)


def months_in(start: date, end: date) -> Fraction:
    """How many months a span of days makes up, both days inclusive; parts of months count by their days.

    >>> months_in(date(2026, 4, 1), date(2027, 3, 31)), months_in(date(2026, 4, 16), date(2026, 5, 31))
    (Fraction(12, 1), Fraction(3, 2))
    """
    return _weigh(start, end, _weights(None))


def divide_to_cycle(volume: int | Decimal | Fraction, share: Fraction) -> int:
    """A volume's part in a cycle, the next whole number up.

    Divide the exact volume, not the shown one: rounding twice asks for more than is needed. Raises PlanRefused.

    >>> divide_to_cycle(Fraction(1_250_000, 3), Fraction(1, 4))
    104167
    """
    if volume < 0:
        raise PlanRefused("not_positive", "volume")
    return ceil(Fraction(volume) * share)


def divide_chain_to_cycle(volumes: Mapping[str, Fraction], share: Fraction) -> dict[str, int]:
    """All volumes of a funnel brought down to a cycle, from their exact values.

    >>> from funnel.formulas.back_calculation import FunnelInput, back_calculate
    >>> year = back_calculate(FunnelInput(100_000_000, 1_200_000, Decimal("0.2"), Decimal("0.1")))
    >>> divide_chain_to_cycle(year.exact, Fraction(3, 12))
    {'orders': 21, 'deals': 105, 'cvs': 1042, 'visits': 104167}
    """
    return {name: divide_to_cycle(volumes[name], share) for name in VOLUMES}


def lead_days(stage: str, lead_times: Mapping[str, int]) -> int:
    """Days from a stage to the order. `lead_times` holds the days from visits, cvs and deals to the next stage each;
    one left out is 0. Raises PlanRefused.

    >>> lead_days("cvs", {"visits": 14, "cvs": 7, "deals": 30})
    37
    """
    if stage not in STAGES:
        raise PlanRefused("unknown_stage", "stage")
    steps = STAGES[STAGES.index(stage) : -1]
    for step in steps:
        if not 0 <= lead_times.get(step, 0) <= _LONGEST_LEAD_TIME:
            raise PlanRefused("lead_time", step)
    return sum(lead_times.get(step, 0) for step in steps)


def due_by(stage: str, lead_times: Mapping[str, int], cycle_end: date) -> date:
    """The last day on which a stage's volume still becomes orders within the cycle. Raises PlanRefused.

    >>> due_by("deals", {"deals": 30}, date(2026, 6, 30)), due_by("orders", {"deals": 30}, date(2026, 6, 30))
    (datetime.date(2026, 5, 31), datetime.date(2026, 6, 30))
    """
    return _earlier(cycle_end, stage, lead_times)


def stage_window(stage: str, lead_times: Mapping[str, int], cycle_start: date, cycle_end: date) -> tuple[date, date]:
    """The days in which a stage's volume must happen for the cycle's orders: the cycle, earlier by the lead time.

    It may begin before the cycle does: the first orders of a cycle come from visits before it. Raises PlanRefused.

    >>> stage_window("visits", {"visits": 14, "cvs": 7, "deals": 30}, date(2026, 4, 1), date(2026, 6, 30))
    (datetime.date(2026, 2, 9), datetime.date(2026, 5, 10))
    """
    return _earlier(cycle_start, stage, lead_times), _earlier(cycle_end, stage, lead_times)


@dataclass(frozen=True)
class Week:
    """A week from Monday, `begin`, and the whole volumes that must happen in it, under their stages' names.

    `exact` are the same before they are made whole.
    """

    begin: date
    volumes: Mapping[str, int]
    exact: Mapping[str, float]

    @property
    def end(self) -> date:
        return self.begin + timedelta(days=6)


def weekly_volumes(
    volumes: Mapping[str, Weight],
    lead_times: Mapping[str, int],
    period_start: date,
    period_end: date,
    monthly_weights: Sequence[Weight] | None = None,
) -> list[Week]:
    """In which week how much of each stage must happen, so that the orders spread over the period as its months weigh.

    A stage's weeks are those of the orders, earlier by its lead time; so the first of them may lie before the period.
    The weeks of a stage sum to its volume rounded up, and up to each week at least what is due has happened. Raises
    PlanRefused.

    >>> weeks = weekly_volumes({"orders": 10, "deals": 50}, {"deals": 7}, date(2026, 6, 1), date(2026, 6, 28))
    >>> [(week.begin.day, week.volumes["deals"], week.volumes["orders"]) for week in weeks]
    [(25, 13, 0), (1, 12, 3), (8, 13, 2), (15, 12, 3), (22, 0, 2)]
    """
    months_share(period_start, period_end, period_start, period_end, monthly_weights)
    passed = _daily_weights(period_start, period_end, _weights(monthly_weights))
    leads = {stage: lead_days(stage, lead_times) for stage in volumes}
    wholes = {stage: Fraction(volume) for stage, volume in volumes.items()}
    monday = _earlier(period_start, STAGES[0], lead_times)
    monday -= timedelta(days=monday.weekday())
    weeks, done = [], dict.fromkeys(volumes, 0)
    while monday <= period_end:
        counts, exact = {}, {}
        for stage, volume in wholes.items():
            first = (monday - period_start).days + leads[stage]
            begun, over = (passed[min(max(day, 0), len(passed) - 1)] for day in (first, first + 7))
            needed = -(-volume.numerator * over // (volume.denominator * passed[-1]))
            counts[stage], done[stage] = needed - done[stage], needed
            exact[stage] = float(volume) * (over - begun) / passed[-1]
        weeks.append(Week(monday, counts, exact))
        monday += timedelta(days=7)
    return weeks


def _daily_weights(start: date, end: date, weights: Sequence[Fraction]) -> list[int]:
    """What has passed of a period's weight before each of its days, and at last after all; whole by a common factor."""
    unit = lcm(28, 29, 30, 31) * lcm(*(weight.denominator for weight in weights))
    passed, day = [0], start
    while day <= end:
        days = monthrange(day.year, day.month)[1]
        weight = weights[day.month - 1] * unit / days
        for _day in range(day.day, (end.day if (day.year, day.month) == (end.year, end.month) else days) + 1):
            passed.append(passed[-1] + weight.numerator)
        day = day.replace(day=days) + timedelta(days=1)
    return passed


def _earlier(day: date, stage: str, lead_times: Mapping[str, int]) -> date:
    try:
        return day - timedelta(days=lead_days(stage, lead_times))
    except OverflowError:
        raise PlanRefused("lead_time", stage) from None


def _weights(monthly_weights: Sequence[Weight] | None) -> list[Fraction]:
    if monthly_weights is None:
        return [Fraction(1)] * 12
    if len(monthly_weights) != 12:
        raise PlanRefused("twelve_weights", "monthly_weights")
    weights = [Fraction(repr(weight) if isinstance(weight, float) else weight) for weight in monthly_weights]
    if any(weight < 0 for weight in weights):
        raise PlanRefused("negative_weight", "monthly_weights")
    return weights


def _weigh(start: date, end: date, weights: Sequence[Fraction]) -> Fraction:
    """The months' weights from one day to another, parts of months by their days."""
    total, year, month = Fraction(0), start.year, start.month
    while (year, month) <= (end.year, end.month) and start <= end:
        days = monthrange(year, month)[1]
        first = start.day if (year, month) == (start.year, start.month) else 1
        last = end.day if (year, month) == (end.year, end.month) else days
        total += weights[month - 1] * Fraction(last - first + 1, days)
        year, month = (year, month + 1) if month < 12 else (year + 1, 1)
    return total
