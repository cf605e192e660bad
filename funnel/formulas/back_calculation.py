"""From a revenue back to the orders, deals, CVs and visits it needs, and forwards again.

Everything is exact: figures are rationals, so 114 orders at a win rate of 0.57 are 200 deals and not 201. Only what is
shown is rounded, always up. Source: the product's domain notes 2.1.
"""

from collections.abc import Mapping
from dataclasses import dataclass, replace
from decimal import Decimal
from fractions import Fraction
from math import ceil
from typing import Any

Figure = int | Decimal | Fraction

VOLUMES = ("orders", "deals", "cvs", "visits")
RATES = ("win_rate", "deal_rate", "cv_rate")
# The five that multiply up from visits to revenue, in the order in which a missing one is named.
UNKNOWNS = ("revenue", "unit_price", "win_rate", "deal_rate", "cv_rate")

_MOST_DIGITS = 100

DEFAULT_CV_RATE = Fraction(1, 100)
DEFAULT_DEAL_RATE = Fraction(1)

_SENTENCES = {
    "not_a_number": "This is not a number.",
    "not_positive": "This must be greater than 0.",
    "negative": "This may not be below 0.",
    "rate_out_of_range": "A rate is greater than 0 and at most 1 (100%).",
    "overdetermined": "All six numbers are given: leave out the one that is to be found.",
    "underdetermined": "Too many numbers are missing: this one is needed.",
}


class FunnelRefused(ValueError):
    """Numbers that make no funnel. `code` says why, `field` names the number (revenue, win_rate …)."""

    def __init__(self, code: str, field: str) -> None:
        super().__init__(_SENTENCES[code])
        self.code = code
        self.field = field


@dataclass(frozen=True)
class FunnelInput:
    """What is known, None where unknown: amounts above 0, rates in 0 < r ≤ 1.

    `target_population` is the number of companies in the market (企業), `target_contacts` of people there (担当).
    """

    revenue: Figure | None = None
    unit_price: Figure | None = None
    win_rate: Figure | None = None
    deal_rate: Figure | None = None
    cv_rate: Figure | None = None
    visits: Figure | None = None
    target_population: int | None = None
    target_contacts: int | None = None


@dataclass(frozen=True)
class FunnelWarning:
    """Something the reader should know.

    `rate_above_one`: values hold `rate` (its name) and `value`. `population_exceeded`: values hold `of` (companies or
    contacts), `needed` (deals, as shown) and `available`.
    """

    code: str
    values: Mapping[str, object]


@dataclass(frozen=True)
class FunnelResult:
    """The whole chain, exact.

    `shown_…` are the next whole numbers up; calculating forwards from any of them reaches the revenue. `solved` names
    the number that was unknown, `defaulted` the rates that were assumed.
    """

    revenue: Fraction
    unit_price: Fraction
    orders: Fraction
    win_rate: Fraction
    deals: Fraction
    deal_rate: Fraction
    cvs: Fraction
    cv_rate: Fraction
    visits: Fraction
    solved: str | None = None
    defaulted: tuple[str, ...] = ()
    warnings: tuple[FunnelWarning, ...] = ()

    @property
    def shown_orders(self) -> int:
        return ceil(self.orders)

    @property
    def shown_deals(self) -> int:
        return ceil(self.deals)

    @property
    def shown_cvs(self) -> int:
        return ceil(self.cvs)

    @property
    def shown_visits(self) -> int:
        return ceil(self.visits)

    @property
    def shown(self) -> dict[str, int]:
        """The four volumes as shown, under their own names."""
        return {name: ceil(getattr(self, name)) for name in VOLUMES}

    @property
    def exact(self) -> dict[str, Fraction]:
        """The four volumes unrounded, under their own names."""
        return {name: getattr(self, name) for name in VOLUMES}


def back_calculate(given: FunnelInput) -> FunnelResult:
    """The chain that fits what is given, whichever one number is unknown.

    Without visits they are the unknown; the CV rate is 1% and the deal rate 1 unless given. With visits exactly one of
    the five others is unknown; the deal rate takes its default when it is missing beside it. A rate that comes out
    above 1, and more deals than the market holds, are warnings. Raises FunnelRefused: not_a_number, not_positive,
    negative, rate_out_of_range, overdetermined, underdetermined.

    >>> plan = FunnelInput(revenue=100_000_000, unit_price=1_200_000, win_rate=Decimal("0.2"), deal_rate=Decimal("0.1"))
    >>> back_calculate(plan).shown
    {'orders': 84, 'deals': 417, 'cvs': 4167, 'visits': 416667}
    >>> back_calculate(replace(plan, visits=250_000)).cv_rate
    Fraction(1, 60)
    >>> back_calculate(FunnelInput(114, 1, Decimal("0.57"))).shown_deals
    200
    """
    known = {name: _figure(name, getattr(given, name)) for name in (*UNKNOWNS, "visits")}
    for name in ("target_population", "target_contacts"):
        population = getattr(given, name)
        if population is not None and population < 0:
            raise FunnelRefused("negative", name)

    missing = [name for name in UNKNOWNS if known[name] is None]
    defaulted: list[str] = []
    if known["visits"] is None:
        solved = "visits"
        for name, default in (("cv_rate", DEFAULT_CV_RATE), ("deal_rate", DEFAULT_DEAL_RATE)):
            if name in missing:
                known[name] = default
                missing.remove(name)
                defaulted.append(name)
        if missing:
            raise FunnelRefused("underdetermined", missing[0])
    else:
        if not missing:
            raise FunnelRefused("overdetermined", "visits")
        if len(missing) > 1 and "deal_rate" in missing:
            known["deal_rate"] = DEFAULT_DEAL_RATE
            missing.remove("deal_rate")
            defaulted.append("deal_rate")
        if len(missing) > 1:
            raise FunnelRefused("underdetermined", missing[0])
        solved = missing[0]

    complete = {name: value for name, value in known.items() if value is not None}
    complete[solved] = _solve(solved, complete)
    found = _chain(complete, given)
    return replace(found, solved=solved, defaulted=tuple(defaulted))


def back_calculate_plan(
    given: FunnelInput,
    *,
    current: Mapping[str, Any] | Figure | None = None,
    must_hit: Mapping[str, Any] | Figure | None = None,
    challenge: Mapping[str, Any] | Figure | None = None,
) -> dict[str, FunnelResult]:
    """One funnel at several heights: the visits each column's revenue needs at the given price and rates.

    A column is a revenue, or the numbers in which it differs (`{"revenue": …, "win_rate": …}`); only the columns given
    are answered. `given` is solved first where it has visits, so a rate found from them serves all columns; otherwise
    its own revenue does not matter. Raises FunnelRefused.

    >>> plan = FunnelInput(None, 1_200_000, Decimal("0.2"), Decimal("0.1"), Decimal("0.01"))
    >>> columns = back_calculate_plan(plan, must_hit=100_000_000, challenge={"revenue": 200_000_000, "win_rate": 1})
    >>> {name: column.shown_visits for name, column in columns.items()}
    {'must_hit': 416667, 'challenge': 166667}
    """
    rates_above_one: dict[str, Fraction] = {}
    if given.visits is not None:
        base = back_calculate(given)
        rates_above_one = {name: getattr(base, name) for name in RATES if getattr(base, name) > 1}
        rates = {name: None if name in rates_above_one else getattr(base, name) for name in RATES}
        given = FunnelInput(
            unit_price=base.unit_price,
            win_rate=rates["win_rate"],
            deal_rate=rates["deal_rate"],
            cv_rate=rates["cv_rate"],
            target_population=given.target_population,
            target_contacts=given.target_contacts,
        )
    columns = {}
    for column, differing in (("current", current), ("must_hit", must_hit), ("challenge", challenge)):
        if differing is None:
            continue
        changes = dict(differing) if isinstance(differing, Mapping) else {"revenue": differing}
        impossible = [name for name in rates_above_one if name not in changes]
        if impossible:
            raise FunnelRefused("rate_out_of_range", impossible[0])
        columns[column] = back_calculate(replace(given, **changes))
    return columns


def _figure(name: str, value: Figure | float | None) -> Fraction | None:
    if value is None:
        return None
    if isinstance(value, bool) or not isinstance(value, int | float | Decimal | Fraction):
        raise FunnelRefused("not_a_number", name)
    if isinstance(value, Decimal) and value.is_finite() and abs(value.adjusted()) > _MOST_DIGITS:
        # Written out as a fraction, 1E+1000000 would fill the memory.
        raise FunnelRefused("not_a_number", name)
    try:
        # A float is meant as it is written: 0.57 is 57/100.
        exact = Fraction(repr(value)) if isinstance(value, float) else Fraction(value)
    except (ValueError, OverflowError):
        raise FunnelRefused("not_a_number", name) from None
    if name in RATES:
        if not 0 < exact <= 1:
            raise FunnelRefused("rate_out_of_range", name)
    elif exact <= 0:
        raise FunnelRefused("not_positive", name)
    return exact


def _solve(unknown: str, known: Mapping[str, Fraction]) -> Fraction:
    """revenue = visits · CV rate · deal rate · win rate · unit price, for any one of them."""
    product = Fraction(1)
    for name in ("visits", "cv_rate", "deal_rate", "win_rate", "unit_price"):
        if name != unknown:
            product *= known[name]
    return product if unknown == "revenue" else known["revenue"] / product


def _chain(known: Mapping[str, Fraction], given: FunnelInput) -> FunnelResult:
    orders = known["revenue"] / known["unit_price"]
    deals = orders / known["win_rate"]
    cvs = deals / known["deal_rate"]
    warnings = [
        FunnelWarning("rate_above_one", {"rate": name, "value": known[name]}) for name in RATES if known[name] > 1
    ]
    for of, available in (("companies", given.target_population), ("contacts", given.target_contacts)):
        if available is not None and deals > available:
            warnings.append(
                FunnelWarning("population_exceeded", {"of": of, "needed": ceil(deals), "available": available})
            )
    return FunnelResult(
        revenue=known["revenue"],
        unit_price=known["unit_price"],
        orders=orders,
        win_rate=known["win_rate"],
        deals=deals,
        deal_rate=known["deal_rate"],
        cvs=cvs,
        cv_rate=known["cv_rate"],
        visits=known["visits"],
        warnings=tuple(warnings),
    )
