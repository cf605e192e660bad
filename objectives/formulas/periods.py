"""Volumes between a lever's period and a cycle, and which nodes of a KPI tree are volumes at all.

Source: the product's domain notes 2.1 (volumes divided by months) and 2.2 (a lever's period).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction

from funnel.formulas.formula import Key, Negative, Number, Operation, Part, read_formula
from funnel.formulas.kpi_tree import Tree
from funnel.formulas.planning import PlanRefused, Weight, months_in, months_share

WEEK, MONTH, QUARTER, YEAR, WHOLE, NO_PERIOD = "week", "month", "quarter", "year", "whole", ""
MONTHS = {MONTH: Fraction(1), QUARTER: Fraction(3), YEAR: Fraction(12)}
# What a volume becomes when a formula multiplies it by such a number.
LONGER: dict[tuple[str, float], str] = {(WEEK, 52): YEAR, (MONTH, 3): QUARTER, (MONTH, 12): YEAR, (QUARTER, 4): YEAR}
SHORTER = {(longer, factor): shorter for (shorter, factor), longer in LONGER.items()}
ALMOST_WHOLE = Fraction(1, 10)


@dataclass(frozen=True)
class CycleMonths:
    """How much of a KGI's period a cycle is: `months` of `period_months`, and how many weeks a month of it has."""

    months: Fraction
    period_months: Fraction
    weeks_a_month: Fraction = Fraction(52, 12)

    @property
    def share(self) -> Fraction:
        return self.months / self.period_months

    def times(self, period: str) -> Fraction:
        """How many of a lever's periods the cycle holds: what a volume is multiplied by to come to the cycle.

        >>> quarter = CycleMonths(Fraction(3), Fraction(12), Fraction(13, 3))
        >>> [str(quarter.times(period)) for period in ("week", "month", "quarter", "year", "whole")]
        ['13', '3', '1', '1/4', '1/4']
        """
        if period == WEEK:
            return self.months * self.weeks_a_month
        return self.months / self.months_of(period)

    def months_of(self, period: str) -> Fraction:
        """How many months a lever's period lasts; a week is the part of a month that it is in this cycle."""
        if period == WEEK:
            return 1 / self.weeks_a_month
        return self.period_months if period == WHOLE else MONTHS[period]


def months_of_cycle(
    period_start: date | None,
    period_end: date | None,
    cycle_start: date,
    cycle_end: date,
    monthly_weights: Sequence[Weight] | None = None,
) -> CycleMonths:
    """The months of a cycle within a KGI's period, a year where that is not known.

    With monthly weights the months count as they weigh: a quarter with half of the year's volume counts as six of
    twelve. A cycle outside the period counts with its own months.

    >>> year = date(2026, 4, 1), date(2027, 3, 31)
    >>> months_of_cycle(*year, date(2026, 4, 6), date(2026, 7, 5)).times("whole")
    Fraction(1, 4)
    >>> months_of_cycle(*year, date(2026, 10, 1), date(2026, 12, 31), [1] * 11 + [4]).months
    Fraction(24, 5)
    """
    if period_start is None or period_end is None:
        period, first, last = Fraction(12), cycle_start, cycle_end
    else:
        period = readable(months_in(period_start, period_end))
        first, last = max(period_start, cycle_start), min(period_end, cycle_end)
    is_outside = first > last
    if is_outside:
        first, last = cycle_start, cycle_end
    months = readable(months_in(first, last))
    weeks = Fraction((last - first).days + 1, 7) / months
    if monthly_weights and period_start is not None and period_end is not None and not is_outside:
        try:
            share = months_share(period_start, period_end, first, last, monthly_weights)
        except PlanRefused:
            share = Fraction(0)
        months = max(Fraction(round(share * period * 100), 100), Fraction(1, 100)) if share else months
    return CycleMonths(min(months, period), period, weeks)


def readable(months: Fraction) -> Fraction:
    """Thirteen weeks are three months: what is almost whole counts as whole, else to a tenth.

    >>> [str(readable(Fraction(*months))) for months in ((599, 200), (13, 4), (1, 90))]
    ['3', '16/5', '1/10']
    """
    whole = Fraction(round(months))
    if whole and abs(months - whole) <= ALMOST_WHOLE:
        return whole
    return max(Fraction(round(months * 10), 10), Fraction(1, 10))


def periods_of(tree: Tree, stated: Mapping[str, str]) -> dict[str, str]:
    """Over what each node of a tree is counted, "" for what is no volume; `stated` is what its row says.

    A formula follows from what it names: a volume times a rate is a volume, one volume by another is not, and × 12
    makes a year of months.

    >>> from funnel.formulas.kpi_tree import Formula, Lever
    >>> tree = Tree("revenue", [Formula("revenue", "orders * 12 * price"), Formula("orders", "visits * rate"),
    ...     Lever("visits"), Lever("rate"), Lever("price")])
    >>> periods_of(tree, {"visits": "month"})
    {'visits': 'month', 'rate': '', 'price': '', 'orders': 'month', 'revenue': 'year'}
    """
    periods = {key: stated.get(key, NO_PERIOD) for key in tree.levers}
    for key in tree.order:
        periods[key] = stated.get(key) or _period_of(read_formula(tree.formulas[key].text), periods)
    return periods


def _period_of(formula: Part, periods: Mapping[str, str]) -> str:
    """From the leaves up, without recursion: a formula may add up a thousand things."""
    waiting: list[tuple[Part, bool]] = [(formula, False)]
    found: list[tuple[str, float | None]] = []
    while waiting:
        part, is_read = waiting.pop()
        match part:
            case Number(value=value):
                found.append((NO_PERIOD, value))
            case Key(key=key):
                found.append((periods.get(key, NO_PERIOD), None))
            case Negative(of=inner):
                waiting.append((inner, False))
            case Operation(sign=sign, left=left, right=right):
                if is_read:
                    after, before = found.pop(), found.pop()
                    found.append((_joined(sign, before, after), None))
                else:
                    waiting += [(part, True), (right, False), (left, False)]
    return found[0][0]


def _joined(sign: str, left: tuple[str, float | None], right: tuple[str, float | None]) -> str:
    (period, number), (other, by) = left, right
    if sign in "+-":
        return period or other
    if sign == "/":
        return "" if other else SHORTER.get((period, by or 0), period)
    if period and other:
        return NO_PERIOD
    return LONGER.get((period, by or 0), period) if period else LONGER.get((other, number or 0), other)
