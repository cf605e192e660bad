"""The set-based roll-up says what its reference in `formulas` says, however goals hang together."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import IntegrityError, connection, transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from objectives import rollup, services
from objectives.formulas import alignment, pace
from objectives.formulas.scoring import Span
from objectives.models import (
    Alignment,
    CheckIn,
    Combine,
    Cycle,
    CycleState,
    Intent,
    KeyResult,
    KeyResultScore,
    Kind,
    Link,
    Objective,
    ObjectiveScore,
    ObjectiveSnapshot,
    ObjectiveState,
    PendingRollUp,
)
from objectives.rollup import upwards
from people import clock
from tests.cast import TODAY

UNITS = ("件", "人")
KINDS = (Kind.REACH, Kind.CUMULATIVE, Kind.AVERAGE, Kind.KEEP, Kind.QUOTA)
SPANS = {
    "quarter": (date(2026, 4, 6), date(2026, 7, 5), CycleState.ACTIVE),
    "year": (date(2026, 4, 1), date(2027, 3, 31), CycleState.ACTIVE),
    "next": (date(2026, 7, 6), date(2026, 10, 4), CycleState.DRAFT),
    "before": (date(2026, 1, 5), date(2026, 4, 5), CycleState.CLOSED),
}


@dataclass(frozen=True)
class Result:
    """A key result as its check-ins left it."""

    kind: str
    unit: str
    weight: float | None
    progress: float | None
    check_ins: int
    confidence: int | None
    due: int | None
    """Days from today to the next check-in, None where none is due."""
    measure_first: bool
    dropped: bool
    sums: bool
    value: int | None
    start: int | None
    target: int | None

    @property
    def score(self) -> float | None:
        return None if self.progress is None else min(max(self.progress, 0.0), 1.0)


@dataclass(frozen=True)
class Above:
    """A link from a goal to one before it in the list, or to one of that one's key results."""

    parent: int
    result: int | None
    link: str
    weight: float | None


@dataclass(frozen=True)
class Goal:
    cycle: str
    intent: str
    state: str
    dropped: bool
    results: tuple[Result, ...]
    parents: tuple[Above, ...]

    @property
    def counts(self) -> bool:
        return not self.dropped and self.state in (ObjectiveState.ACTIVE, ObjectiveState.CLOSED)


def thousandths(lowest: int, highest: int) -> st.SearchStrategy[float]:
    return st.integers(lowest, highest).map(lambda number: number / 1000)


results = st.builds(
    Result,
    kind=st.sampled_from(KINDS),
    unit=st.sampled_from(UNITS),
    weight=st.none() | thousandths(0, 200),
    progress=st.none() | thousandths(-500, 1500),
    check_ins=st.sampled_from((0, 0, 1, 2)),
    confidence=st.none() | st.integers(0, 10),
    due=st.none() | st.integers(-3, 3),
    measure_first=st.booleans() | st.just(False),
    dropped=st.sampled_from((False, False, False, True)),
    sums=st.sampled_from((True, True, False)),
    value=st.integers(-50, 200) | st.none(),
    start=st.none() | st.integers(-5, 5),
    target=st.integers(10, 200) | st.none(),
)


@st.composite
def graphs(draw) -> list[Goal]:
    goals: list[Goal] = []
    for number in range(draw(st.integers(2, 8))):
        parents: dict[tuple[int, int | None], Above] = {}
        for _turn in range(draw(st.integers(0, 3)) if number else 0):
            parent = draw(st.integers(0, number - 1))
            below = list(range(len(goals[parent].results)))
            result = draw(st.sampled_from([*below, None])) if below else None
            link = draw(st.sampled_from((Link.CONTRIBUTES, Link.CONTRIBUTES, Link.SUPPORTS)))
            weight = draw(st.none() | thousandths(0, 5000))
            parents[parent, result] = Above(parent, result, link, weight)
        state = draw(st.sampled_from((*[ObjectiveState.ACTIVE] * 4, ObjectiveState.DRAFT, ObjectiveState.CLOSED)))
        goals.append(
            Goal(
                cycle=draw(st.sampled_from(tuple(SPANS))),
                intent=draw(st.sampled_from(Intent.values)),
                state=state,
                dropped=draw(st.sampled_from((False, False, False, False, True))),
                results=tuple(draw(st.lists(results, min_size=number % 3 > 0, max_size=4))),
                parents=tuple(parents.values()),
            )
        )
    return goals


def write(cast, goals: list[Goal], today: date) -> tuple[list[Objective], list[list[KeyResult]]]:
    cycles = {
        name: Cycle.objects.create(organization=cast.organization, name=name, start=start, end=end, state=state)
        for name, (start, end, state) in SPANS.items()
    }
    objectives = Objective.objects.bulk_create(
        Objective(
            organization=cast.organization,
            cycle=cycles[goal.cycle],
            team=cast.sales,
            owner=cast.manager,
            title=str(number),
            kind=goal.intent,
            state=goal.state,
            dropped_at=clock.now() if goal.dropped else None,
        )
        for number, goal in enumerate(goals)
    )
    key_results = [
        KeyResult.objects.bulk_create(
            KeyResult(
                objective=objective,
                title=f"{objective.title}.{number}",
                kind=result.kind,
                unit=result.unit,
                weight=result.weight,
                start_value=result.start,
                target_value=result.target,
                measure_first=result.measure_first,
                combine=Combine.SUM if result.sums else Combine.SCORE,
                dropped_at=clock.now() if result.dropped else None,
            )
            for number, result in enumerate(goal.results)
        )
        for goal, objective in zip(goals, objectives, strict=True)
    ]
    KeyResultScore.objects.bulk_create(
        KeyResultScore(
            key_result=key_result,
            own_progress=result.progress,
            own_score=result.score,
            own_value=result.value,
            check_in_count=result.check_ins,
            confidence=result.confidence,
            due_on=None if result.due is None else today + timedelta(days=result.due),
        )
        for goal, rows in zip(goals, key_results, strict=True)
        for result, key_result in zip(goal.results, rows, strict=True)
    )
    Alignment.objects.bulk_create(
        Alignment(
            child=objectives[number],
            parent_objective=objectives[above.parent] if above.result is None else None,
            parent_key_result=None if above.result is None else key_results[above.parent][above.result],
            link=above.link,
            weight=above.weight,
        )
        for number, goal in enumerate(goals)
        for above in goal.parents
    )
    return objectives, key_results


def reference(goals: list[Goal], today: date) -> tuple[alignment.Rolled, list[alignment.Link]]:
    """What `formulas.alignment` makes of it: drafts and dropped goals count towards nothing."""
    nodes, links = [], []
    for number, goal in enumerate(goals):
        span = Span(*SPANS[goal.cycle][:2])
        nodes.append(
            alignment.ObjectiveNode(
                number,
                tuple(
                    alignment.KeyResultNode(
                        (number, place),
                        result.score,
                        result.weight,
                        has_check_in=result.check_ins > 0,
                        pace=pace.key_result_pace(result.kind, span, today),
                        combine=Combine.SUM if result.sums else Combine.SCORE,
                        value=result.value,
                        start=result.start,
                        target=result.target,
                        unit=result.unit,
                    )
                    for place, result in enumerate(goal.results)
                    if not result.dropped
                ),
                pace=pace.elapsed_share(span, today),
            )
        )
        for above in goal.parents:
            if not goal.counts or (above.result is not None and goals[above.parent].results[above.result].dropped):
                continue
            if above.result is None:
                links.append(alignment.Link(number, above.parent, None, above.link, above.weight))
            else:
                links.append(alignment.Link(number, None, (above.parent, above.result), above.link, above.weight))
    return alignment.roll_up(nodes, links), links


FEWEST = st.sampled_from((0, upwards.MANY_OBJECTIVES))


@contextmanager
def many_from(fewest: int) -> Iterator[None]:
    """Let graphs of more goals than that be recomputed as whole companies are."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(upwards, "MANY_OBJECTIVES", fewest)
        yield


def near(number: float | None) -> object:
    return None if number is None else pytest.approx(number, abs=1e-9, rel=1e-9)


@settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(goals=graphs(), shift=st.sampled_from((-60, -44, -40, -38, 0, 20, 47, 100)), fewest=FEWEST)
def test_on_any_graph_of_goals_the_database_and_the_reference_agree(cast, goals, shift, fewest):
    today = TODAY + timedelta(days=shift)
    with many_from(fewest), transaction.atomic():
        objectives, key_results = write(cast, goals, today)
        rollup.roll_up(cast.organization, [objective.pk for objective in objectives], today)
        rolled, links = reference(goals, today)
        health = {}
        for number in reversed(range(len(goals))):
            health[number] = compare(goals, number, objectives, key_results, rolled, links, health, today)
        transaction.set_rollback(True)


def compare(goals, number, objectives, key_results, rolled, links, below, today) -> str:
    """One objective with its key results against the reference; `below` holds the health of those after it.

    Of their key results as well, by number and place, and in the end of its own.
    """
    goal = goals[number]
    span = Span(*SPANS[goal.cycle][:2])
    closed = goal.state == ObjectiveState.CLOSED or SPANS[goal.cycle][2] == CycleState.CLOSED
    common = {"closed": closed, "days_elapsed": pace.days_elapsed(span, today), "band_lower": 0.6}
    carriers = [link for link in links if link.link == Link.CONTRIBUTES and rolled.scores[link.child] is not None]
    started = overdue = False
    for place, result in enumerate(goal.results):
        if result.dropped:
            continue
        found = KeyResultScore.objects.get(pk=key_results[number][place].pk)
        me = (number, place)
        expected_pace = rolled.key_result_paces[me]
        assert found.score == near(rolled.key_result_scores[me])
        assert found.pace == near(expected_pace)
        value = rolled.key_result_values[me]
        assert found.current_value == (None if value is None else Decimal(value))
        children = [link.child for link in links if link.parent_key_result == me and link.link == Link.CONTRIBUTES]
        if result.sums:
            carried = value is not None and any(
                row.check_ins > 0 or (row.sums and below[child, position] not in ("not_started", "measure_first"))
                for child in children
                for position, row in enumerate(goals[child].results)
                if not row.dropped and row.unit == result.unit and rolled.key_result_values[child, position] is not None
            )
            carried = carried and result.target is not None and result.target != (result.start or 0)
        else:
            carried = any(below[link.child] != "not_started" for link in carriers if link.parent_key_result == me)
        bounded = result.kind in pace.BOUNDED_KINDS
        bounded |= not result.sums and any(link.parent_key_result == me and link.weight != 0 for link in carriers)
        given_health = pace.HealthInput(
            intent=goal.intent,
            kind=result.kind,
            landing=pace.landing(found.progress, expected_pace, is_bounded=bounded),
            confidence=result.confidence,
            overdue=result.due is not None and result.due < 0,
            started=result.check_ins > 0 or carried,
            measure_first=result.measure_first,
            **common,
        )
        assert found.landing == near(given_health.landing)
        assert found.health == pace.health(given_health)
        below[me] = found.health
        started |= result.check_ins > 0 or found.health not in ("not_started", "measure_first", "closed")
        overdue |= given_health.overdue
    found = ObjectiveScore.objects.get(pk=objectives[number].pk)
    score, expected_pace = rolled.scores[number], rolled.paces[number]
    assert found.score == near(score)
    assert found.pace == near(expected_pace)
    children = [link.child for link in carriers if link.parent_objective == number]
    kept = [result for result in goal.results if not result.dropped]
    given_health = pace.HealthInput(
        intent=goal.intent,
        kind="",
        landing=pace.landing(score, expected_pace, is_bounded=True),
        overdue=overdue,
        started=started or any(below[child] not in ("not_started", "measure_first") for child in children),
        measure_first=bool(kept) and all(result.measure_first for result in kept) and not children,
        **common,
    )
    assert found.landing == near(given_health.landing)
    assert found.health == pace.health(given_health)
    return found.health


def stored() -> tuple[list, list]:
    """All scores with the place of their rows on disk: a row written anew moves."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ctid::text, * FROM objectives_keyresultscore ORDER BY key_result_id")
        key_results = cursor.fetchall()
        cursor.execute("SELECT ctid::text, * FROM objectives_objectivescore ORDER BY objective_id")
        return key_results, cursor.fetchall()


@settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(goals=graphs(), fewest=FEWEST)
def test_rolling_up_twice_writes_nothing_the_second_time(cast, goals, fewest):
    with many_from(fewest), transaction.atomic():
        objectives, _key_results = write(cast, goals, TODAY)
        ids = [objective.pk for objective in objectives]
        rollup.roll_up(cast.organization, ids, TODAY)
        before = stored()
        rollup.roll_up(cast.organization, ids, TODAY)
        assert stored() == before
        transaction.set_rollback(True)


def check_in(cast, key_result: KeyResult, value: int, day: date = TODAY) -> None:
    CheckIn.objects.create(key_result=key_result, author=cast.member, date=day, value=Decimal(value))
    rollup.rescore(cast.organization, [key_result.pk], key_result.objective_id, TODAY)


def test_a_day_has_one_snapshot_and_its_last_word_stays(cast):
    objective = cast.objective()
    first, second = objective.key_results.all()
    check_in(cast, first, 40)
    rollup.drain()
    check_in(cast, second, 60)
    rollup.drain()
    rollup.drain()
    snapshot = ObjectiveSnapshot.objects.get(objective=objective)
    assert (snapshot.date, snapshot.score) == (TODAY, pytest.approx(0.5))


def test_only_what_is_being_worked_on_leaves_a_trace(cast):
    draft = cast.objective(state=ObjectiveState.DRAFT)
    old = cast.objective()
    Objective.objects.filter(pk=old.pk).update(cycle=cast.closed_cycle)
    rollup.snapshot([draft.pk, old.pk], TODAY)
    assert not ObjectiveSnapshot.objects.filter(objective__in=[draft, old]).exists()


def test_a_check_in_reaches_everything_above_it_once_drained(cast):
    company, team, person = (cast.objective() for _number in range(3))
    Alignment.objects.create(child=person, parent_objective=team, weight=1)
    Alignment.objects.create(child=team, parent_objective=company, weight=1)
    for key_result in person.key_results.all():
        check_in(cast, key_result, 100)
    company.scored.refresh_from_db()
    assert company.scored.score == 0
    assert rollup.drain() >= 3
    assert not PendingRollUp.objects.exists()
    for objective, score in ((person, 1), (team, 1 / 2), (company, 1 / 4)):
        objective.scored.refresh_from_db()
        assert objective.scored.score == pytest.approx(score)


def test_a_sum_of_sums_is_under_way_as_soon_as_what_it_sums_is(cast):
    sums = cast.sums_of_sums()
    services.record_check_in(sums[-1], author=cast.member, value=Decimal(80))
    rollup.drain()
    rows = KeyResultScore.objects.filter(key_result__in=sums).values_list("current_value", "health")
    assert set(rows) == {(Decimal(80), "on_track")}


def test_a_weight_too_small_for_a_product_is_kept_out(cast):
    parent, child = cast.objective(), cast.objective()
    assert services.align(child, to=parent, weight=1e-300).weight == 0
    with pytest.raises(IntegrityError), transaction.atomic():
        Alignment.objects.update(weight=1e-300)
    with pytest.raises(IntegrityError), transaction.atomic():
        KeyResult.objects.update(weight=1e-300)


def test_a_child_is_paced_by_its_own_cycle(cast):
    year = Cycle.objects.create(
        organization=cast.organization,
        name="FY2026",
        start=date(2026, 4, 1),
        end=date(2027, 3, 31),
        state=CycleState.ACTIVE,
    )
    company = cast.objective(cycle=year, key_results=2)
    quarter = cast.objective()
    services.align(quarter, to=company)
    KeyResult.objects.filter(objective=company).update(measure_first=True)
    rollup.rescore_key_results(cast.organization, company.key_results.values_list("pk", flat=True), TODAY)
    rollup.roll_up(cast.organization, [company.pk], TODAY)
    company.scored.refresh_from_db()
    quarter.scored.refresh_from_db()
    assert company.scored.pace == pytest.approx(quarter.scored.pace) == pytest.approx(45 / 91)


def test_objectives_are_layered_children_first(cast):
    company, team, person = (cast.objective() for _number in range(3))
    Alignment.objects.create(child=person, parent_key_result=team.key_results.first())
    Alignment.objects.create(child=team, parent_objective=company)
    Alignment.objects.create(child=person, parent_objective=company, link=Link.SUPPORTS)
    assert rollup.levels([company.pk, team.pk, person.pk]) == [[person.pk], [team.pk], [company.pk]]


def test_days_missed_are_made_up_one_by_one_and_once(cast, move_clock):
    objective = cast.objective()
    cast.organization.scored_on = TODAY
    cast.organization.save()
    move_clock((TODAY + timedelta(days=3)).isoformat() + "T00:05:00+09:00")
    assert rollup.score_calendar(cast.organization.pk) == 3
    assert rollup.score_calendar(cast.organization.pk) == 0
    paces = list(objective.snapshots.filter(date__gt=TODAY).order_by("date").values_list("pace", flat=True))
    assert paces == [pytest.approx((45 + number) / 91) for number in (1, 2, 3)]


def test_the_reference_is_held_to_by_a_graph_that_is_known():
    """Guards the test itself: a change of one weight must be noticed."""
    low = Result(Kind.REACH, "件", None, 0.2, 1, None, None, False, False, False, 20, 0, 100)
    goals = [
        Goal("quarter", Intent.ASPIRATIONAL, ObjectiveState.ACTIVE, False, (low, low), ()),
        Goal(
            "quarter",
            Intent.ASPIRATIONAL,
            ObjectiveState.ACTIVE,
            False,
            (replace(low, progress=0.8),),
            (Above(0, None, Link.CONTRIBUTES, None),),
        ),
    ]
    rolled, _links = reference(goals, TODAY)
    assert rolled.scores[0] == pytest.approx((0.2 + 0.5 * 0.8) / 1.5)
