"""How likely a KGI's targets are, from the ranges of its levers; and what ranges its past suggests."""

from __future__ import annotations

import copy
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from decimal import Decimal

from funnel.formulas.kpi_tree import Lever, Tree
from funnel.formulas.likelihood import FEWEST_READINGS, Span, suggested_span
from funnel.formulas.simulation import Simulation, simulate
from funnel.models import KGI, KPI, KPIPeriod, KPIReading, ReadingSpan
from funnel.trees import COLUMNS, PlannedTree, tree_of

SEED = 2026
NARROWED_SAMPLES = 20_000
LOOKED_BACK = timedelta(days=730)
WHOLE = {KPIPeriod.WEEK: ReadingSpan.WEEK, KPIPeriod.MONTH: ReadingSpan.MONTH}


@dataclass(frozen=True)
class Likelihood:
    """A simulated KGI. `narrowed` is the width of the 80 % range, in its unit, were the first driver known exactly."""

    simulation: Simulation
    targets: Mapping[str, float]
    narrowed: float | None

    @property
    def width(self) -> float:
        return self.simulation.p90 - self.simulation.p10


def likelihood_of(kgi: KGI, rows: Sequence[KPI], ranges: Mapping[int, Sequence[Decimal | None]]) -> Likelihood | None:
    """How the KGI lands with these ranges instead of the stored ones; None without a tree. The same numbers always
    give the same answer. A lever without a current value stays at its must-hit target, else at its challenge.

    Raises TreeRefused.
    """
    planned = tree_of(kgi, [with_range(row, ranges.get(row.pk)) for row in rows], columns={"current": now_of(rows)})
    if planned is None:
        return None
    targets = {name: value for name in COLUMNS[1:] if (value := planned.target(name)) is not None}
    simulation = simulate(planned.tree, targets=targets, seed=SEED)
    return Likelihood(simulation, targets, narrowed_by_first(planned, simulation))


def with_range(row: KPI, given: Sequence[Decimal | None] | None) -> KPI:
    if given is None:
        return row
    changed = copy.copy(row)
    changed.low, changed.likely, changed.high = given
    return changed


def now_of(rows: Iterable[KPI]) -> dict[str, Decimal | None]:
    return {
        row.key: next((value for name in COLUMNS if (value := getattr(row, name)) is not None), None) for row in rows
    }


def narrowed_by_first(planned: PlannedTree, simulation: Simulation) -> float | None:
    """How wide the 80 % range would be were the lever known that comes with the largest share of the spread."""
    first = simulation.drivers[0] if simulation.drivers else None
    if first is None or not first.share:
        return None
    lever = planned.tree.levers[first.key]
    middle = known_value(lever)
    nodes = [Lever(key, {"current": middle}) if key == first.key else each for key, each in planned.tree.levers.items()]
    tree = Tree(planned.tree.goal, [*nodes, *planned.tree.formulas.values()])
    told = simulate(tree, targets={}, samples=min(NARROWED_SAMPLES, simulation.samples), seed=SEED)
    return told.p90 - told.p10


def known_value(lever: Lever) -> float:
    """Where a lever with a range is most likely."""
    if lever.likely is not None:
        return lever.likely
    low, high, now = lever.low or 0.0, lever.high or 0.0, lever.values.get("current")
    return now if now is not None and low <= now <= high else (low + high) / 2


def suggestions_for(kgi: KGI, levers: Sequence[KPI]) -> dict[int, tuple[Span, int]]:
    """From where to where each lever may be expected to go, and from how many readings that is: 0 for a fifth around
    what it is now. A lever of which neither is known has none.

    Readings of the last two years; of a volume only those that cover as long as it is counted over.
    """
    since = kgi.organization.today - LOOKED_BACK
    by_lever = {lever.pk: lever for lever in levers}
    read: dict[int, list[Decimal]] = defaultdict(list)
    rows = KPIReading.objects.filter(kpi__in=by_lever, date__gte=since).values_list("kpi", "span", "value")
    for pk, covers, value in rows:
        period = by_lever[pk].period
        if period == KPIPeriod.NONE or WHOLE.get(KPIPeriod(period)) == covers:
            read[pk].append(value)
    now = now_of(levers)
    found: dict[int, tuple[Span, int]] = {}
    for lever in levers:
        count = len(read[lever.pk]) if len(read[lever.pk]) >= FEWEST_READINGS else 0
        middle = now[lever.key]
        if middle is None and not count:
            continue
        highest = lever.maximum if lever.maximum is not None else Decimal(1) if lever.is_rate else None
        lowest = lever.minimum if lever.minimum is not None else Decimal(0) if lever.is_rate else None
        span = suggested_span(middle or Decimal(0), read[lever.pk], minimum=lowest, maximum=highest)
        found[lever.pk] = (span, count)
    return found
