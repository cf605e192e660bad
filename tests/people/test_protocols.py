"""What really arrives at chat services and programs, at local servers that speak their protocols."""

import ipaddress
import json
from datetime import UTC, datetime
from urllib.parse import parse_qs

import pytest
from standardwebhooks.webhooks import Webhook, WebhookVerificationError
from werkzeug import Response

from people.channels import post_to
from people.channels.message import Message
from people.channels.teams import MOST_BYTES
from people.channels.webhook import make_secret
from people.channels.wording import in_words
from people.failures import Failure
from people.models import Channel, ChannelKind
from people.posts import Post, PostLine

POST = Post(
    subject="<!channel> 期限です & [To:1]",
    paragraphs=("**太字**ではない @channel 5*3*2", "[toall] 二つめ"),
    lines=(
        PostLine("定期便 <b>&", "4週間 変化なし [info]", "https://okr.example/o/x/?a=1&b=2"),
        PostLine("@everyone 店舗", ""),
    ),
    link="https://okr.example/o/x/this-week/",
    link_label="チェックインを書く",
    footer="届く理由はこちら",
)


@pytest.fixture(scope="session")
def httpserver_listen_address():
    return ("127.0.0.1", 0)


@pytest.fixture
def send(settings, httpserver):
    """Post to a channel of this kind; answers what arrived. The last answer stays."""
    settings.CALLS_ALLOWED_NETWORKS = [ipaddress.ip_network("127.0.0.0/8")]

    def send(kind, *answers, post=POST, token="", room=""):
        waiting = list(answers) or [Response("ok")]
        httpserver.expect_request("/hook/rooms/42/messages" if room else "/hook", method="POST").respond_with_handler(
            lambda request: waiting.pop(0) if len(waiting) > 1 else waiting[0]
        )
        channel = Channel(kind=kind, address=httpserver.url_for("/hook"), token=token, room=room)
        at = datetime(2026, 5, 20, 1, 0, tzinfo=UTC)
        message = Message(id="msg_7_1", topic="reminder", organization="北灯珈琲", slug="hokuto", at=at, post=post)
        post_to(channel, message)
        return httpserver.log[-1][0]

    return send


def test_slack_gets_blocks_in_which_nobody_is_called(send):
    request = send(ChannelKind.SLACK)
    assert request.headers["Content-Type"] == "application/json; charset=utf-8"
    document = request.get_json()
    assert document["text"] == "&lt;!channel&gt; 期限です &amp; [To:1]"
    header, first, second, line, other, link, foot = document["blocks"]
    assert header == {
        "type": "header",
        "text": {"type": "plain_text", "text": "<!channel> 期限です & [To:1]", "emoji": False},
    }
    assert (first["text"]["type"], first["text"]["text"]) == ("plain_text", "**太字**ではない @channel 5*3*2")
    assert second["text"]["text"] == "[toall] 二つめ"
    assert line["text"] == {
        "type": "mrkdwn",
        "text": "• <https://okr.example/o/x/?a=1&amp;b=2|定期便 &lt;b&gt;&amp;>\n   4週間 変化なし [info]",
        "verbatim": True,
    }
    assert other["text"]["text"] == "• @\u2060everyone 店舗"
    assert link["text"]["text"] == "*<https://okr.example/o/x/this-week/|チェックインを書く>*"
    assert foot["elements"][0]["text"] == "届く理由はこちら"
    assert document["unfurl_links"] is False


def test_teams_gets_an_adaptive_card_without_markup(send):
    document = send(ChannelKind.TEAMS, Response("", 202)).get_json()
    assert document["type"] == "message"
    (attachment,) = document["attachments"]
    assert attachment["contentType"] == "application/vnd.microsoft.card.adaptive"
    card = attachment["content"]
    assert (card["type"], card["version"]) == ("AdaptiveCard", "1.4")
    assert {block["type"] for block in card["body"]} == {"RichTextBlock"}, "text blocks would read Markdown"
    texts = [run["text"] for block in card["body"] for run in block["inlines"]]
    assert texts[:3] == ["<!channel> 期限です & [To:1]", "**太字**ではない @channel 5*3*2", "[toall] 二つめ"]
    assert card["body"][3]["inlines"][0]["selectAction"]["url"] == "https://okr.example/o/x/?a=1&b=2"
    assert card["actions"] == [
        {"type": "Action.OpenUrl", "title": "チェックインを書く", "url": "https://okr.example/o/x/this-week/"}
    ]


def test_a_long_message_stays_below_what_teams_takes(send):
    lines = tuple(PostLine("長" * 300, "い" * 300, f"https://okr.example/{'x' * 300}/{n}") for n in range(50))
    request = send(ChannelKind.TEAMS, post=Post("見出し", ("段落" * 500,) * 6, lines, "https://okr.example/", "開く"))
    assert len(request.get_data()) <= MOST_BYTES
    assert "…" in request.get_data(as_text=True)


def test_chatwork_gets_a_framed_message_in_which_nothing_of_ours_is_a_tag(send):
    request = send(ChannelKind.CHATWORK, Response('{"message_id":"1"}'), token="cw-token", room="42")
    assert request.headers["X-ChatWorkToken"] == "cw-token"
    assert request.headers["Content-Type"] == "application/x-www-form-urlencoded"
    form = parse_qs(request.get_data(as_text=True))
    assert form["self_unread"] == ["1"]
    body = form["body"][0]
    assert body.startswith("[info][title]<!channel> 期限です & ［To:1］[/title]**太字**")
    assert body.endswith("[hr]届く理由はこちら[/info]")
    assert body.count("[") == 5, "info, title, /title, hr, /info"
    assert "・定期便 <b>&\n　4週間 変化なし ［info］\n　https://okr.example/o/x/?a=1&b=2" in body


def test_line_works_gets_a_title_a_text_and_a_button(send):
    document = send(ChannelKind.LINE_WORKS, Response('{"code":200,"description":"success"}')).get_json()
    assert document["title"] == "<!channel> 期限です & [To:1]"
    assert document["button"] == {"label": "チェックインを書く", "url": "https://okr.example/o/x/this-week/"}
    assert "・定期便 <b>&　4週間 変化なし [info]" in document["body"]["text"]
    assert set(document) == {"title", "body", "button"}


def test_any_program_gets_signed_json_that_the_library_verifies(send):
    secret = make_secret()
    request = send(ChannelKind.WEBHOOK, token=secret)
    headers = {name.lower(): value for name, value in request.headers.items()}
    document = Webhook(secret).verify(request.get_data(), headers)
    assert headers["webhook-id"] == document["id"] == "msg_7_1"
    assert document["type"] == "okrplanner.reminder"
    assert document["sent_at"] == "2026-05-20T01:00:00+00:00"
    assert document["organization"] == {"slug": "hokuto", "name": "北灯珈琲"}
    assert document["subject"] == POST.subject
    assert document["lines"][0]["detail"] == "4週間 変化なし [info]"
    assert document["link"] == POST.link
    with pytest.raises(WebhookVerificationError):
        Webhook(secret).verify(request.get_data() + b" ", headers)
    with pytest.raises(WebhookVerificationError):
        Webhook(make_secret()).verify(request.get_data(), headers)


@pytest.mark.parametrize(
    ("kind", "answer", "kept", "is_final"),
    [
        (ChannelKind.SLACK, Response("no_service", 404), "answer|404 no_service", True),
        (ChannelKind.SLACK, Response("https://hooks.slack.com/services/SECRET", 403), "answer|403", True),
        (ChannelKind.SLACK, Response("", 302, {"Location": "http://127.0.0.1/"}), "answer|302", True),
        (ChannelKind.SLACK, Response("rollup_error", 500), "answer|500 rollup_error", False),
        (ChannelKind.SLACK, Response("", 408), "answer|408", False),
        (ChannelKind.TEAMS, Response("", 410), "answer|410", True),
        (ChannelKind.TEAMS, Response("failed: Microsoft Teams endpoint returned HTTP error 404 x"), "answer|404", True),
        (ChannelKind.LINE_WORKS, Response('{"code":400,"description":"x"}'), "answer|400", True),
        (ChannelKind.LINE_WORKS, Response("not json at all"), None, None),
        (ChannelKind.LINE_WORKS, Response("[1]"), None, None),
        (ChannelKind.TEAMS, Response("", 503), "answer|503", False),
    ],
)
def test_what_the_other_side_answers_says_whether_trying_again_helps(send, kind, answer, kept, is_final):
    if kept is None:
        send(kind, answer)
        return
    with pytest.raises(Failure) as failed:
        send(kind, answer)
    assert (failed.value.kept, failed.value.is_final) == (kept, is_final)
    assert kept.partition("|")[2] in in_words(kept)


@pytest.mark.parametrize(
    ("answer", "pause"),
    [
        (Response("", 429, {"Retry-After": "30"}), 30.0),
        (Response("", 429), 60.0),
        (Response("HTTP error 429 with ContextId"), 60.0),
    ],
)
def test_whoever_asks_to_wait_is_waited_for(send, answer, pause):
    with pytest.raises(Failure) as failed:
        send(ChannelKind.TEAMS, answer)
    assert (failed.value.code, failed.value.pause, failed.value.is_final) == ("busy", pause, False)


def test_without_a_secret_nothing_goes_unsigned(send, httpserver):
    with pytest.raises(Failure, match="no_secret"):
        send(ChannelKind.WEBHOOK)
    with pytest.raises(Failure, match="no_secret"):
        send(ChannelKind.CHATWORK, room="42")
    assert httpserver.log == []


def test_a_message_of_nothing_but_a_subject_goes_everywhere(send):
    for kind in (ChannelKind.SLACK, ChannelKind.TEAMS, ChannelKind.LINE_WORKS):
        assert "短い" in json.dumps(send(kind, post=Post("短い")).get_json(), ensure_ascii=False)
