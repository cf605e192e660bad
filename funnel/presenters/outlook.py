"""Where a KGI is heading, and what the rest of its period needs of each lever, as they are drawn and said."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date

from django.utils.translation import gettext_lazy

from funnel.formulas.actuals import legible, months_of_period
from funnel.formulas.numbers import format_percent
from funnel.formulas.planning import PlanRefused, lead_days
from funnel.formulas.replanning import PastMonth, Rest, landing_tree, replan
from funnel.models import KGI, KPI
from funnel.presenters.names import name_of
from funnel.presenters.plots import Scale
from funnel.queries.actuals import Book
from funnel.queries.landings import Period, landing_of, period_of
from funnel.trees import PlannedTree

SAMPLES = 20_000
SURE = 0.01
# The hardest first.
VERDICTS = {
    "not_reachable_in_time": gettext_lazy("too late for this period"),
    "beyond_limits": gettext_lazy("beyond the lever's limits"),
    "harder_than_best": gettext_lazy("needs more than the best month ever"),
    "within_best": gettext_lazy("needs more, no more than the best month"),
    "no_past_month": gettext_lazy("no month to compare with yet"),
    "on_course": gettext_lazy("on course"),
    "reached": gettext_lazy("reached"),
}
HARD = {"harder_than_best", "beyond_limits", "not_reachable_in_time"}


@dataclass(frozen=True)
class Mark:
    """A target on the drawing of the landing, and how likely it is reached. `x` is in per cent of the width."""

    column: str
    value: float
    probability: float
    x: str
    anchor: str

    @property
    def chance(self) -> str:
        """The probability as people say it: no finer than whole per cents, and never quite sure."""
        if self.probability < SURE:
            return "<1%"
        return ">99%" if self.probability > 1 - SURE else format_percent(round(self.probability, 2))


@dataclass(frozen=True)
class Outlook:
    """Where the KGI lands: with 80 % between `low` and `high`, the middle at `likely`. Places in per cent."""

    low: float
    likely: float
    high: float
    marks: Sequence[Mark]
    low_x: str
    likely_x: str
    width: str
    months: int
    unread: Sequence[str]


@dataclass(frozen=True)
class Need:
    """What the rest of the period needs of a lever by month, in people's units."""

    kpi: KPI
    name: str
    unit: str
    verdict: str
    words: str
    run_rate: float | None
    needed: float | None
    best: float | None
    best_month: date | None
    usable_until: date | None

    @property
    def is_hard(self) -> bool:
        return self.verdict in HARD


def needs_of(planned: PlannedTree, book: Book, against: str, falling: frozenset[str]) -> list[Need]:
    """What the rest of the period needs of each lever with a target, the hardest first; empty without a period."""
    kgi, period = planned.kgi, period_of(book)
    if period is None:
        return []
    needs = []
    for kpi in planned.levers:
        if getattr(kpi, against) is not None:
            rest = rest_of(kpi, period, book, against, kpi.key in falling)
            if rest is not None:
                needs.append(need_of(kpi, rest, kgi))
    order = list(VERDICTS)
    return sorted(needs, key=lambda need: order.index(need.verdict))


def rest_of(kpi: KPI, period: Period, book: Book, against: str, falls: bool) -> Rest | None:
    month = months_of_period(kpi.period, book.months_of_whole) if kpi.period else 1
    try:
        return replan(
            target=getattr(kpi, against) * (book.months_of_whole / month if kpi.period else 1),
            start=period[0],
            end=period[1],
            today=book.today,
            actuals=book.by_key[kpi.key].months,
            is_volume=bool(kpi.period),
            monthly_weights=book.kgi.monthly_weights if kpi.period else None,
            lead_days=lead_days_of(kpi, book.kgi),
            falls=falls,
            minimum=None if kpi.minimum is None else kpi.minimum / month,
            maximum=None if kpi.maximum is None else kpi.maximum / month,
        )
    except PlanRefused:
        return None


def lead_days_of(kpi: KPI, kgi: KGI) -> int:
    """How many days before the period's end what happens here is too late: those of the funnel's stages."""
    funnel = getattr(kgi, "funnel", None)
    if funnel is None or kpi.key != "visits":
        return 0
    return lead_days(
        kpi.key,
        {
            "visits": funnel.visit_to_cv_days,
            "cvs": funnel.cv_to_deal_days,
            "deals": funnel.deal_to_order_days,
        },
    )


def need_of(kpi: KPI, rest: Rest, kgi: KGI) -> Need:
    factor = 100 if kpi.is_rate else 1
    best: PastMonth | None = rest.best

    def shown(value: float | None) -> float | None:
        return None if value is None else legible(value * factor)

    return Need(
        kpi=kpi,
        name=name_of(kpi),
        unit="%" if kpi.is_rate else kpi.unit,
        verdict=rest.verdict,
        words=str(VERDICTS[rest.verdict]),
        run_rate=shown(rest.run_rate),
        needed=shown(rest.needed_per_month),
        best=shown(best.per_month) if best else None,
        best_month=best.month if best else None,
        usable_until=rest.usable_until if rest.usable_until != kgi.period_end else None,
    )


def outlook_of(planned: PlannedTree, book: Book, falls: bool) -> Outlook | None:
    """Where the KGI lands; None without a period that has begun, or before anything was read. Raises TreeRefused."""
    period = period_of(book)
    if period is None:
        return None
    landings = {kpi.key: landed for kpi in planned.levers if (landed := landing_of(kpi, period, book)) is not None}
    if not landings:
        return None
    targets = {column: value for column in ("must_hit", "challenge") if (value := planned.target(column)) is not None}
    told = landing_tree(planned.tree, landings=landings, targets=targets, samples=SAMPLES)
    places = [told.p10, told.p90, *targets.values()]
    room = (max(places) - min(places)) * 0.08 or 1.0
    scale = Scale(min(places) - room, max(places) + room)

    def mark(column: str, value: float) -> Mark:
        chance = 1 - told.probability[column] if falls else told.probability[column]
        x = scale.place(value)
        return Mark(column, value, chance, scale.at(value), "start" if x < 20 else "end" if x > 80 else "middle")

    return Outlook(
        low=told.p10,
        likely=told.p50,
        high=told.p90,
        marks=[mark(column, value) for column, value in targets.items()],
        low_x=scale.at(told.p10),
        likely_x=scale.at(told.p50),
        width=scale.wide(told.p10, told.p90),
        months=max(one.months for one in landings.values()),
        unread=[name_of(kpi) for kpi in planned.levers if kpi.key not in landings],
    )
