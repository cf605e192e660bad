"""Teams are made, moved, merged and closed: the tree stays one, and old goals keep the name they were made under."""

import pytest
from django.core.exceptions import ValidationError
from django.db import transaction

from objectives import services
from objectives.models import Experiment, NotDoing, Objective, Retrospective
from objectives.services.actions import add_action
from objectives.services.experiments import add_experiment
from objectives.services.retrospectives import start_retrospective
from people.models import Invitation, Membership, Team
from people.models.doors import hash_of
from people.refusals import Refusal
from people.services import change_team, create_team
from tests.cast import NOW, TODAY, make_cast
from tests.objectives.test_member_acts import together


def refused(act) -> Refusal:
    with pytest.raises(Refusal) as caught, transaction.atomic():
        act()
    return caught.value


@pytest.fixture
def area(cast):
    """A team below sales."""
    return create_team(cast.organization, name="札幌", parent=cast.sales)


def test_a_team_is_made_below_another_or_below_the_company_and_comes_last(cast):
    team = create_team(cast.organization, name="  商品\u3000開発 ")
    assert (team.name, team.parent) == ("商品 開発", cast.company)
    assert team.position > max(cast.sales.position, cast.online.position)
    assert create_team(cast.organization, name="札幌", parent=cast.sales).parent == cast.sales


def test_two_teams_of_one_name_do_not_lie_below_the_same_team(cast, area):
    refusal = refused(lambda: create_team(cast.organization, name="札幌", parent=cast.sales))
    assert (refusal.code, list(refusal.fields)) == ("team_name_taken", ["name"])
    create_team(cast.organization, name="札幌", parent=cast.online)
    assert refused(lambda: change_team(area, parent=cast.online)).code == "team_name_taken"
    assert refused(lambda: change_team(cast.online, name=cast.sales.name)).code == "team_name_taken"


@pytest.mark.parametrize("name", ["", " \u3000 ", "長" * 101])
def test_a_name_that_is_none_is_refused(cast, name):
    with pytest.raises(ValidationError):
        create_team(cast.organization, name=name)


def test_a_team_is_renamed_and_the_same_again_is_harmless(cast):
    for _turn in range(2):
        assert change_team(cast.sales, name="新規開拓", expected_version=1).name == "新規開拓"
    assert refused(lambda: change_team(cast.sales, name="営業", expected_version=1)).code == "stale"
    assert change_team(cast.company, name="北灯ホールディングス").is_company


def test_a_team_moves_with_all_below_it(cast, area):
    moved = change_team(cast.sales, parent=cast.online)
    area.refresh_from_db()
    assert (moved.parent, area.parent) == (cast.online, moved)
    assert Team.objects.led_by(cast.colleague).filter(pk=area.pk).exists()


def test_a_team_gets_another_place_among_its_siblings(cast):
    third = create_team(cast.organization, name="商品開発")
    names = [cast.sales.name, cast.online.name]

    def order():
        return list(Team.objects.filter(parent=cast.company).order_by("position", "pk").values_list("name", flat=True))

    assert order() == [*names, third.name]
    change_team(third, position=0)
    assert order() == [third.name, *names]
    change_team(third, position=99)
    assert order() == [*names, third.name]


def test_the_tree_knows_no_loop_and_the_company_stays_at_the_top(cast, area):
    assert refused(lambda: change_team(cast.sales, parent=area)).code == "loop"
    assert refused(lambda: change_team(cast.sales, parent=cast.sales)).code == "loop"
    assert refused(lambda: change_team(cast.company, parent=area)).code == "company_stays"
    elsewhere = Team.objects.get(organization=cast.stranger.organization, parent=None)
    assert refused(lambda: change_team(cast.sales, parent=elsewhere)).code == "other_organization"


def test_merging_moves_what_goes_on_and_leaves_what_is_over(cast, area):
    cast.closed_cycle.state = "active"
    cast.closed_cycle.save()
    old = cast.objective(cycle=cast.closed_cycle)
    services.change_cycle_state(cast.closed_cycle, to="closed", by=cast.admin)
    running = cast.objective()
    wont = NotDoing.objects.create(cycle=cast.cycle, team=cast.sales, text="展示会に出ること")
    for team in (cast.sales, cast.online):
        NotDoing.objects.create(cycle=cast.cycle, team=team, text="値引き")
    invitation = Invitation.objects.create(
        organization=cast.organization, email="next@hokuto.example", team=cast.sales, token_hash=hash_of("a")
    )
    cast.manager.teams.add(cast.online)
    action = add_action(team=cast.sales, title="見積もりを送る", owner=cast.member, due_on=None, by=cast.member)
    into = services.merge_team(cast.sales, into=cast.online, by=cast.admin, expected_version=1)
    cast.sales.refresh_from_db()
    assert (cast.sales.closed_on, cast.sales.merged_into) == (TODAY, into)
    for row in (old, running, wont, invitation, area, action):
        row.refresh_from_db()
    assert action.team == cast.online
    assert (old.team, running.team, wont.team) == (cast.sales, cast.online, cast.online)
    assert (invitation.team, area.parent) == (cast.online, cast.online)
    assert {cast.member, cast.manager, cast.colleague} == set(cast.online.members.all())
    assert not cast.sales.members.exists()
    assert running.version == Objective.objects.get(pk=running.pk).version
    assert services.merge_team(cast.sales, into=cast.online, by=cast.admin, expected_version=1) == into


def test_a_team_is_merged_into_one_that_lies_below_it(cast, area):
    street = create_team(cast.organization, name="大通", parent=area)
    services.merge_team(cast.sales, into=street, by=cast.admin)
    for team in (street, area):
        team.refresh_from_db()
    assert (street.parent, area.parent) == (cast.company, street)


def test_what_a_merged_team_tries_and_looks_back_at_goes_on_with_its_people(cast):
    days = {"starts_on": TODAY, "ends_on": TODAY}
    tried, _is_new = add_experiment(Experiment(title="試飲会", team=cast.sales, **days), by=cast.member)
    looking, _is_new = start_retrospective(cast.cycle, cast.sales, by=cast.manager)
    of_both = [start_retrospective(cast.closed_cycle, team, by=cast.admin)[0] for team in (cast.sales, cast.online)]
    services.merge_team(cast.sales, into=cast.online, by=cast.admin)
    for row in (tried, looking, *of_both):
        row.refresh_from_db()
    assert {tried.team, looking.team} == {cast.online}
    assert [row.team for row in of_both] == [cast.sales, cast.online]
    assert looking in Retrospective.objects.editable_by(Membership.objects.get(pk=cast.member.pk))


def test_what_cannot_be_merged_is_refused(cast, area):
    def refusal(team, into):
        return refused(lambda: services.merge_team(team, into=into, by=cast.admin)).code

    assert refusal(cast.company, cast.sales) == "company_stays"
    assert refusal(cast.sales, cast.company) == "into_company"
    assert refusal(cast.sales, cast.sales) == "into_itself"
    assert refusal(cast.sales, Team.objects.get(organization=cast.stranger.organization)) == "other_organization"
    create_team(cast.organization, name="札幌", parent=cast.online)
    assert refusal(cast.sales, cast.online) == "team_name_taken"
    cast.sales.refresh_from_db()
    assert cast.sales.closed_on is None, "a refused act changes nothing"
    services.close_team(area, by=cast.admin)
    assert refusal(cast.sales, area) == "team_closed"


def test_a_team_closes_once_nothing_in_it_is_open(cast, area):
    objective = cast.objective()
    assert refused(lambda: services.close_team(cast.sales, by=cast.admin)).code == "open_teams"
    services.close_team(area, by=cast.admin)
    assert refused(lambda: services.close_team(cast.sales, by=cast.admin)).code == "open_objectives"
    services.change_state(objective, to="closed", by=cast.admin)
    for _turn in range(2):
        closed = services.close_team(cast.sales, by=cast.admin, expected_version=1)
        assert (closed.closed_on, closed.version) == (TODAY, 2)
    assert refused(lambda: services.close_team(cast.company, by=cast.admin)).code == "company_stays"


def test_a_closed_team_is_opened_again_where_it_was(cast, area):
    services.close_team(area, by=cast.admin)
    services.close_team(cast.sales, by=cast.admin)
    assert refused(lambda: services.reopen_team(area, by=cast.admin)).code == "parent_closed"
    assert refused(lambda: change_team(area, name="小樽")).code == "team_closed"
    for _turn in range(2):
        assert services.reopen_team(cast.sales, by=cast.admin).closed_on is None
    create_team(cast.organization, name="札幌", parent=cast.sales)
    assert refused(lambda: services.reopen_team(area, by=cast.admin)).code == "team_name_taken"


def test_nothing_new_is_written_for_a_closed_team(cast):
    objective = cast.objective(team=cast.online)
    services.close_team(cast.sales, by=cast.admin)
    assert refused(lambda: cast.objective(state="draft")).code == "team_closed"
    objective.team = cast.sales
    assert refused(lambda: services.save_objective(objective)).code == "team_closed"


def test_nothing_comes_back_into_a_closed_team(cast):
    dropped, closed = cast.objective(title="やめた目標"), cast.objective(title="終えた目標")
    services.drop_objective(dropped, reason="方針の変更", by=cast.admin)
    services.change_state(closed, to="closed", by=cast.admin)
    services.close_team(cast.sales, by=cast.admin)
    for act in (
        lambda: services.restore_objective(dropped, by=cast.admin),
        lambda: services.change_state(closed, to="active", by=cast.admin),
    ):
        assert refused(act).code == "team_closed"
    services.reopen_team(cast.sales, by=cast.admin)
    assert services.restore_objective(dropped, by=cast.admin).dropped_at is None
    assert services.change_state(closed, to="active", by=cast.admin).state == "active"


# Two at once


@pytest.fixture
def real_cast(transactional_db, move_clock):
    move_clock(NOW)
    return make_cast()


def test_two_moves_at_once_close_no_loop(real_cast):
    for _turn in range(5):
        Team.objects.filter(pk__in=[real_cast.sales.pk, real_cast.online.pk]).update(parent=real_cast.company)
        failures = together(
            lambda: change_team(real_cast.sales, parent=real_cast.online),
            lambda: change_team(real_cast.online, parent=real_cast.sales),
        )
        assert [getattr(one, "code", one) for one in failures].count("loop") == 1
        assert Team.objects.filter(organization=real_cast.organization, parent=real_cast.company).count() == 1


def test_no_objective_is_left_behind_in_a_team_that_closes_meanwhile(real_cast):
    for turn in range(5):
        Team.objects.filter(pk=real_cast.sales.pk).update(closed_on=None)
        before = Objective.objects.count()
        failures = together(
            lambda number=turn: real_cast.objective(title=f"目標 {number}", key_results=0, state="draft"),
            lambda: services.close_team(real_cast.sales, by=real_cast.admin),
        )
        codes = [getattr(one, "code", one) for one in failures]
        assert codes in (["team_closed", None], [None, "open_objectives"])
        is_closed = Team.objects.get(pk=real_cast.sales.pk).closed_on is not None
        assert is_closed == (Objective.objects.count() == before)
        Objective.objects.filter(team=real_cast.sales).delete()
