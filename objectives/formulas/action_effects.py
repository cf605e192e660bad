"""How well we expect: what actions achieved beside what was expected of them, what they cost and what they brought.

A share is achieved ÷ expected: 1 as expected, below 0 the other way. Sums leave out what nobody told; what belongs
together (return, cost per order) is taken only from actions that told both. Source: the product's domain notes 3.15.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from decimal import Decimal
from statistics import median
from typing import Any

FEWEST = 5
"""From so many cases on a share or a median says something of our expectations."""
TOO_MUCH, TOO_LITTLE = 0.9, 1.1


@dataclass(frozen=True, slots=True)
class Case:
    """One action. Changes are in its lever's number; `expected_worth` and `achieved_worth` are for `kgi`, in `unit`."""

    is_done: bool = True
    expected: Decimal | None = None
    achieved: Decimal | None = None
    kgi: str = ""
    unit: str = ""
    expected_worth: float | None = None
    achieved_worth: float | None = None
    cost: Decimal | None = None
    revenue: Decimal | None = None
    deals: int | None = None
    orders: int | None = None
    lines: int = 0

    @property
    def share(self) -> float | None:
        """Achieved ÷ expected; None where one of them is not known, or nothing was expected.

        >>> Case(expected=Decimal("-3"), achieved=Decimal("-6")).share, Case(expected=Decimal(0)).share
        (2.0, None)
        """
        return float(self.achieved / self.expected) if self.expected and self.achieved is not None else None

    @property
    def gained(self) -> Decimal | None:
        """Revenue less cost; None where either is not known."""
        return None if self.cost is None or self.revenue is None else self.revenue - self.cost

    @property
    def tells(self) -> bool:
        """Whether anything but its being finished is known of it."""
        return self.lines > 0 or any(
            value is not None
            for value in (self.expected, self.achieved, self.cost, self.revenue, self.deals, self.orders)
        )

    @property
    def cost_per_order(self) -> Decimal | None:
        return self.cost / self.orders if self.orders and self.cost is not None else None


@dataclass(frozen=True, slots=True)
class Worth:
    """What several actions are worth to one KGI, added up action by action; None where none of them says."""

    kgi: str
    unit: str
    expected: float | None
    achieved: float | None


@dataclass(frozen=True, slots=True)
class Summary:
    """Several actions together; `share` and `reached` only from `FEWEST` cases on."""

    count: int = 0
    done: int = 0
    told: int = 0
    """Finished ones of which both what was expected and what was achieved is known."""
    hits: int = 0
    """Those of them that achieved at least what was expected."""
    share: float | None = None
    """The median of achieved ÷ expected."""
    worths: Sequence[Worth] = field(default_factory=tuple)
    cost: Decimal | None = None
    revenue: Decimal | None = None
    gained: Decimal | None = None
    ratio: float | None = None
    """Revenue ÷ cost."""
    deals: int | None = None
    orders: int | None = None
    cost_per_order: Decimal | None = None
    lines: int = 0

    @property
    def reached(self) -> float | None:
        """Which share of the expectations came true."""
        return self.hits / self.told if self.told >= FEWEST else None

    @property
    def is_too_few(self) -> bool:
        return self.told < FEWEST

    @property
    def leaning(self) -> str:
        """Whether we expect `too_much`, `too_little` or `right`; empty where there are too few cases."""
        if self.share is None:
            return ""
        return "too_much" if self.share < TOO_MUCH else "too_little" if self.share > TOO_LITTLE else "right"


def summed(cases: Iterable[Case]) -> Summary:
    """Several actions together.

    >>> told = [Case(expected=Decimal(10), achieved=Decimal(n), cost=Decimal(4), orders=2) for n in (2, 6, 8, 10, 20)]
    >>> found = summed([*told, Case(is_done=False, expected=Decimal(10), revenue=Decimal(9))])
    >>> found.told, found.hits, found.share, found.reached, found.cost_per_order, found.gained
    (5, 2, 0.8, 0.4, Decimal('2'), None)
    >>> summed(told[:4]).share is None, summed(told[:4]).hits
    (True, 1)
    """
    rows = list(cases)
    shares = [share for row in rows if row.is_done and (share := row.share) is not None]
    both = [row for row in rows if row.gained is not None]
    paid, brought = total(row.cost for row in both), total(row.revenue for row in both)
    per_order = [row for row in rows if row.cost is not None and row.orders is not None]
    cost, orders = total(row.cost for row in per_order), total(row.orders for row in per_order)
    return Summary(
        count=len(rows),
        done=sum(1 for row in rows if row.is_done),
        told=len(shares),
        hits=sum(1 for share in shares if share >= 1),
        share=median(shares) if len(shares) >= FEWEST else None,
        worths=tuple(worths_of(rows)),
        cost=total(row.cost for row in rows),
        revenue=total(row.revenue for row in rows),
        gained=None if paid is None or brought is None else brought - paid,
        ratio=float(brought / paid) if paid and brought is not None else None,
        deals=total(row.deals for row in rows),
        orders=total(row.orders for row in rows),
        cost_per_order=cost / orders if orders and cost is not None else None,
        lines=sum(row.lines for row in rows),
    )


def total(values: Iterable[Any]) -> Any:
    """The sum of what is known, None where nothing is."""
    known = [value for value in values if value is not None]
    return sum(known) if known else None


def worths_of(cases: Iterable[Case]) -> list[Worth]:
    """What the actions are worth, KGI by KGI: one KGI may be a part of another, and units may differ."""
    by_kgi: dict[tuple[str, str], list[Case]] = {}
    for case in cases:
        if case.expected_worth is not None or case.achieved_worth is not None:
            by_kgi.setdefault((case.kgi, case.unit), []).append(case)
    return [
        Worth(kgi, unit, total(row.expected_worth for row in rows), total(row.achieved_worth for row in rows))
        for (kgi, unit), rows in sorted(by_kgi.items())
    ]
