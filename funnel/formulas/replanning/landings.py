"""Where a lever is heading by the end of a period, and the KGI with its levers.

Source: the product's domain notes 2.2, 2.4; ranges by Student's predictive distribution (A. Gelman et al., "Bayesian
data analysis", ch. 3).
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from math import sqrt

from funnel.formulas.kpi_tree import CURRENT, Lever, Tree, TreeRefused
from funnel.formulas.planning import Weight
from funnel.formulas.replanning.days import Months, Number, Plan, Whole, months_of
from funnel.formulas.simulation import Simulation, simulate

MOST_PAST_MONTHS = 12
RECENT_MONTHS = 3
FEWEST_DAYS = 7
# Before a month is seen, months are taken to differ so much from each other, with the weight of two months seen.
SPREAD_OF_VOLUMES = 0.3
SPREAD_OF_LEVELS = 0.2
MONTHS_BEFORE = 2
# How far the tenth lies from the peak of a triangle, as a share of the way to its corner.
_TENTH_OF_TRIANGLE = 1 - sqrt(0.2)


@dataclass(frozen=True)
class Landing:
    """Where a lever is heading at the period's end: the total of a volume, the mean of a level over the period.

    With 80 % it lies from `p10` to `p90`; never below `least` nor above `most`. `rate` is what an average month is
    expected to bring, `months` how many months that rests on.
    """

    expected: float
    p10: float
    p90: float
    sd: float
    rate: float
    months: int
    least: float | None = None
    most: float | None = None
    unread: tuple[date, ...] = ()

    @property
    def low(self) -> float:
        """The lowest value of the triangular distribution with this p10."""
        low = self.expected - (self.expected - self.p10) / _TENTH_OF_TRIANGLE
        return low if self.least is None else max(low, self.least)

    @property
    def high(self) -> float:
        high = self.expected + (self.p90 - self.expected) / _TENTH_OF_TRIANGLE
        return high if self.most is None else min(high, self.most)

    def times(self, factor: float) -> Landing:
        """Counted otherwise: a year's total times 1/12 is a mean month's. `factor` > 0."""
        return replace(
            self,
            expected=self.expected * factor,
            p10=self.p10 * factor,
            p90=self.p90 * factor,
            sd=self.sd * factor,
            rate=self.rate * factor,
            least=None if self.least is None else self.least * factor,
            most=None if self.most is None else self.most * factor,
        )


def landing(
    *,
    start: date,
    end: date,
    today: date,
    actuals: Months,
    is_volume: bool = True,
    monthly_weights: Sequence[Weight] | None = None,
    minimum: Number | None = None,
    maximum: Number | None = None,
) -> Landing | None:
    """Where a lever lands at the end of the KGI's period; None where no month of it, nor a week of the running one, was
    read.

    Of a volume: what was read, and for the days without an actual the mean of the whole months so far, by their
    weights. Of a level: the mean over the period of what was read and, for the days without, the mean of the last three
    months. The months of the period count, before its first one is over up to twelve earlier ones. The range comes from
    how much months differ from each other; before many are seen, by ±30 % (levels ±20 %) with the weight of two months:
    one or two months leave it wide. A volume never lands below what is done already. Raises PlanRefused.

    >>> april, end = date(2026, 4, 1), date(2027, 3, 31)
    >>> six = {date(2026, month, 1): value for month, value in zip(range(4, 10), (60, 70, 110, 80, 90, 70))}
    >>> told = landing(start=april, end=end, today=date(2026, 10, 1), actuals=six)
    >>> told.expected, round(told.p10), round(told.p90), told.rate
    (960.0, 863, 1057, 80.0)
    >>> one = landing(start=april, end=end, today=date(2026, 5, 1), actuals={april: 80})
    >>> one.expected, round(one.p10), round(one.p90)
    (960.0, 442, 1478)
    """
    plan = Plan(start, end, today, actuals, is_volume=is_volume, weights=monthly_weights)
    least, most = (None if limit is None else float(limit) for limit in (minimum, maximum))
    return (_landing_of_volume if is_volume else _landing_of_level)(plan, least, most)


@dataclass(frozen=True)
class Seen:
    """What months brought, each as though it were of mean weight; `weights` says how much of such a month each is."""

    rates: tuple[float, ...]
    weights: tuple[float, ...]

    @property
    def count(self) -> float:
        return sum(self.weights)

    @property
    def mean(self) -> float:
        return self._mean(self.rates)

    def sd(self, spread: float) -> float:
        """How much one month differs from another, beginning with `spread` times their size."""
        expected = spread * self._mean([abs(rate) for rate in self.rates])
        squares = [(rate - self.mean) ** 2 for rate in self.rates]
        return sqrt((MONTHS_BEFORE * expected**2 + self._mean(squares) * self.count) / self.freedom)

    @property
    def freedom(self) -> int:
        return MONTHS_BEFORE + len(self.rates) - 1

    def _mean(self, numbers: Sequence[float]) -> float:
        return sum(number * weight for number, weight in zip(numbers, self.weights, strict=True)) / self.count


def _seen(plan: Plan) -> Seen | None:
    """The whole months of the period, before its first one is over earlier ones, else the running one."""
    past = (plan.past_of_period() or plan.past())[-MOST_PAST_MONTHS:]
    if not past and plan.today.day >= FEWEST_DAYS and plan.running in plan.actuals:
        elapsed = plan.weight(plan.running, plan.today) if plan.is_volume else plan.mean_weight
        past = [Whole(plan.running, plan.actuals[plan.running], elapsed)] if elapsed else []
    rates = tuple(float(plan.per_month(one.value, one.weight)) for one in past)
    return Seen(rates, tuple(float(one.weight / plan.mean_weight) for one in past)) if past else None


def _landing_of_volume(plan: Plan, least: float | None, most: float | None) -> Landing | None:
    if (seen := _seen(plan)) is None:
        return None
    read = list(plan.read())
    done = float(sum((span.value for span in read), Fraction(0)))
    covered = sum((plan.weight(span.first, span.last) for span in read), Fraction(0))
    left = float((plan.whole - covered) / plan.mean_weight)
    sd = seen.sd(SPREAD_OF_VOLUMES) * sqrt(left + left * left / seen.count)
    if _never_below_0(plan):
        least = max(done, least or 0.0)
    return _within(plan, seen, done + left * seen.mean, sd, rate=seen.mean, least=least, most=most)


def _landing_of_level(plan: Plan, least: float | None, most: float | None) -> Landing | None:
    if (seen := _seen(plan)) is None:
        return None
    recent = seen.rates[-RECENT_MONTHS:]
    rate = sum(recent) / len(recent)
    spans = [(float(months_of(span)), float(span.value)) for span in plan.read()]
    read = sum(months for months, _ in spans)
    left = max(float(plan.months) - read, 0.0)
    expected = (sum(months * value for months, value in spans) + left * rate) / (read + left)
    sd = seen.sd(SPREAD_OF_LEVELS) * sqrt(1 / len(recent) + 1 / max(left, 1)) * left / (read + left)
    if least is None and _never_below_0(plan):
        least = 0.0
    return _within(plan, seen, expected, sd, rate=rate, least=least, most=most)


def _never_below_0(plan: Plan) -> bool:
    return all(value >= 0 for value in plan.actuals.values())


def _within(
    plan: Plan, seen: Seen, expected: float, sd: float, *, rate: float, least: float | None, most: float | None
) -> Landing:
    # What was read weighs more than a limit it passes.
    least = None if least is None else min(least, expected)
    most = None if most is None else max(most, expected)
    wide = student(seen.freedom) * sd
    return Landing(
        expected=expected,
        p10=expected - wide if least is None else max(expected - wide, least),
        p90=expected + wide if most is None else min(expected + wide, most),
        sd=sd,
        rate=rate,
        months=len(seen.rates),
        least=least,
        most=most,
        unread=plan.unread(),
    )


def landing_tree(
    tree: Tree,
    *,
    landings: Mapping[str, Landing],
    targets: Mapping[str, float],
    column: str = CURRENT,
    samples: int | None = None,
    seed: int = 0,
) -> Simulation:
    """Where the KGI lands when its levers land as `landings` say, each counted in its lever's own period (`times`).

    Any other lever has its value in `column`. Raises TreeRefused.

    >>> from funnel.formulas.kpi_tree import Formula
    >>> tree = Tree("revenue", [Formula("revenue", "orders * price"), Lever("orders", {"current": 900}),
    ...     Lever("price", {"current": 10})])
    >>> orders = Landing(expected=960, p10=860, p90=1060, sd=74, rate=80, months=6, least=480)
    >>> told = landing_tree(tree, landings={"orders": orders}, targets={"must_hit": 9_600}, samples=10_000)
    >>> round(told.p10, -2), round(told.p50, -2), round(told.p90, -2), round(told.probability["must_hit"], 2)
    (8600.0, 9600.0, 10600.0, 0.5)
    """
    for key in landings:
        if key not in tree.levers:
            raise TreeRefused("not_a_lever", key)
    levers = []
    for key in tree.levers:
        lands = landings.get(key)
        if lands is None:
            levers.append(Lever(key, {CURRENT: tree.value(key, column)}))
        else:
            levers.append(Lever(key, low=lands.low, likely=lands.expected, high=lands.high))
    return simulate(Tree(tree.goal, [*tree.formulas.values(), *levers]), targets=targets, samples=samples, seed=seed)


def student(freedom: int) -> float:
    """The 90th percentile of Student's distribution, by R. A. Fisher and E. A. Cornish, 1960: exact to 0.3 % from 2
    degrees of freedom.

    >>> [round(student(freedom), 2) for freedom in (2, 3, 5, 30)]
    [1.88, 1.64, 1.48, 1.31]
    """
    z = 1.2815515655446004
    return (
        z
        + (z**3 + z) / (4 * freedom)
        + (5 * z**5 + 16 * z**3 + 3 * z) / (96 * freedom**2)
        + (3 * z**7 + 19 * z**5 + 17 * z**3 - 15 * z) / (384 * freedom**3)
    )
