"""Make the objectives and all that hangs on them, check-ins up to yesterday included."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from dashboards.demo.check_ins import CHECK_INS
from dashboards.demo.company import Company, key, number
from dashboards.demo.days import DAY, WEEK, carried, told
from dashboards.demo.goals import MOVED, NOT_DOING
from dashboards.demo.people import PEOPLE
from dashboards.demo.story import Goal, Log, Note, Result
from funnel.models import KPIReading
from objectives.models import (
    Alignment,
    CheckIn,
    Combine,
    KeyResult,
    Kind,
    MeasureType,
    NotDoing,
    Objective,
    ObjectiveShare,
    ObjectiveState,
    Step,
    TargetChange,
)


def write(company: Company, goals: Sequence[Goal]) -> None:
    """Objectives with all that hangs on them, check-ins up to yesterday included."""
    objectives = {goal.key: objective_of(company, goal, position) for position, goal in enumerate(goals)}
    Objective.objects.bulk_create(objectives.values())
    company.objectives |= objectives
    results = [(goal, result) for goal in goals for result in goal.results]
    key_results = {
        result.key: key_result_of(company, objectives[goal.key], result, goal.results.index(result))
        for goal, result in results
    }
    KeyResult.objects.bulk_create(key_results.values())
    company.key_results |= key_results
    steps = [
        Step(key_result=key_results[result.key], title=title, weight=weight, position=position)
        for _goal, result in results
        for position, (title, weight) in enumerate(result.steps)
    ]
    Step.objects.bulk_create(steps)
    Alignment.objects.bulk_create(
        Alignment(
            child=objectives[goal.key],
            parent_objective=None if parent.result else company.objectives[parent.key],
            parent_key_result=company.key_results[parent.key] if parent.result else None,
            link=parent.link,
            weight=parent.weight,
        )
        for goal in goals
        for parent in goal.parents
    )
    ObjectiveShare.objects.bulk_create(
        ObjectiveShare(objective=objectives[goal.key], membership=company.people[name])
        for goal in goals
        for name in goal.shared_with
    )
    steps_of: dict[int, list[Step]] = defaultdict(list)
    for step in steps:
        steps_of[step.key_result_id].append(step)
    write_check_ins(company, results, steps_of)


def objective_of(company: Company, goal: Goal, position: int) -> Objective:
    cycle = company.cycles[goal.cycle]
    activated_on = cycle.start if goal.state == ObjectiveState.ACTIVE else None
    state = goal.state
    if goal.active_for is not None:
        activated_on = company.days.today - goal.active_for * DAY
        state = ObjectiveState.AGREED  # until its day comes
    written = min(activated_on or cycle.start, company.days.today) - 9 * DAY
    return Objective(
        organization=company.organization,
        cycle=cycle,
        team=company.teams[goal.team],
        owner=company.people[goal.owner],
        level=goal.level,
        title=goal.title,
        why=goal.why,
        kind=goal.kind,
        state=state,
        kgi=company.kgis.get(goal.aim),
        position=position,
        submission_key=key("objective", goal.key),
        created_at=company.at(written, "10:00", 7 * position),
        activated_on=activated_on,
    )


def key_result_of(company: Company, objective: Objective, result: Result, position: int) -> KeyResult:
    return KeyResult(
        objective=objective,
        title=result.title,
        kind=result.kind,
        unit=result.unit,
        start_value=number(result.start),
        must_hit_value=number(result.must),
        target_value=number(result.target),
        limit=result.limit,
        quota=number(result.quota),
        period=result.period,
        population=number(result.population),
        measure_first=result.measure_first,
        combine=Combine.SUM if result.sums else Combine.SCORE,
        weight=result.weight,
        owner=company.people[result.owner],
        measured_how=result.how,
        measure_type=MeasureType.PROCESS if result.process else MeasureType.RESULT,
        kpi=company.kpis[result.kpi] if result.kpi else None,
        position=position,
        submission_key=key("key-result", result.key),
        created_at=objective.created_at,
    )


def write_around(company: Company) -> None:
    """What is decided beside the objectives: targets that moved, things left undone."""
    TargetChange.objects.bulk_create(
        TargetChange(
            key_result=key_result,
            changed_on=changed_on,
            changed_by=company.people[moved.by],
            old_must_hit=number(moved.old_must),
            old_target=number(moved.old_target),
            new_must_hit=key_result.must_hit_value,
            new_target=key_result.target_value,
            reason=moved.reason,
            created_at=company.at(changed_on, "11:40"),
        )
        for moved in MOVED
        for key_result in [company.key_results[moved.result]]
        for changed_on in [company.cycles["current"].start + moved.week * WEEK]
    )
    NotDoing.objects.bulk_create(
        NotDoing(cycle=company.cycles[cycle], team=company.teams[team], written_by=company.people[person], text=text)
        for cycle, team, person, text in NOT_DOING
    )


def write_check_ins(company: Company, results: Iterable[tuple[Goal, Result]], steps_of: dict[int, list[Step]]) -> None:
    check_ins: list[CheckIn] = []
    for goal, result in results:
        key_result = company.key_results[result.key]
        log = CHECK_INS.get(result.key)
        if log is not None:
            check_ins += check_ins_of(company, goal, result, key_result, log, steps_of[key_result.pk])
    CheckIn.objects.bulk_create(check_ins)
    for check_in in check_ins:
        company.reported[check_in.date].append(check_in.key_result_id)
    corrected = {check_in.corrects_id for check_in in check_ins}
    KPIReading.objects.bulk_create(
        KPIReading(
            kpi=kpi,
            date=check_in.date,
            value=check_in.value / 100 if kpi.is_rate else check_in.value,
            recorded_by=check_in.author,
            source=f"check-in:{check_in.pk}",
        )
        for check_in in check_ins
        for kpi in [check_in.key_result.kpi]
        if kpi is not None and check_in.pk not in corrected
    )


def check_ins_of(
    company: Company, goal: Goal, result: Result, key_result: KeyResult, log: Log, steps: Sequence[Step]
) -> list[CheckIn]:
    days, factor = company.days, company.days.factor(goal.cycle)
    habits = {person.key: person for person in PEOPLE}
    before = Decimal(str(result.start or 0))
    made: list[CheckIn] = []
    for week, (value, sure) in told(log).items():
        note = log.notes.get(week, Note())
        author = note.by or log.by or result.owner
        day = days.check_in_day(goal.cycle, week, habits[author].checks_in_on)
        if goal.active_for is not None:
            day = days.today - 2 * DAY
        if day >= days.today:
            continue
        value = carried(result, value, factor)
        if result.kind == Kind.CUMULATIVE:
            value, before = value - before, value
        finished = steps[: int(value)] if result.kind == Kind.MILESTONE else []
        if result.kind == Kind.MILESTONE:
            whole = sum(step.weight for step in steps)
            value = round(Decimal(sum(step.weight for step in finished)) / whole, 6)
        words: dict[str, Any] = {"going_well": note.well, "obstacle": note.obstacle, "next_step": note.next}
        minutes = 3 * (len(company.reported[day]) + 1) + 2 * key_result.position
        check_in = CheckIn(
            key_result=key_result,
            author=company.people[author],
            date=day,
            value=value,
            steps_done=[step.pk for step in finished],
            confidence=sure,
            submission_key=key("check-in", result.key, week),
            created_at=company.at(day, habits[author].at, minutes % 50),
            **({} if note.mistyped else words),
        )
        if note.mistyped is not None:
            check_in.value = Decimal(str(note.mistyped))
            check_in.save()
            made_right = CheckIn(
                key_result=key_result,
                author=check_in.author,
                date=day,
                value=value,
                confidence=sure,
                corrects=check_in,
                submission_key=key("check-in", result.key, week, "corrected"),
                created_at=company.at(day, habits[author].at, minutes % 50 + 16),
                **words,
            )
            company.reported[day].append(key_result.pk)
            made.append(made_right)
        else:
            made.append(check_in)
    return made
