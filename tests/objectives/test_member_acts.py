"""People change their place, leave and come back: what they carry never lies around, and somebody stays in charge."""

import threading
from contextlib import suppress
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from funnel.models import KGI, KPI, Content, Journey, JourneyPhase, KGIShare, Lead, Matrix, MatrixStage, TouchPoint
from funnel.services import save_kgi
from objectives import services
from objectives.models import Experiment, KeyResult, Objective, ObjectiveShare, Obstacle
from objectives.services.actions import add_action, finish_action
from objectives.services.experiments import add_experiment
from objectives.services.members import Successors, carries
from people import clock
from people.models import APIToken, AuditEvent, Invitation, Membership, Role, Team
from people.models.doors import hash_of
from people.refusals import Refusal
from tests.cast import NOW, TODAY, make_cast, person


def refused(act) -> Refusal:
    with pytest.raises(Refusal) as caught, transaction.atomic():
        act()
    return caught.value


def test_an_administrator_gives_another_role_and_other_teams(cast):
    changed = services.change_member(cast.member, by=cast.admin, role=Role.MANAGER, teams=[cast.online])
    assert (changed.role, changed.team_ids, changed.version) == (Role.MANAGER, [cast.online.pk], 2)
    events = AuditEvent.objects.filter(table="people_membership", row=cast.member.pk, act="update")
    assert events.get().after == {"role": "manager"}


def test_the_same_place_twice_is_harmless_also_with_an_old_version(cast):
    services.change_member(cast.member, by=cast.admin, role=Role.MANAGER, teams=[cast.sales], expected_version=1)
    again = services.change_member(
        cast.member, by=cast.admin, role=Role.MANAGER, teams=[cast.sales], expected_version=1
    )
    assert again.version == 2
    other = refused(lambda: services.change_member(cast.member, by=cast.admin, role=Role.ADMIN, expected_version=1))
    assert other.code == "stale"


@pytest.mark.parametrize("who", ["executive", "manager", "member", "partner", "stranger"])
def test_only_administrators_of_the_organization_decide_on_people(cast, who):
    by = getattr(cast, who)
    for act in (services.change_member, services.end_membership, services.reinstate_member):
        with pytest.raises(PermissionDenied):
            act(cast.member, by=by)


def test_a_role_that_is_none_and_a_team_that_cannot_be_chosen_are_refused(cast):
    closed = Team.objects.create(
        organization=cast.organization, parent=cast.company, name="旧営業部", closed_on=date(2026, 4, 1)
    )
    elsewhere = Team.objects.get(organization=cast.stranger.organization, parent=None)

    def refusal(**change):
        return refused(lambda: services.change_member(cast.member, by=cast.admin, **change))

    assert refusal(role="emperor").fields.keys() == {"role"}
    assert refusal(teams=[closed]).code == "team_closed"
    assert refusal(teams=[elsewhere]).code == "other_organization"
    cast.member.teams.add(closed)
    kept = services.change_member(cast.member, by=cast.admin, teams=[cast.online, closed])
    assert set(kept.team_ids) == {cast.online.pk, closed.pk}


def test_the_last_administrator_stays_one(cast):
    demotion = refused(lambda: services.change_member(cast.admin, by=cast.admin, role=Role.MEMBER))
    leaving = refused(lambda: services.end_membership(cast.admin, by=cast.admin, successor=cast.manager))
    assert {demotion.code, leaving.code} == {"last_admin"}
    services.change_member(cast.executive, by=cast.admin, role=Role.ADMIN)
    assert services.change_member(cast.admin, by=cast.admin, role=Role.MEMBER).role == Role.MEMBER


def test_an_administrator_whose_account_is_off_does_not_count(cast):
    services.change_member(cast.executive, by=cast.admin, role=Role.ADMIN)
    cast.executive.user.is_active = False
    cast.executive.user.save()
    assert refused(lambda: services.change_member(cast.admin, by=cast.admin, role=Role.MEMBER)).code == "last_admin"


def test_who_owns_goals_does_not_become_a_partner(cast):
    cast.objective(owner=cast.manager)
    refusal = refused(lambda: services.change_member(cast.manager, by=cast.admin, role=Role.PARTNER))
    assert refusal.code == "still_carries"
    services.hand_over(cast.manager, by=cast.admin, successors=Successors(of_all=cast.member))
    assert services.change_member(cast.manager, by=cast.admin, role=Role.PARTNER).is_partner


def test_who_leaves_hands_over_everything_that_goes_on(cast):
    objective = cast.objective(owner=cast.member)
    elsewhere = cast.objective(owner=cast.manager, title="別の目標")
    result = elsewhere.key_results.first()
    kgi = KGI.objects.create(organization=cast.organization, name="年間売上", owner=cast.member)
    kpi = KPI.objects.create(kgi=kgi, key="a", name="商談数", owner=cast.member)
    action = add_action(team=cast.sales, title="見積もりを送る", owner=cast.member, due_on=None, by=cast.member)
    done = add_action(team=cast.sales, title="名刺を整理する", owner=cast.member, due_on=None, by=cast.member)
    finish_action(done, by=cast.member)
    services.record_check_in(result, author=cast.member, value=Decimal(1), obstacle="決裁を待っている")
    obstacle = Obstacle.objects.get()
    days = {"starts_on": TODAY, "ends_on": TODAY}
    tried, _is_new = add_experiment(Experiment(title="試飲会", **days), by=cast.member)
    carried = {"objectives": 1, "key_results": 4, "kgis": 1, "kpis": 1, "actions": 1, "obstacles": 1, "experiments": 1}
    assert carries(cast.member) == carried
    left = services.end_membership(cast.member, by=cast.admin, successor=cast.colleague)
    assert left.left_on == TODAY
    for row in (objective, result, kgi, kpi, action, obstacle, tried):
        row.refresh_from_db()
        assert row.owner == cast.colleague
    done.refresh_from_db()
    assert done.owner == cast.member, "what is done keeps the name it had"
    assert not Membership.objects.active().filter(pk=cast.member.pk).exists()
    assert not any(carries(left).values())
    assert KeyResult.objects.owed_by(cast.colleague).count() == 3, "one was reported this week"


def test_what_is_over_keeps_the_name_it_had(cast):
    cast.closed_cycle.state = "active"
    cast.closed_cycle.save()
    old = cast.objective(owner=cast.member, cycle=cast.closed_cycle)
    services.change_cycle_state(cast.closed_cycle, to="closed", by=cast.admin)
    finished = cast.objective(owner=cast.member)
    services.change_state(finished, to="closed", by=cast.admin)
    past = KGI.objects.create(
        organization=cast.organization,
        name="昨年の売上",
        owner=cast.member,
        period_start=date(2025, 4, 1),
        period_end=date(2026, 3, 31),
    )
    services.end_membership(cast.member, by=cast.admin)
    for row in (old, finished, past, old.key_results.first()):
        row.refresh_from_db()
        assert row.owner == cast.member


def test_nobody_leaves_while_something_would_have_no_owner(cast):
    objective = cast.objective(owner=cast.member)
    refusal = refused(lambda: services.end_membership(cast.member, by=cast.admin))
    assert refusal.code == "successor_missing"
    half = Successors(of_kind={"objectives": cast.colleague})
    assert refused(lambda: services.end_membership(cast.member, by=cast.admin, successors=half)).code == refusal.code
    objective.refresh_from_db()
    assert objective.owner == cast.member, "a refused act changes nothing"
    assert Membership.objects.get(pk=cast.member.pk).left_on is None


def test_single_objectives_and_kinds_go_to_other_people(cast):
    first = cast.objective(owner=cast.member)
    second = cast.objective(owner=cast.member, title="二つ目")
    kgi = KGI.objects.create(organization=cast.organization, name="年間売上", owner=cast.member)
    services.end_membership(
        cast.member,
        by=cast.admin,
        successors=Successors(
            of_all=cast.colleague, of_kind={"kgis": cast.executive}, of_objective={second.pk: cast.manager}
        ),
    )
    for row in (first, second, kgi):
        row.refresh_from_db()
    assert (first.owner, second.owner, kgi.owner) == (cast.colleague, cast.manager, cast.executive)
    assert set(second.key_results.values_list("owner", flat=True)) == {cast.manager.pk}
    assert set(first.key_results.values_list("owner", flat=True)) == {cast.colleague.pk}


@pytest.mark.parametrize("who", ["partner", "stranger", "member"])
def test_only_a_colleague_who_stays_can_take_over(cast, who):
    cast.objective(owner=cast.member)
    successor = getattr(cast, who)
    refusal = refused(lambda: services.end_membership(cast.member, by=cast.admin, successor=successor))
    assert (refusal.code, list(refusal.fields)) == ("successor", ["successor"])


def test_ways_in_end_with_the_person(cast):
    objective = cast.objective()
    ObjectiveShare.objects.create(objective=objective, membership=cast.partner)
    kgi = KGI.objects.create(organization=cast.organization, name="年間売上")
    KGIShare.objects.create(kgi=kgi, membership=cast.partner)
    token = APIToken.objects.create(membership=cast.partner, name="連携", token_hash=hash_of("a"))
    invitation = Invitation.objects.create(
        organization=cast.organization, email="next@agency.example", invited_by=cast.partner, token_hash=hash_of("b")
    )
    services.end_membership(cast.partner, by=cast.admin)
    token.refresh_from_db()
    invitation.refresh_from_db()
    assert token.ended_at == invitation.withdrawn_at == clock.now()
    assert not ObjectiveShare.objects.exists()
    assert not KGIShare.objects.exists()


def test_leaving_twice_is_harmless_and_hands_over_what_came_since(cast):
    services.end_membership(cast.member, by=cast.admin, expected_version=1)
    late = cast.objective(key_results=0, state="draft")
    Objective.objects.filter(pk=late.pk).update(owner=cast.member)
    again = services.end_membership(cast.member, by=cast.admin, successor=cast.manager, expected_version=1)
    late.refresh_from_db()
    assert (again.left_on, again.version, late.owner) == (TODAY, 2, cast.manager)


def test_who_left_is_taken_back_in_the_old_place(cast):
    services.end_membership(cast.member, by=cast.admin)
    refusal = refused(lambda: services.change_member(cast.member, by=cast.admin, role=Role.MANAGER))
    assert refusal.code == "left"
    for _turn in range(2):
        back = services.reinstate_member(cast.member, by=cast.admin)
        assert (back.left_on, back.role, back.team_ids, back.version) == (None, Role.MEMBER, [cast.sales.pk], 3)


def test_who_was_erased_is_not_taken_back(cast):
    services.end_membership(cast.member, by=cast.admin)
    cast.member.user.erased_at = clock.now()
    cast.member.user.save()
    assert refused(lambda: services.reinstate_member(cast.member, by=cast.admin)).code == "erased"


# Two at once


def together(*acts) -> list[Exception | None]:
    failures: list[Exception | None] = [None] * len(acts)
    begin = threading.Barrier(len(acts))

    def run(number, act):
        try:
            begin.wait(timeout=10)
            act()
        except Exception as failure:
            failures[number] = failure
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=one, daemon=True) for one in enumerate(acts)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=30)
    assert not any(thread.is_alive() for thread in threads)
    return failures


@pytest.fixture
def real_cast(transactional_db, move_clock):
    move_clock(NOW)
    return make_cast()


def test_of_two_administrators_who_leave_at_once_one_stays(real_cast):
    for _turn in range(5):
        Membership.objects.filter(pk__in=[real_cast.admin.pk, real_cast.executive.pk]).update(
            role=Role.ADMIN, left_on=None
        )
        first, second = real_cast.admin, Membership.objects.get(pk=real_cast.executive.pk)
        failures = together(
            lambda a=first, b=second: services.end_membership(a, by=b),
            lambda a=first, b=second: services.change_member(b, by=a, role=Role.MEMBER),
        )
        assert [getattr(one, "code", one) for one in failures].count("last_admin") == 1
        assert Membership.objects.active().filter(organization=real_cast.organization, role=Role.ADMIN).count() == 1


@pytest.mark.parametrize("is_held", [True, False])
def test_because_the_organization_is_held_somebody_stays_in_charge(real_cast, monkeypatch, is_held):
    """The second waits and is refused; without the lock both go through, and nobody is left."""
    if not is_held:
        monkeypatch.setattr("objectives.services.members.hold_tree", lambda organization_id: None)
    services.change_member(real_cast.executive, by=real_cast.admin, role=Role.ADMIN)
    other = Membership.objects.get(pk=real_cast.executive.pk)

    def step_down():
        with suppress(Refusal):
            services.change_member(other, by=real_cast.admin, role=Role.MEMBER)
        connection.close()

    second = threading.Thread(target=step_down, daemon=True)
    with transaction.atomic():
        services.change_member(real_cast.admin, by=other, role=Role.MEMBER)
        second.start()
        second.join(timeout=1)
        assert second.is_alive() == is_held
    second.join(timeout=10)
    admins = Membership.objects.active().filter(organization=real_cast.organization, role=Role.ADMIN)
    assert admins.exists() == is_held


def test_handing_over_and_checking_in_never_stop_each_other(real_cast):
    objective = real_cast.objective(owner=real_cast.member)
    elsewhere = real_cast.objective(title="別の目標")
    results = [*objective.key_results.all(), *elsewhere.key_results.all()]
    both = [real_cast.member, person(real_cast.organization, "高橋 葵", "takahashi@hokuto.example", Role.MEMBER)]

    def report():
        for turn in range(20):
            services.record_check_in(results[turn % len(results)], author=real_cast.manager, value=turn)

    def pass_on():
        for turn in range(10):
            services.hand_over(both[turn % 2], by=real_cast.admin, successors=Successors(of_all=both[1 - turn % 2]))

    assert together(report, pass_on) == [None, None]
    assert Objective.objects.get(pk=objective.pk).owner == both[0]


def test_connecting_and_handing_over_never_stop_each_other(real_cast):
    above = [real_cast.objective(title=f"上の目標 {number}", owner=real_cast.member) for number in range(2)]
    below = real_cast.objective(title="下の目標", owner=real_cast.member)
    both = [real_cast.member, person(real_cast.organization, "高橋 葵", "takahashi@hokuto.example", Role.MEMBER)]

    def connect():
        for turn in range(20):
            below.refresh_from_db()
            below.title = f"下の目標 {turn}"
            services.write_objective(below, by=real_cast.admin, helps=[services.Help(above[turn % 2])])

    def pass_on():
        for turn in range(20):
            services.hand_over(both[turn % 2], by=real_cast.admin, successors=Successors(of_all=both[1 - turn % 2]))

    assert together(connect, pass_on) == [None, None]


GIVEN = {
    "an objective": lambda cast, owner: services.save_objective(
        Objective(cycle=cast.cycle, team=cast.sales, owner=owner, title="渡された目標")
    ),
    "a key result": lambda cast, owner: cast.key_result(Objective.objects.get(), title="渡された結果", owner=owner),
    "a KGI": lambda cast, owner: save_kgi(KGI(organization=cast.organization, name="渡された KGI", owner=owner)),
}


@pytest.mark.parametrize("given", GIVEN)
def test_nobody_is_given_anything_while_they_leave(real_cast, given):
    real_cast.objective(key_results=0, state="draft")
    refusals = []

    def give():
        try:
            GIVEN[given](real_cast, real_cast.colleague)
        except Refusal as refusal:
            refusals.append(refusal.code)
        finally:
            connection.close()

    second = threading.Thread(target=give, daemon=True)
    with transaction.atomic():
        left = services.end_membership(real_cast.colleague, by=real_cast.admin)
        second.start()
        second.join(timeout=1)
        assert second.is_alive()
    second.join(timeout=10)
    assert refusals == ["owner"]
    assert not any(carries(left).values())


def test_who_left_keeps_what_is_theirs_while_others_edit_it(cast):
    objective = cast.objective(owner=cast.member)
    Membership.objects.filter(pk=cast.member.pk).update(left_on=TODAY)
    objective.title = "別の言葉で"
    assert services.save_objective(objective).owner == cast.member
    result = objective.key_results.first()
    result.title = "別の結果"
    assert services.save_key_result(result, by=cast.admin).owner == cast.member
    again = KeyResult(
        objective=objective, title="一度送った結果", owner=cast.member, submission_key=result.submission_key
    )
    assert services.save_key_result(again, by=cast.admin) == result


def test_leads_and_unpublished_content_go_on_with_somebody_or_without_anybody(cast):
    today = cast.organization.today
    matrix = Matrix.objects.create(
        organization=cast.organization, name="製造業", starts_on=today, ends_on=today, created_by=cast.admin
    )
    stage = MatrixStage.objects.create(matrix=matrix, name="潜在")
    given = {"organization": cast.organization, "matrix": matrix, "stage": stage, "since": today}
    for owner, name in ((cast.colleague, "甲"), (cast.member, "乙")):
        Lead.objects.create(**given, company=name, known_as=name, owner=owner)
    journey = Journey.objects.create(organization=cast.organization, name="道のり", created_by=cast.admin)
    phase = JourneyPhase.objects.create(journey=journey, name="認知")
    point = TouchPoint.objects.create(phase=phase, number=1, name="検索")
    of_point = {"touch_point": point, "created_by": cast.admin}
    Content.objects.create(**of_point, number=1, title="書きかけ", owner=cast.colleague)
    Content.objects.create(**of_point, number=2, title="出した", owner=cast.member, state="done", published_on=today)
    services.end_membership(cast.colleague, by=cast.admin, successor=cast.manager)
    services.end_membership(cast.member, by=cast.admin)
    assert dict(Lead.objects.values_list("company", "owner")) == {"甲": cast.manager.pk, "乙": None}
    assert dict(Content.objects.values_list("title", "owner")) == {
        "書きかけ": cast.manager.pk,
        "出した": cast.member.pk,
    }
