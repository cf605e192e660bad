"""What happens when somebody checks in."""

import threading
import uuid
from datetime import date, timedelta
from decimal import Decimal

import pytest
from django.db import connection, transaction

from funnel.models import KGI, KPI
from objectives import rollup, services, tasks
from objectives.models import (
    CheckIn,
    CycleState,
    Intent,
    KeyResultScore,
    Kind,
    Limit,
    Link,
    ObjectiveScore,
    ObjectiveState,
    Obstacle,
    PendingRollUp,
    Period,
    Step,
)
from people.refusals import Refusal
from tests.cast import TODAY, make_cast


def check_in(cast, key_result, value=None, **fields):
    return services.record_check_in(
        key_result, author=cast.member, value=None if value is None else Decimal(str(value)), **fields
    )


def test_the_key_result_and_its_objective_are_rescored_at_once(cast):
    objective = cast.objective(key_results=2)
    key_result = objective.key_results.first()
    check_in(cast, key_result, 40, confidence=7)
    scored = KeyResultScore.objects.get(key_result=key_result)
    assert (scored.current_value, scored.progress, scored.score, scored.confidence) == (40, 0.4, 0.4, 7)
    assert ObjectiveScore.objects.get(objective=objective).score == pytest.approx(0.2)


def test_the_landing_and_health_follow_from_the_pace(cast):
    key_result = cast.objective().key_results.first()
    check_in(cast, key_result, 40)
    scored = KeyResultScore.objects.get(key_result=key_result)
    assert scored.pace == pytest.approx(45 / 91)
    assert scored.landing == pytest.approx(0.4 / (45 / 91))
    assert scored.health == "on_track"


def test_a_confidence_of_three_lowers_the_health_by_one_step(cast):
    key_result = cast.objective().key_results.first()
    check_in(cast, key_result, 40, confidence=3)
    assert KeyResultScore.objects.get(key_result=key_result).health == "at_risk"


def test_a_repeated_submission_key_answers_the_first_one(cast):
    key_result = cast.objective().key_results.first()
    key = uuid.uuid4()
    first, created = check_in(cast, key_result, 10, submission_key=key)
    again, created_again = check_in(cast, key_result, 99, submission_key=key)
    assert (created, created_again, again.pk) == (True, False, first.pk)
    assert KeyResultScore.objects.get(key_result=key_result).current_value == 10


def test_cumulative_check_ins_add_up_and_a_correction_takes_the_place_of_the_wrong_one(cast):
    objective = cast.objective()
    key_result = cast.key_result(objective, kind=Kind.CUMULATIVE, target_value=Decimal(30))
    check_in(cast, key_result, 10, date=TODAY - timedelta(days=7))
    wrong, _ = check_in(cast, key_result, 500)
    check_in(cast, key_result, 5, corrects=wrong)
    assert KeyResultScore.objects.get(key_result=key_result).current_value == 15
    assert CheckIn.objects.filter(key_result=key_result).count() == 3
    with pytest.raises(Refusal) as refused:
        check_in(cast, key_result, 6, corrects=wrong)
    assert refused.value.code == "already_corrected"


def test_a_check_in_of_another_key_result_cannot_be_corrected_here(cast):
    one, two = cast.objective().key_results.all()
    wrong, _ = check_in(cast, one, 10)
    with pytest.raises(Refusal) as refused:
        check_in(cast, two, 5, corrects=wrong)
    assert refused.value.code == "corrects_another"


def test_steps_of_a_milestone_are_ticked_and_unticked(cast):
    objective = cast.objective()
    milestone = cast.key_result(
        objective,
        kind=Kind.MILESTONE,
        start_value=None,
        target_value=None,
        steps=[Step(title="洗い出し", weight=1), Step(title="公開", weight=3)],
    )
    audit, publish = milestone.steps.all()
    check_in(cast, milestone, steps_done=[publish.pk])
    publish.refresh_from_db()
    assert publish.done_on == TODAY
    assert KeyResultScore.objects.get(key_result=milestone).score == 0.75
    check_in(cast, milestone, steps_done=[audit.pk])
    publish.refresh_from_db()
    assert publish.done_on is None
    assert KeyResultScore.objects.get(key_result=milestone).score == 0.25
    with pytest.raises(Refusal) as refused:
        check_in(cast, milestone, steps_done=[10**9])
    assert "steps_done" in refused.value.fields


@pytest.mark.parametrize(
    ("day", "code"),
    [(TODAY + timedelta(days=1), "date_in_future"), (date(2026, 4, 5), "date_outside_cycle")],
)
def test_days_to_come_and_days_outside_the_cycle_are_refused(cast, day, code):
    key_result = cast.objective().key_results.first()
    with pytest.raises(Refusal) as refused:
        check_in(cast, key_result, 1, date=day)
    assert refused.value.code == code
    assert "date" in refused.value.fields


def test_a_closed_cycle_refuses_check_ins_but_still_answers_a_repeated_one(cast):
    key_result = cast.objective().key_results.first()
    key = uuid.uuid4()
    first, _ = check_in(cast, key_result, 10, submission_key=key)
    services.change_cycle_state(cast.cycle, to=CycleState.CLOSED, by=cast.admin)
    with pytest.raises(Refusal) as refused:
        check_in(cast, key_result, 20)
    assert refused.value.code == "cycle_closed"
    assert check_in(cast, key_result, 20, submission_key=key) == (first, False)
    assert KeyResultScore.objects.get(key_result=key_result).health == "closed"


def test_a_draft_takes_no_check_ins(cast):
    key_result = cast.objective(state=ObjectiveState.DRAFT).key_results.first()
    with pytest.raises(Refusal) as refused:
        check_in(cast, key_result, 1)
    assert refused.value.code == "not_active"


def test_a_kpi_is_fed_by_the_key_result_tied_to_it_and_a_correction_replaces_the_reading(cast):
    kgi = KGI.objects.create(organization=cast.organization, name="年間売上")
    kpi = KPI.objects.create(kgi=kgi, key="win_rate", name="受注率", is_rate=True)
    key_result = cast.key_result(cast.objective(), unit="%", start_value=Decimal(15), target_value=Decimal(25), kpi=kpi)
    wrong, _ = check_in(cast, key_result, 40)
    assert [reading.value for reading in kpi.readings.all()] == [Decimal("0.4")]
    check_in(cast, key_result, 20, corrects=wrong)
    assert [reading.value for reading in kpi.readings.all()] == [Decimal("0.2")]


@pytest.mark.parametrize(
    ("kind", "period", "read"),
    [
        (Kind.CUMULATIVE, "month", [("", 30), ("", 20)]),  # what came in, day by day
        (Kind.CUMULATIVE, "", [("", 30), ("", 50)]),  # how far the sum has brought a stock
        (Kind.REACH, "whole", [("month", 30), ("month", 20)]),  # what a month brings now
        (Kind.REACH, "week", [("week", 30), ("week", 20)]),
        (Kind.REACH, "", [("", 30), ("", 20)]),
    ],
)
def test_what_a_check_in_says_of_a_kpi_follows_from_both_kinds(cast, kind, period, read):
    kgi = KGI.objects.create(organization=cast.organization, name="年間売上")
    kpi = KPI.objects.create(kgi=kgi, key="visits", name="訪問", period=period)
    key_result = cast.key_result(cast.objective(), kind=kind, kpi=kpi)
    check_in(cast, key_result, 30)
    check_in(cast, key_result, 20)
    assert list(kpi.readings.order_by("id").values_list("span", "value")) == read


def test_a_sum_that_brings_a_level_somewhere_counts_what_is_said_late_or_put_right(cast):
    kgi = KGI.objects.create(organization=cast.organization, name="年間売上")
    kpi = KPI.objects.create(kgi=kgi, key="customers", name="お客さま")
    key_result = cast.key_result(cast.objective(), kind=Kind.CUMULATIVE, kpi=kpi)
    first, _ = check_in(cast, key_result, 30, date=date(2026, 5, 8))
    check_in(cast, key_result, 20, date=date(2026, 5, 15))
    check_in(cast, key_result, 5, date=date(2026, 5, 12))
    read = kpi.readings.order_by("date").values_list("date__day", "value")
    assert list(read) == [(8, 30), (12, 35), (15, 55)]
    check_in(cast, key_result, 3, corrects=first, date=date(2026, 5, 8))
    assert list(read.all()) == [(8, 3), (12, 8), (15, 28)]


def test_keep_and_quota_without_a_counted_period_have_no_score(cast):
    objective = cast.objective(key_results=2)
    keep = cast.key_result(objective, kind=Kind.KEEP, start_value=None, limit=Limit.MAX, target_value=Decimal(2))
    quota = cast.key_result(
        objective, kind=Kind.QUOTA, start_value=None, target_value=None, quota=Decimal(20), period=Period.MONTH
    )
    for key_result in objective.key_results.exclude(pk__in=[keep.pk, quota.pk]):
        check_in(cast, key_result, 50)
    check_in(cast, quota, 3, date=TODAY)
    assert KeyResultScore.objects.get(key_result=keep).score is None
    # April has ended without a single one; May is not over, and its quota is not met.
    assert KeyResultScore.objects.get(key_result=quota).score == 0
    assert ObjectiveScore.objects.get(objective=objective).score == pytest.approx((0.5 + 0.5 + 0) / 3)
    check_in(cast, keep, 1)
    assert KeyResultScore.objects.get(key_result=keep).score == 1


def test_the_need_to_rescore_ancestors_is_recorded_and_drained(cast):
    top = cast.objective(title="会社", team=cast.company, level="company")
    below = cast.objective(title="部署")
    services.align(below, to=top, link=Link.CONTRIBUTES)
    rollup.drain()
    check_in(cast, below.key_results.first(), 80)
    assert PendingRollUp.objects.filter(objective=below).exists()
    assert ObjectiveScore.objects.get(objective=top).score == pytest.approx(0)
    rollup.drain()
    # Two key results at 0 with weight 1/2 each, and the child at 0.4 with the default weight 1/2.
    assert ObjectiveScore.objects.get(objective=top).score == pytest.approx(0.2 / 1.5)
    assert not PendingRollUp.objects.exists()
    assert below.snapshots.get(date=TODAY).score == pytest.approx(0.4)
    assert rollup.drain() == 0


def test_intent_decides_what_is_on_track(cast):
    for intent, health in [(Intent.ASPIRATIONAL, "on_track"), (Intent.COMMITTED, "at_risk")]:
        objective = cast.objective(kind=intent, title=intent)
        key_result = objective.key_results.first()
        check_in(cast, key_result, 40)
        assert KeyResultScore.objects.get(key_result=key_result).health == health


def test_what_was_on_track_is_overdue_when_the_week_goes_by_unreported(cast, move_clock):
    key_result = cast.objective().key_results.first()
    check_in(cast, key_result, 90)
    rollup.score_calendar(cast.organization.pk)
    move_clock("2026-05-30T09:00:00+09:00")
    assert rollup.score_calendar(cast.organization.pk) == 10
    assert KeyResultScore.objects.get(key_result=key_result).health == "overdue"
    assert key_result.objective.snapshots.count() == 11
    assert rollup.score_calendar(cast.organization.pk) == 0


def test_the_sweep_may_run_twice(cast):
    check_in(cast, cast.objective().key_results.first(), 40)
    tasks.sweep()
    before = list(ObjectiveScore.objects.values())
    tasks.sweep()
    assert list(ObjectiveScore.objects.values()) == before


@pytest.mark.django_db(transaction=True)
def test_many_people_at_one_objective_lose_nothing(move_clock):
    move_clock("2026-05-20T10:00:00+09:00")
    cast = make_cast()
    objective = cast.objective(key_results=3)
    added = cast.key_result(objective, kind=Kind.CUMULATIVE, target_value=Decimal(100))
    key = uuid.uuid4()
    failures = []

    def work(number: int) -> None:
        try:
            for _ in range(5):
                check_in(cast, added, 1)
                check_in(cast, added, 50, submission_key=key)
                check_in(cast, objective.key_results.all()[number % 3], 50)
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    threads = [threading.Thread(target=work, args=[number]) for number in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert failures == []
    scored = KeyResultScore.objects.get(key_result=added)
    assert scored.current_value == 70
    # Every writer saw the others' key results: the objective is the mean of 0.7 and three times 0.5.
    assert ObjectiveScore.objects.get(objective=objective).score == pytest.approx((0.7 + 3 * 0.5) / 4)
    assert rollup.drain() == 1


@pytest.mark.django_db(transaction=True)
def test_without_the_lock_the_same_writers_would_lose_updates(move_clock):
    """The negative control: reading and writing the objective's row without holding it."""
    move_clock("2026-05-20T10:00:00+09:00")
    cast = make_cast()
    objective = cast.objective()
    barrier = threading.Barrier(2)

    def careless() -> None:
        with transaction.atomic():
            version = type(objective).objects.get(pk=objective.pk).version
            barrier.wait(timeout=10)
            type(objective).objects.filter(pk=objective.pk).update(version=version + 1)
        connection.close()

    threads = [threading.Thread(target=careless) for _ in range(2)]
    before = type(objective).objects.get(pk=objective.pk).version
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert type(objective).objects.get(pk=objective.pk).version == before + 1


def test_an_obstacle_goes_on_with_the_same_words_and_stands_until_it_is_ticked_off(cast):
    key_result = cast.objective().key_results.first()
    check_in(cast, key_result, 10, obstacle="撮影できる人がいない", obstacle_kind="people")
    check_in(cast, key_result, 5, date=TODAY - timedelta(days=7), obstacle="撮影できる　人がいない ")
    check_in(cast, key_result, 12)
    (obstacle,) = Obstacle.objects.standing()
    assert (obstacle.text, obstacle.kind, obstacle.raised_on) == ("撮影できる人がいない", "people", TODAY)
    assert obstacle.raised_by == obstacle.owner == cast.member
    check_in(cast, key_result, 13, solved=[obstacle.pk])
    check_in(cast, key_result, 14, solved=[obstacle.pk])
    obstacle.refresh_from_db()
    assert (obstacle.state, obstacle.solved_by, obstacle.solved_on) == ("solved", cast.member, TODAY)
    check_in(cast, key_result, 15, obstacle="撮影できる人がいない")
    assert Obstacle.objects.standing().get().pk != obstacle.pk, "what comes back is new"


def test_a_check_in_cannot_clear_what_is_in_the_way_of_another(cast):
    first, second = cast.objective(key_results=2).key_results.all()
    check_in(cast, first, 10, obstacle="人手")
    with pytest.raises(Refusal) as refused:
        check_in(cast, second, 10, solved=[first.obstacles.get().pk])
    assert refused.value.code == "unknown_obstacle"
    assert first.obstacles.get().is_standing
    assert not second.check_ins.exists()


def test_a_correction_changes_or_withdraws_the_obstacle(cast):
    key_result = cast.objective().key_results.first()
    wrong, _ = check_in(cast, key_result, 10, obstacle="人で", obstacle_kind="people")
    right, _ = check_in(cast, key_result, 10, obstacle="人手", corrects=wrong)
    assert [(row.text, row.kind, row.state) for row in key_result.obstacles.all()] == [("人手", "people", "open")]
    blank, _ = check_in(cast, key_result, 10, corrects=right)
    assert key_result.obstacles.get().state == "withdrawn"
    check_in(cast, key_result, 10, obstacle="やはり人手", corrects=blank)
    assert [(row.text, row.state) for row in key_result.obstacles.all()] == [("やはり人手", "open")]
