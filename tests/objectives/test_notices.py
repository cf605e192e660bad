"""What people are told of goals of theirs, each once, and that they have read it."""

from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from objectives import services
from objectives.models import Notice, NoticeKind, Objective, ObjectiveShare
from objectives.services.notices import tell
from tests.cast import person


def told(someone) -> list[str]:
    return list(Notice.objects.filter(membership=someone).order_by("pk").values_list("kind", flat=True))


def test_each_step_tells_the_side_that_did_not_take_it(cast):
    objective = cast.objective(owner=cast.member, state="draft")
    services.change_state(objective, to="proposed", by=cast.member)
    services.change_state(objective, to="draft", by=cast.manager, comment="言葉を短く")
    services.change_state(objective, to="proposed", by=cast.member)
    services.change_state(objective, to="agreed", by=cast.manager)
    objective = Objective.objects.get(pk=objective.pk)
    objective.title = "調整した目標"
    services.save_objective(objective, by=cast.manager)
    services.change_state(objective, to="active", by=cast.manager)
    assert told(cast.member) == ["sent_back", "agreed", "adjusted", "begun"]
    assert told(cast.manager) == ["proposed", "proposed"]
    assert told(cast.executive) == told(cast.colleague) == []
    assert Notice.objects.get(kind="sent_back").text == "言葉を短く"


def test_what_nobody_is_asked_any_more_counts_as_read(cast):
    objective = cast.objective(owner=cast.member, state="draft")
    services.change_state(objective, to="proposed", by=cast.member)
    services.change_state(objective, to="draft", by=cast.member)
    assert not Notice.objects.filter(membership=cast.manager).unread().exists()


def test_those_whose_goals_hang_on_a_running_one_are_told_what_changes_in_it(cast):
    parent = cast.objective(owner=cast.manager, key_results=3)
    child = cast.objective(owner=cast.colleague, team=cast.online, title="下の目標")
    services.align(child, to=parent.key_results.first())
    first, _second, third = parent.key_results.all()
    Notice.objects.all().delete()
    first.target_value = Decimal(80)
    services.save_key_result(first, by=cast.manager, reason="市場が縮んだ")
    assert told(cast.colleague) == told(cast.member) == ["changed"]
    notice = Notice.objects.get(membership=cast.colleague)
    assert (notice.text, notice.key_result, notice.by) == ("市場が縮んだ", first, cast.manager)
    for _time in range(2):
        services.drop_key_result(third, reason="重なる", by=cast.manager)
    services.drop_objective(parent, reason="やめる", by=cast.manager)
    assert told(cast.colleague) == ["changed", "dropped", "dropped"]
    assert told(cast.manager) == []


def test_what_is_only_a_draft_is_nobodys_news(cast):
    objective = cast.objective(owner=cast.manager, state="draft")
    key_result = objective.key_results.first()
    key_result.target_value = Decimal(80)
    services.save_key_result(key_result, by=cast.manager)
    services.drop_objective(objective, reason="やめる", by=cast.manager)
    assert not Notice.objects.exists()


def test_nobody_is_told_twice_nor_of_their_own_act_nor_after_leaving(cast):
    objective = cast.objective()
    Notice.objects.all().delete()
    cast.colleague.left_on = cast.organization.today
    cast.colleague.save()
    people = [cast.manager, cast.member, cast.colleague, cast.stranger]
    for _time in range(2):
        tell(people, NoticeKind.CONFLICT, occasion="conflict:1", objective=objective, by=cast.manager)
    assert [notice.membership for notice in Notice.objects.all()] == [cast.member]


def test_a_partner_is_told_only_of_what_is_shared(cast, sign_in):
    shared, other = cast.objective(title="共有した目標"), cast.objective(title="社外秘")
    ObjectiveShare.objects.create(objective=shared, membership=cast.partner)
    for objective in (shared, other):
        tell([cast.partner], NoticeKind.CHANGED, occasion=f"x{objective.pk}", objective=objective, by=cast.manager)
    tell([cast.partner], NoticeKind.DRAFT_NOW, occasion="cycle", cycle=cast.cycle)
    assert [notice.objective for notice in Notice.objects.filter(membership=cast.partner)] == [shared]
    client = sign_in(cast.partner)
    assert "共有した目標" in client.get(cast.url("notices/")).text
    ObjectiveShare.objects.all().delete()
    assert "共有した目標" not in client.get(cast.url("notices/")).text


def test_news_stand_on_the_week_until_they_are_read(cast, sign_in):
    objective = cast.objective(title="<i>目標</i>")
    for number in range(10):
        tell(
            [cast.member], NoticeKind.CHANGED, occasion=f"n{number}", objective=objective, text=f"<b>理由 {number}</b>"
        )
    client = sign_in(cast.member, language="en")
    page = client.get(cast.url("this-week/")).text
    assert "News for you" in page
    assert "&lt;b&gt;理由 9&lt;/b&gt;" in page
    assert "<b>理由" not in page
    assert "理由 1&lt;" not in page  # the eight newest
    one = Notice.objects.filter(membership=cast.member).first()
    for _time in range(2):
        client.post(cast.url("notices/read/"), {"notice": one.pk})
    assert Notice.objects.filter(membership=cast.member).unread().count() == 9
    client.post(cast.url("notices/read/"))
    assert "News for you" not in client.get(cast.url("this-week/")).text
    assert "理由 1&lt;" in client.get(cast.url("notices/")).text


def test_nobody_reads_the_notices_of_another(cast, sign_in):
    tell([cast.member], NoticeKind.DRAFT_NOW, occasion="cycle", cycle=cast.cycle)
    notice = Notice.objects.get()
    client = sign_in(cast.manager)
    assert cast.cycle.name not in client.get(cast.url("notices/")).text.split("<main")[1].split("</main>")[0]
    client.post(cast.url("notices/read/"), {"notice": notice.pk})
    assert Notice.objects.unread().count() == 1


@pytest.mark.parametrize("page", ["notices/", "this-week/"])
def test_the_number_of_queries_does_not_grow_with_the_news(cast, sign_in, page):
    client = sign_in(cast.member)

    def queries() -> int:
        client.get(cast.url(page))
        with CaptureQueriesContext(connection) as seen:
            client.get(cast.url(page))
        return len(seen)

    def grow(first: int, last: int) -> None:
        for number in range(first, last):
            other = person(cast.organization, f"人 {number}", f"p{number}@hokuto.example", "member", cast.sales)
            objective = cast.objective(owner=other, title=f"目標 {number}")
            tell([cast.member], NoticeKind.CHANGED, occasion=f"n{number}", objective=objective, by=other)

    grow(0, 2)
    few = queries()
    grow(2, 7)
    assert queries() == few
