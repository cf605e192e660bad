"""The example company's quarter before, which is over: what was reported week by week, as it is."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import date
from decimal import Decimal

from benchmarks.forecasts.history import History
from dashboards.demo.check_ins.last import LAST as SAID
from dashboards.demo.days import Days
from dashboards.demo.goals.last import LAST as GOALS
from dashboards.demo.people import PEOPLE
from dashboards.demo.story import Goal, Log, Result
from objectives.formulas.scoring import Measure, Reading, Step

TODAY = date(2026, 5, 15)


def histories() -> Iterator[History]:
    days = Days(TODAY)
    for goal in GOALS:
        for result in goal.results:
            if result.key in SAID:
                yield _history(goal, result, SAID[result.key], days)


def _history(goal: Goal, result: Result, log: Log, days: Days) -> History:
    usual = {person.key: person for person in PEOPLE}[log.by or result.owner].checks_in_on
    span, said, before = days.spans["last"], [], Decimal(str(result.start or 0))
    finished: list[date | None] = [None] * len(result.steps)
    for week, (value, sure) in enumerate(zip(log.values.split(), log.confidence.split(), strict=True)):
        if value == "-":
            continue
        day, stood = days.check_in_day("last", week, usual), Decimal(value)
        amount = stood - before if result.kind == "cumulative" else stood
        before = stood
        if result.kind == "milestone":
            for place in range(int(stood)):
                finished[place] = finished[place] or day
            amount = sum((Decimal(weight) for _, weight in result.steps[: int(stood)]), Decimal(0))
        said.append(Reading(day, amount, int(sure)))
    intent = "committed" if result.kind == "keep" else goal.kind
    return History("example company", intent, _measure(result, finished), span, tuple(said), tuple(finished))


def _measure(result: Result, finished: list[date | None]) -> Measure:
    def number(value: object) -> Decimal | None:
        return None if value is None else Decimal(str(value))

    return Measure(
        result.kind,
        number(result.start),
        number(result.target),
        number(result.must),
        result.limit or None,
        number(result.quota),
        result.period or None,
        number(result.population),
        tuple(Step(Decimal(weight), on is not None) for (_, weight), on in zip(result.steps, finished, strict=True)),
    )
