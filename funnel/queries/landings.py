"""Where a KGI lands, from what was read on its levers, what is said of them, and its own actuals."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from funnel.formulas import actuals
from funnel.formulas.actuals import months_of_period
from funnel.formulas.kpi_tree import Formula, Lever, Tree
from funnel.formulas.planning import PlanRefused
from funnel.formulas.replanning import (
    Course,
    Done,
    GoalLanding,
    Landing,
    Own,
    goal_landing,
    landing,
    own_course,
    spoken_landing,
)
from funnel.formulas.replanning.days import ONE_DAY, Plan
from funnel.formulas.replanning.spoken import left_of
from funnel.models import KGI, KPI
from funnel.queries.actuals import Book
from funnel.trees import PlannedTree

SAMPLES = 20_000
SEED = 2026
TARGETS = ("must_hit", "challenge")
Period = tuple[date, date]


@dataclass(frozen=True)
class Spoken:
    """What key results say of a node: how its volume or level goes on. `adds_up` says whether its readings do."""

    courses: Sequence[Course]
    period: str
    adds_up: bool = True


@dataclass(frozen=True)
class KGILanding:
    """Where a KGI lands, None where nothing can be said; for how many of its levers there is more than the plan's word.

    A lever is whatever the calculation begins with: a formula of which a key result speaks counts as one.
    """

    goal: GoalLanding | None
    levers: int
    spoken: int


def period_of(book: Book) -> Period | None:
    """The first and the last day of the KGI's period, where it has begun."""
    start, end = book.kgi.period_start, book.kgi.period_end
    return None if start is None or end is None or start > book.today else (start, end)


def falls(kgi: KGI) -> bool:
    """Whether less is better: the targets lie below where it was, or where it is."""
    was = kgi.last_year_value if kgi.last_year_value is not None else kgi.current_value
    aim = kgi.must_hit_value if kgi.must_hit_value is not None else kgi.challenge_value
    return was is not None and aim is not None and aim < was


def landing_of(kpi: KPI, period: Period, book: Book, months: float | None = None) -> Landing | None:
    """Where a lever lands by what was read on it, counted in its own period.

    `period` is the KGI's, or the rest of it, which makes up so many `months` of mean weight.
    """
    return landed(landing, kpi, kpi.period, period, book, months, actuals=book.by_key[kpi.key].months)


def landed(
    told: Callable[..., Landing | None],
    kpi: KPI,
    own: str,
    period: Period,
    book: Book,
    months: float | None,
    **said: Any,
) -> Landing | None:
    """What a formula tells of a node, counted in the node's `own` period; None where it refuses."""
    whole = periods_of(own, book, months)
    lowest, highest = limits_of(kpi, whole)
    try:
        found = told(
            start=period[0],
            end=period[1],
            today=book.today,
            is_volume=bool(own),
            monthly_weights=book.kgi.monthly_weights if own else None,
            minimum=lowest,
            maximum=highest,
            **said,
        )
    except PlanRefused:
        return None
    return found.times(1 / whole) if found and whole != 1 else found


def periods_of(period: str, book: Book, months: float | None = None) -> float:
    """How many of its own periods a volume has in the KGI's period, or in so many months; 1 for a level."""
    if not period:
        return 1.0
    whole = float(book.months_of_whole) if months is None else months
    return whole / float(months_of_period(period, book.months_of_whole))


def limits_of(kpi: KPI, whole: float) -> tuple[float | None, float | None]:
    """What a lever cannot pass in the KGI's period, which has `whole` of its own periods."""
    highest = kpi.maximum if kpi.maximum is not None or not kpi.is_rate else 1
    return (
        None if kpi.minimum is None else float(kpi.minimum) * whole,
        None if highest is None else float(highest) * whole,
    )


def landing_by(kpi: KPI, period: Period, book: Book, spoken: Spoken, months: float | None = None) -> Landing | None:
    """Where a node lands by what key results say of it, counted in its own period."""
    read = book.by_key[kpi.key].months if kpi.is_lever else {}
    if not kpi.is_lever and spoken.adds_up:
        read = actuals.monthly(book.by_key[kpi.key].readings, is_volume=bool(spoken.period))
    said = {"actuals": read, "courses": spoken.courses}
    return landed(spoken_landing, kpi, spoken.period, period, book, months, **said)


def kgi_landing(planned: PlannedTree, book: Book, spoken: Mapping[str, Spoken]) -> KGILanding:
    """Where the KGI lands: each lever by what key results say of it, else by its readings, else by its range, else as
    it is now. The same numbers always give the same answer. Raises TreeRefused.
    """
    period = period_of(book)
    done, own = anchors_of(planned, book, period)
    asked, months = period, None
    if done is not None and done.months and period is not None:
        # What is done is known: the levers are asked about the rest alone.
        asked, months = (max(book.today + ONE_DAY, period[0]), period[1]), done.months
    landings: dict[str, Landing] = {}
    for key, said in spoken.items():
        if asked is not None and key != planned.goal.key:
            landed = landing_by(planned.nodes[key], asked, book, said, months)
            if landed is not None:
                landings[key] = landed
    tree = cut(planned.tree, landings)
    for key in tree.levers:
        if asked is not None and key not in landings:
            landed = landing_of(planned.nodes[key], asked, book, months)
            if landed is not None:
                landings[key] = surely(landed) if planned.nodes[key].is_locked else landed
    ranged = any(lever.low is not None and lever.high is not None for lever in tree.levers.values())
    if not (landings or ranged or done or own):
        return KGILanding(None, len(tree.levers), 0)
    targets = {name: value for name in TARGETS if (value := planned.target(name)) is not None}
    told = goal_landing(
        tree,
        landings=landings,
        targets=targets,
        falls=falls(planned.kgi),
        done=None if done is None else done.part,
        own=own,
        samples=SAMPLES,
        seed=SEED,
    )
    return KGILanding(told, len(tree.levers), len(landings))


def surely(landing: Landing) -> Landing:
    """A locked lever stays where it is: nobody moves it."""
    return replace(landing, p10=landing.expected, p90=landing.expected, sd=0.0)


def cut(tree: Tree, keys: Mapping[str, Landing]) -> Tree:
    """The tree with these formulas as levers: what lies below them is no longer asked."""
    if not keys.keys() & tree.formulas.keys():
        return tree
    nodes: dict[str, Lever | Formula] = {}
    waiting = [tree.goal]
    while waiting:
        key = waiting.pop()
        if key in nodes:
            continue
        if key in tree.levers:
            nodes[key] = tree.levers[key]
        elif key in keys:
            nodes[key] = Lever(key)
        else:
            nodes[key] = tree.formulas[key]
            waiting += tree.children[key]
    return Tree(tree.goal, nodes.values())


@dataclass(frozen=True)
class Brought:
    """What a KGI that adds up has brought, and how many months of mean weight are left."""

    part: Done
    months: float


def anchors_of(planned: PlannedTree, book: Book, period: Period | None) -> tuple[Brought | None, Own | None]:
    """What the KGI's own actuals say: of one that adds up what is done, of any other where it is heading."""
    goal = planned.goal
    months = book.by_key[goal.key].months
    if period is None or not months:
        return None, None
    if not goal.period:
        return None, own_course(months, start=period[0], end=period[1], today=book.today)
    try:
        plan = Plan(*period, book.today, months, is_volume=True, weights=book.kgi.monthly_weights)
    except PlanRefused:
        return None, None
    read = list(plan.read())
    if not read:
        return None, None
    brought, left = float(sum(span.value for span in read)), left_of(plan)
    part = Done(brought / periods_of(goal.period, book), left / float(plan.months))
    return Brought(part, left if book.today < period[1] else 0.0), None
