"""What is to be sent: recorded once with its cause, sent once by however many workers, tried again while it fails."""

import ipaddress
import threading
from datetime import timedelta
from email import message_from_bytes, policy

import pytest
from aiosmtpd.controller import Controller
from django.core import mail
from django.db import connection, transaction
from django.test import Client
from werkzeug import Response

from people import clock, outbox
from people.models import Channel, ChannelKind, Delivery, ReminderPreference, Topic
from people.outbox import MOST_TRIES, cancel, send_due, tell_channels, tell_people
from people.posts import Post, PostLine
from people.tasks import forget_deliveries
from tests.cast import NOW, make_cast
from tests.run.service import free_port


def say(delivery):
    if delivery.about.get("what") == "済み":
        return None
    return Post(
        subject=f"{delivery.about['what']}の件\r\nBcc: evil@x.example",
        paragraphs=("<b>よろしく</b>お願いします。",),
        lines=(PostLine("定期便", "変化なし", "https://okr.example/1"),),
        link="https://okr.example/o/x/",
        link_label="開く",
        footer="届く理由",
    )


WRITERS = dict.fromkeys(Topic.values, say)


@pytest.fixture(scope="session")
def httpserver_listen_address():
    return ("127.0.0.1", 0)


def tell(*people, topic=Topic.REMINDER, occasion="2026-W21", what="定期便", **more):
    tell_people(people, topic, occasion=occasion, about={"what": what}, **more)


@pytest.fixture
def place(settings, httpserver, cast):
    """A channel of the company at a local server, whose answers are in the list that comes with it."""
    settings.CALLS_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    answers = []
    httpserver.expect_request("/hook").respond_with_handler(lambda _request: answers.pop(0) if answers else Response())
    channel = Channel.objects.create(
        organization=cast.organization, kind=ChannelKind.SLACK, name="#okr", address=httpserver.url_for("/hook")
    )
    return channel, answers


def later(move_clock, **by):
    move_clock((clock.now() + timedelta(**by)).isoformat())


# Telling


def test_a_message_is_recorded_with_its_cause_and_goes_once(cast):
    for _ in range(3):
        tell(cast.member, cast.manager)
    assert [send_due(WRITERS), send_due(WRITERS)] == [2, 0]
    assert sorted(letter.to[0] for letter in mail.outbox) == ["manager@hokuto.example", "member@hokuto.example"]


def test_what_is_cancelled_or_no_longer_true_does_not_go(cast):
    tell(cast.member, cast.manager)
    tell(cast.colleague, what="済み")
    assert cancel(cast.organization, occasion="2026-W21", people=[cast.member]) == 1
    assert send_due(WRITERS) == 1
    assert [letter.to for letter in mail.outbox] == [["manager@hokuto.example"]]
    assert Delivery.objects.exclude(cancelled_at=None).count() == 2


def test_the_worker_is_woken_when_the_cause_is_saved_and_told_nothing_where_it_is_undone(
    cast, django_capture_on_commit_callbacks
):
    with django_capture_on_commit_callbacks() as wakes:
        with transaction.atomic():
            tell(cast.member)
            transaction.set_rollback(True)
        assert not Delivery.objects.exists()
        tell(cast.member)
    assert len(wakes) == 1


def test_nothing_goes_before_its_time(cast, move_clock):
    tell(cast.member, at=clock.now() + timedelta(hours=2))
    assert send_due(WRITERS) == 0
    later(move_clock, hours=2)
    assert send_due(WRITERS) == 1


def test_who_wants_no_reminders_or_has_left_gets_none_and_everything_else_still_arrives(cast):
    cast.member.user.is_reminded = False
    cast.member.user.save()
    ReminderPreference.objects.create(membership=cast.manager, is_on=False, digest=False)
    for topic in (Topic.REMINDER, Topic.NUDGE, Topic.DIGEST, Topic.OBSTACLE):
        tell(cast.member, cast.manager, cast.colleague, topic=topic, occasion=topic)
    tell(cast.executive)
    cast.colleague.left_on = "2026-05-19"
    cast.colleague.save()
    ReminderPreference.objects.create(membership=cast.executive, is_on=False)
    send_due(WRITERS)
    assert sorted(letter.to[0] for letter in mail.outbox) == ["manager@hokuto.example", "member@hokuto.example"]
    assert not Delivery.objects.unsettled().exists()


def test_channels_get_what_they_take_and_no_other_teams_get_it(cast, place):
    company, _answers = place
    made = {"organization": cast.organization, "kind": ChannelKind.SLACK, "address": company.address}
    sales = Channel.objects.create(**made, team=cast.sales, name="sales", topics=[Topic.OBSTACLE])
    Channel.objects.create(**made, team=cast.online, name="online")
    Channel.objects.create(**made, team=cast.sales, name="digest only", topics=[Topic.DIGEST])
    Channel.objects.create(**made, team=cast.sales, name="paused", is_on=False)
    Channel.objects.create(**made, membership=cast.member, name="own")
    for _ in range(2):
        tell_channels(cast.organization, Topic.OBSTACLE, occasion="o:1", about={"what": "障害"}, teams=[cast.sales])
    assert set(Delivery.objects.values_list("channel", flat=True)) == {company.pk, sales.pk}
    assert send_due(WRITERS) == 2


# Channels


def test_a_person_is_told_in_their_own_channel_and_by_mail_when_it_keeps_failing(cast, place, move_clock, httpserver):
    own, answers = place
    own.membership = cast.member
    own.save()
    ReminderPreference.objects.create(membership=cast.member, channel=own)
    ReminderPreference.objects.create(membership=cast.manager, channel=own)
    tell(cast.member, cast.manager)
    assert send_due(WRITERS) == 2
    assert [letter.to for letter in mail.outbox] == [["manager@hokuto.example"]], "nobody writes to another's channel"
    assert len(httpserver.log) == 1
    answers += [Response("", 500)] * 3
    tell(cast.member, occasion="next")
    for _ in range(3):
        assert send_due(WRITERS) == 0
        later(move_clock, hours=1)
    assert send_due(WRITERS) == 1
    assert mail.outbox[-1].to == ["member@hokuto.example"]


def test_a_failing_channel_is_shown_and_tried_again_until_it_works(cast, place, move_clock, httpserver):
    channel, answers = place
    answers += [Response("no_service", 500)]
    tell_channels(cast.organization, Topic.OBSTACLE, occasion="o:1", about={"what": "障害"})
    assert send_due(WRITERS) == 0
    channel.refresh_from_db()
    assert (channel.failing_since, channel.failure) == (clock.now(), "answer|500 no_service")
    assert send_due(WRITERS) == 0, "not at once"
    later(move_clock, minutes=2)
    assert send_due(WRITERS) == 1
    channel.refresh_from_db()
    assert (channel.failing_since, channel.failure, channel.last_sent_at) == (None, "", clock.now())
    assert Delivery.objects.get().tries == 1
    assert len(httpserver.log) == 2


def test_in_one_round_a_server_that_is_down_is_asked_once(cast, place, httpserver):
    _channel, answers = place
    answers += [Response("", 503)] * 9
    for number in range(5):
        tell_channels(cast.organization, Topic.OBSTACLE, occasion=f"o:{number}", about={"what": "障害"})
    assert send_due(WRITERS) == 0
    assert len(httpserver.log) == 1
    assert set(Delivery.objects.values_list("tries", flat=True)) == {1}


def test_who_asks_to_wait_is_waited_for_and_it_costs_no_try(cast, place, move_clock):
    _channel, answers = place
    answers += [Response("", 429, {"Retry-After": "600"})]
    tell_channels(cast.organization, Topic.OBSTACLE, occasion="o:1", about={"what": "障害"})
    send_due(WRITERS)
    delivery = Delivery.objects.get()
    assert delivery.tries == 0
    assert timedelta(seconds=600) <= delivery.try_at - clock.now() <= timedelta(seconds=720)
    later(move_clock, minutes=12)
    assert send_due(WRITERS) == 1


def test_after_the_last_try_it_is_given_up_and_says_why(cast, place, move_clock):
    _channel, answers = place
    answers += [Response("", 404)] * 20
    tell_channels(cast.organization, Topic.OBSTACLE, occasion="o:1", about={"what": "障害"})
    began = clock.now()
    for _ in range(MOST_TRIES):
        send_due(WRITERS)
        last = clock.now()
        later(move_clock, hours=15)
    delivery = Delivery.objects.get()
    assert (delivery.tries, delivery.given_up_at, delivery.failure) == (MOST_TRIES, last, "answer|404")
    assert timedelta(days=2) < sum(outbox.PAUSES, timedelta()) + 5 * outbox.PAUSES[-1] < timedelta(days=4)
    assert began < last


def test_what_a_long_pause_has_made_old_is_not_sent(cast, place, move_clock):
    channel, _answers = place
    tell_channels(cast.organization, Topic.OBSTACLE, occasion="o:1", about={"what": "障害"})
    Channel.objects.filter(pk=channel.pk).update(is_on=False)
    assert send_due(WRITERS) == 0
    later(move_clock, days=4)
    Channel.objects.filter(pk=channel.pk).update(is_on=True)
    assert send_due(WRITERS) == 0
    assert Delivery.objects.get().failure == "too_late"


def test_a_message_that_cannot_be_written_holds_up_nobody(cast):
    def break_or_say(delivery):
        if delivery.membership_id == cast.member.pk:
            with connection.cursor() as cursor:
                cursor.execute("SELECT 1/0")
        return say(delivery)

    tell(cast.member, cast.manager)
    tell(cast.colleague, topic=Topic.KPI)
    assert send_due({Topic.REMINDER: break_or_say}) == 1
    assert set(Delivery.objects.unsettled().values_list("failure", flat=True)) == {"unwritten"}


def test_after_a_year_nobody_asks_for_a_message_any_more_but_one_that_waits_is_kept(cast, move_clock):
    tell(cast.member, cast.manager)
    cancel(cast.organization, occasion="2026-W21", people=[cast.member])
    later(move_clock, days=401)
    forget_deliveries()
    assert Delivery.objects.get().membership == cast.manager


# Mail


class Mailbox:
    """Keeps what a real SMTP server was given."""

    def __init__(self):
        self.taken, self.refused = [], set()
        self.hold, self.held = threading.Event(), threading.Event()
        self.hold.set()

    async def handle_RCPT(self, server, session, envelope, address, options):
        if address in self.refused:
            return "550 no such person"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.taken.append((envelope.rcpt_tos, message_from_bytes(envelope.content, policy=policy.default)))
        self.held.set()
        await server.loop.run_in_executor(None, self.hold.wait, 20)
        return "250 taken"


@pytest.fixture
def mailbox(settings):
    box = Mailbox()
    controller = Controller(box, hostname="127.0.0.1", port=free_port())
    controller.start()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", controller.port
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 10
    settings.SITE_URL = "https://okr.hokuto.example"
    yield box
    box.hold.set()
    controller.stop()


@pytest.mark.parametrize(("language", "button"), [("ja", "開く"), ("en", "開く")])
def test_a_mail_says_the_same_as_text_and_as_html_in_the_readers_language(cast, mailbox, language, button):
    cast.member.user.language = language
    cast.member.user.save()
    tell(cast.member)
    assert send_due(WRITERS) == 1
    ((recipients, letter),) = mailbox.taken
    assert recipients == ["member@hokuto.example"]
    assert letter["Subject"] == "定期便の件 Bcc: evil@x.example", "one line, whatever was typed"
    assert letter["Bcc"] is None
    assert letter["Auto-Submitted"] == "auto-generated"
    assert letter["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    delivery = Delivery.objects.get()
    assert letter["Message-ID"].startswith(f"<msg_{delivery.pk}_")
    assert letter["Message-ID"].endswith("@okr.hokuto.example>")
    text = letter.get_body(("plain",)).get_content()
    html = letter.get_body(("html",)).get_content()
    for words in (
        "定期便",
        "変化なし",
        "https://okr.example/1",
        button,
        "https://okr.example/o/x/",
        "届く理由",
        "北灯珈琲",
    ):
        assert words in text
        assert words in html
    assert "<b>よろしく</b>" in text
    assert "&lt;b&gt;よろしく&lt;/b&gt;" in html
    assert f'<html lang="{language}">' in html
    assert "<script" not in html
    assert "<img" not in html


def test_only_what_one_may_do_without_can_be_turned_off_by_a_link(cast, mailbox):
    tell(cast.member, topic=Topic.OBSTACLE)
    send_due(WRITERS)
    assert mailbox.taken[0][1]["List-Unsubscribe"] is None


def test_a_refused_address_holds_up_nobody_and_stays_with_its_reason(cast, mailbox):
    mailbox.refused = {"manager@hokuto.example"}
    tell(cast.manager)
    tell(cast.member, cast.colleague)
    assert send_due(WRITERS) == 2
    assert Delivery.objects.unsettled().get().failure == "mail|550 no such person"


def test_a_mail_server_that_is_away_is_asked_once_a_round_and_all_goes_when_it_is_back(
    cast, mailbox, settings, move_clock
):
    right = settings.EMAIL_PORT
    settings.EMAIL_PORT = free_port()
    tell(cast.manager, cast.member)
    assert send_due(WRITERS) == 0
    assert set(Delivery.objects.values_list("tries", "failure")) == {(1, "mail|Connection refused")}
    settings.EMAIL_PORT = right
    later(move_clock, minutes=2)
    assert send_due(WRITERS) == 2
    assert len(mailbox.taken) == 2


def test_a_mail_is_turned_off_without_signing_in_and_looking_turns_nothing_off(cast, mailbox):
    tell(cast.member)
    send_due(WRITERS)
    link = mailbox.taken[0][1]["List-Unsubscribe"].strip(" <>")
    path = link.removeprefix("https://okr.hokuto.example")
    browser = Client(enforce_csrf_checks=True)
    assert browser.get(path).status_code == 200
    assert not ReminderPreference.objects.exists()
    for _ in range(2):
        assert browser.post(path, {"List-Unsubscribe": "One-Click"}).status_code == 200
    assert ReminderPreference.objects.get().is_on is False
    tell(cast.member, occasion="next")
    assert send_due(WRITERS) == 0
    browser.post(path, {"act": "again"})
    assert ReminderPreference.objects.get().is_on is True
    assert browser.get(path[:-5] + "x/").status_code == 404


def test_two_workers_at_once_send_each_message_once_and_a_killed_ones_goes_to_the_next(
    transactional_db, move_clock, mailbox
):
    move_clock(NOW)
    cast = make_cast()
    people = [cast.member, cast.manager, cast.colleague]
    tell(*people)
    mailbox.hold.clear()

    class Killed(BaseException):
        """As abrupt as a lost machine: nothing is saved."""

    def killed(delivery):
        raise Killed

    with pytest.raises(Killed):
        send_due({Topic.REMINDER: killed})
    assert Delivery.objects.due().count() == 3
    sent = []
    workers = [
        threading.Thread(target=lambda: (sent.append(send_due(WRITERS)), connection.close()), daemon=True)
        for _ in range(2)
    ]
    for worker in workers:
        mailbox.held.clear()
        worker.start()
        assert mailbox.held.wait(10)  # it has a mail in hand that is not marked yet
    mailbox.hold.set()
    for worker in workers:
        worker.join(20)
    assert sum(sent) == 3
    assert sorted(recipients[0] for recipients, _letter in mailbox.taken) == sorted(p.user.email for p in people)
