"""The settings pages where people say to which chat rooms and programs messages go."""

import ipaddress
import re
import socket

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from standardwebhooks.webhooks import Webhook
from werkzeug import Response

from people.models import AuditEvent, Channel, ChannelKind, Delivery, Topic
from people.outbox import send_due
from people.sealing import open_seal
from people.services import channels as services
from people.services.channels import Setup

SECRET = "https://hooks.slack.com/services/T000/B000/verySecretPart4f2a"


@pytest.fixture(scope="session")
def httpserver_listen_address():
    return ("127.0.0.1", 0)


@pytest.fixture(autouse=True)
def names(monkeypatch):
    """All names are public, but one."""

    def answer(host, port, *_args, **_kwargs):
        number = host if host[0].isdigit() else "10.0.0.1" if host == "inside.example" else "203.0.114.7"
        return [(socket.AF_INET, socket.SOCK_STREAM, 6, "", (number, port))]

    monkeypatch.setattr(socket, "getaddrinfo", answer)


@pytest.fixture
def page(cast):
    return cast.url("settings/channels/")


def form(**fields):
    return {
        "name": "#okr",
        "address": SECRET,
        "whose": "company",
        "topics": ["obstacle", "digest"],
        "language": "ja",
        **fields,
    }


def make(cast, **fields):
    return Channel.objects.create(
        **{
            "organization": cast.organization,
            "kind": ChannelKind.SLACK,
            "name": "#okr",
            "address": SECRET,
            "created_by": cast.admin,
            **fields,
        }
    )


def text(answer):
    return answer.content.decode()


def test_an_administrator_sets_up_the_companys_channel_and_its_address_is_never_shown_again(cast, sign_in, page):
    client = sign_in(cast.admin, language="en")
    assert "Three steps" in text(client.get(page + "new/?kind=slack"))
    made = client.post(page + "new/?kind=slack", form(), follow=True)
    channel = Channel.objects.get()
    assert (channel.address, channel.topics, channel.team, channel.membership) == (
        SECRET,
        ["obstacle", "digest"],
        None,
        None,
    )
    assert "ends with …4f2a" in text(made)
    shown = text(made) + text(client.get(page)) + text(client.get(page + "deliveries/"))
    assert "verySecretPart" not in shown
    with connection.cursor() as cursor:
        cursor.execute("SELECT address FROM people_channel")
        (stored,) = cursor.fetchone()
    assert "Secret" not in stored
    assert open_seal(stored) == SECRET
    assert "verySecretPart" not in str(list(AuditEvent.objects.values()))


def test_a_manager_sets_up_channels_of_the_teams_they_lead_and_everybody_one_of_their_own(cast, sign_in, page):
    manager = sign_in(cast.manager)
    assert manager.post(page + "new/?kind=slack", form()).status_code == 422, "not the company's"
    assert manager.post(page + "new/?kind=slack", form(whose=cast.online.pk)).status_code == 422
    assert manager.post(page + "new/?kind=slack", form(whose=cast.sales.pk)).status_code == 302
    member = sign_in(cast.member)
    assert member.post(page + "new/?kind=slack", form(whose=cast.sales.pk)).status_code == 422
    assert member.post(page + "new/?kind=slack", form(whose="own")).status_code == 302
    sales, own = Channel.objects.order_by("id")
    assert (sales.team, own.membership, own.team) == (cast.sales, cast.member, None)
    for who, seen in ((manager, [200, 404]), (member, [404, 200]), (sign_in(cast.admin), [200, 404])):
        assert [who.get(f"{page}{one.pk}/").status_code for one in (sales, own)] == seen
    for person, status in ((cast.partner, 404), (cast.stranger, 404)):
        assert sign_in(person).get(page).status_code == status


@pytest.mark.parametrize(
    ("kind", "wrong", "sentence"),
    [
        ("slack", {"name": ""}, "errors"),
        ("slack", {"name": "a\x00b"}, "errors"),
        ("slack", {"topics": []}, "Choose at least one kind of message."),
        ("slack", {"topics": ["test"]}, "errors"),
        ("slack", {"address": ""}, "errors"),
        ("slack", {"address": "https://10.0.0.8/x"}, "This address leads into a private network."),
        ("slack", {"address": "https://inside.example/x"}, "This address leads into a private network."),
        ("slack", {"address": "http://hooks.slack.com/x"}, "Only addresses that begin with https:// are called."),
        ("slack", {"address": "https://webhook.worksmobile.com/message/x"}, "This is an address of LINE WORKS."),
        ("teams", {"address": SECRET}, "This is an address of Slack."),
        ("chatwork", {"token": "", "room": "1"}, "errors"),
        ("chatwork", {"token": "t", "room": "営業部"}, "Put in the number of the room"),
    ],
)
def test_what_cannot_work_is_said_beside_its_field_and_what_was_typed_stays(cast, sign_in, page, kind, wrong, sentence):
    answer = sign_in(cast.admin, language="en").post(f"{page}new/?kind={kind}", form(**wrong))
    assert answer.status_code == 422
    assert sentence in text(answer)
    assert not Channel.objects.exists()


def test_a_room_of_chatwork_is_read_from_its_address(cast, sign_in, page):
    fields = form(token="cw-secret-token", room="https://www.chatwork.com/#!rid123456")
    assert sign_in(cast.admin).post(page + "new/?kind=chatwork", fields).status_code == 302
    channel = Channel.objects.get()
    assert (channel.room, channel.token, channel.address) == ("123456", "cw-secret-token", "")


def test_an_empty_field_keeps_the_secret_and_a_new_address_is_tried_at_once(cast, sign_in, page, move_clock):
    channel = make(cast, failure="answer|404", failing_since="2026-05-19T00:00:00+00:00")
    waiting = Delivery.objects.create(
        organization=cast.organization,
        channel=channel,
        topic=Topic.OBSTACLE,
        occasion="x",
        try_at="2026-05-21T00:00:00+00:00",
    )
    client = sign_in(cast.admin, language="en")
    address = f"{page}{channel.pk}/"
    assert "There is nothing at this address any more." in text(client.get(page))
    client.post(address, form(name="#new", address="", version=1))
    channel.refresh_from_db()
    assert (channel.name, channel.address, channel.failure) == ("#new", SECRET, "answer|404")
    client.post(address, form(address=SECRET + "9", version=2))
    channel.refresh_from_db()
    waiting.refresh_from_db()
    assert (channel.address, channel.failing_since) == (SECRET + "9", None)
    assert waiting.try_at.isoformat() == "2026-05-20T01:00:00+00:00"
    stale = client.post(address, form(name="#late", address="", version=1))
    assert stale.status_code == 422
    assert "Someone changed this in the meantime." in text(stale)
    written = AuditEvent.objects.filter(table="people_channel", act="update").order_by("id")
    assert ["address" in event.after for event in written] == [False, True], "keeping it is no change"


def test_a_webhooks_secret_is_shown_once_and_a_new_one_takes_its_place(cast, sign_in, page):
    client = sign_in(cast.admin, language="en")
    made = client.post(page + "new/?kind=webhook", form(address="https://program.example/in"), follow=True)

    def secret_on(answer):
        found = re.search(r'id="secret"[^>]*value="(whsec_[^"]+)"', text(answer))
        return found and found[1]

    channel = Channel.objects.get()
    first = secret_on(made)
    assert first == channel.token
    assert Webhook(first)
    address = f"{page}{channel.pk}/"
    assert secret_on(client.get(address)) is None
    second = secret_on(client.post(address + "secret/", follow=True))
    channel.refresh_from_db()
    assert second == channel.token != first
    slack = make(cast)
    refused = client.post(f"{page}{slack.pk}/secret/", follow=True)
    assert "Only a webhook is signed." in text(refused)


def test_a_form_sent_twice_makes_one_channel(cast, sign_in, page):
    client = sign_in(cast.admin)
    key = re.search(r'name="submission_key" value="([^"]+)"', text(client.get(page + "new/?kind=slack")))[1]
    for _ in range(2):
        assert client.post(page + "new/?kind=slack", form(submission_key=key)).status_code == 302
    assert Channel.objects.count() == 1


def test_a_trial_says_whether_it_arrived_and_else_why_not(cast, sign_in, page, settings, httpserver):
    settings.CALLS_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]
    answers = [Response("invalid_token", 403), Response("ok")]
    httpserver.expect_request("/hook").respond_with_handler(lambda _request: answers.pop(0))
    channel = make(cast, address=httpserver.url_for("/hook"))
    client = sign_in(cast.admin, language="en")
    address = f"{page}{channel.pk}/"
    for key, sentence in (("o\x00ne", "does not accept the secret"), ("two", "The trial message has arrived.")):
        for _ in range(2):
            fragment = client.post(address + "try/", {"key": key}, headers={"hx-request": "true"})
        assert 'hx-trigger="every 2s"' in text(fragment)
        send_due({})
        again = text(client.get(address, headers={"hx-request": "true"}))
        assert sentence in again
        assert "every 2s" not in again
        assert "<html" not in again
    names = re.findall(r' id="([^"]+)"', text(client.get(address)))
    assert len(names) == len(set(names))
    assert Delivery.objects.count() == 2
    assert httpserver.log[-1][0].get_json()["text"] == "okrplannerからのテスト送信です"


def test_a_paused_channel_gets_nothing_and_one_retired_by_mistake_comes_back(cast, sign_in, page):
    channel = make(cast)
    client = sign_in(cast.admin, language="en")
    address = f"{page}{channel.pk}/"
    client.post(address + "switch/", {"is_on": "0"})
    assert "Nothing is sent while the channel is paused." in text(client.post(address + "try/", follow=True))
    assert not Delivery.objects.exists()
    client.post(address + "switch/", {"is_on": "1"})
    for _ in range(2):
        retired = client.post(address + "retire/", follow=True)
    assert "There is no channel yet." in text(retired)
    assert f'action="{address}restore/"' in text(retired)
    assert client.get(address).status_code == 302
    client.post(address + "restore/")
    assert client.get(address).status_code == 200


def test_what_failed_is_listed_with_its_reason_and_tried_again_by_a_button(cast, sign_in, page):
    channel = make(cast)
    made = {"organization": cast.organization, "topic": Topic.OBSTACLE}
    failed = Delivery.objects.create(
        **made, channel=channel, occasion="a", failure="answer|404 no_service", given_up_at="2026-05-19T00:00:00+00:00"
    )
    Delivery.objects.create(**made, membership=cast.member, occasion="b", failure="mail|550 no such person", tries=2)
    Delivery.objects.create(**made, membership=cast.manager, occasion="c", sent_at="2026-05-19T00:00:00+00:00")
    client = sign_in(cast.admin, language="en")
    assert "2 messages did not go" in text(client.get(page))
    listed = text(client.get(page + "deliveries/?state=failed"))
    assert "The mail server refused: 550 no such person" in listed
    assert "There is nothing at this address any more." in listed
    assert cast.member.user.name in listed
    assert cast.manager.user.name not in listed
    client.post(f"{page}deliveries/{failed.pk}/retry/")
    assert Delivery.objects.due().filter(pk=failed.pk).exists()
    assert sign_in(cast.manager).get(page + "deliveries/").status_code == 403
    assert sign_in(cast.manager).post(f"{page}deliveries/{failed.pk}/retry/").status_code == 404


def test_an_installation_without_a_mail_server_says_so(cast, sign_in, page, settings):
    client = sign_in(cast.admin, language="en")
    assert "No mail server is set up" not in text(client.get(page))
    settings.EMAIL_BACKEND = "django.core.mail.backends.filebased.EmailBackend"
    assert "No mail server is set up" in text(client.get(page))


def test_the_lists_take_as_many_queries_however_long_they_are(cast, sign_in, page, django_assert_num_queries):
    client = sign_in(cast.admin)
    addresses = [page, page + "deliveries/"]
    first = make(cast, team=cast.sales)
    made = {"organization": cast.organization, "topic": Topic.DIGEST}
    for whom in ({"channel": first}, {"membership": cast.manager}):
        Delivery.objects.create(**made, occasion="first", **whom)
    for address in addresses:
        client.get(address)
    counts = []
    for address in addresses:
        with CaptureQueriesContext(connection) as few:
            client.get(address)
        counts.append(len(few))
    for number in range(6):
        channel = make(cast, team=cast.online)
        for whom in ({"channel": channel}, {"membership": cast.member}):
            Delivery.objects.create(**made, occasion=f"{number}", **whom)
    for address, few in zip(addresses, counts, strict=True):
        with django_assert_num_queries(few):
            client.get(address)


def test_too_many_channels_are_refused(cast, monkeypatch):
    monkeypatch.setattr(services, "MOST_CHANNELS", 1)
    make(cast)
    with pytest.raises(services.Refusal, match="すでに1件"):
        services.add_channel(cast.admin, kind="slack", setup=Setup("x", SECRET, topics=["digest"]))
