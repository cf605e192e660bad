"""One reminder a person and week, at their own hour, while something is owed; and the week in figures for those who
lead."""

from datetime import date
from threading import Barrier, Thread

import pytest
from django.core import mail
from django.db import connection
from django.utils import translation

from dashboards.messages import write_digest
from dashboards.reminders import NAME, remind
from dashboards.tasks import find_reminders, send_messages
from objectives.messages.reminders import write_reminder
from objectives.models import ObjectiveShare
from people import clock
from people.models import Cadence, Channel, ChannelKind, DayOff, Delivery, Heartbeat, ReminderPreference, Topic, User
from tests.cast import make_cast
from tests.objectives.test_record_check_in import check_in

THURSDAY = "2026-05-21T23:00:00+09:00"
FRIDAY_EARLY, FRIDAY = "2026-05-22T08:59:00+09:00", "2026-05-22T09:00:00+09:00"
FRIDAY_EVENING = "2026-05-22T17:00:00+09:00"


@pytest.fixture(autouse=True)
def site(settings):
    settings.SITE_URL = "https://okr.example"


def minute() -> list[str]:
    """A minute of the beat and the worker: to whom mails about check-ins went."""
    mail.outbox.clear()
    find_reminders()
    send_messages()
    return sorted(letter.to[0].partition("@")[0] for letter in mail.outbox if "?key_result=" in letter.body)


def test_one_message_lists_all_that_is_owed_at_nine_on_the_day_it_is_due(cast, move_clock):
    objective = cast.objective(key_results=3)
    for moment in (THURSDAY, FRIDAY_EARLY):
        move_clock(moment)
        assert minute() == []
    move_clock(FRIDAY)
    assert minute() == ["member"]
    (letter,) = [one for one in mail.outbox if one.to == ["member@hokuto.example"]]
    assert letter.subject == "北灯珈琲：今週のチェックインが3件あります"
    for key_result in objective.key_results.all():
        assert f"https://okr.example/o/hokuto/this-week/?key_result={key_result.pk}" in letter.body
    for moment in (FRIDAY, FRIDAY_EVENING, "2026-05-24T12:00:00+09:00"):
        move_clock(moment)
        assert minute() == []
    assert Delivery.objects.get(membership=cast.member).occasion == "check-in:2026-W21"
    move_clock("2026-05-29T09:00:00+09:00")  # owed since a week ago: on the day the team reports in this one
    assert minute() == ["member"]


def test_none_goes_once_everything_is_done_however_late_that_was(cast, move_clock):
    first, second = cast.objective(key_results=2).key_results.all()
    check_in(cast, first, 10)
    move_clock(FRIDAY)
    find_reminders()
    check_in(cast, second, 10)
    send_messages()
    assert [letter.to for letter in mail.outbox if "?key_result=" in letter.body] == []
    assert Delivery.objects.get(membership=cast.member).cancelled_at is not None


def test_what_could_not_be_made_because_nothing_ran_is_made_while_the_week_lasts(cast, move_clock):
    cast.objective(key_results=2)
    move_clock("2026-05-24T23:58:00+09:00")
    assert minute() == ["member"]
    move_clock("2026-05-31T23:58:00+09:00")
    find_reminders()
    move_clock("2026-06-01T00:03:00+09:00")  # a message of the week before has nothing left to say
    mail.outbox.clear()
    send_messages()
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("preference", "moments"),
    [
        ({"hour": 17}, {FRIDAY: [], FRIDAY_EVENING: ["member"]}),
        ({"weekday": 3, "hour": 8}, {"2026-05-21T07:59:00+09:00": [], "2026-05-21T08:00:00+09:00": ["member"]}),
        ({"is_on": False}, {FRIDAY: [], FRIDAY_EVENING: []}),
    ],
)
def test_each_person_has_an_hour_and_a_weekday_of_their_own(cast, move_clock, preference, moments):
    cast.objective(key_results=2)
    ReminderPreference.objects.create(membership=cast.member, **preference)
    for moment, expected in moments.items():
        move_clock(moment)
        assert minute() == expected


def test_a_chosen_weekday_that_is_a_day_off_moves_and_a_week_off_reminds_nobody(cast, move_clock):
    cast.objective(key_results=2)
    ReminderPreference.objects.create(membership=cast.member, weekday=4)
    DayOff.objects.create(organization=cast.organization, name="創立記念日", first="2026-05-22", last="2026-05-22")
    DayOff.objects.create(organization=cast.organization, name="休業", first="2026-05-25", last="2026-05-29")
    move_clock("2026-05-21T09:00:00+09:00")
    assert minute() == ["member"]
    for moment in ("2026-05-25T09:00:00+09:00", "2026-05-29T09:00:00+09:00", "2026-05-31T09:00:00+09:00"):
        move_clock(moment)
        assert minute() == []


def test_who_wants_no_reminders_at_all_gets_none_and_a_partner_only_where_they_may_report(cast, move_clock):
    objective = cast.objective(key_results=2)
    objective.key_results.filter(position=0).update(owner=cast.partner)  # an employee once, who goes on from outside
    User.objects.filter(pk=cast.member.user_id).update(is_reminded=False)
    share = ObjectiveShare.objects.create(objective=objective, membership=cast.partner, may_write=False)
    move_clock(FRIDAY)
    assert minute() == []
    share.may_write = True
    share.save()
    move_clock("2026-05-22T09:15:00+09:00")
    assert minute() == ["partner"]


def test_who_wants_no_mails_but_has_a_channel_is_reminded_there(cast, move_clock):
    cast.objective(key_results=2)
    monday = "2026-05-25T08:00:00+09:00"
    for person, topic, moment in ((cast.member, Topic.REMINDER, FRIDAY), (cast.executive, Topic.DIGEST, monday)):
        User.objects.filter(pk=person.user_id).update(is_reminded=False)
        channel = Channel.objects.create(
            organization=cast.organization,
            membership=person,
            kind=ChannelKind.SLACK,
            name="わたし",
            address="https://x",
        )
        ReminderPreference.objects.create(membership=person, channel=channel)
        move_clock(moment)
        for retired_at, told in ((None, [topic]), (clock.now(), [])):
            Channel.objects.filter(pk=channel.pk).update(retired_at=retired_at)
            Delivery.objects.all().delete()
            Heartbeat.objects.filter(name=NAME).delete()
            remind()
            assert list(Delivery.objects.filter(membership=person).values_list("topic", flat=True)) == told


def test_rooms_are_told_once_a_week_what_is_owed_where_they_belong_and_the_week_in_figures(cast, move_clock):
    objective = cast.objective(key_results=2)
    rooms = {
        team: Channel.objects.create(
            organization=cast.organization, team=team, kind=ChannelKind.SLACK, name="部屋", address="https://x"
        )
        for team in (None, cast.sales, cast.online)
    }
    move_clock("2026-05-18T08:00:00+09:00")
    remind()
    digests = Delivery.objects.filter(topic=Topic.DIGEST).exclude(channel=None)
    assert set(digests.values_list("channel", flat=True)) == {room.pk for room in rooms.values()}
    with translation.override("ja"):
        assert write_digest(digests[0]).subject.startswith("北灯珈琲")
    for moment in (FRIDAY_EARLY, FRIDAY, FRIDAY_EVENING):
        told = Delivery.objects.filter(topic=Topic.REMINDER).exclude(channel=None)
        assert not told.exists() or moment == FRIDAY_EVENING
        move_clock(moment)
        remind()
    assert set(told.values_list("channel", flat=True)) == {rooms[None].pk, rooms[cast.sales].pk}
    delivery = told.get(channel=rooms[cast.sales])
    with translation.override("ja"):
        post = write_reminder(delivery)
    assert post.subject == "法人営業：今週のチェックインが2件あります"
    assert [line.text for line in post.lines] == ["結果 1", "結果 2"]
    assert [line.link for line in post.lines] == [
        f"https://okr.example/o/hokuto/key-results/{row.pk}/check-ins/" for row in objective.key_results.all()
    ]
    assert cast.member.user.name not in str(post)
    for key_result in objective.key_results.all():
        check_in(cast, key_result, 10)
    assert write_reminder(delivery) is None


def test_a_team_that_reports_every_other_week_is_reminded_then(cast, move_clock):
    Cadence.objects.create(team=cast.sales, check_in_weeks=2)
    cast.objective(key_results=2)
    move_clock(FRIDAY)  # the seventh week: the round ends with the eighth
    assert minute() == []
    move_clock("2026-05-29T09:00:00+09:00")
    assert minute() == ["member"]


def test_a_minute_in_which_nothing_can_be_due_costs_one_query(
    cast, move_clock, django_assert_num_queries, django_assert_max_num_queries
):
    for number in range(4):
        cast.objective(key_results=3, title=f"目標 {number}")
    move_clock(THURSDAY)
    remind()
    for moment in (THURSDAY, "2026-05-21T23:14:59+09:00"):
        move_clock(moment)
        with django_assert_num_queries(1):
            remind()
    move_clock("2026-05-21T23:15:00+09:00")  # the first minute of a quarter of an hour asks for everybody
    with django_assert_max_num_queries(17):
        remind()


def test_executives_and_administrators_get_the_week_in_figures_once(cast, move_clock):
    objective = cast.objective(key_results=2)
    check_in(cast, objective.key_results.first(), 40)
    ReminderPreference.objects.create(membership=cast.executive, digest_weekday=1, digest_hour=7)
    ReminderPreference.objects.create(membership=cast.manager, digest=True)
    ReminderPreference.objects.create(membership=cast.member, digest=False)

    def digests():
        mail.outbox.clear()
        find_reminders()
        send_messages()
        return sorted(one.to[0].partition("@")[0] for one in mail.outbox if "company/" in one.body)

    move_clock("2026-05-25T07:59:00+09:00")
    assert digests() == []
    move_clock("2026-05-25T08:00:00+09:00")
    assert digests() == ["admin", "manager"]
    assert digests() == []
    move_clock("2026-05-26T07:00:00+09:00")
    assert digests() == ["executive"]
    (letter,) = [one for one in mail.outbox if one.to == ["executive@hokuto.example"]]
    assert "山本" not in letter.body  # teams and counts, never people
    move_clock("2026-06-01T08:00:00+09:00")
    assert digests() == ["admin", "manager"]
    move_clock("2026-06-04T07:15:00+09:00")  # more than two days late it would tell of another week
    assert digests() == []


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_send_one_message(move_clock):
    move_clock("2026-05-20T10:00:00+09:00")
    cast = make_cast()
    cast.objective(key_results=2)
    move_clock(FRIDAY)
    both, failures = Barrier(2), []

    def beat():
        try:
            both.wait(10)
            for _minute in range(2):
                find_reminders()
                send_messages()
        except Exception as failure:
            failures.append(failure)
        finally:
            connection.close()

    beats = [Thread(target=beat) for _ in range(2)]
    for one in beats:
        one.start()
    for one in beats:
        one.join(30)
    assert failures == []
    assert len([one for one in mail.outbox if one.to == ["member@hokuto.example"]]) == 1
    assert Delivery.objects.filter(membership=cast.member, topic=Topic.REMINDER).count() == 1
    assert Heartbeat.objects.get(name=NAME).at.date() == date(2026, 5, 22)
