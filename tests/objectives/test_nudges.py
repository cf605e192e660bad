"""A word from a lead to somebody whose check-in is waited for: once a day, and only where something is owed."""

import pytest
from django.core import mail
from django.core.exceptions import PermissionDenied

from dashboards.tasks import send_messages
from objectives.models import Notice
from objectives.services.nudges import nudge
from people.models import Delivery
from people.refusals import Refusal
from tests.objectives.test_record_check_in import check_in


def test_a_nudge_is_a_line_on_the_week_and_one_message_once_a_day(cast, move_clock):
    cast.objective(key_results=2)
    assert nudge(cast.member, by=cast.manager) is True
    assert nudge(cast.member, by=cast.manager) is False
    assert nudge(cast.member, by=cast.executive) is True
    assert Notice.objects.filter(membership=cast.member, kind="nudged").count() == 2
    send_messages()
    assert [letter.to[0] for letter in mail.outbox] == ["member@hokuto.example"] * 2
    assert "伊藤 遥" in mail.outbox[0].body
    move_clock("2026-05-21T10:00:00+09:00")
    assert nudge(cast.member, by=cast.manager) is True


def test_who_owes_nothing_is_not_nudged_and_what_is_done_meanwhile_is_not_asked_for(cast):
    with pytest.raises(Refusal) as refused:
        nudge(cast.member, by=cast.manager)
    assert refused.value.code == "nothing_owed"
    objective = cast.objective(key_results=2)
    nudge(cast.member, by=cast.manager)
    for key_result in objective.key_results.all():
        check_in(cast, key_result, 5)
    send_messages()
    assert mail.outbox == []
    assert Delivery.objects.get().cancelled_at is not None


def test_only_who_leads_a_person_nudges_them(cast):
    objective = cast.objective(key_results=2, owner=cast.colleague, team=cast.online)
    objective.key_results.update(owner=cast.colleague)
    for by in (cast.manager, cast.member, cast.partner, cast.stranger):
        with pytest.raises(PermissionDenied):
            nudge(cast.colleague, by=by)
    with pytest.raises(Refusal):
        nudge(cast.colleague, by=cast.colleague)
    assert nudge(cast.colleague, by=cast.admin) is True
