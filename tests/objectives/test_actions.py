"""Actions: one line for oneself or others, ticked off in one tap, taken back, dropped with a reason."""

from __future__ import annotations

import uuid

import pytest

from objectives.models import Action, ActionState, Meeting, MinuteLine, Notice, NoticeKind
from objectives.services.actions import add_action, drop_action, finish_action, reopen_action, restore_action
from people.refusals import Refusal
from tests.cast import TODAY

pytestmark = pytest.mark.django_db


def add(cast, **fields):
    """An action of sales that the member writes for themselves, unless said otherwise."""
    given = {"team": cast.sales, "title": "見本を送る", "owner": cast.member, "due_on": None, "by": cast.member}
    return add_action(**given | fields)


def test_a_new_owner_is_told_once_and_nobody_is_told_of_their_own_act(cast):
    key = uuid.uuid4()
    first = add(cast, owner=cast.member, by=cast.manager, submission_key=key)
    again = add(cast, owner=cast.member, by=cast.manager, submission_key=key)
    add(cast)
    assert again == first
    (told,) = Notice.objects.filter(kind=NoticeKind.ACTION)
    assert (told.membership, told.by, told.place) == (cast.member, cast.manager, f"actions/{first.pk}/")


def test_members_write_for_themselves_and_leads_for_others(cast):
    with pytest.raises(Refusal) as refused:
        add(cast, owner=cast.manager)
    assert refused.value.code == "not_yours_to_give"
    assert add(cast, owner=cast.colleague, by=cast.manager).owner == cast.colleague


def test_whoever_is_in_the_meeting_gives_actions_and_a_line_makes_one_only(cast):
    meeting = Meeting.objects.create(
        organization=cast.organization, team=cast.sales, date=TODAY, facilitator=cast.manager
    )
    line = MinuteLine.objects.create(meeting=meeting, text="あ" * 400, author=cast.member)
    first = add(cast, owner=cast.manager, title=line.text, minute_line=line)
    assert len(first.title) == 200
    assert add(cast, owner=cast.manager, title=line.text, minute_line=line) == first
    assert Action.objects.count() == 1


def test_done_dropped_and_back_each_twice(cast):
    action = add(cast)
    for _ in range(2):
        done = finish_action(action, by=cast.member)
    assert (done.state, done.closed_on, done.closed_by, done.version) == (ActionState.DONE, TODAY, cast.member, 2)
    with pytest.raises(Refusal) as refused:
        drop_action(action, by=cast.member, reason="やめる")
    assert refused.value.code == "already_done"
    for _ in range(2):
        opened = reopen_action(action, by=cast.member)
    assert (opened.state, opened.closed_on, opened.closed_by) == (ActionState.OPEN, None, None)
    with pytest.raises(Refusal):
        drop_action(action, by=cast.member, reason=" ")
    dropped = drop_action(action, by=cast.member, reason="相手の都合")
    assert (dropped.state, dropped.dropped_reason) == (ActionState.DROPPED, "相手の都合")
    with pytest.raises(Refusal):
        finish_action(action, by=cast.member)
    assert restore_action(action, by=cast.member).dropped_reason == ""
    assert restore_action(action, by=cast.member).version == 5
