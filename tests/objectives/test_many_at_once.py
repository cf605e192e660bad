"""Fifty people check in on one objective at the same moment, and nothing is lost."""

import threading
from concurrent.futures import ThreadPoolExecutor
from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.db.models import Sum

from objectives import services
from objectives.formulas.scoring import Reading, score_key_result
from objectives.models import CheckIn, KeyResult, KeyResultScore, Kind, ObjectiveScore
from people.models import Role
from tests.cast import NOW, TODAY, make_cast, person

PEOPLE = 50


@pytest.fixture
def crowd(transactional_db, move_clock):
    """Sales with fifty more members, and an objective with a cumulative key result that all of them report on."""
    move_clock(NOW)
    cast = make_cast()
    cast.people = [
        person(cast.organization, f"店員 {number}", f"clerk-{number}@hokuto.example", Role.MEMBER, cast.sales)
        for number in range(PEOPLE)
    ]
    cast.goal = cast.objective(key_results=2)
    cast.sold = cast.key_result(cast.goal, kind=Kind.CUMULATIVE, start_value=None, target_value=Decimal(5000))
    return cast


def all_at_once(act, people) -> list[Exception]:
    """Runs the act for everybody, each in a thread and a connection of their own, begun together; answers failures."""
    together = threading.Barrier(len(people))

    def run(turn):
        try:
            connection.ensure_connection()
            together.wait(timeout=30)
            act(*turn)
        except Exception as failure:
            return failure
        finally:
            connection.close()
        return None

    with ThreadPoolExecutor(len(people)) as pool:
        return [failure for failure in pool.map(run, enumerate(people, 1)) if failure]


def test_fifty_people_checking_in_at_once_on_one_objective_lose_nothing(crowd):
    level = crowd.goal.key_results.first()

    def check_in(number, author):
        services.record_check_in(crowd.sold, author=author, value=Decimal(number))
        if number % 5 == 0:
            services.record_check_in(level, author=author, value=Decimal(number))

    assert all_at_once(check_in, crowd.people) == []

    whole = sum(range(1, PEOPLE + 1))
    rows = CheckIn.objects.filter(key_result=crowd.sold)
    assert rows.count() == PEOPLE
    assert rows.values("author").distinct().count() == PEOPLE
    assert rows.aggregate(sum=Sum("value"))["sum"] == whole
    stored = KeyResultScore.objects.get(key_result=crowd.sold)
    assert stored.current_value == whole
    assert stored.check_in_count == PEOPLE

    scores = []
    for key_result in KeyResult.objects.filter(objective=crowd.goal).select_related("scored"):
        said = [Reading(row.date, row.value) for row in key_result.check_ins.oldest_first()]
        anew = score_key_result(key_result.measure, crowd.cycle.span, said, TODAY)
        assert key_result.scored.progress == pytest.approx(anew.progress)
        scores.append(anew.score)
    assert ObjectiveScore.objects.get(objective=crowd.goal).score == pytest.approx(sum(scores) / 3)


def test_without_the_lock_most_of_it_is_lost(crowd):
    """The negative control: the same sum, read and written back by everybody without holding the row."""
    services.record_check_in(crowd.sold, author=crowd.member, value=Decimal(0))
    all_have_read = threading.Barrier(PEOPLE)

    def add(number, _author):
        with transaction.atomic():
            score = KeyResultScore.objects.get(key_result=crowd.sold)
            all_have_read.wait(timeout=30)
            KeyResultScore.objects.filter(pk=score.pk).update(own_value=score.own_value + number)

    assert all_at_once(add, crowd.people) == []
    assert KeyResultScore.objects.get(key_result=crowd.sold).own_value <= PEOPLE
