"""Make the objectives and all that hangs on them, check-ins up to yesterday included."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Sequence
from decimal import Decimal
from typing import Any

from dashboards.demo.company import Company, key, number
from dashboards.demo.days import DAY, WEEK, carried, told
from dashboards.demo.goals import NOT_DOING
from dashboards.demo.obstacles import clear, obstacle_of
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
    Obstacle,
    StateChange,
    Step,
    TargetChange,
)
from objectives.queries.agreement import content_of
from objectives.services.check_ins import span_fed
from people.models import Membership


def write(company: Company, goals: Sequence[Goal]) -> None:
    """Objectives with all that hangs on them, check-ins up to yesterday included."""
    objectives = {goal.key: objective_of(company, goal, position) for position, goal in enumerate(goals)}
    company.objectives |= objectives
    results = [(goal, result) for goal in goals for result in goal.results]
    steps_of: dict[int, list[Step]] = {}
    for goal in goals:
        objective = objectives[goal.key]
        with company.by(goal.owner, objective.created_at):
            draft(objective)
            steps_of |= write_key_results(company, goal, objective)
    for goal in goals:
        with company.by(goal.owner, objectives[goal.key].created_at):
            connect(company, goal)
    for goal in goals:
        agree(company, goal)
    write_check_ins(company, results, steps_of)


def draft(objective: Objective) -> None:
    """Every objective begins as a draft; in what state it is found follows from `agree`."""
    found = objective.state, objective.activated_on
    objective.state, objective.activated_on = ObjectiveState.DRAFT, None
    objective.save(force_insert=True)
    objective.state, objective.activated_on = found


def write_key_results(company: Company, goal: Goal, objective: Objective) -> dict[int, list[Step]]:
    """The key results of an objective, as they were before any target moved; their steps by their ids."""
    rows = [key_result_of(company, objective, result, place) for place, result in enumerate(goal.results)]
    KeyResult.objects.bulk_create(rows)
    company.key_results |= {result.key: row for result, row in zip(goal.results, rows, strict=True)}
    steps_of = {
        row.pk: [
            Step(key_result=row, title=title, weight=weight, position=position)
            for position, (title, weight) in enumerate(result.steps)
        ]
        for result, row in zip(goal.results, rows, strict=True)
    }
    Step.objects.bulk_create(step for steps in steps_of.values() for step in steps)
    return steps_of


def connect(company: Company, goal: Goal) -> None:
    """What an objective helps, and with whom it is shared."""
    Alignment.objects.bulk_create(
        Alignment(
            child=company.objectives[goal.key],
            parent_objective=None if parent.result else company.objectives[parent.key],
            parent_key_result=company.key_results[parent.key] if parent.result else None,
            link=parent.link,
            weight=parent.weight,
        )
        for parent in goal.parents
    )
    ObjectiveShare.objects.bulk_create(
        ObjectiveShare(objective=company.objectives[goal.key], membership=company.people[name])
        for name in goal.shared_with
    )


def agree(company: Company, goal: Goal) -> None:
    """Move a draft to where it is found: proposed by its owner, agreed to and begun by who leads the team."""
    objective = company.objectives[goal.key]
    if objective.state == ObjectiveState.DRAFT:
        return
    written = company.past(objective.created_at.date() + 4 * DAY)
    day = written if goal.active_for is not None else objective.activated_on or written
    leader, before = company.tale.leaders[goal.team], ObjectiveState.DRAFT
    if leader != goal.owner:
        with company.acting(goal.owner, company.at(day - 3 * DAY, "17:10", objective.position)) as by:
            note_step(objective, before, ObjectiveState.PROPOSED, by)
        before = ObjectiveState.PROPOSED
    with company.acting(leader, company.at(day, "09:20", objective.position)) as by:
        Objective.objects.filter(pk=objective.pk).update(state=objective.state, activated_on=objective.activated_on)
        note_step(objective, before, objective.state, by)


def note_step(objective: Objective, before: str, after: str, by: Membership) -> None:
    """Keep a step of long ago: nobody is told of it any more."""
    StateChange.objects.create(
        objective=objective, old_state=before, new_state=after, by=by, content=content_of(objective.pk)
    )


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
        carried_from=company.objectives.get(goal.carried_from),
        position=position,
        submission_key=key("objective", goal.key),
        created_at=company.at(written, "10:00", 7 * position),
        activated_on=activated_on,
    )


def key_result_of(company: Company, objective: Objective, result: Result, position: int) -> KeyResult:
    moved = next((moved for moved in company.tale.moved if moved.result == result.key), None)
    return KeyResult(
        objective=objective,
        title=result.title,
        kind=result.kind,
        unit=result.unit,
        start_value=number(result.start),
        must_hit_value=number(moved.old_must if moved else result.must),
        target_value=number(moved.old_target if moved else result.target),
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
    results = {result.key: result for goal in company.tale.goals for result in goal.results}
    for moved in company.tale.moved:
        key_result, told_of = company.key_results[moved.result], results[moved.result]
        key_result.must_hit_value, key_result.target_value = number(told_of.must), number(told_of.target)
        changed_on = company.cycles["current"].start + moved.week * WEEK
        at = company.at(changed_on, "11:40")
        with company.by(moved.by, at):
            key_result.save(update_fields=["must_hit_value", "target_value"])
            TargetChange.objects.create(
                key_result=key_result,
                changed_on=changed_on,
                changed_by=company.people[moved.by],
                old_must_hit=number(moved.old_must),
                old_target=number(moved.old_target),
                new_must_hit=key_result.must_hit_value,
                new_target=key_result.target_value,
                reason=moved.reason,
                created_at=at,
            )
    for cycle, team, person, text in NOT_DOING:
        said_on = company.past(company.cycles[cycle].start - 5 * DAY)
        with company.by(person, company.at(said_on, "15:30")):
            NotDoing.objects.create(
                cycle=company.cycles[cycle],
                team=company.teams[team],
                written_by=company.people[person],
                text=text,
            )


def write_check_ins(company: Company, results: Iterable[tuple[Goal, Result]], steps_of: dict[int, list[Step]]) -> None:
    check_ins: list[CheckIn] = []
    for goal, result in results:
        key_result = company.key_results[result.key]
        log = company.tale.check_ins.get(result.key)
        if log is not None:
            check_ins += check_ins_of(company, goal, result, key_result, log, steps_of[key_result.pk])
    corrected = {check_in.corrects.submission_key for check_in in check_ins if check_in.corrects}
    names = {membership.pk: name for name, membership in company.people.items()}
    standing: dict[int, list[Obstacle]] = defaultdict(list)
    for check_in in check_ins:
        with company.by(names[check_in.author_id], check_in.created_at):
            check_in.save()
            if check_in.submission_key in corrected:
                continue
            company.reported[check_in.date].append(check_in.key_result_id)
            standing[check_in.key_result_id] = clear(standing[check_in.key_result_id], check_in)
            if check_in.obstacle:
                obstacle = obstacle_of(check_in)
                obstacle.save()
                standing[check_in.key_result_id].append(obstacle)
            kpi = check_in.key_result.kpi
            if kpi is None:
                continue
            KPIReading.objects.create(
                kpi=kpi,
                date=check_in.date,
                span=span_fed(check_in.key_result, kpi),
                value=check_in.value / 100 if kpi.is_rate else check_in.value,
                recorded_by=check_in.author,
                source=f"check-in:{check_in.pk}",
            )


def check_ins_of(
    company: Company, goal: Goal, result: Result, key_result: KeyResult, log: Log, steps: Sequence[Step]
) -> list[CheckIn]:
    days, factor = company.days, company.days.factor(goal.cycle)
    habits = {person.key: person for person in company.tale.people}
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
            value = sum((step.weight for step in finished), Decimal(0))
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
            made += [check_in, made_right]
        else:
            made.append(check_in)
    return made
