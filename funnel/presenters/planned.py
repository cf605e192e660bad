"""A KGI's tree as the calculating pages speak of it: names, units and amounts in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import ROUND_CEILING, ROUND_FLOOR, Context, Decimal
from functools import cached_property
from typing import Any

from django.utils.translation import gettext as _

from funnel.formulas.findings import Node, Plan
from funnel.formulas.fitting import with_whole_rates
from funnel.formulas.kpi_tree import CURRENT, Tree, TreeRefused
from funnel.formulas.measures import kind_of
from funnel.formulas.numbers import format_amount
from funnel.formulas.planning import months_in
from funnel.models import KGI, KPI, TargetColumn
from funnel.presenters.names import name_of
from funnel.presenters.tree_rows import unit_of
from funnel.presenters.words import amount, language
from funnel.sentences import sentence_of
from funnel.services import COLUMNS
from funnel.trees import PlannedTree, kpis_of, number, tree_of

_WIDE = Context(prec=60)
TARGETS = (TargetColumn.CHALLENGE.value, TargetColumn.MUST_HIT.value)


@dataclass(frozen=True)
class Planned:
    """A KGI's tree that can be calculated today, and all its rows."""

    kgi: KGI
    kpis: list[KPI]
    planned: PlannedTree

    @property
    def tree(self) -> Tree:
        return self.planned.tree

    @property
    def nodes(self) -> Mapping[str, KPI]:
        return self.planned.nodes

    @cached_property
    def names(self) -> dict[str, str]:
        return {kpi.key: name_of(kpi) for kpi in self.kpis}

    @cached_property
    def bounded(self) -> Tree:
        """The tree whose rates end at 100%, for solving."""
        return with_whole_rates(self.tree, self.rates)

    @property
    def rates(self) -> list[str]:
        return [key for key, kpi in self.nodes.items() if kpi.is_rate]

    def target(self, column: str) -> float | None:
        return number(getattr(self.kgi, f"{column}_value"))

    # Numbers as they are said

    def unit(self, key: str) -> str:
        return unit_of(self.nodes[key], self.kgi)

    def said(self, key: str, value: Any, *, precise: bool = False) -> str:
        """A lever's value as people say it: 26.3%, 13,161回/月, 120万円."""
        kpi = self.nodes[key]
        if (
            value is not None
            and not precise
            and abs(value) >= 100
            and kind_of(kpi.unit, is_rate=kpi.is_rate)[0] == "count"
        ):
            value = round(value)  # nobody counts parts of a visit
        if value is None or not kpi.is_rate:
            return format_amount(value, unit=self.unit(key), language=language(), precise=precise)
        return format_amount(value * 100, unit="%", language=language(), precise=precise)

    def goal(self, value: float | None, *, figures: int = 3) -> str:
        return amount(value, self.kgi.unit, figures)

    def listed(self, keys: object, most: int = 3) -> str:
        """Names in a row, no more than three of them."""
        names = [self.names.get(key, key) for key in keys]  # type: ignore[attr-defined]
        joined = _(", ").join(names[:most])
        if len(names) > most:
            return _("%(names)s and others") % {"names": joined}
        return joined

    def sayable(self, values: Mapping[str, float]) -> dict[str, Decimal]:
        """Calculated values as numbers that people would write down, rounded away from today so that they reach."""
        now = self.tree.column(CURRENT)
        return {key: self.rounded(key, value, now[key]) for key, value in values.items()}

    def rounded(self, key: str, value: float, now: float) -> Decimal:
        kpi, lever = self.nodes[key], self.bounded.levers[key]
        places = self._places(kpi, value)
        away = ROUND_CEILING if value > now else ROUND_FLOOR
        # The last digits of a float are nobody's intention: 0.30000000000000004 stays 0.3.
        plain = Decimal(f"{value:.12g}").quantize(Decimal(1).scaleb(-places), rounding=away, context=_WIDE)
        for limit, bound in ((lever.maximum, min), (lever.minimum, max)):
            if limit is not None:
                plain = bound(plain, Decimal(repr(limit)))
        return plain

    def _places(self, kpi: KPI, value: float) -> int:
        """How many decimals a number of this size is said with."""
        size = abs(value)
        if kpi.is_rate:
            return 4 if size >= 0.01 else 6
        if size >= 100 or (size >= 1 and kind_of(self.unit(kpi.key))[0] == "count" and size >= 20):
            return 0
        return 2 if size >= 1 else 4

    # What is odd about it

    def plan(self) -> Plan:
        """The tree as `formulas.findings` looks at it."""
        kgi = self.kgi
        return Plan(
            self.tree,
            {key: self._node(kpi) for key, kpi in self.nodes.items()},
            beside=tuple(self._node(kpi) for kpi in self.planned.beside),
            kgi_name=kgi.name,
            kgi_unit=kgi.unit,
            kgi_values={column: self.target(column) for column in COLUMNS},
            kgi_months=months_of(kgi),
        )

    def _node(self, kpi: KPI) -> Node:
        return Node(
            kpi.key,
            self.names[kpi.key],
            formula=kpi.formula,
            unit=kpi.unit,
            is_rate=kpi.is_rate,
            period=kpi.period,
            values={column: number(getattr(kpi, column)) for column in COLUMNS} if kpi.is_lever else {},
        )


def read_plan(kgi: KGI) -> tuple[Planned | None, str]:
    """A KGI's tree; None where there is none yet, or with the sentence that says why it cannot be calculated."""
    kpis = kpis_of(kgi)
    try:
        planned = tree_of(kgi, kpis)
        if planned is None or not planned.tree.formulas:
            return None, ""
        planned.tree.evaluate(CURRENT)
    except TreeRefused as refused:
        return None, sentence_of(refused, {kpi.key: name_of(kpi) for kpi in kpis})
    return Planned(kgi, kpis, planned), ""


def months_of(kgi: KGI) -> float | None:
    """How long a KGI's period is, in whole months where it is about that."""
    if kgi.period_start is None or kgi.period_end is None:
        return None
    months = float(months_in(kgi.period_start, kgi.period_end))
    whole = max(round(months), 1)
    return float(whole) if abs(months - whole) <= 0.1 else months


def column_of(kgi: KGI, asked: str) -> str:
    """The column asked for, or else the highest that the KGI has a target in."""
    if asked in TARGETS:
        return asked
    return next((column for column in TARGETS if getattr(kgi, f"{column}_value") is not None), TARGETS[0])
