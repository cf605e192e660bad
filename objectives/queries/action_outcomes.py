"""What came of one action: what was expected of its lever and what it moved by, what the lever did, what was done."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from django.db.models import Q

from funnel.formulas.actuals import MONTH, Reading, legible, month_of, next_month
from funnel.formulas.planning import months_in
from funnel.models import KPI, KPIReading
from funnel.queries.actuals import BY_HAND, decimal
from objectives.formulas.action_effects import Case
from objectives.formulas.lever_levels import MOST_WEEKS, Levels, levels_around
from objectives.models import Action, ActionState, Activity, Experiment
from objectives.queries.action_worth import Effect, MovedTrees, lever_of
from people.models import Membership

MOST_OTHERS = 5
MOST_LINES = 5
MOST_EXPERIMENTS = 10
MONTHS_OF_A_YEAR = 12


@dataclass(frozen=True)
class Meanwhile:
    """What the lever stood at before an action and since, what that comes to as a proposal, and what else was done to
    it in that time. `levels` is None while no whole week (or month, where it is read by the month) has passed since;
    then `from_day` says when to look again.
    """

    lever: KPI
    levels: Levels | None
    others: list[Action]
    from_day: date

    @property
    def proposal(self) -> Decimal | None:
        """The change of the level in the lever's own number, with three figures."""
        if self.levels is None or self.levels.change is None:
            return None
        return Decimal(str(legible(float(self.levels.change))))


@dataclass(frozen=True)
class Told:
    """All that is known of one action's effect. `achieved` is valued by today's tree, as `expected` is."""

    action: Action
    lever: KPI | None
    expected: Effect | None
    achieved: Effect | None
    experiments: list[Experiment]
    lines: list[Activity]
    line_count: int
    is_inside: bool

    @property
    def reached(self) -> float | None:
        """The achieved change as a share of what was expected; None where one of them is not known."""
        return Case(expected=self.action.expected_change, achieved=self.action.actual_change).share

    @property
    def gained(self) -> Decimal | None:
        """Revenue less cost; None where either is not known."""
        return Case(cost=self.action.cost, revenue=self.action.revenue).gained

    @property
    def is_known(self) -> bool:
        """Whether anything was said of what came of it that the reader is told."""
        action = self.action
        said = (action.actual_change, action.deals, action.orders, action.revenue)
        return bool(action.result) or (self.is_inside and any(value is not None for value in said))


def began_of(action: Action) -> date:
    """The day from which it can have moved anything: taken up, else planned to begin, else written down."""
    zone = action.organization.zone
    begun = action.began_on or action.starts_on or action.created_at.astimezone(zone).date()
    return min(begun, action.closed_on or begun)


def lever_seen(action: Action, membership: Membership) -> KPI | None:
    """The lever the action moves, where the reader is told of it; partners are not."""
    pk = lever_of(action)
    if pk is None or membership.is_partner:
        return None
    return KPI.objects.visible_to(membership).filter(pk=pk).select_related("kgi").first()


def told_of(action: Action, membership: Membership) -> Told:
    """What is known of one action's effect; nine queries at most."""
    lever = lever_seen(action, membership)
    expected = achieved = None
    if lever is not None:
        trees = MovedTrees([lever.pk], membership)
        if action.expected_change is not None:
            expected = trees.effect(lever.pk, action.expected_change)
        if action.actual_change is not None:
            achieved = trees.effect(lever.pk, action.actual_change)
    lines = Activity.objects.visible_to(membership).filter(action=action)
    experiments = Experiment.objects.visible_to(membership).filter(action=action).order_by("-starts_on", "-pk")
    newest = lines.select_related("membership__user", "key_result__objective").order_by("-date", "-pk")
    return Told(
        action=action,
        lever=lever,
        expected=expected,
        achieved=achieved,
        experiments=list(experiments[:MOST_EXPERIMENTS]),
        lines=list(newest[:MOST_LINES]),
        line_count=lines.count(),
        is_inside=not membership.is_partner,
    )


def meanwhile_of(action: Action, lever: KPI, *, today: date) -> Meanwhile:
    """The lever before the action and since it was finished, or since it began where it is open; two queries."""
    began = began_of(action)
    ended = action.closed_on or began
    since = began - timedelta(weeks=MOST_WEEKS + 6)
    read = KPIReading.objects.filter(kpi=lever, date__range=(since, today)).order_by("date", "id")
    readings = [
        Reading(day, value, span, source.startswith(BY_HAND), pk)
        for day, value, span, source, pk in read.values_list("date", "value", "span", "source", "id")
    ]
    kgi = lever.kgi
    whole = months_in(kgi.period_start, kgi.period_end) if kgi.period_start and kgi.period_end else None
    levels = levels_around(
        readings,
        began=began,
        ended=ended,
        today=today,
        period=lever.period,
        months_of_whole=decimal(whole) if whole is not None else MONTHS_OF_A_YEAR,
    )
    # A week has passed on the Monday after the next, a month on the first day of the month after the next.
    from_day = ended - timedelta(days=ended.weekday()) + timedelta(weeks=2)
    after_months = next_month(month_of(ended), 2)
    if (
        levels is not None
        and levels.change is None
        and today < after_months
        and any(one.span == MONTH for one in readings)
    ):
        levels, from_day = None, after_months
    others: list[Action] = []
    if levels is not None:
        same = Q(kpi=lever) | Q(kpi=None, key_result__kpi=lever)
        done = Action.objects.filter(same, organization=action.organization_id, state=ActionState.DONE)
        within = done.filter(closed_on__range=(levels.before.first, today)).exclude(pk=action.pk)
        others = list(within.order_by("closed_on", "pk")[: MOST_OTHERS + 1])
    return Meanwhile(lever, levels, others, from_day)
