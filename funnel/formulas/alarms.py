"""When KPIs improve and the KGI does not: the levers may not be those that move it.

Source: the product's domain notes 2.4 and 3.13.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from funnel.formulas.actuals import Values, month_of, next_month

MONTHS_LOOKED_AT = 3
LEVER_IMPROVED_BY = Decimal("0.05")
GOAL_MOVED_BY = Decimal("0.02")


@dataclass(frozen=True)
class Move:
    """How far a number came, as a share of what it was; above 0 is better."""

    key: str
    before: Decimal
    after: Decimal
    improved: Decimal


@dataclass(frozen=True)
class Alarm:
    """Levers that improved, the most first, beside a goal that did not follow; from the end of one month to another."""

    goal: Move
    levers: Sequence[Move]
    since: date
    until: date


def improvement(key: str, months: Values, *, since: date, until: date, falls: bool = False) -> Move | None:
    """The way between two months; None where one was not read or the first is not above 0.

    >>> april, july = date(2026, 4, 1), date(2026, 7, 1)
    >>> improvement("churn", {april: Decimal("0.15"), july: Decimal("0.12")}, since=april, until=july, falls=True)
    Move(key='churn', before=Decimal('0.15'), after=Decimal('0.12'), improved=Decimal('0.2'))
    """
    before, after = months.get(since), months.get(until)
    if before is None or after is None or before <= 0:
        return None
    moved = after / before - 1
    return Move(key, before, after, -moved if falls else moved)


def kpi_up_goal_flat(
    goal: Values, levers: Mapping[str, Values], *, today: date, falling: frozenset[str] = frozenset(), key: str = ""
) -> Alarm | None:
    """The alarm, where over the last three ended months a lever improved by more than 5% and the goal by less than 2%.

    `falling` names the levers of which less is better, and the goal by its `key`. None where the goal was not read, or
    nothing is wrong.
    """
    until = next_month(month_of(today), -1)
    since = next_month(until, -MONTHS_LOOKED_AT)
    followed = improvement(key, goal, since=since, until=until, falls=key in falling)
    if followed is None or followed.improved >= GOAL_MOVED_BY:
        return None
    moves = (
        improvement(lever, months, since=since, until=until, falls=lever in falling) for lever, months in levers.items()
    )
    better = [move for move in moves if move is not None and move.improved > LEVER_IMPROVED_BY]
    better.sort(key=lambda move: -move.improved)
    return Alarm(followed, better, since, until) if better else None
