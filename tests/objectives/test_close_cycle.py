"""Closing a cycle and opening it again: what runs is closed, what never began is dropped, and everybody sees who did
it and why."""

from __future__ import annotations

from decimal import Decimal

import pytest
from django.core.exceptions import PermissionDenied

from objectives import services
from objectives.models import CheckIn, Cycle, CycleStep, Grade, Objective, ObjectiveShare, StateChange
from people.models import Team
from people.refusals import Refusal
from tests.objectives.test_member_acts import real_cast as real_cast
from tests.objectives.test_member_acts import together

LATER = "2026-05-20T10:11:00+09:00"


def again(row):
    return type(row)._default_manager.get(pk=row.pk)


def refused(act, *args, **kwargs) -> Refusal:
    with pytest.raises(Refusal) as raised:
        act(*args, **kwargs)
    return raised.value


@pytest.fixture
def ended(cast, move_clock):
    """A cycle with an objective that runs, one closed by its manager, one proposed end, and a draft."""
    cast.running, cast.done, cast.proposed = (cast.objective(title=title) for title in ("続行中", "完了", "提案済み"))
    cast.draft = cast.objective(title="下書き", state="draft")
    for key_result in cast.running.key_results.all():
        services.record_check_in(key_result, author=cast.member, value=Decimal(60))
    move_clock("2026-05-20T10:05:00+09:00")
    services.close_objective(cast.done, by=cast.manager, override=0.4, reason="数え方を変えたため")
    services.propose_grade(cast.proposed, by=cast.manager, outcome="carried")
    move_clock("2026-05-20T10:06:00+09:00")
    return cast


def test_closing_a_cycle_closes_what_runs_with_its_score_and_drops_what_never_began(ended):
    services.close_cycle(ended.cycle, by=ended.admin)
    assert again(ended.cycle).state == "closed"
    states = {row.title: row.state for row in Objective.objects.filter(cycle=ended.cycle, dropped_at=None)}
    assert states == dict.fromkeys(("続行中", "完了", "提案済み"), "closed")
    assert again(ended.draft).dropped_by == ended.admin
    assert "FY2026 Q1" in again(ended.draft).dropped_reason
    grades = {row.objective.title: (row.computed, row.override, row.outcome) for row in Grade.objects.all()}
    assert grades == {"続行中": (0.6, None, ""), "完了": (0.0, 0.4, ""), "提案済み": (0.0, None, "carried")}
    step = StateChange.objects.filter(objective=ended.running).last()
    assert (step.old_state, step.new_state, step.by) == ("active", "closed", ended.admin)
    taken = CycleStep.objects.get()
    assert (taken.old_state, taken.new_state, taken.by, taken.reason) == ("active", "closed", ended.admin, "")


def test_sent_twice_it_is_closed_once(ended):
    services.close_cycle(ended.cycle, by=ended.admin)
    before = list(Grade.objects.order_by("pk").values())
    services.close_cycle(ended.cycle, by=ended.admin)
    assert CycleStep.objects.count() == 1
    assert list(Grade.objects.order_by("pk").values()) == before


def test_taking_it_back_at_once_puts_everything_back_as_it_was(ended):
    services.close_cycle(ended.cycle, by=ended.admin)
    services.change_cycle_state(ended.cycle, to="active", by=ended.admin)
    assert again(ended.running).state == again(ended.proposed).state == "active"
    assert again(ended.done).state == "closed"
    assert again(ended.draft).dropped_at is None
    assert set(Grade.objects.values_list("objective__title", flat=True)) == {"完了", "提案済み"}
    assert CycleStep.objects.last().reason
    services.record_check_in(ended.running.key_results.first(), author=ended.member, value=Decimal(70))
    services.close_cycle(ended.cycle, by=ended.admin)
    assert again(ended.running).grade.computed == pytest.approx(0.65)


def test_later_it_takes_an_administrator_and_a_reason(ended, move_clock):
    services.close_cycle(ended.cycle, by=ended.admin)
    for who in (ended.executive, ended.manager):
        with pytest.raises(PermissionDenied):
            services.reopen_cycle(ended.cycle, reason="売上の締めが遅れた", by=who)
    move_clock(LATER.replace("10:11", "10:20"))
    assert refused(services.reopen_cycle, ended.cycle, reason=" ", by=ended.admin).fields.keys() == {"reason"}
    services.reopen_cycle(ended.cycle, reason="売上の締めが遅れた", by=ended.admin)
    services.reopen_cycle(ended.cycle, reason="もう一度", by=ended.admin)
    assert list(CycleStep.objects.values_list("new_state", "reason")) == [
        ("closed", ""),
        ("active", "売上の締めが遅れた"),
    ]


def test_what_has_no_open_team_or_no_owner_any_more_stays_as_the_cycle_left_it(cast):
    here, gone = cast.objective(), cast.objective(team=cast.online, owner=cast.colleague)
    shop = Team.objects.create(organization=cast.organization, parent=cast.company, name="店")
    shut = [cast.objective(team=shop, state=state) for state in ("active", "draft")]
    services.close_cycle(cast.cycle, by=cast.admin)
    services.close_team(shop, by=cast.admin)
    services.end_membership(cast.colleague, by=cast.admin)
    services.reopen_cycle(cast.cycle, reason="売上の締めが遅れた", by=cast.admin)
    assert again(here).state == "active"
    assert {again(row).state for row in (gone, shut[0])} == {"closed"}
    assert again(shut[1]).dropped_at is not None


def test_why_it_was_opened_again_is_told_inside_and_not_to_partners(ended, sign_in):
    ObjectiveShare.objects.create(objective=ended.running, membership=ended.partner)
    services.close_cycle(ended.cycle, by=ended.admin)
    services.reopen_cycle(ended.cycle, reason="売上の締めが遅れた", by=ended.admin)
    for who, is_told in ((ended.member, True), (ended.partner, False)):
        page = sign_in(who).get(ended.url("cycles/")).content.decode()
        assert ended.cycle.name in page
        assert ("売上の締めが遅れた" in page) == is_told


def test_a_closed_cycle_takes_neither_grades_nor_check_ins(ended):
    services.close_cycle(ended.cycle, by=ended.admin)
    for act in (services.close_objective, services.propose_grade):
        assert refused(act, again(ended.done), by=ended.manager, outcome="finished").code == "cycle_closed"
    key_result = ended.running.key_results.first()
    assert refused(services.record_check_in, key_result, author=ended.member, value=Decimal(1)).code == "cycle_closed"


@pytest.mark.parametrize("number", [3, 30])
def test_it_takes_as_many_statements_however_many_objectives_there_are(cast, number, django_assert_max_num_queries):
    cast.many(number, state="active")
    cast.many(number, title="下書き", state="draft")
    with django_assert_max_num_queries(45):
        services.close_cycle(cast.cycle, by=cast.admin)
    assert Grade.objects.count() == number


@pytest.mark.django_db(transaction=True)
def test_a_check_in_that_arrives_meanwhile_is_counted_or_refused(real_cast):
    objective = real_cast.objective(key_results=2)
    key_results = list(objective.key_results.all())

    def report(key_result):
        try:
            services.record_check_in(key_result, author=real_cast.member, value=Decimal(100))
        except Refusal as refusal:
            assert refusal.code == "cycle_closed"  # noqa: PT017

    cycle = Cycle.objects.get(pk=real_cast.cycle.pk)
    failures = together(
        *(lambda row=row: report(row) for row in key_results),
        lambda: services.close_cycle(cycle, by=real_cast.admin),
        lambda: services.close_cycle(cycle, by=real_cast.admin),
    )
    assert failures == [None] * 4
    assert CycleStep.objects.count() == 1
    assert Grade.objects.get().computed == pytest.approx(CheckIn.objects.count() / 2)
