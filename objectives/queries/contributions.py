"""What the levers in a partner's hands brought to a KGI, month by month, and what the partner did in a month.

A month is compared with where the levers stood when they were handed over, at that month's pace. A KGI that is counted
over a period is brought down to the month, with its season where one is known.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from functools import cached_property
from typing import Any

from django.db.models import QuerySet

from funnel.formulas import actuals
from funnel.formulas.actuals import month_of, months_between, months_of_period, next_month
from funnel.formulas.contribution import Contribution, between, contribution, subtree
from funnel.formulas.kpi_tree import CURRENT, Tree, TreeRefused
from funnel.formulas.measures import Measure, is_near, kind_of, lever_measure, measure_goal
from funnel.models import KGI, KPI, PLANNERS, ContributionReport, PartnerLever, PartnerRoom
from funnel.queries.actuals import Book, read_book
from funnel.trees import PlannedTree, kpis_of, tree_of
from objectives.models import Action, ActionState, CheckIn
from people.models import Membership, Role
from people.services.units import unit_of_money

MOST_MONTHS = 60
"""Of a longer time the latest so many months are looked at, as far back as readings are; the total is theirs."""
EVALUATIONS = 20_000
"""Of the goal for each month, where a tree takes drawn orders: a page asks for all months at once."""
MOST_ACTIONS = 30
MOST_REPORTS = 36
MOST_EARLIER = 120


def levers_of(membership: Membership, partner: Membership) -> QuerySet[PartnerLever]:
    """All levers that are or were in the partner's hands, as the person may see them."""
    rows = PartnerLever.objects.visible_to(membership).filter(membership=partner)
    return rows.select_related("kpi__kgi").order_by("kpi__kgi", "kpi__position", "kpi", "began_on", "pk")


def kgis_held(membership: Membership, partner: Membership) -> list[KGI]:
    """The KGIs some lever of which is or was in the partner's hands."""
    held = levers_of(membership, partner).order_by().values("kpi__kgi")
    rows = KGI.objects.visible_to(membership).filter(pk__in=held)
    return list(rows.select_related("organization").order_by("period_start", "pk"))


@dataclass(frozen=True)
class MonthBrought:
    """What counts as the partner's in one month, in the KGI's unit. `read` of `held` levers of theirs were read.

    Where the tree cannot be calculated with what was read, nothing counts, and `refused` says why.
    """

    month: date
    brought: Contribution
    share: float
    """What of the KGI's number is the month's: 1 where it is not counted over a period."""
    held: int
    read: int
    is_over: bool
    refused: TreeRefused | None = None

    @property
    def own(self) -> float:
        return self.brought.own * self.share


@dataclass(frozen=True)
class Link:
    """A number between the partner's levers and the KGI, the KGI's own last, as it was in one month."""

    kpi: KPI
    brought: Contribution
    share: float


@dataclass(frozen=True)
class Work:
    """A partner's levers in one KGI, with all that was read on it. `planned` is None where there is no tree yet."""

    partner: Membership
    kgi: KGI
    levers: Sequence[PartnerLever]
    planned: PlannedTree | None
    book: Book
    today: date

    @cached_property
    def months(self) -> list[date]:
        """From the month in which a lever was first in their hands to the running one, or the last in which one was."""
        running = month_of(self.today)
        begun = [month_of(row.began_on) for row in self.levers if month_of(row.began_on) <= running]
        if not begun:
            return []
        last = max(running if row.ended_on is None else min(month_of(row.ended_on), running) for row in self.levers)
        return months_between(min(begun), max(last, min(begun)))[-MOST_MONTHS:]

    def held_in(self, month: date) -> list[PartnerLever]:
        """The levers in their hands in a month; a part of the month counts as the month."""
        found = {row.kpi_id: row for row in self.levers if counts_in(row, month)}
        return list(found.values())

    def read_in(self, month: date) -> dict[str, float]:
        """What the tree's levers were in a month, at its pace, each over its own period; those read alone."""
        if self.planned is None:
            return {}
        found = {}
        for key in self.planned.tree.levers:
            value = self._actual(key, month)
            if value is not None:
                found[key] = value
        return found

    def _actual(self, key: str, month: date) -> float | None:
        value = at_pace(self.book, key, month)
        return None if value is None else float(value)

    def brought(self, month: date, read: Mapping[str, float] | None = None) -> MonthBrought:
        """What counts as theirs of one month's KGI. Raises TreeRefused, also where no tree stands."""
        if self.planned is None:
            raise TreeRefused("unknown_goal", self.kgi.name)
        read = self.read_in(month) if read is None else read
        held = self._in_tree(month)
        found = self._between(self.planned.tree, self.planned.tree.goal, read, held)
        key = self.planned.tree.goal
        return MonthBrought(
            month=month,
            brought=found,
            share=self.share(key, month),
            held=len(self.held_in(month)),
            read=sum(row.kpi.key in read for row in held),
            is_over=next_month(month) <= self.today,
        )

    def chain(self, month: date) -> list[Link]:
        """The numbers that are counted between their levers and the KGI, in the order in which they follow each other,
        the KGI last. Raises TreeRefused.
        """
        if self.planned is None:
            return []
        tree, read, held = self.planned.tree, self.read_in(month), self._in_tree(month)
        found = []
        for key in between(tree, [row.kpi.key for row in held]):
            kpi = self.planned.nodes[key]
            if key != tree.goal and (kpi.is_rate or self.months_of(key) is None):
                continue
            found.append(Link(kpi, self._between(tree, key, read, held), self.share(key, month)))
        return found

    def share(self, key: str, month: date) -> float:
        """What a month has of a number of the tree: its part of the period, by the season; 1 of what is a level."""
        months = self.months_of(key)
        if months is None:
            return 1.0
        return float(actuals.relative_weight(month, self.kgi.monthly_weights)) / months

    def months_of(self, key: str) -> float | None:
        """Over how many months a formula's number is counted; None for a rate, a price or a stock.

        As the node says, else as the volumes in it make sure; what cannot be told of the goal is the KGI's period.
        """
        if self.planned is None:
            return None
        if key not in self._months:
            self._months[key] = self._counted_over(self.planned, key)
        return self._months[key]

    @cached_property
    def _months(self) -> dict[str, float | None]:
        return {}

    def _counted_over(self, planned: PlannedTree, key: str) -> float | None:
        node, whole = planned.nodes[key], float(self.book.months_of_whole)
        if node.period:
            return float(months_of_period(node.period, self.book.months_of_whole))
        told = measure_goal(subtree(planned.tree, key), self._measures, whole).goal
        if not told.known:
            return whole if told.levers and key == planned.tree.goal else None
        if not told.months:
            return None
        # A number in a formula leaves several periods possible: a KGI is then counted over its own.
        near = [months for months in told.months if is_near(months, whole)]
        return near[0] if near and key == planned.tree.goal else max(told.months)

    @cached_property
    def _measures(self) -> dict[str, Measure]:
        rows = self.planned.levers if self.planned is not None else []
        whole = float(self.book.months_of_whole)
        return {
            row.key: lever_measure(
                row.key, name=row.name, unit=row.unit, is_rate=row.is_rate, period=row.period, whole_months=whole
            )
            for row in rows
        }

    def _in_tree(self, month: date) -> list[PartnerLever]:
        levers = self.planned.tree.levers if self.planned is not None else {}
        return [row for row in self.held_in(month) if row.kpi.key in levers]

    def _between(self, whole: Tree, key: str, read: Mapping[str, float], held: Sequence[PartnerLever]) -> Contribution:
        tree = whole if key == whole.goal else subtree(whole, key)
        start = {row.kpi.key: float(row.start_value) for row in held}
        portions = {row.kpi.key: float(row.portion) for row in held}

        def inside(values: Mapping[str, float]) -> dict[str, float]:
            return {name: value for name, value in values.items() if name in tree.levers}

        return contribution(
            tree,
            start=inside(start),
            end=inside({**start, **read}),
            portions=inside(portions),
            evaluations=EVALUATIONS,
        )


def at_pace(book: Book, key: str, month: date) -> Decimal | None:
    """What a lever was in a month, counted as its targets are; None where nothing was read in it."""
    one = book.by_key.get(key)
    if one is None or month not in one.months:
        return None
    return actuals.actual(
        {month: one.months[month]},
        period=one.kpi.period,
        start=month,
        today=next_month(month),
        months_of_whole=book.months_of_whole,
        weights=book.kgi.monthly_weights,
    )


def actuals_of(kpi: KPI, *, today: date) -> list[tuple[date, Decimal]]:
    """What a lever was in each month that is over, as numbers to agree on: whole from a hundred, four figures below.

    One query.
    """
    book = read_book(kpi.kgi, [kpi], today=today)
    months = sorted(month for month in book.by_key[kpi.key].months if month < month_of(today))
    found = [(month, at_pace(book, kpi.key, month)) for month in months]
    return [
        (month, round(value, 0) if abs(value) >= 100 else Decimal(f"{value:.4g}"))
        for month, value in found
        if value is not None
    ]


def sees_fee(reader: Membership, partner: Membership) -> bool:
    """Whether somebody learns what the partner is paid: who plans, and the partner."""
    return reader.role in PLANNERS or reader.pk == partner.pk


def counts_in(row: PartnerLever, month: date) -> bool:
    """Whether a lever counts as the partner's in a month."""
    return month_of(row.began_on) <= month and (row.ended_on is None or month <= month_of(row.ended_on))


def open_work(membership: Membership, partner: Membership, kgi: KGI) -> Work:
    """A partner's levers in a KGI with all that was read on it: three queries. Raises TreeRefused."""
    levers = list(levers_of(membership, partner).filter(kpi__kgi=kgi))
    kpis, today = kpis_of(kgi), partner.organization.today
    agreed = {row.kpi.key: row.start_value for row in levers}
    # Where somebody agreed on a start before the plan had a number of today, the tree can still be calculated.
    now = {kpi.key: agreed.get(kpi.key) if kpi.current is None else kpi.current for kpi in kpis}
    planned = tree_of(kgi, kpis, columns={CURRENT: now})
    return Work(partner, kgi, levers, planned, read_book(kgi, kpis, today=today), today)


# What they did


def done_in(partner: Membership, month: date) -> list[Action]:
    """The partner's own actions that were finished in a month."""
    rows = Action.objects.filter(organization=partner.organization_id, owner=partner, state=ActionState.DONE)
    rows = rows.filter(closed_on__gte=month, closed_on__lt=next_month(month))
    return list(rows.order_by("closed_on", "pk")[:MOST_ACTIONS])


def check_ins_in(partner: Membership, month: date) -> int:
    """How many check-ins the partner wrote for days of a month; a correction counts as what it corrects."""
    rows = CheckIn.objects.filter(author=partner, corrects=None, date__gte=month, date__lt=next_month(month))
    return rows.count()


# The reports


def reports_for(membership: Membership, partner: Membership) -> QuerySet[ContributionReport]:
    """The reports about a partner's work, the newest month first; of each the latest edition is marked."""
    rows = ContributionReport.objects.visible_to(membership).filter(membership=partner)
    return rows.order_by("-month", "kgi", "-edition", "-pk")


def reports_of_earlier(membership: Membership) -> list[ContributionReport]:
    """The reports about people who are partners no more: by person, the newest month first; `MOST_EARLIER` at most."""
    partners = Membership.objects.active().filter(organization=membership.organization_id, role=Role.PARTNER)
    rows = ContributionReport.objects.visible_to(membership).exclude(membership__in=partners)
    rows = rows.select_related("membership__user").order_by(
        "membership__user__reading", "membership__user__name", "membership", "-month", "kgi", "-edition", "-pk"
    )
    return with_latest(list(rows[:MOST_EARLIER]))


def with_latest(rows: Sequence[ContributionReport]) -> list[ContributionReport]:
    """Rows with `is_latest`: no later edition took their place. Newest edition first within its month and KGI."""
    met = set()
    for row in rows:
        place = (row.membership_id, row.kgi_id, row.month)
        row.is_latest = place not in met  # type: ignore[attr-defined]
        met.add(place)
    return list(rows)


def editions_of(partner: Membership, kgi: KGI, month: date) -> list[ContributionReport]:
    """What was handed over of a month so far, the latest edition first."""
    rows = ContributionReport.objects.filter(membership=partner, kgi=kgi, month=month)
    return list(rows.select_related("issued_by__user").order_by("-edition"))


def money_of(kgi: KGI, room: PartnerRoom | None) -> dict[str, Any] | None:
    """What makes profit of the KGI's unit; None where that is no money of the organization's currency, or no margin
    is agreed. `factor` turns the KGI's unit into the currency's (1 for 円, 10,000 for 万円).
    """
    kind, scale = kind_of(kgi.unit)
    currency = kgi.organization.currency
    unit = unit_of_money(currency)
    is_code = kgi.unit.upper() == currency
    is_ours = kgi.unit.endswith(unit) or (currency == "JPY" and kgi.unit in ("¥", "￥"))
    if not (is_code or (kind == "money" and is_ours)) or room is None or room.margin is None:
        return None
    fee = None if room.monthly_fee is None else float(room.monthly_fee)
    return {"unit": unit, "factor": float(10**scale), "margin": float(room.margin), "fee": fee}
