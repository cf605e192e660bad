"""What the rest of a period needs of a lever, beside what it brought so far and its best month.

Source: the product's domain notes 2.2 (re-plan).
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import date
from fractions import Fraction
from typing import Literal

from funnel.formulas.planning import Weight
from funnel.formulas.replanning.days import Months, Number, Plan, exact, months_of

Verdict = Literal[
    "reached", "on_course", "within_best", "harder_than_best", "no_past_month", "beyond_limits", "not_reachable_in_time"
]


@dataclass(frozen=True)
class PastMonth:
    """What a whole month brought: `value` as it was read, `per_month` with the season taken out."""

    month: date
    value: float
    per_month: float


@dataclass(frozen=True)
class MonthsNeed:
    """What a month, or the part of it from `first` to `last`, must bring."""

    first: date
    last: date
    value: float


@dataclass(frozen=True)
class Rest:
    """What the rest of the period needs.

    `done` is what counts so far: of a volume the sum, of a level the mean (None where nothing was read). `assumed` is
    what is taken as having come in as planned before the period, because of the lead time. `needed_total` is what is
    missing of a volume, 0 at least. `needed_per_month` is the run rate, or the level, that the days left need;
    `by_month` spreads it by the weights. `run_rate` is the mean of the whole months of the period so far, `best` the
    best whole month read, `ratio` what is needed ÷ the best. `usable_until` is the last day that still counts, `unread`
    the months of the period that are over and without an actual: as far as anyone knows, nothing happened in them.
    """

    verdict: Verdict
    needed_total: float | None
    needed_per_month: float | None
    by_month: tuple[MonthsNeed, ...]
    run_rate: float | None
    best: PastMonth | None
    ratio: float | None
    done: float | None
    assumed: float
    usable_until: date
    unread: tuple[date, ...]


def replan(
    *,
    target: Number,
    start: date,
    end: date,
    today: date,
    actuals: Months,
    is_volume: bool = True,
    monthly_weights: Sequence[Weight] | None = None,
    lead_days: int = 0,
    falls: bool = False,
    minimum: Number | None = None,
    maximum: Number | None = None,
) -> Rest:
    """What the rest of the KGI's period needs so that a lever comes to `target`: the period's total of a volume, its
    mean of a level.

    `actuals` hold what was read by month under the months' first days; months before the period may be among them, and
    the running month with what it brought up to today. The rest begins tomorrow, or with the running month where that
    was not read. `monthly_weights` (January to December) spread a volume; months of a level count alike. `falls` says
    that less is better: then what is needed is what is allowed. Beyond `minimum` and `maximum` no month can go.

    The verdict: `reached` already; `on_course` at the present run rate; `within_best` takes more than that, but no more
    than the best month; `harder_than_best`; `no_past_month` to compare with; `beyond_limits`; `not_reachable_in_time`
    where no day is left that counts. Raises PlanRefused.

    >>> april = date(2026, 4, 1)
    >>> rest = replan(target=1200, start=april, end=date(2027, 3, 31), today=date(2026, 7, 31),
    ...     actuals={april: 60, date(2026, 5, 1): 70, date(2026, 6, 1): 110, date(2026, 7, 1): 80})
    >>> rest.needed_total, rest.needed_per_month, rest.run_rate, rest.best.month, round(rest.ratio, 2), rest.verdict
    (880.0, 110.0, 80.0, datetime.date(2026, 6, 1), 1.0, 'within_best')

    With two months of lead time, two months less are left, and what came before the period is taken as planned:

    >>> rest = replan(target=1200, start=april, end=date(2027, 3, 31), today=date(2026, 7, 31), lead_days=59,
    ...     actuals={april: 60, date(2026, 5, 1): 70, date(2026, 6, 1): 110, date(2026, 7, 1): 80})
    >>> rest.usable_until, round(rest.assumed), round(rest.needed_total), round(rest.needed_per_month)
    (datetime.date(2027, 1, 31), 194, 686, 113)

    A win rate of 20% over a year that stood at 15% for half of it needs 25% for the rest:

    >>> from decimal import Decimal
    >>> half = {date(2026, month, 1): Decimal("0.15") for month in range(4, 10)}
    >>> replan(target=Decimal("0.2"), start=april, end=date(2027, 3, 31), today=date(2026, 9, 30), actuals=half,
    ...     is_volume=False, maximum=1).needed_per_month
    0.25
    """
    plan = Plan(start, end, today, actuals, is_volume=is_volume, weights=monthly_weights, lead_days=lead_days)
    limits = Limits(
        falls,
        None if minimum is None else exact(minimum),
        None if maximum is None else exact(maximum),
    )
    return (_rest_of_volume if is_volume else _rest_of_level)(plan, exact(target), limits)


@dataclass(frozen=True)
class Limits:
    """Which way is better, and how far a month can go."""

    falls: bool
    minimum: Fraction | None
    maximum: Fraction | None

    def are_passed_by(self, needed: Fraction) -> bool:
        if self.falls:
            return self.minimum is not None and needed < self.minimum
        return self.maximum is not None and needed > self.maximum

    def is_no_harder(self, needed: Fraction, than: Fraction) -> bool:
        return needed >= than if self.falls else needed <= than


def _rest_of_volume(plan: Plan, target: Fraction, limits: Limits) -> Rest:
    done = _sum(span.value for span in plan.read())
    assumed = target * _sum(plan.weight(span.first, span.last) for span in plan.before()) / plan.whole
    missing = target - done - assumed
    still = max(missing, Fraction(0))
    left = [(span, plan.weight(span.first, span.last)) for span in plan.left()]
    weight = _sum(here for _, here in left)
    settled: Verdict | None = None
    if limits.falls:
        settled = "not_reachable_in_time" if missing < 0 else None if weight else "reached"
    elif missing <= 0:
        settled = "reached"
    needed = plan.per_month(still, weight) if weight else None
    by_month = [MonthsNeed(span.first, span.last, float(still * here / weight)) for span, here in left if weight]
    return _rest(plan, limits, settled, needed, by_month, float(done), assumed=float(assumed), total=float(still))


def _rest_of_level(plan: Plan, target: Fraction, limits: Limits) -> Rest:
    spans = list(plan.read())
    read = _sum(months_of(span) for span in spans)
    mean = _sum(months_of(span) * span.value for span in spans) / read if read else None
    left = plan.left()
    months_left = _sum(months_of(span) for span in left)
    settled: Verdict | None = None
    needed: Fraction | None = None
    if months_left:
        needed = target if mean is None else target + (target - mean) * read / months_left
    elif mean is not None and limits.is_no_harder(target, mean):
        settled = "reached"
    by_month = [MonthsNeed(span.first, span.last, float(needed)) for span in left if needed is not None]
    return _rest(plan, limits, settled, needed, by_month, None if mean is None else float(mean))


def _rest(
    plan: Plan,
    limits: Limits,
    settled: Verdict | None,
    needed: Fraction | None,
    by_month: Iterable[MonthsNeed],
    done: float | None,
    *,
    assumed: float = 0.0,
    total: float | None = None,
) -> Rest:
    so_far, past = plan.past_of_period(), plan.past()
    rate = plan.per_month(_sum(one.value for one in so_far), _sum(one.weight for one in so_far)) if so_far else None
    rates = {one.month: plan.per_month(one.value, one.weight) for one in past}
    best = (min if limits.falls else max)(rates, key=lambda month: rates[month]) if rates else None
    highest = None if best is None else rates[best]
    return Rest(
        verdict=settled or _verdict(needed, rate, highest, limits),
        needed_total=total,
        needed_per_month=None if needed is None else float(needed),
        by_month=tuple(by_month),
        run_rate=None if rate is None else float(rate),
        best=None if best is None else PastMonth(best, float(plan.actuals[best]), float(rates[best])),
        ratio=float(needed / highest) if needed is not None and highest is not None and highest > 0 else None,
        done=done,
        assumed=assumed,
        usable_until=plan.last,
        unread=plan.unread(),
    )


def _verdict(needed: Fraction | None, rate: Fraction | None, best: Fraction | None, limits: Limits) -> Verdict:
    if needed is None:
        return "not_reachable_in_time"
    if limits.are_passed_by(needed):
        return "beyond_limits"
    if rate is not None and limits.is_no_harder(needed, rate):
        return "on_course"
    if best is None:
        return "no_past_month"
    return "within_best" if limits.is_no_harder(needed, best) else "harder_than_best"


def _sum(numbers: Iterable[Fraction]) -> Fraction:
    return sum(numbers, Fraction(0))
