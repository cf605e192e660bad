"""The rules goals are written and changed by, whoever calls: page, API or command."""

import contextlib
import threading
import uuid
from datetime import date
from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection, transaction

from objectives import rollup, services
from objectives.models import (
    Alignment,
    CycleState,
    KeyResult,
    KeyResultScore,
    Kind,
    Objective,
    ObjectiveScore,
    ObjectiveShare,
    ObjectiveState,
    PendingRollUp,
    Step,
    TargetChange,
)
from people.models import Membership
from people.refusals import Refusal
from tests.cast import make_cast

pytestmark = pytest.mark.django_db


def refused(act, *args, **kwargs) -> Refusal:
    with pytest.raises(Refusal) as raised:
        act(*args, **kwargs)
    return raised.value


def moved_target() -> TargetChange:
    """The one change there is, besides a key result's being added."""
    return TargetChange.objects.exclude(what=["added"]).get()


# States


def test_an_objective_walks_from_draft_to_closed_and_back(cast):
    objective = cast.objective(state=ObjectiveState.DRAFT)
    for state in ("proposed", "agreed", "active", "closed", "active"):
        objective = services.change_state(objective, to=state, by=cast.manager)
        assert objective.state == state
    assert objective.activated_on == cast.organization.today


@pytest.mark.parametrize(
    ("before", "to"), [("draft", "closed"), ("proposed", "closed"), ("active", "draft"), ("active", "agreed")]
)
def test_a_step_that_does_not_exist_is_refused(cast, before, to):
    objective = cast.objective(state=before)
    assert refused(services.change_state, objective, to=to, by=cast.admin).code == "no_such_step"


def test_a_state_that_does_not_exist_is_refused(cast):
    assert refused(services.change_state, cast.objective(), to="perfect", by=cast.admin).code == "no_such_step"


def test_a_member_may_propose_but_not_agree(cast):
    objective = cast.objective(state=ObjectiveState.DRAFT, owner=cast.member)
    objective = services.change_state(objective, to="proposed", by=cast.member)
    for to in ("agreed", "active"):
        with pytest.raises(PermissionDenied):
            services.change_state(objective, to=to, by=cast.member)
    assert Objective.objects.get(pk=objective.pk).state == "proposed"


def test_a_manager_in_the_root_team_leads_every_team_but_not_the_company(cast):
    cast.manager.teams.add(cast.company)
    manager = Membership.objects.get(pk=cast.manager.pk)
    of_company = cast.objective(level="company", team=cast.company, owner=cast.executive)
    of_online = cast.objective(team=cast.online, owner=cast.colleague)
    for rows in (Objective.objects.editable_by(manager), Objective.objects.led_by(manager)):
        assert of_online in rows
        assert of_company not in rows
    assert of_company.key_results.first() not in KeyResult.objects.editable_by(manager)
    with pytest.raises(PermissionDenied):
        services.change_state(of_company, to="closed", by=manager)


def test_an_executive_decides_on_the_company_alone(cast):
    of_sales = cast.objective(state=ObjectiveState.DRAFT)
    with pytest.raises(PermissionDenied):
        services.change_state(of_sales, to="agreed", by=cast.executive)
    of_company = cast.objective(state=ObjectiveState.DRAFT, level="company", team=cast.company)
    assert services.change_state(of_company, to="agreed", by=cast.executive).state == "agreed"


@pytest.mark.parametrize("count", [0, 1, 6])
def test_an_objective_becomes_active_with_two_to_five_key_results_and_is_told_why(cast, count):
    objective = cast.objective(key_results=count, state=ObjectiveState.DRAFT)
    refusal = refused(services.change_state, objective, to="active", by=cast.manager)
    assert refusal.code == "key_result_count"
    assert str(count) in refusal.detail


def test_a_draft_key_result_without_its_numbers_keeps_the_objective_from_starting(cast):
    objective = cast.objective(key_results=1, state=ObjectiveState.DRAFT)
    cast.key_result(objective, title="受注率", target_value=None)
    assert refused(services.change_state, objective, to="active", by=cast.manager).code == "key_result_incomplete"
    KeyResult.objects.filter(title="受注率").update(measure_first=True)
    assert services.change_state(objective, to="active", by=cast.manager).state == "active"


def test_sending_the_same_state_twice_is_harmless_even_with_the_old_version(cast):
    objective = cast.objective(state=ObjectiveState.DRAFT)
    version = objective.version
    first = services.change_state(objective, to="proposed", by=cast.manager, expected_version=version)
    again = services.change_state(objective, to="proposed", by=cast.manager, expected_version=version)
    assert again.version == first.version


def test_a_state_changed_by_someone_else_meanwhile_is_stale(cast):
    objective = cast.objective(state=ObjectiveState.DRAFT)
    version = objective.version
    services.change_state(objective, to="proposed", by=cast.manager)
    refusal = refused(services.change_state, objective, to="agreed", by=cast.manager, expected_version=version)
    assert refusal.code == "stale"


# Writing


def test_the_same_form_sent_twice_makes_one_objective(cast):
    key = uuid.uuid4()

    def send():
        return services.save_objective(
            Objective(
                cycle=cast.cycle, team=cast.sales, owner=cast.manager, title="呼ばれる会社になる", submission_key=key
            )
        )

    assert send() == send()
    assert Objective.objects.count() == 1


def test_a_key_used_in_another_organization_gives_nothing_away(cast):
    key = uuid.uuid4()
    theirs = cast.stranger.organization
    services.save_objective(
        Objective(
            cycle=theirs.cycles.get(), team=theirs.teams.get(), owner=cast.stranger, title="秘密", submission_key=key
        )
    )
    ours = Objective(cycle=cast.cycle, team=cast.sales, owner=cast.manager, title="公開", submission_key=key)
    assert refused(services.save_objective, ours).code == "submission_key_used"


def test_a_key_of_another_objectives_key_result_is_refused(cast):
    first, second = cast.objective(), cast.objective()
    key = uuid.uuid4()
    cast.key_result(first, submission_key=key)
    assert refused(cast.key_result, second, submission_key=key).code == "submission_key_used"


def test_an_edit_based_on_an_old_version_changes_nothing(cast):
    objective = cast.objective()
    late = Objective.objects.get(pk=objective.pk)
    objective.title = "先に直した"
    services.save_objective(objective, expected_version=objective.version)
    late.title = "後から直した"
    assert refused(services.save_objective, late, expected_version=late.version).code == "stale"
    assert Objective.objects.get(pk=objective.pk).title == "先に直した"


def test_a_late_save_does_not_bring_a_dropped_objective_back(cast):
    objective = cast.objective()
    late = Objective.objects.get(pk=objective.pk)
    services.drop_objective(objective, reason="重なっていた", by=cast.manager)
    assert refused(services.save_objective, late).code == "dropped"
    assert Objective.objects.get(pk=objective.pk).dropped_at is not None


def test_nothing_changes_in_a_closed_cycle(cast):
    objective = cast.objective()
    key_result = objective.key_results.first()
    services.change_cycle_state(cast.cycle, to=CycleState.CLOSED, by=cast.admin)
    objective, key_result = Objective.objects.get(pk=objective.pk), KeyResult.objects.get(pk=key_result.pk)
    for act in (
        lambda: services.save_objective(objective),
        lambda: services.save_key_result(key_result, by=cast.admin),
        lambda: services.change_state(objective, to="active", by=cast.admin),
        lambda: services.drop_objective(objective, reason="x", by=cast.admin),
        lambda: services.drop_key_result(key_result, reason="x", by=cast.admin),
    ):
        assert refused(act).code == "cycle_closed"


def test_a_closed_objective_is_opened_again_before_anything_in_it_changes(cast):
    parent, objective, child = cast.objective(), cast.objective(key_results=3), cast.objective()
    above, below = services.align(objective, to=parent), services.align(child, to=objective)
    first, second, third = objective.key_results.all()
    services.drop_key_result(third, reason="測れない", by=cast.manager)
    services.change_state(objective, to=ObjectiveState.CLOSED, by=cast.manager)
    objective, first = Objective.objects.get(pk=objective.pk), KeyResult.objects.get(pk=first.pk)
    before = ObjectiveScore.objects.get(objective=objective).score
    first.target_value = Decimal(3)
    acts = {
        "change": lambda: services.save_objective(objective),
        "change a key result": lambda: services.save_key_result(first, by=cast.manager, reason="x"),
        "add a key result": lambda: cast.key_result(objective),
        "drop": lambda: services.drop_objective(objective, reason="x", by=cast.manager),
        "drop a key result": lambda: services.drop_key_result(second, reason="x", by=cast.manager),
        "bring a key result back": lambda: services.restore_key_result(third, by=cast.manager),
        "align": lambda: services.align(objective, to=parent, weight=3),
        "align below": lambda: services.align(child, to=objective, weight=3),
        "unalign": lambda: services.unalign(Alignment.objects.get(pk=above.pk)),
        "unalign below": lambda: services.unalign(Alignment.objects.get(pk=below.pk)),
    }
    assert {name: refused(act).code for name, act in acts.items()} == dict.fromkeys(acts, "objective_closed")
    assert ObjectiveScore.objects.get(objective=objective).score == before
    services.change_state(objective, to=ObjectiveState.ACTIVE, by=cast.manager)
    services.save_key_result(first, by=cast.manager, reason="目標を見直した")


# Key results


def test_weights_above_one_are_refused_and_the_others_share_the_rest(cast):
    objective = cast.objective(key_results=0, state=ObjectiveState.DRAFT)
    heavy = cast.key_result(objective, weight=0.6)
    light = [cast.key_result(objective), cast.key_result(objective)]
    shares = dict(KeyResultScore.objects.values_list("key_result", "share"))
    assert shares[heavy.pk] == pytest.approx(0.6)
    assert [shares[row.pk] for row in light] == pytest.approx([0.2, 0.2])
    assert refused(cast.key_result, objective, weight=0.5).code == "weights_above_one"


def test_an_active_objective_takes_no_sixth_key_result(cast):
    objective = cast.objective(key_results=5)
    assert refused(cast.key_result, objective).code == "too_many_key_results"


def test_an_active_objective_takes_no_key_result_without_its_numbers(cast):
    objective = cast.objective()
    refusal = refused(cast.key_result, objective, start_value=None)
    assert (refusal.code, list(refusal.fields)) == ("missing", ["start_value"])


def test_baseline_and_target_alike_are_refused_in_a_draft_too(cast):
    objective = cast.objective(key_results=0, state=ObjectiveState.DRAFT)
    refusal = refused(cast.key_result, objective, start_value=Decimal(30), target_value=Decimal(30))
    assert (refusal.code, list(refusal.fields)) == ("same_as_start", ["target_value"])


def test_moving_a_target_while_active_needs_a_reason_and_stays_visible(cast):
    key_result = cast.objective().key_results.first()
    key_result.target_value = Decimal(80)
    assert refused(services.save_key_result, key_result, by=cast.manager).fields.keys() == {"reason"}
    services.save_key_result(key_result, by=cast.manager, reason="担当が一人減ったため")
    change = moved_target()
    assert (change.old_target, change.new_target, change.reason) == (100, 80, "担当が一人減ったため")
    assert change.changed_on == cast.organization.today


def test_moving_a_quota_while_active_needs_a_reason_too(cast):
    objective = cast.objective()
    quota = {"kind": Kind.QUOTA, "start_value": None, "target_value": None, "period": "week"}
    key_result = cast.key_result(objective, quota=Decimal(3), **quota)
    key_result.quota = Decimal(2)
    assert refused(services.save_key_result, key_result, by=cast.manager).code == "reason_missing"
    services.save_key_result(key_result, by=cast.manager, reason="動画を減らした")
    assert moved_target().new_target == 2


@pytest.mark.parametrize(
    ("made", "changed", "what"),
    [
        ({}, {"start_value": Decimal(80)}, []),
        ({}, {"start_value": None, "measure_first": True}, ["measure_first"]),
        ({}, {"measure_first": True}, ["measure_first"]),
        ({"kind": Kind.KEEP, "start_value": None, "limit": "min", "period": "week"}, {"limit": "max"}, ["limit"]),
        ({"kind": Kind.KEEP, "start_value": None, "limit": "min", "period": "week"}, {"period": "month"}, ["period"]),
        (
            {"kind": Kind.QUOTA, "start_value": None, "target_value": None, "quota": Decimal(3), "period": "week"},
            {"period": "month"},
            ["period"],
        ),
        (
            {"kind": Kind.COVERAGE, "start_value": None, "target_value": None, "population": Decimal(50)},
            {"population": Decimal(20)},
            [],
        ),
    ],
)
def test_measuring_differently_while_active_needs_a_reason_and_stays_visible(cast, made, changed, what):
    key_result = cast.key_result(cast.objective(), **made)
    services.record_check_in(key_result, author=cast.member, value=Decimal(10))
    before = KeyResultScore.objects.get(key_result=key_result).score
    for name, value in changed.items():
        setattr(key_result, name, value)
    assert refused(services.save_key_result, key_result, by=cast.manager).fields.keys() == {"reason"}
    assert KeyResultScore.objects.get(key_result=key_result).score == before
    services.save_key_result(key_result, by=cast.manager, reason="数え方を正した")
    change = moved_target()
    assert (change.reason, change.what) == ("数え方を正した", what)
    if "start_value" in changed:
        assert (change.old_start, change.new_start) == (0, changed["start_value"])


def test_a_milestone_loses_or_reweighs_a_step_with_a_reason_only(cast):
    blank = {"kind": Kind.MILESTONE, "start_value": None, "target_value": None}
    milestone = cast.key_result(cast.objective(), **blank, steps=[Step(title="洗い出し"), Step(title="公開")])
    audit, publish = milestone.steps.all()
    services.record_check_in(milestone, author=cast.member, steps_done=[audit.pk])

    def save(steps, **reason):
        return services.save_key_result(KeyResult.objects.get(pk=milestone.pk), by=cast.manager, steps=steps, **reason)

    assert refused(save, [audit]).code == "reason_missing"
    audit = milestone.steps.get(pk=audit.pk)
    audit.weight = Decimal(9)
    assert refused(save, [audit, publish]).code == "reason_missing"
    audit.weight = Decimal(1)
    publish.title = "公開して知らせる"
    save([audit, publish])
    assert not TargetChange.objects.exclude(what=["added"]).exists()
    save([audit], reason="公開は来期に")
    assert moved_target().what == ["steps"]


def test_a_baseline_measured_first_is_kept_without_a_reason(cast):
    objective = cast.objective()
    key_result = cast.key_result(objective, start_value=None, target_value=None, measure_first=True)
    key_result.start_value, key_result.target_value, key_result.measure_first = Decimal(12), Decimal(3), False
    services.record_check_in(key_result, author=cast.member, value=Decimal(11))
    services.save_key_result(key_result, by=cast.manager)
    change = moved_target()
    assert (change.old_start, change.new_start, change.new_target, change.reason) == (None, 12, 3, "")
    key_result.target_value = Decimal(5)
    assert refused(services.save_key_result, key_result, by=cast.manager).code == "reason_missing"


def test_the_kind_stays_once_there_are_check_ins(cast):
    key_result = cast.objective().key_results.first()
    services.record_check_in(key_result, author=cast.member, value=Decimal(10))
    key_result.kind = Kind.CUMULATIVE
    assert refused(services.save_key_result, key_result, by=cast.manager).code == "kind_fixed"


def test_steps_left_out_go_unless_somebody_finished_them(cast):
    objective = cast.objective()
    blank = {"kind": Kind.MILESTONE, "start_value": None, "target_value": None}
    milestone = cast.key_result(objective, **blank)
    services.save_key_result(milestone, by=cast.admin, steps=[Step(title="洗い出し"), Step(title="公開")])
    audit, _publish = milestone.steps.all()
    services.record_check_in(milestone, author=cast.member, steps_done=[audit.pk])
    services.save_key_result(
        KeyResult.objects.get(pk=milestone.pk), by=cast.admin, steps=[Step(title="見直し")], reason="x"
    )
    assert set(milestone.steps.values_list("title", flat=True)) == {"洗い出し", "見直し"}


# Dropping and bringing back


def test_dropping_needs_a_reason_and_can_be_undone(cast):
    objective = cast.objective()
    assert refused(services.drop_objective, objective, reason=" ", by=cast.manager).fields.keys() == {"reason"}
    services.drop_objective(objective, reason="重なっていた", by=cast.manager)
    services.drop_objective(objective, reason="もう一度", by=cast.manager)
    assert Objective.objects.get(pk=objective.pk).dropped_reason == "重なっていた"
    services.restore_objective(objective, by=cast.manager)
    services.restore_objective(objective, by=cast.manager)
    assert Objective.objects.get(pk=objective.pk).dropped_at is None


def test_an_active_objective_keeps_two_key_results(cast):
    key_result = cast.objective().key_results.first()
    assert refused(services.drop_key_result, key_result, reason="x", by=cast.manager).code == "key_result_count"


def test_a_dropped_key_result_counts_no_more_until_it_is_brought_back(cast):
    objective = cast.objective(key_results=3)
    first = objective.key_results.first()
    services.record_check_in(first, author=cast.member, value=Decimal(90))
    assert ObjectiveScore.objects.get(objective=objective).score == pytest.approx(0.3)
    services.drop_key_result(first, reason="測れない", by=cast.manager)
    assert ObjectiveScore.objects.get(objective=objective).score == 0
    services.restore_key_result(first, by=cast.manager)
    assert ObjectiveScore.objects.get(objective=objective).score == pytest.approx(0.3)


def test_a_dropped_child_counts_no_more_above(cast):
    parent, child = cast.objective(key_results=2), cast.objective()
    services.align(child, to=parent)
    for row in child.key_results.all():
        services.record_check_in(row, author=cast.member, value=Decimal(100))
    rollup.drain()
    before = ObjectiveScore.objects.get(objective=parent).score
    services.drop_objective(child, reason="やめた", by=cast.manager)
    rollup.drain()
    assert before > 0
    assert ObjectiveScore.objects.get(objective=parent).score == 0


# What a partner sees


def test_a_partner_sees_and_reports_on_what_contributes_to_the_shared_branch_alone(cast):
    shared = cast.objective(key_results=3)
    ObjectiveShare.objects.create(objective=shared, membership=cast.partner)
    near, far, through, helper = (cast.objective(team=cast.online) for _number in range(4))
    services.align(near, to=shared)
    services.align(far, to=near.key_results.first())
    services.align(through, to=shared.key_results.first())
    services.align(helper, to=shared, link="supports")
    services.align(cast.objective(), to=helper)

    def seen():
        for rows in (KeyResult.objects.visible_to(cast.partner), KeyResult.objects.checkable_by(cast.partner)):
            found = set(Objective.objects.visible_to(cast.partner))
            assert {row.objective for row in rows} == found
        return found

    assert seen() == {shared, near, far, through}
    services.drop_key_result(shared.key_results.first(), reason="x", by=cast.admin)
    assert seen() == {shared, near, far}
    services.drop_objective(near, reason="x", by=cast.admin)
    assert seen() == {shared}
    services.drop_objective(shared, reason="x", by=cast.admin)
    services.restore_objective(near, by=cast.admin)
    assert seen() == set()


# Alignment


def test_a_loop_is_refused_directly_and_through_a_key_result(cast):
    top, middle, bottom = cast.objective(), cast.objective(), cast.objective()
    services.align(middle, to=top.key_results.first())
    services.align(bottom, to=middle)
    assert refused(services.align, top, to=bottom).code == "loop"
    assert refused(services.align, top, to=bottom.key_results.first()).fields.keys() == {"parent"}
    assert refused(services.align, top, to=top).code == "loop"


def test_aligning_again_changes_link_and_weight_and_taking_away_twice_is_harmless(cast):
    parent, child = cast.objective(), cast.objective()
    services.align(child, to=parent)
    alignment = services.align(child, to=parent, link="supports")
    assert Alignment.objects.get().link == "supports"
    services.unalign(alignment)
    services.unalign(alignment)
    assert not Alignment.objects.exists()


@pytest.mark.parametrize("weight", [-0.1, 1001.0, float("nan")])
def test_a_weight_out_of_range_is_refused(cast, weight):
    refusal = refused(services.align, cast.objective(), to=cast.objective(), weight=weight)
    assert refusal.fields.keys() == {"weight"}


def test_nothing_is_aligned_to_another_organization(cast):
    theirs = cast.stranger.organization
    foreign = services.save_objective(
        Objective(cycle=theirs.cycles.get(), team=theirs.teams.get(), owner=cast.stranger, title="よその目標")
    )
    assert refused(services.align, cast.objective(), to=foreign).code == "other_organization"


def test_nothing_is_aligned_to_a_dropped_goal_or_in_a_closed_cycle(cast):
    parent, child = cast.objective(), cast.objective()
    dropped = services.drop_objective(cast.objective(), reason="x", by=cast.admin)
    assert refused(services.align, child, to=dropped).code == "dropped"
    alignment = services.align(child, to=parent)
    services.change_cycle_state(cast.cycle, to="closed", by=cast.admin)
    child, parent = Objective.objects.get(pk=child.pk), Objective.objects.get(pk=parent.pk)
    assert refused(services.align, child, to=parent).code == "cycle_closed"
    assert refused(services.unalign, Alignment.objects.get(pk=alignment.pk)).code == "cycle_closed"


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("locked", [True, False])
def test_of_two_that_close_a_loop_together_only_one_succeeds(move_clock, monkeypatch, locked):
    """With the lock one waits and is refused; without it, the negative control, both would be written."""
    move_clock("2026-05-20T10:00:00+09:00")
    cast = make_cast()
    first, second = cast.objective(), cast.objective()
    both_checked = threading.Barrier(2, timeout=3)
    if not locked:
        monkeypatch.setattr(rollup, "lock_roll_up", lambda organization_id: None)
    refusals = []

    def act(child, parent):
        try:
            with transaction.atomic():
                services.align(child, to=parent)
                with contextlib.suppress(threading.BrokenBarrierError):
                    both_checked.wait()
        except Refusal as refusal:
            refusals.append(refusal.code)
            both_checked.abort()
        finally:
            connection.close()

    threads = [threading.Thread(target=act, args=pair) for pair in ((first, second), (second, first))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(timeout=20)
    assert refusals == (["loop"] if locked else [])
    assert Alignment.objects.count() == (1 if locked else 2)


# Cycles and the organization's calendar


def test_moving_a_cycles_days_rescores_its_goals(cast):
    objective = cast.objective()
    before = ObjectiveScore.objects.get(objective=objective).pace
    cast.cycle.end = date(2026, 9, 30)
    services.save_cycle(cast.cycle, by=cast.admin)
    assert ObjectiveScore.objects.get(objective=objective).pace < before


def test_a_cycle_is_not_moved_away_from_its_check_ins(cast):
    services.record_check_in(cast.objective().key_results.first(), author=cast.member, value=Decimal(1))
    cast.cycle.end = date(2026, 5, 1)
    refusal = refused(services.save_cycle, cast.cycle, by=cast.admin)
    assert (refusal.code, list(refusal.fields)) == ("check_ins_outside", ["end"])


def test_changing_the_band_is_recorded_and_the_worker_rescores(cast):
    objective = cast.objective()
    for row in objective.key_results.all():
        services.record_check_in(row, author=cast.member, value=Decimal(30))
    rollup.drain()
    assert ObjectiveScore.objects.get(objective=objective).health == "on_track"
    cast.organization.band_lower, cast.organization.band_upper = 0.8, 0.9
    services.save_organization(cast.organization)
    assert PendingRollUp.objects.filter(objective=None).count() == 1
    rollup.drain()
    assert ObjectiveScore.objects.get(objective=objective).health == "at_risk"


def test_changing_the_weekday_moves_every_due_day(cast):
    key_result = cast.objective().key_results.first()
    assert KeyResultScore.objects.get(key_result=key_result).due_on == date(2026, 5, 22)
    cast.organization.check_in_weekday = 0
    services.save_organization(cast.organization)
    rollup.drain()
    assert KeyResultScore.objects.get(key_result=key_result).due_on.weekday() == 0


def test_changing_the_name_rescores_nothing(cast):
    cast.organization.name = "北灯珈琲店"
    services.save_organization(cast.organization)
    assert not PendingRollUp.objects.exists()
