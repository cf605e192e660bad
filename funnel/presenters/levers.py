"""A lever in a few words: its name, where it stands, and where it is to go."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from fractions import Fraction

from funnel.forms.amounts import shown_up
from funnel.models import KPI
from funnel.presenters.names import name_of
from funnel.presenters.tree_rows import unit_of
from funnel.presenters.words import amount
from funnel.services import LINKS


@dataclass(frozen=True)
class ToldLever:
    """A lever and `way`, its number now → target in the reader's language, one number where they are alike; empty
    without both.
    """

    kpi: KPI
    name: str
    way: str

    @property
    def label(self) -> str:
        return f"{self.name} ({self.way})" if self.way else self.name


def told_lever(kpi: KPI) -> ToldLever:
    """The lever in words; its KGI, with the funnel if there is one, is read beforehand."""
    target = kpi.challenge if kpi.challenge is not None else kpi.must_hit
    way = ""
    if target is not None and kpi.current is not None:
        unit = unit_of(kpi, kpi.kgi)
        now, goal = (amount(kpi.in_people_units(as_shown(kpi, value)), unit) for value in (kpi.current, target))
        way = now if now == goal else f"{now} → {goal}"
    return ToldLever(kpi, name_of(kpi), way)


def as_shown(kpi: KPI, value: Decimal) -> Decimal:
    """A lever's number as its page says it: what a funnel found is rounded up."""
    is_found = kpi.key in LINKS and (kpi.key == "visits" or kpi.is_rate)
    return shown_up(kpi.key, Fraction(value)) if is_found else value


def is_to_move(kpi: KPI) -> bool:
    """Whether a lever has a target other than where it stands."""
    target = kpi.challenge if kpi.challenge is not None else kpi.must_hit
    return target is not None and target != kpi.current
