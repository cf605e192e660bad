"""Bringing a partner's work into the house, step by step."""

from datetime import date

import pytest

from funnel.models import KPI, HandoverStep, PartnerLever, PartnerRoom
from objectives.models import Notice
from objectives.services.actions import add_action
from objectives.services.handover import (
    add_step,
    drop_step,
    leave_off_handover,
    move_step,
    plan_handover,
    restore_step,
    save_step,
    tick_step,
)
from objectives.services.members import change_member, end_membership
from objectives.services.sharing import share_kgi, share_objective
from people.models import Role
from people.refusals import Refusal
from tests.cast import person
from tests.funnel.plans import make_kgi

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
DAY = date(2026, 8, 1)


def page(cast, path=""):
    return cast.url(f"partners/{cast.partner.pk}/handover/{path}")


def at(cast, step, act):
    return cast.url(f"handover-steps/{step.pk}/{act}/")


def planned(cast):
    plan_handover(cast.partner, by=cast.manager, on=DAY)
    return list(HandoverStep.objects.filter(partner=cast.partner))


def told(someone):
    return list(Notice.objects.filter(membership=someone, kind="handover").values_list("text", flat=True))


def test_a_partner_whose_steps_were_written_before_the_day_is_told_when_it_is_planned(cast):
    add_step(cast.partner, by=cast.manager, text="分析の権限を渡す", by_partner=True)
    add_step(cast.partner, by=cast.manager, text="原稿を渡す", by_partner=True)
    assert told(cast.partner) == []
    plan_handover(cast.partner, by=cast.manager, on=DAY)
    assert told(cast.partner) == ["分析の権限を渡す"]
    leave_off_handover(cast.partner, by=cast.manager)
    plan_handover(cast.partner, by=cast.manager, on=DAY)
    assert told(cast.partner) == ["分析の権限を渡す"]


def test_open_steps_move_with_the_day_and_none_into_the_past(cast, sign_in):
    steps = planned(cast)
    first, last, done, dropped, free, *_rest = steps[0], steps[-1], *steps[1:5]
    late = date(2026, 5, 1)
    for step, day in ((first, late), (free, None)):
        save_step(step, by=cast.manager, text=step.text, by_partner=step.by_partner, owner=None, due_on=day)
    tick_step(done, by=cast.manager, done=True)
    drop_step(dropped, by=cast.manager)
    sent = {"on": "2026-08-15", "version": "1"}
    for _twice in range(2):
        assert sign_in(cast.manager).post(page(cast), sent).status_code == 302
    found = {step.pk: step.due_on for step in HandoverStep.objects.filter(partner=cast.partner)}
    assert (found[first.pk], found[last.pk], found[free.pk]) == (date(2026, 5, 15), date(2026, 8, 15), None)
    assert (found[done.pk], found[dropped.pk]) == (done.due_on, dropped.due_on)
    plan_handover(cast.partner, by=cast.manager, on=date(2026, 5, 27))
    found = {step.pk: step.due_on for step in HandoverStep.objects.filter(partner=cast.partner)}
    assert (found[first.pk], found[last.pk]) == (date(2026, 5, 15), date(2026, 5, 27))
    assert min(day for pk, day in found.items() if day and pk not in (first.pk, done.pk, dropped.pk)) == date(
        2026, 5, 20
    )
    assert "残っているステップの期日も" in sign_in(cast.manager).get(page(cast)).text


def test_one_button_sets_the_day_and_lays_the_usual_steps_once(cast, sign_in):
    client = sign_in(cast.manager)
    assert "引き継ぎを計画する" in client.get(page(cast)).text
    for _twice in range(2):
        assert client.post(page(cast), {"on": "2026-08-01", "version": "0"}).status_code == 302
    assert PartnerRoom.objects.get(membership=cast.partner).handover_on == DAY
    steps = HandoverStep.objects.filter(partner=cast.partner)
    assert 8 <= len(steps) <= 12
    assert {step.by_partner for step in steps} == {True, False}
    assert all(cast.organization.today <= step.due_on <= DAY for step in steps)
    assert "広告・アクセス解析・SNS" in client.get(page(cast)).text
    assert len(told(cast.partner)) == 1


def test_the_list_is_laid_in_the_language_of_whoever_plans(cast, sign_in):
    sign_in(cast.manager, language="en").post(page(cast), {"on": "2026-08-01", "version": "0"})
    assert HandoverStep.objects.filter(text__startswith="Export the raw data").exists()


def test_the_day_is_moved_and_left_off_while_the_list_stays(cast, sign_in):
    steps = planned(cast)
    client = sign_in(cast.manager)
    assert client.post(page(cast), {"on": "2026-09-01", "version": "1"}).status_code == 302
    stale = client.post(page(cast), {"on": "2026-10-01", "version": "1"}, headers=HTMX)
    assert stale.status_code == 422
    assert "2026-10-01" in stale.text
    assert "引き継ぎ" in sign_in(cast.partner).get(cast.url("room/")).text
    for _twice in range(2):
        assert client.post(page(cast, "leave-off/")).status_code == 302
    assert PartnerRoom.objects.get().handover_on is None
    assert HandoverStep.objects.count() == len(steps)
    room = sign_in(cast.partner).get(cast.url("room/")).text
    assert not [step for step in steps if step.text in room]
    theirs = next(step for step in steps if step.by_partner)
    assert sign_in(cast.partner).post(at(cast, theirs, "tick")).status_code == 404
    leave_off_handover(cast.partner, by=cast.manager)
    plan_handover(cast.partner, by=cast.manager, on=DAY)
    assert HandoverStep.objects.count() == len(steps), "planned again, nothing is laid twice"


@pytest.mark.parametrize("on", ["", "x", "2026-05-19", "0000-01-01", "99999-01-01", "2026-13-01"])
def test_a_day_that_cannot_be_is_answered_beside_the_field(cast, sign_in, on):
    answer = sign_in(cast.manager).post(page(cast), {"on": on, "version": "0"})
    assert answer.status_code == 422
    assert 'class="error"' in answer.text
    assert not HandoverStep.objects.exists()


def test_a_partner_ticks_off_their_own_steps_and_no_others(cast, sign_in):
    steps = planned(cast)
    theirs = next(step for step in steps if step.by_partner)
    ours = next(step for step in steps if not step.by_partner)
    client = sign_in(cast.partner)
    room = client.get(cast.url("room/")).text
    assert theirs.text in room
    assert ours.text in room
    for _twice in range(2):
        answer = client.post(at(cast, theirs, "tick"), {"done": "1"})
        assert answer.status_code == 302
        assert answer["Location"] == cast.url(f"room/#step-{theirs.pk}")
    assert client.post(at(cast, ours, "tick"), {"done": "1"}).status_code == 403
    theirs.refresh_from_db()
    assert (theirs.done_by_id, theirs.version) == (cast.partner.pk, 2)
    assert f"{len(steps)}ステップ中1ステップが完了" in client.get(cast.url("room/")).text
    answer = client.post(at(cast, theirs, "tick"), {"done": "0"}, headers=HTMX)
    assert answer.status_code == 200
    assert f"{len(steps)}ステップ中0ステップが完了" in answer.text
    assert "まだパートナーの手に" not in answer.text
    assert client.get(page(cast)).status_code == 404
    for act in ("edit", "move", "drop", "restore"):
        assert client.post(at(cast, theirs, act), {"text": "x"}).status_code == 403


def test_a_step_is_ticked_by_its_owner_and_by_those_who_plan_and_read_by_all_inside(cast, sign_in):
    step = add_step(cast.partner, by=cast.manager, text="契約を移す", owner=cast.member)
    assert told(cast.member) == ["契約を移す"]
    assert sign_in(cast.colleague).get(page(cast)).status_code == 200
    assert "契約を移す" in sign_in(cast.colleague).get(page(cast)).text
    assert sign_in(cast.colleague).post(at(cast, step, "tick")).status_code == 403
    assert sign_in(cast.member).post(at(cast, step, "tick")).status_code == 302
    assert HandoverStep.objects.get().done_by_id == cast.member.pk
    assert sign_in(cast.executive).post(at(cast, step, "tick"), {"done": "0"}).status_code == 302
    reader = sign_in(cast.member)
    assert reader.post(page(cast), {"on": "2026-08-01", "version": "0"}).status_code == 403
    assert reader.post(page(cast, "steps/"), {"text": "x"}).status_code == 403
    assert reader.post(page(cast, "leave-off/")).status_code == 403
    for act in ("edit", "move", "drop", "restore"):
        assert reader.post(at(cast, step, act), {"text": "x"}).status_code == 403


def test_steps_are_added_changed_moved_taken_off_and_brought_back(cast, sign_in):
    client = sign_in(cast.manager)
    for text in ("一", "二", "三", "三"):
        sent = {"text": text, "whose": "inside", "owner": str(cast.member.pk), "due_on": "2026-06-01"}
        assert client.post(page(cast, "steps/"), sent).status_code == 302
    one, two, three = HandoverStep.objects.all()
    for _twice in range(2):
        assert client.post(at(cast, three, "move"), {"to": "0"}).status_code == 302
    assert list(HandoverStep.objects.values_list("text", flat=True)) == ["三", "一", "二"]
    assert client.get(page(cast) + f"?edit={one.pk}").context["editing"] == one.pk
    sent = {"text": "一番", "whose": "partner", "owner": str(cast.member.pk), "due_on": "", "version": "1"}
    for _twice in range(2):
        assert client.post(at(cast, one, "edit"), sent).status_code == 302
    one.refresh_from_db()
    assert (one.text, one.by_partner, one.owner_id, one.due_on, one.version) == ("一番", True, None, None, 2)
    stale = client.post(at(cast, one, "edit"), sent | {"text": "別"}, headers=HTMX)
    assert stale.status_code == 422
    assert "別" in stale.text
    for _twice in range(2):
        assert client.post(at(cast, two, "drop"), headers=HTMX).status_code == 200
    assert "リストから外したステップ1件" in client.get(page(cast)).text
    for _twice in range(2):
        assert client.post(at(cast, two, "restore")).status_code == 302
    assert list(HandoverStep.objects.filter(dropped_at=None).values_list("text", flat=True)) == ["三", "一番", "二"]
    assert client.post(at(cast, two, "move"), {"to": "²"}).status_code == 302
    assert client.post(at(cast, two, "move"), {"to": "9" * 17}).status_code == 302


@pytest.mark.parametrize(
    "sent",
    [
        {"text": "", "whose": "inside"},
        {"text": "あ" * 201, "whose": "inside"},
        {"text": "x"},
        {"text": "x", "whose": "nobody"},
        {"text": "x", "whose": "inside", "owner": "999999"},
        {"text": "x", "whose": "inside", "due_on": "いつか"},
        {"text": "a\0b", "whose": "inside"},
    ],
)
def test_a_step_that_cannot_be_taken_keeps_what_was_typed(cast, sign_in, sent):
    answer = sign_in(cast.manager).post(page(cast, "steps/"), sent)
    assert answer.status_code == 422
    assert 'class="error"' in answer.text
    assert not HandoverStep.objects.exists()


def test_what_services_refuse(cast):
    step = add_step(cast.partner, by=cast.manager, text="一")
    said = {"by": cast.manager, "by_partner": False, "due_on": None}
    for write, code in (
        (
            lambda: add_step(cast.partner, by=cast.manager, text="x", by_partner=True, owner=cast.member),
            "theirs_or_ours",
        ),
        (lambda: add_step(cast.partner, by=cast.manager, text="x", owner=cast.partner), "owner"),
        (lambda: add_step(cast.partner, by=cast.manager, text=" "), "text_missing"),
        (lambda: plan_handover(cast.partner, by=cast.manager, on=date(2026, 5, 19)), "day_past"),
        (lambda: save_step(step, text="二", owner=None, expected_version=7, **said), "stale"),
    ):
        with pytest.raises(Refusal) as refused:
            write()
        assert refused.value.code == code
    drop_step(step, by=cast.manager)
    with pytest.raises(Refusal) as refused:
        tick_step(step, by=cast.manager, done=True)
    assert refused.value.code == "dropped"
    restore_step(step, by=cast.manager)
    end_membership(cast.partner, by=cast.admin)
    with pytest.raises(Refusal) as refused:
        move_step(step, by=cast.manager, to=0)
    assert refused.value.code == "left"


def test_an_owner_is_told_once_and_only_when_the_step_becomes_theirs(cast):
    step = add_step(cast.partner, by=cast.manager, text="計測を移す")
    said = {"by": cast.manager, "by_partner": False, "owner": cast.member}
    for due in (None, None, date(2026, 6, 1)):
        save_step(step, text="計測を移す", due_on=due, **said)
    assert told(cast.member) == ["計測を移す"]
    notice = Notice.objects.get(membership=cast.member)
    assert notice.place == f"partners/{cast.partner.pk}/handover/#step-{step.pk}"


def test_what_is_late_is_marked(cast, sign_in):
    add_step(cast.partner, by=cast.manager, text="遅れた", due_on=date(2026, 5, 19))
    add_step(cast.partner, by=cast.manager, text="今日まで", due_on=date(2026, 5, 20))
    found = sign_in(cast.manager).get(page(cast)).context["handover"]
    assert [step.text for step in found.steps if step.is_overdue] == ["遅れた"]


def test_what_is_still_in_their_hands_is_counted_until_nothing_is_left(cast, sign_in):
    kgi = make_kgi(cast)
    lever = KPI.objects.create(kgi=kgi, key="visits", name="訪問")
    held = PartnerLever.objects.create(kpi=lever, membership=cast.partner, start_value=1, began_on=date(2026, 4, 1))
    objective = cast.objective()
    share_kgi(kgi, cast.partner, by=cast.admin, shared=True)
    share_objective(objective, cast.partner, by=cast.admin, shared=True, may_write=True)
    action = add_action(
        team=cast.sales,
        title="バナー",
        owner=cast.partner,
        due_on=None,
        by=cast.partner,
        key_result=objective.key_results.first(),
    )
    step = add_step(cast.partner, by=cast.manager, text="一")
    client = sign_in(cast.manager)
    assert [fact.number for fact in client.get(page(cast)).context["handover"].facts] == [1, 1, 1, 1, 0]
    tick_step(step, by=cast.manager, done=True)
    assert "まだ4件がパートナーの手にあります" in client.get(page(cast)).text
    PartnerLever.objects.filter(pk=held.pk).update(ended_on=date(2026, 5, 20))
    share_kgi(kgi, cast.partner, by=cast.admin, shared=False)
    share_objective(objective, cast.partner, by=cast.admin, shared=False)
    type(action).objects.filter(pk=action.pk).update(state="done", closed_on=date(2026, 5, 20))
    found = client.get(page(cast))
    assert found.context["handover"].is_finished
    assert "すべて自社の手に移りました" in found.text


def test_another_partner_and_strangers_find_nothing(cast, sign_in):
    step = add_step(cast.partner, by=cast.manager, text="内緒", by_partner=True)
    other = person(cast.organization, "別の代理店", "other@agency.example", Role.PARTNER)
    for one in (other, cast.stranger):
        client = sign_in(one)
        assert client.get(page(cast)).status_code == 404
        for act in ("edit", "tick", "move", "drop", "restore"):
            assert client.post(at(cast, step, act)).status_code == 404
    assert "内緒" not in sign_in(other).get(cast.url("room/")).text


def test_a_list_that_is_not_planned_is_not_in_what_the_partner_may_fetch_of_themselves(cast, sign_in):
    add_step(cast.partner, by=cast.manager, text="まだ内緒", by_partner=True)
    for one in (cast.partner, cast.admin):
        answer = sign_in(one).get(cast.url(f"settings/members/{cast.partner.pk}/data/"))
        kept = b"".join(answer.streaming_content).decode()
        assert "handover_steps" in kept
        assert "まだ内緒" not in kept


def test_who_becomes_a_partner_has_no_step_inside_any_more(cast):
    step = add_step(cast.partner, by=cast.manager, text="一", owner=cast.colleague)
    change_member(cast.colleague, by=cast.admin, role=Role.PARTNER)
    step.refresh_from_db()
    assert step.owner is None


def test_who_leaves_hands_their_steps_over_or_leaves_them_to_nobody(cast):
    alone = add_step(cast.partner, by=cast.manager, text="一", owner=cast.colleague)
    done = tick_step(
        add_step(cast.partner, by=cast.manager, text="二", owner=cast.colleague), by=cast.manager, done=True
    )
    given = add_step(cast.partner, by=cast.manager, text="三", owner=cast.member)
    end_membership(cast.colleague, by=cast.admin)
    end_membership(cast.member, by=cast.admin, successor=cast.manager)
    owners = dict(HandoverStep.objects.values_list("pk", "owner"))
    assert owners == {alone.pk: None, done.pk: cast.colleague.pk, given.pk: cast.manager.pk}


@pytest.mark.parametrize("many", [1, 20])
def test_as_many_questions_however_long_the_list(cast, sign_in, django_assert_max_num_queries, many):
    plan_handover(cast.partner, by=cast.manager, on=DAY)
    for number in range(many):
        add_step(cast.partner, by=cast.manager, text=f"歩み {number}", owner=cast.member)
    client = sign_in(cast.manager)
    with django_assert_max_num_queries(16):
        assert client.get(page(cast)).status_code == 200
