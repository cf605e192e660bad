"""The start of the next cycle: it is opened two weeks ahead, and what goes on is carried into it."""

from __future__ import annotations

import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from objectives import services
from objectives.formulas.carrying import renewed
from objectives.formulas.scoring import Measure
from objectives.formulas.scoring import Step as MeasureStep
from objectives.models import Cycle, Kind, Objective, Step
from people.models import Team
from tests.cast import TODAY, make_cast
from tests.objectives.test_member_acts import together

LATE_JUNE = "2026-06-24T10:00:00+09:00"


@pytest.fixture
def following(cast) -> Cycle:
    return Cycle.objects.create(
        organization=cast.organization, name="FY2026 Q2", start=date(2026, 7, 6), end=date(2026, 10, 4)
    )


def carry(client, cast, cycle, *chosen, key=None):
    data = {"chosen": [objective.pk for objective in chosen], "submission_key": str(key or uuid.uuid4())}
    return client.post(cast.url(f"cycles/{cycle.pk}/carry-over/"), data)


def carried(cycle) -> list[Objective]:
    return list(Objective.objects.in_cycle(cycle).filter(dropped_at=None).order_by("pk"))


def measure(kind, **fields) -> Measure:
    return Measure(
        kind,
        **{name: Decimal(str(value)) if type(value) is int else value for name, value in fields.items()},
    )


@pytest.mark.parametrize(
    ("before", "value", "start", "must_hit", "target"),
    [
        (measure("reach", start_value=15, must_hit_value=20, target_value=25), 22, 22, None, 25),
        (measure("reach", start_value=15, must_hit_value=20, target_value=25), 17, 17, 20, 25),
        (measure("reach", start_value=15, must_hit_value=20, target_value=25), 26, 26, None, None),
        (measure("reach", start_value=45, must_hit_value=36, target_value=30), 38, 38, 36, 30),
        (measure("reach", start_value=45, must_hit_value=36, target_value=30), 30, 30, None, None),
        (measure("reach", start_value=15, target_value=25), None, 15, None, 25),
        (measure("average", start_value=68, target_value=78), 71, 71, None, 78),
        (measure("cumulative", start_value=0, must_hit_value=15, target_value=30), 22, 0, 15, 30),
        (measure("cumulative", start_value=100, target_value=130), 120, 0, None, 30),
        (measure("keep", target_value=95), 93, None, None, 95),
    ],
)
def test_a_baseline_is_where_it_stands_and_a_target_stays_only_where_it_is_still_ahead(
    before, value, start, must_hit, target
):
    fresh = renewed(before, None if value is None else Decimal(value))
    assert (fresh.start_value, fresh.must_hit_value, fresh.target_value) == (start, must_hit, target)


def test_what_was_to_be_measured_first_has_been_and_of_a_milestone_the_rest_is_left():
    found = renewed(measure("reach", target_value=60, measure_first=True), Decimal(41))
    assert (found.start_value, found.measure_first, found.target_value) == (41, False, 60)
    steps = (MeasureStep(Decimal(1), done=True), MeasureStep(Decimal(2), done=False))
    assert renewed(Measure("milestone", steps=steps), None).steps == steps[1:]
    assert renewed(Measure("milestone", steps=steps[:1]), None) is None


def test_a_manager_carries_chosen_objectives_over_with_all_that_hangs_on_them(cast, sign_in, following):
    yearly = Cycle.objects.create(
        organization=cast.organization, name="FY2026", start=date(2026, 4, 6), end=date(2027, 4, 4), state="active"
    )
    year = cast.objective(cycle=yearly, title="一年の目標")
    above = cast.objective(title="部の目標")
    below = cast.objective(title="一人の目標", owner=cast.member, why="頼まれる前に動く")
    left_out = cast.objective(title="続けないもの")
    reached, milestone = (
        below.key_results.first(),
        cast.key_result(
            below,
            kind=Kind.MILESTONE,
            steps=[Step(title="一"), Step(title="二")],
            unit="",
            start_value=None,
            target_value=None,
        ),
    )
    services.record_check_in(reached, author=cast.member, value=Decimal(40))
    ticked = milestone.steps.first()
    services.record_check_in(milestone, author=cast.member, steps_done=[ticked.pk])
    services.align(below, to=above.key_results.first(), weight=0.5)
    services.align(below, to=year, link="supports")
    services.align(below, to=left_out)
    response = carry(sign_in(cast.manager), cast, following, above, below)
    assert response.status_code == 302
    parent, child = carried(following)
    assert [row.carried_from for row in (parent, child)] == [above, below]
    assert (child.state, child.title, child.why, child.owner, child.team) == (
        "draft",
        "一人の目標",
        "頼まれる前に動く",
        cast.member,
        cast.sales,
    )
    first, second, last = child.key_results.order_by("position", "pk")
    assert (first.start_value, first.target_value, first.owner) == (40, 100, cast.member)
    assert (second.start_value, last.kind) == (0, "milestone")
    assert [step.title for step in last.steps.all()] == ["二"]
    assert child.scored.health == "not_started"
    links = {(row.parent_objective, row.parent_key_result, row.link, row.weight) for row in child.parents.all()}
    assert links == {
        (None, parent.key_results.order_by("position").first(), "contributes", 0.5),
        (year, None, "supports", None),
    }


def test_what_was_reached_is_unticked_with_the_reason_and_what_stands_there_is_not_made_twice(cast, sign_in, following):
    done, half = cast.objective(title="届いたもの"), cast.objective(title="道半ばのもの")
    for key_result in done.key_results.all():
        services.record_check_in(key_result, author=cast.member, value=Decimal(100))
    client = sign_in(cast.manager, language="en")
    page = client.get(cast.url(f"cycles/{following.pk}/carry-over/"))
    assert page.context["ticked"] == {half.pk}
    assert "Reached in full" in page.text
    assert "target reached: decide on a new one" in page.text
    for _again in range(2):
        assert carry(client, cast, following, done, half).status_code == 302
    assert len(carried(following)) == 2
    assert "Stands in FY2026 Q2 already" in client.get(cast.url(f"cycles/{following.pk}/carry-over/")).text
    board = client.get(cast.url(f"plan/?cycle={following.pk}")).text
    assert f"objectives/{half.pk}/" in board
    assert "FY2026 Q1" in client.get(cast.url(f"objectives/{carried(following)[0].pk}/")).text


def test_the_drafts_just_made_are_taken_back_in_one_click_and_brought_back_by_sending_again(cast, sign_in, following):
    objectives = [cast.objective(title=f"目標{number}") for number in range(3)]
    client, key = sign_in(cast.manager), uuid.uuid4()
    carry(client, cast, following, *objectives, key=key)
    touched, added_to = carried(following)[1:]
    cast.key_result(added_to, title="同僚が加えた結果")
    touched.title = "言い直したもの"
    services.save_objective(touched)
    undo = cast.url(f"cycles/{following.pk}/carry-over/undo/?sent={key}")
    for _again in range(2):
        assert client.post(undo).status_code == 302
    assert carried(following) == [touched, added_to]
    carry(client, cast, following, *objectives, key=key)
    assert len(carried(following)) == 3
    assert Objective.objects.in_cycle(following).count() == 3
    assert client.post(undo.replace(str(key), "x")).status_code == 302


def test_who_left_is_followed_by_the_reader_and_a_merged_team_by_the_other(cast, sign_in, following):
    gone = cast.objective(title="残された目標", owner=cast.member)
    elsewhere = cast.objective(title="移った目標", team=cast.online, owner=cast.colleague)
    type(cast.member).objects.filter(pk=cast.member.pk).update(left_on=TODAY)
    Team.objects.filter(pk=cast.online.pk).update(closed_on=TODAY, merged_into=cast.sales)
    carry(sign_in(cast.manager), cast, following, gone, elsewhere)
    first, second = carried(following)
    assert (first.owner, [row.owner for row in first.key_results.all()]) == (cast.manager, [None, None])
    assert (second.owner, second.team) == (cast.colleague, cast.sales)


def test_each_person_is_offered_what_they_plan(cast, sign_in, following):
    company = cast.objective(level="company", team=cast.company, owner=cast.executive, title="全社の目標")
    mine, other = cast.objective(title="自分の目標", owner=cast.member), cast.objective(title="部長の目標")
    online = cast.objective(title="隣の目標", team=cast.online, owner=cast.colleague)
    offered = {
        who: {
            row.objective
            for _team, rows in sign_in(who).get(cast.url(f"cycles/{following.pk}/carry-over/")).context["groups"]
            for row in rows
        }
        for who in (cast.admin, cast.executive, cast.manager, cast.member, cast.colleague)
    }
    assert list(offered.values()) == [{company, mine, other, online}, {company}, {mine, other}, {mine}, {online}]
    response = carry(sign_in(cast.member, language="en"), cast, following, other)
    assert (response.status_code, carried(following)) == (422, [])
    assert "not in the list any more" in response.text
    assert carry(sign_in(cast.member, language="en"), cast, following).status_code == 422


def test_a_closed_cycle_takes_nothing_and_a_first_one_has_nothing_before_it(cast, sign_in, following):
    objective = cast.objective()
    services.change_cycle_state(following, to="closed", by=cast.admin)
    client = sign_in(cast.manager, language="en")
    assert carry(client, cast, following, objective).status_code == 422
    assert carried(following) == []
    assert "no cycle before" in client.get(cast.url(f"cycles/{cast.closed_cycle.pk}/carry-over/")).text


def test_the_page_asks_no_more_of_the_database_for_more_objectives(cast, sign_in, following):
    client = sign_in(cast.manager)
    numbers = []
    for count in (2, 4):
        for number in range(count):
            cast.objective(title=f"目標{count}-{number}")
        client.get(cast.url(f"cycles/{following.pk}/carry-over/"))
        with CaptureQueriesContext(connection) as asked:
            client.get(cast.url(f"cycles/{following.pk}/carry-over/"))
        numbers.append(len(asked))
    assert numbers[0] == numbers[1]


@pytest.mark.django_db(transaction=True)
def test_two_people_who_carry_the_same_at_once_make_it_once(move_clock):
    move_clock("2026-05-20T10:00:00+09:00")
    cast = make_cast()
    following = Cycle.objects.create(
        organization=cast.organization, name="FY2026 Q2", start=date(2026, 7, 6), end=date(2026, 10, 4)
    )
    objectives = [cast.objective(title=f"目標{number}") for number in range(3)]

    def act(person):
        services.carry_over(following, chosen=[row.pk for row in objectives], by=person, submission_key=uuid.uuid4())

    assert together(lambda: act(cast.manager), lambda: act(cast.admin)) == [None, None]
    assert len(carried(following)) == 3


def test_two_weeks_ahead_those_who_prepare_are_told_and_one_click_opens_it_once(cast, sign_in, move_clock):
    client = sign_in(cast.manager, language="en")
    assert "FY2026 Q2 begins" not in client.get(cast.url("this-week/")).text
    move_clock(LATE_JUNE)
    client = sign_in(cast.manager, language="en")
    for page in ("this-week/", "plan/", "cycles/"):
        assert "FY2026 Q2 begins in 12 days." in client.get(cast.url(page)).text
    assert "FY2026 Q2 begins" not in sign_in(cast.member, language="en").get(cast.url("this-week/")).text
    assert "Open FY2026 Q2 for drafting" in client.get(cast.url("cycles/next/")).text
    for who in (client, client, sign_in(cast.admin)):
        assert who.post(cast.url("cycles/next/")).status_code == 302
    made = Cycle.objects.get(name="FY2026 Q2")
    assert (made.start, made.end, made.state) == (date(2026, 7, 6), date(2026, 10, 4), "draft")
    assert f"cycles/{made.pk}/carry-over/" in client.get(cast.url("this-week/")).text
    assert sign_in(cast.member).post(cast.url("cycles/next/")).status_code == 403


def test_where_a_cycle_follows_already_none_is_opened(cast, sign_in, following):
    services.change_cycle_state(following, to="active", by=cast.admin)
    assert sign_in(cast.manager).post(cast.url("cycles/next/")).status_code == 422
    assert Cycle.objects.filter(organization=cast.organization).count() == 3
