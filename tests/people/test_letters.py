"""Mail that really leaves: over SMTP, by two workers at once, past a server that is away."""

import socketserver
import threading
from email import message_from_bytes, policy

import pytest
from django.db import connection
from django.urls import reverse

from people import clock
from people.letters import send_waiting
from people.links import invitation_link
from people.models import Invitation, Organization
from people.services import Guest, invite_people
from tests.cast import NOW, make_cast
from tests.run.service import free_port


class Conversation(socketserver.StreamRequestHandler):
    """As much SMTP as a client that sends mail needs."""

    def handle(self):
        self.say(b"220 ready")
        recipients = []
        while line := self.rfile.readline():
            words = line.decode().strip()
            match words.upper().split(":")[0].split(" ")[0]:
                case "EHLO" | "HELO":
                    self.say(b"250 here")
                case "RCPT":
                    recipients.append(words.partition("<")[2].partition(">")[0])
                    refused = recipients[-1] in self.server.refused
                    self.say(b"550 no such person" if refused else b"250 good")
                case "DATA":
                    self.say(b"354 go on")
                    self.server.take(recipients, b"".join(iter(self.rfile.readline, b".\r\n")))
                    recipients = []
                    self.say(b"250 taken")
                case "RSET":
                    recipients = []
                    self.say(b"250 forgotten")
                case "QUIT":
                    self.say(b"221 farewell")
                    return
                case _:
                    self.say(b"250 good")

    def say(self, words):
        self.wfile.write(words + b"\r\n")


class MailServer(socketserver.ThreadingTCPServer):
    """Keeps what it is given. `hold` makes it wait before it says that it took a mail."""

    allow_reuse_address = True
    daemon_threads = True

    def __init__(self, port=0):
        super().__init__(("127.0.0.1", port), Conversation)
        self.taken, self.refused = [], set()
        self.hold, self.held = threading.Event(), threading.Event()
        self.hold.set()
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def take(self, recipients, data):
        self.taken.append((recipients, message_from_bytes(data, policy=policy.default)))
        self.held.set()
        assert self.hold.wait(30)


@pytest.fixture
def server(settings):
    server = MailServer()
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = server.server_address
    settings.EMAIL_USE_TLS = settings.EMAIL_USE_SSL = False
    settings.EMAIL_TIMEOUT = 10
    yield server
    server.hold.set()
    server.shutdown()
    server.server_close()


def invite(cast, *emails):
    return invite_people(cast.organization, [Guest(email=email) for email in emails], by=cast.admin, language="ja")


def test_a_mail_arrives_readable_with_its_link(cast, server):
    (invitation,) = invite(cast, "new@x.example")
    assert send_waiting() == 1
    ((recipients, letter),) = server.taken
    assert recipients == ["new@x.example"]
    assert letter["Subject"] == "北灯珈琲 への招待（okrplanner）"
    for kind in ("plain", "html"):
        assert invitation_link(invitation) in letter.get_body((kind,)).get_content()
    invitation.refresh_from_db()
    assert invitation.sent_at == clock.now()


def test_one_address_the_server_refuses_holds_up_nobody_else(cast, server):
    server.refused = {"bad@x.example"}
    invite(cast, "a@x.example", "bad@x.example", "c@x.example")
    assert send_waiting() == 2
    assert [recipients for recipients, _letter in server.taken] == [["a@x.example"], ["c@x.example"]]
    assert Invitation.objects.get(email="bad@x.example").failure == "550 no such person"


def test_a_mail_that_cannot_be_written_holds_up_nobody_else(cast, server):
    invite_people(cast.stranger.organization, [Guest(email="first@x.example")], by=cast.stranger)
    Organization.objects.filter(pk=cast.stranger.organization_id).update(time_zone="Mars/Olympus")
    invite(cast, "a@x.example")
    assert send_waiting() == 1
    assert [recipients for recipients, _letter in server.taken] == [["a@x.example"]]
    stuck = Invitation.objects.get(email="first@x.example")
    assert (stuck.sent_at, stuck.tries, bool(stuck.failure)) == (None, 1, True)
    assert stuck.try_at > clock.now()


def test_a_server_that_is_away_delays_all_and_shows_on_the_page(cast, sign_in, settings, server, move_clock):
    settings.EMAIL_PORT = free_port()
    invite(cast, "a@x.example", "b@x.example")
    assert send_waiting() == 0
    assert set(Invitation.objects.values_list("tries", flat=True)) == {1}
    page = sign_in(cast.admin).get(reverse("invitations", args=[cast.organization.slug])).content.decode()
    assert "Connection refused" in page
    settings.EMAIL_PORT = server.server_address[1]
    assert send_waiting() == 0
    move_clock("2026-05-20T10:01:00+09:00")
    assert send_waiting() == 2


def test_two_workers_at_once_send_each_mail_once(transactional_db, move_clock, server):
    move_clock(NOW)
    cast = make_cast()
    invite(cast, "a@x.example", "b@x.example")
    server.hold.clear()
    first = threading.Thread(target=lambda: (send_waiting(), connection.close()), daemon=True)
    first.start()
    assert server.held.wait(10)  # the first worker has its mail in hand, and has not marked it
    second_sent = []
    second = threading.Thread(target=lambda: (second_sent.append(send_waiting()), connection.close()), daemon=True)
    server.held.clear()
    second.start()
    assert server.held.wait(10)
    server.hold.set()
    for worker in (first, second):
        worker.join(20)
        assert not worker.is_alive()
    assert sorted(recipients[0] for recipients, _letter in server.taken) == ["a@x.example", "b@x.example"]
    assert second_sent == [1]
    assert not Invitation.objects.due().exists()
