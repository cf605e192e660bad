"""Two weeks before a cycle begins, those who plan and have no draft yet are reminded: once, in their language."""

from __future__ import annotations

from datetime import date

import pytest
from django.core import mail
from django.core.mail.backends.locmem import EmailBackend
from django.db import connection

from objectives import letters, rollup, services
from objectives.models import Cycle, Notice, ObjectiveState
from objectives.reminders import remind_to_check_in
from objectives.tasks import send_reminders, sweep
from people.models import Delivery, Heartbeat, Topic
from tests.cast import make_cast
from tests.objectives.test_member_acts import together

THREE_WEEKS, TWO_WEEKS, FIRST_DAY = (f"2026-{day}T10:00:00+09:00" for day in ("06-15", "06-22", "07-06"))


class Away(EmailBackend):
    """A mail server that refuses everything."""

    def send_messages(self, messages):
        raise ConnectionRefusedError


def following_of(cast) -> Cycle:
    return Cycle.objects.create(
        organization=cast.organization, name="FY2026 Q2", start=date(2026, 7, 6), end=date(2026, 10, 4)
    )


@pytest.fixture
def following(cast, settings) -> Cycle:
    settings.SITE_URL = "https://okr.example"
    cast.objective(title="会社の目標", level="company", team=cast.company, owner=cast.executive)
    cast.objective(title="自分の目標", owner=cast.member)
    return following_of(cast)


def round_of_the_worker() -> None:
    sweep()
    send_reminders()


def told():
    return Notice.objects.filter(kind="draft_now")


def drafting() -> list:
    """The mails about the next cycle; the one that ends has its own."""
    return [letter for letter in mail.outbox if "/closing/" not in letter.body]


def reminded() -> set[str]:
    return {letter.to[0].partition("@")[0] for letter in drafting()}


def test_managers_and_owners_without_a_draft_are_told_once_from_two_weeks_ahead(cast, following, move_clock):
    cast.objective(title="もう書いた", owner=cast.executive, cycle=following, state=ObjectiveState.DRAFT)
    for moment, expected in ((THREE_WEEKS, set()), (TWO_WEEKS, {"manager", "member"})):
        move_clock(moment)
        for _minute in range(2):
            round_of_the_worker()
        assert reminded() == expected
    assert len(drafting()) == 2
    assert {(row.membership, row.kind, row.cycle) for row in told()} == {
        (cast.manager, "draft_now", following),
        (cast.member, "draft_now", following),
    }
    assert not told().filter(membership=cast.colleague).exists()


def test_the_mail_leads_to_the_plan_and_to_what_goes_on_in_the_language_of_its_reader(cast, following, move_clock):
    cast.member.user.language = "en"
    cast.member.user.save()
    move_clock(TWO_WEEKS)
    round_of_the_worker()
    by_reader = {letter.to[0].partition("@")[0]: letter for letter in drafting()}
    assert by_reader["member"].subject == "北灯珈琲: FY2026 Q2 begins in 14 days"
    assert "Choose what goes on from FY2026 Q1:" in by_reader["member"].body
    assert by_reader["manager"].subject == "北灯珈琲：FY2026 Q2まで、あと14日です"
    for letter in by_reader.values():
        assert f"https://okr.example/o/hokuto/plan/?cycle={following.pk}" in letter.body
        assert f"https://okr.example/o/hokuto/cycles/{following.pk}/carry-over/" in letter.body


def test_who_wants_no_mail_says_so_in_their_profile_and_is_told_on_the_page(cast, following, move_clock, sign_in):
    client = sign_in(cast.member)
    assert client.get(cast.url("settings/me/")).context["form"]["is_reminded"].value() is True
    client.post(cast.url("settings/me/"), {"name": "山本 翔", "reading": "", "language": ""})
    move_clock(TWO_WEEKS)
    round_of_the_worker()
    assert reminded() == {"manager", "executive"}
    assert told().filter(membership=cast.member).exists()


def test_a_mail_server_that_is_away_is_tried_again_later(cast, following, move_clock, settings):
    settings.EMAIL_BACKEND = f"{Away.__module__}.{Away.__qualname__}"
    move_clock(TWO_WEEKS)
    round_of_the_worker()
    assert Heartbeat.objects.filter(name="sweep").exists()
    waiting = told().filter(mailed_at=None)
    assert {row.mail_tries for row in waiting} == {1}
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    round_of_the_worker()
    assert mail.outbox == []
    move_clock("2026-06-22T10:02:00+09:00")
    round_of_the_worker()
    assert reminded() == {"manager", "member", "executive"}
    assert not waiting.all().exists()


def test_who_drafted_before_the_mail_could_go_is_left_in_peace(cast, following, move_clock, settings):
    settings.EMAIL_BACKEND = f"{Away.__module__}.{Away.__qualname__}"
    move_clock(TWO_WEEKS)
    round_of_the_worker()
    cast.objective(title="もう書いた", owner=cast.member, cycle=following, state=ObjectiveState.DRAFT)
    settings.EMAIL_BACKEND = "django.core.mail.backends.locmem.EmailBackend"
    move_clock("2026-06-22T10:02:00+09:00")
    round_of_the_worker()
    assert reminded() == {"manager", "executive"}
    assert not told().filter(mailed_at=None).exists()


@pytest.mark.parametrize("what", ["begun", "closed", "left", "setting up"])
def test_nobody_is_reminded_for_nothing(cast, following, move_clock, what):
    match what:
        case "closed":
            services.change_cycle_state(following, to="closed", by=cast.admin)
        case "left":
            people = type(cast.member).objects.filter(organization=cast.organization)
            people.exclude(pk=cast.admin.pk).update(left_on=date(2026, 6, 1))
        case "setting up":
            cast.organization.setup_step = "kgi"
            cast.organization.save()
    move_clock(FIRST_DAY if what == "begun" else TWO_WEEKS)
    round_of_the_worker()
    assert (drafting(), told().count()) == ([], 0)


@pytest.mark.django_db(transaction=True)
def test_two_rounds_at_once_tell_and_mail_each_person_once(move_clock):
    move_clock(TWO_WEEKS)
    cast = make_cast()
    following_of(cast)
    assert together(sweep, sweep) == [None, None]
    assert together(letters.send_waiting, letters.send_waiting) == [None, None]
    assert [letter.to for letter in mail.outbox] == [["manager@hokuto.example"]]


def test_on_a_cycles_last_day_the_mail_about_closing_says_today(cast, move_clock):
    move_clock("2026-07-05T10:00:00+09:00")
    cast.member.user.language = "en"
    letter = letters.write_closing(cast.member, Cycle.objects.get(pk=cast.cycle.pk))
    assert letter.subject.endswith("FY2026 Q1 ends today")
    assert "ends today" in letter.body
    assert "0 days" not in letter.body


def test_who_checked_in_while_a_round_read_is_not_held_to_what_was_owed_before(cast, move_clock):
    """A round that is stopped between reading what is owed and looking at the clock goes on the next morning."""
    cast.organization.check_in_weekday = 4
    cast.organization.save()
    key_result = cast.key_result(cast.objective(owner=cast.member))
    move_clock("2026-05-21T17:00:00+09:00")
    rollup.rescore_organization(cast.organization, cast.organization.today)

    def night_falls(execute, *query):
        answer = execute(*query)
        move_clock("2026-05-22T09:05:00+09:00")
        return answer

    with connection.execute_wrapper(night_falls):
        assert remind_to_check_in(cast.organization) == 0
    assert remind_to_check_in(cast.organization) == 1
    assert Delivery.objects.get(topic=Topic.REMINDER).membership == key_result.objective.owner
