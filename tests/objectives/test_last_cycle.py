"""What the cycle before taught, where the next one is planned."""

from datetime import date

import pytest

from objectives import rollup, services
from objectives.models import Cycle, Experiment, Lesson, Objective, ObjectiveScore, Obstacle
from objectives.queries.last_cycle import last_cycle_of
from objectives.services.experiments import add_experiment, decide_experiment
from objectives.services.lessons import add_lesson


@pytest.fixture
def next_cycle(cast):
    return Cycle.objects.create(
        organization=cast.organization, name="FY2026 Q2", start=date(2026, 7, 6), end=date(2026, 10, 4), state="draft"
    )


def ended(cast, score, **fields):
    objective = cast.objective(**fields)
    ObjectiveScore.objects.update_or_create(objective=objective, defaults={"score": score, "health": "closed"})
    return objective


def page(client, cast, cycle):
    response = client.get(cast.url(f"plan/last-cycle/?cycle={cycle.pk}"))
    assert response.status_code == 200
    return response


def test_missed_objectives_name_what_was_last_in_the_way(cast, sign_in, next_cycle):
    missed = ended(cast, 0.2, title="届かなかった目標")
    ended(cast, 0.65, title="帯に届いた目標")
    for day, words in ((11, "人手が足りない"), (18, "決裁が遅い")):
        Obstacle.objects.create(
            organization=cast.organization,
            key_result=missed.key_results.first(),
            raised_by=cast.member,
            owner=cast.member,
            raised_on=date(2026, 5, day),
            text=words,
            state="solved",
        )
    answer = page(sign_in(cast.manager, language="en"), cast, next_cycle)
    (sales,) = answer.context["last"].teams
    assert [(ending.objective, ending.obstacle.text) for ending in sales.missed] == [(missed, "決裁が遅い")]
    assert "1 of 2 objectives reached the band." in answer.text
    assert cast.url(f"cycles/{next_cycle.pk}/carry-over/") in answer.text


def test_a_cycle_that_goes_on_is_spoken_of_by_where_it_is_heading(cast, sign_in, next_cycle):
    cast.objective(title="まだ途中の目標")
    answer = page(sign_in(cast.manager, language="ja"), cast, next_cycle)
    assert "帯に届く見込みです" in answer.text
    assert "帯に届きました" not in answer.text


@pytest.mark.parametrize(
    ("scores", "pattern"),
    [([0.2, 0.3, 0.25], "too_ambitious"), ([1.0, 0.96, 1.0], "too_easy"), ([0.65] * 5, "too_many")],
)
def test_a_teams_habit_is_said_in_a_sentence(cast, sign_in, next_cycle, scores, pattern):
    for number, score in enumerate(scores):
        ended(cast, score, title=f"目標 {number}")
    (sales,) = page(sign_in(cast.member), cast, next_cycle).context["last"].teams
    assert sales.patterns == (pattern,)


def test_a_habit_of_two_cycles_is_no_habit_when_one_of_them_went_well(cast, next_cycle):
    for number in range(3):
        ended(cast, 0.2, title=f"目標 {number}")
    assert last_cycle_of(cast.manager, next_cycle).teams[0].patterns == ("too_ambitious",)
    good = ended(cast, 0.8, title="前の前の目標")
    type(good).objects.filter(pk=good.pk).update(cycle=cast.closed_cycle)
    assert last_cycle_of(cast.manager, next_cycle).teams[0].patterns == ()


def test_of_a_team_with_very_many_goals_the_first_are_shown_and_the_rest_counted(cast, sign_in, next_cycle):
    fields = {"organization": cast.organization, "cycle": cast.cycle, "team": cast.sales, "owner": cast.manager}
    Objective.objects.bulk_create(Objective(title=f"目標 {number}", state="active", **fields) for number in range(33))
    text = page(sign_in(cast.member, language="en"), cast, next_cycle).text
    assert (text.count('class="name"'), "3 more" in text) == (30, True)


def test_check_ins_that_died_out_are_named(cast, next_cycle):
    objective = cast.objective()
    for key_result in objective.key_results.all():
        services.record_check_in(key_result, author=cast.member, value=1, date=date(2026, 4, 10))
    rollup.rescore_key_results(cast.organization, [row.pk for row in objective.key_results.all()], date(2026, 5, 20))
    assert last_cycle_of(cast.manager, next_cycle).teams[0].patterns == ("died_out",)


def test_the_plan_shows_the_short_of_it_and_a_first_cycle_none(cast, sign_in, next_cycle):
    ended(cast, 0.2, title="届かなかった目標")
    client = sign_in(cast.member, language="en")
    headers = {"hx-request": "true", "hx-target": "last-cycle"}
    part = client.get(cast.url(f"plan/last-cycle/?cycle={next_cycle.pk}"), headers=headers).text
    assert part.strip().startswith('<section class="section" id="last-cycle"')
    assert "届かなかった目標" in part
    assert cast.url("plan/last-cycle/") in client.get(cast.url("plan/")).text
    assert "There is no cycle before this one" in page(client, cast, cast.closed_cycle).text


def test_partners_and_strangers_do_not_find_it(cast, sign_in):
    for person in (cast.partner, cast.stranger):
        assert sign_in(person).get(cast.url("plan/last-cycle/")).status_code == 404


def test_what_a_team_learned_and_decided_stands_with_its_last_cycle(cast, sign_in, next_cycle):
    objective = ended(cast, 0.2)
    add_lesson(Lesson(text="始めるのが遅れた", objective=objective), by=cast.member)
    days = {"starts_on": date(2026, 5, 4), "ends_on": date(2026, 5, 18)}
    tried, _is_new = add_experiment(Experiment(title="試飲会", team=cast.sales, **days), by=cast.member)
    decide_experiment(tried, decision="scale", result="二社が申し込んだ", by=cast.member)
    answer = page(sign_in(cast.manager), cast, next_cycle)
    (sales,) = answer.context["last"].teams
    assert ([row.text for row in sales.lessons], sales.experiments) == (["始めるのが遅れた"], [tried])
    beside = sign_in(cast.manager).get(
        cast.url(f"plan/last-cycle/?cycle={next_cycle.pk}"), headers={"hx-request": "true", "hx-target": "last-cycle"}
    )
    for shown in (answer, beside):
        assert "始めるのが遅れた" in shown.text
        assert "試飲会" in shown.text
