"""Goals of two departments that repeat or contradict each other: found, shown to both, settled."""

from decimal import Decimal

import pytest
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext

from objectives import comparing, services, tasks
from objectives.models import (
    Alignment,
    Conflict,
    ConflictKind,
    KeyResult,
    Notice,
    NoticeKind,
    Objective,
    ObjectiveShare,
    PendingComparison,
    Settlement,
)
from objectives.services.conflicts import keep_both, merge, reopen, share
from people.refusals import Refusal

pytestmark = pytest.mark.django_db

RISING = {"title": "平均単価", "unit": "円", "start_value": Decimal(3200), "target_value": Decimal(3800)}
FALLING = RISING | {"title": "平均単価を2,800円に下げる", "target_value": Decimal(2800)}


def two(cast, first=RISING, second=FALLING, **fields):
    """An objective of sales and one of the online shop, each with this key result and another one."""
    sales = cast.objective(key_results=0, state="draft", title="値打ちで選ばれる法人営業になる")
    online = cast.objective(
        key_results=0,
        state="draft",
        title="ふだん使いの豆を、毎月の習慣にする",
        **{"team": cast.online, "owner": cast.colleague} | fields,
    )
    sides = []
    for objective, measure in ((sales, first), (online, second)):
        sides.append((objective, cast.key_result(objective, **measure)))
        cast.key_result(objective, title=f"{objective.team.name}だけの結果", unit="件")
    return sides


def found(cast):
    comparing.drain()
    return list(Conflict.objects.filter(gone_at=None).order_by("pk"))


@pytest.fixture
def conflict(cast):
    two(cast)
    (one,) = found(cast)
    return one


def test_what_two_departments_want_in_opposite_directions_is_found_and_both_owners_are_told_once(cast, conflict):
    assert conflict.kind == ConflictKind.OPPOSITE
    assert conflict.first_key_result.title == "平均単価"
    told = Notice.objects.filter(kind=NoticeKind.CONFLICT)
    assert set(told.values_list("membership", "objective")) == {
        (cast.manager.pk, conflict.first_id),
        (cast.colleague.pk, conflict.second_id),
    }
    comparing.compare_organization(cast.organization)
    comparing.compare_organization(cast.organization)
    assert Conflict.objects.count() == 1
    assert told.count() == 2


def test_it_goes_when_one_side_changes_and_comes_back_with_it(cast, conflict):
    key_result = conflict.second_key_result
    key_result.title = "お試しセットの申し込み"
    services.save_key_result(key_result, by=cast.admin)
    assert found(cast) == []
    key_result = KeyResult.objects.get(pk=key_result.pk)
    key_result.title = "平均単価を下げる"
    services.save_key_result(key_result, by=cast.admin)
    assert found(cast) == [conflict]


@pytest.mark.parametrize("end", ["drop", "close", "align", "drop_key_result", "cycle"])
def test_what_is_taken_out_or_connected_is_no_conflict_any_more(cast, conflict, end):
    first, second = conflict.first, conflict.second
    if end == "drop":
        services.drop_objective(second, reason="やめる", by=cast.admin)
    elif end == "drop_key_result":
        services.drop_key_result(conflict.second_key_result, reason="やめる", by=cast.admin)
    elif end == "align":
        services.align(second, to=first, link="supports")
    elif end == "close":
        for state in ("active", "closed"):
            services.change_state(second, to=state, by=cast.admin)
    else:
        services.change_cycle_state(cast.cycle, to="closed", by=cast.admin)
    assert found(cast) == []
    if end == "drop":
        services.restore_objective(second, by=cast.admin)
        assert found(cast) == [conflict]
    elif end == "align":
        services.unalign(second.parents.get())
        assert found(cast) == [conflict]


def test_what_helps_the_same_sum_or_goes_through_a_closed_goal_is_connected(cast):
    (sales, _), (online, _) = two(cast, second=RISING)
    assert len(found(cast)) == 1
    above = cast.objective(title="会社の目標", team=cast.company, level="company", owner=cast.executive)
    summed = cast.key_result(above, title="合計", unit="円", combine="sum")
    for child in (sales, online):
        services.align(child, to=summed)
    assert found(cast) == []
    Alignment.objects.all().delete()
    services.align(sales, to=above)
    services.align(above, to=online)
    services.change_state(above, to="closed", by=cast.admin)
    comparing.compare_organization(cast.organization)
    assert found(cast) == []


def test_a_lost_message_is_made_good_by_the_sweep_and_a_killed_worker_leaves_the_work(cast):
    two(cast)
    waiting = PendingComparison.objects.count()
    assert waiting

    class Killed(BaseException):
        pass

    def die():
        with transaction.atomic():
            comparing.drain_some(cast.organization.pk)
            raise Killed

    with pytest.raises(Killed):
        die()
    assert PendingComparison.objects.count() == waiting
    assert not Conflict.objects.exists()
    tasks.sweep()
    assert Conflict.objects.count() == 1
    assert not PendingComparison.objects.exists()


# Settling


def test_both_may_stay_with_a_reason_as_long_as_they_say_what_they_say(cast, conflict):
    keep_both(conflict, reason="客層が違う", by=cast.manager)
    keep_both(conflict, reason="客層が違う", by=cast.manager)
    comparing.compare_organization(cast.organization)
    conflict.refresh_from_db()
    assert (conflict.settled_as, conflict.reason, conflict.settled_by) == (Settlement.KEPT, "客層が違う", cast.manager)
    settled = Notice.objects.filter(kind=NoticeKind.SETTLED)
    assert list(settled.values_list("membership", flat=True)) == [cast.colleague.pk]
    key_result = conflict.first_key_result
    key_result.target_value = Decimal(4200)
    services.save_key_result(key_result, by=cast.admin)
    found(cast)
    conflict.refresh_from_db()
    assert conflict.settled_as == Settlement.KEPT
    key_result = KeyResult.objects.get(pk=key_result.pk)
    key_result.unit = "¥"
    services.save_key_result(key_result, by=cast.admin)
    found(cast)
    conflict.refresh_from_db()
    assert (conflict.settled_as, conflict.reason) == ("", "")


def test_what_was_kept_can_be_opened_again(cast, conflict):
    keep_both(conflict, reason="客層が違う", by=cast.manager)
    reopen(conflict, by=cast.colleague)
    reopen(conflict, by=cast.colleague)
    assert Conflict.objects.open().get() == conflict


def test_merging_drops_one_and_what_was_connected_to_it_follows(cast, conflict):
    below = cast.objective(title="下の目標", team=cast.online, owner=cast.colleague)
    services.align(below, to=conflict.second_key_result, link="supports")
    merge(conflict, stays=conflict.first_id, by=cast.colleague)
    merge(conflict, stays=conflict.first_id, by=cast.colleague)
    dropped = KeyResult.objects.get(pk=conflict.second_key_result_id)
    assert dropped.dropped_at is not None
    assert "平均単価" in dropped.dropped_reason
    assert below.parents.filter(parent_key_result=conflict.first_key_result, link="supports").exists()
    assert found(cast) == []
    conflict.refresh_from_db()
    assert conflict.settled_as == Settlement.MERGED
    services.restore_key_result(dropped, by=cast.colleague)
    assert [(one.pk, one.settled_as) for one in found(cast)] == [(conflict.pk, "")]


def test_merging_objectives_keeps_one_of_them(cast):
    first = cast.objective(title="お客さまに最初に相談される会社になる")
    second = cast.objective(title="顧客から最初に相談される会社へ", team=cast.online, owner=cast.colleague)
    tasks.compare(cast.organization.pk, second.pk)
    (conflict,) = found(cast)
    assert conflict.kind == ConflictKind.SAME_OBJECTIVE
    merge(conflict, stays=first.pk, by=cast.admin)
    assert not Objective.objects.visible_to(cast.admin).filter(pk=second.pk).exists()


def test_sharing_connects_one_to_the_other_and_may_take_the_twin_out(cast):
    (sales, kept), (online, twin) = two(cast, second=RISING)
    cast.key_result(online, title="三つ目の結果", unit="件")
    services.change_state(online, to="active", by=cast.admin)
    (conflict,) = found(cast)
    share(conflict, stays=sales.pk, link="contributes", drops_twin=True, by=cast.admin)
    share(conflict, stays=sales.pk, link="contributes", drops_twin=True, by=cast.admin)
    assert online.parents.get().parent_key_result == kept
    twin.refresh_from_db()
    assert twin.dropped_at is not None
    assert found(cast) == []


def test_an_act_that_is_not_possible_is_refused_in_words_and_changes_nothing(cast, conflict):
    def refusal(act, *args, **said):
        with pytest.raises(Refusal) as refused:
            act(conflict, *args, **said)
        return refused.value.code

    assert refusal(keep_both, reason=" ", by=cast.manager) == "reason_missing"
    assert refusal(keep_both, reason="別のもの", by=cast.member) == "not_yours_to_settle"
    assert refusal(merge, stays=conflict.first_id, by=cast.manager) == "not_yours_to_change"
    assert refusal(merge, stays=0, by=cast.manager) == "stays"
    assert refusal(share, stays=conflict.second_id, by=cast.manager) == "still_opposed"
    services.change_state(conflict.first, to="active", by=cast.admin)
    assert refusal(merge, stays=conflict.second_id, by=cast.manager) == "key_result_count"
    assert not Alignment.objects.exists()
    keep_both(conflict, reason="客層が違う", by=cast.manager)
    assert refusal(merge, stays=conflict.first_id, by=cast.admin) == "already_settled"
    Conflict.objects.update(settled_as="", gone_at=conflict.found_at)
    assert refusal(keep_both, reason="客層が違う", by=cast.manager) == "conflict_gone"


# The pages


def test_both_owners_meet_it_and_settle_it_on_its_page(cast, sign_in, conflict):
    manager = sign_in(cast.manager, language="en")
    page = manager.get(cast.url("plan/conflicts/"))
    assert "1 contradiction is to be settled" in page.text
    assert "only one of the two can come true" in page.text
    address = cast.url(f"plan/conflicts/{conflict.pk}/")
    for name in ("plan/", f"objectives/{conflict.first_id}/", "this-week/"):
        assert cast.url("plan/conflicts/") in manager.get(cast.url(name)).text, name
    for way in ("merge", "share", "keep"):
        assert manager.get(f"{address}?way={way}").status_code == 200
    assert manager.post(address, {"way": "keep", "reason": ""}).status_code == 422
    refused = manager.post(address, {"way": "merge", "stays": conflict.first_id})
    assert refused.status_code == 422
    assert manager.post(address, {"way": "keep", "reason": "Other customers"}).status_code == 302
    settled = manager.get(cast.url("plan/conflicts/?settled=1"))
    assert "Other customers" in settled.text
    assert manager.post(f"{address}reopen/").status_code == 302
    merged = manager.post(address, {"way": "merge", "stays": conflict.second_id}, follow=True)
    assert cast.url(f"key-results/{conflict.first_key_result_id}/restore/") in merged.text


def test_readers_see_it_and_cannot_settle_it_strangers_see_nothing(cast, sign_in, conflict):
    address = cast.url(f"plan/conflicts/{conflict.pk}/")
    assert "平均単価" in sign_in(cast.member).get(cast.url("plan/conflicts/")).text
    assert sign_in(cast.member).get(address).status_code == 403
    assert sign_in(cast.member).post(f"{address}reopen/").status_code == 403
    assert sign_in(cast.stranger).get(address).status_code == 404


def test_partners_learn_of_no_conflict_even_between_goals_shared_with_them(cast, sign_in, conflict):
    partner = sign_in(cast.partner)
    for objective in (conflict.first, conflict.second):
        ObjectiveShare.objects.create(objective=objective, membership=cast.partner)
    for path in ("plan/conflicts/", f"plan/conflicts/{conflict.pk}/"):
        assert partner.get(cast.url(path)).status_code == 404
    for path in ("plan/", f"objectives/{conflict.first_id}/"):
        answer = partner.get(cast.url(path))
        assert answer.status_code == 200
        assert "conflicts/" not in answer.text


def test_nothing_is_asked_any_more_once_the_cycle_is_over(cast, sign_in, conflict, move_clock):
    for moment, is_shown in (("2026-07-05T23:00:00+09:00", True), ("2026-07-06T00:30:00+09:00", False)):
        move_clock(moment)
        text = sign_in(cast.admin).get(cast.url(f"plan/conflicts/?cycle={cast.cycle.pk}")).text
        assert ("ふだん使い" in text) is is_shown


def test_the_list_can_be_narrowed_and_an_empty_one_says_what_it_is_for(cast, sign_in):
    client = sign_in(cast.executive)
    assert "ここに並びます" in client.get(cast.url("plan/conflicts/")).text
    two(cast)
    found(cast)
    for query, is_shown in (
        (f"team={cast.online.pk}", True),
        ("mine=1", False),
        ("kind=opposite", True),
        ("kind=one_lever", False),
        ("kind=nonsense&team=x", True),
    ):
        assert ("ふだん使い" in client.get(cast.url(f"plan/conflicts/?{query}")).text) is is_shown, query
    key_result = KeyResult.objects.filter(title="平均単価").get()
    KeyResult.objects.filter(pk=key_result.pk).update(owner=cast.executive)
    assert "ふだん使い" in client.get(cast.url("plan/conflicts/?mine=1")).text


def test_the_pages_cost_the_same_with_many(cast, sign_in):
    client = sign_in(cast.manager)
    two(cast)
    found(cast)

    def queries():
        counts = []
        for name in ("plan/conflicts/", "plan/"):
            with CaptureQueriesContext(connection) as seen:
                assert client.get(cast.url(name)).status_code == 200
            counts.append(len(seen))
        return counts

    queries()
    few = queries()
    for name in ("在庫日数", "広告費", "紹介による面談"):
        two(cast, RISING | {"title": name}, FALLING | {"title": name})
    assert len(found(cast)) >= 4
    assert queries() == few
    assert few[0] <= 20
