"""Inviting people: one by one and from a pasted list, and what becomes of the invitations."""

import re
import smtplib
import time
import uuid
from datetime import timedelta

import pytest
from django.core import mail
from django.urls import reverse

from people import clock, letters
from people.letters import send_waiting
from people.links import invitation_link, invitation_secret
from people.models import Invitation, Role, Team
from people.models.doors import hash_of
from people.refusals import Refusal
from people.services import Guest, invite_people, renew_invitation, withdraw_invitation
from people.tasks import send_invitations

PAGE = "settings/invitations/"
PASTED = """名前\tメール\t役割\tチーム
佐藤 花\tｈａｎａ＠hokuto.example\tマネージャー\t法人営業
Taro Yamada <Taro@Hokuto.example>, member、オンライン店
jiro@hokuto.example"""


def one(**fields):
    typed = {"email": "new@hokuto.example", "name": "", "role": "member", "team": "", "language": "ja"} | fields
    return {"act": "one", "one-submission_key": str(uuid.uuid4())} | {f"one-{k}": v for k, v in typed.items()}


def many(people, act="send", **fields):
    typed = {"people": people, "role": "member", "language": "ja", "submission_key": str(uuid.uuid4())} | fields
    return {"act": act} | {f"many-{name}": value for name, value in typed.items()}


def invite(cast, email="new@hokuto.example", **fields):
    (invitation,) = invite_people(cast.organization, [Guest(email=email, **fields)], by=cast.admin, language="ja")
    return invitation


def test_an_administrator_invites_one_person(cast, sign_in, django_capture_on_commit_callbacks):
    client = sign_in(cast.admin)
    with django_capture_on_commit_callbacks() as queued:
        answer = client.post(cast.url(PAGE), one(email="Neko＠Hokuto.example", name="猫田 環", team=cast.sales.pk))
    assert answer.status_code == 302
    assert len(queued) == 1, "the worker is woken"
    invitation = Invitation.objects.get()
    assert (invitation.email, invitation.name, invitation.role) == ("neko@hokuto.example", "猫田 環", "member")
    assert (invitation.team, invitation.invited_by, invitation.sent_at) == (cast.sales, cast.admin, None)
    assert "neko@hokuto.example" in client.get(cast.url(PAGE)).content.decode()


def test_a_list_is_shown_before_anything_is_sent_and_then_sent(cast, sign_in):
    client = sign_in(cast.admin)
    shown = client.post(cast.url(PAGE), many(PASTED, act="check"))
    page = shown.content.decode()
    assert shown.status_code == 200
    assert not Invitation.objects.exists()
    for words in ("hana@hokuto.example", "佐藤 花", "マネージャー", "法人営業", "3人を招待"):
        assert words in page
    assert client.post(cast.url(PAGE), many(PASTED)).status_code == 302
    rows = {row.email: (row.name, row.role, row.team) for row in Invitation.objects.select_related("team")}
    assert rows == {
        "hana@hokuto.example": ("佐藤 花", Role.MANAGER, cast.sales),
        "taro@hokuto.example": ("Taro Yamada", Role.MEMBER, cast.online),
        "jiro@hokuto.example": ("", Role.MEMBER, None),
    }


@pytest.mark.parametrize(
    ("line", "words"),
    [
        ("営業の人", "メールアドレスがありません"),
        ("a@x.example b@x.example, c", "複数あります"),
        ("nobody@", "メールアドレスではありません"),
        ("山田, a@x.example, 営業本部, 人事部", "という役割やチームはありません"),
        ("a@x.example, パートナー, 法人営業", "パートナーはチームに入らず"),
        ("member@hokuto.example", "すでに組織に参加しています"),
        ("waiting@hokuto.example", "すでに招待済みです"),
        ("ok@hokuto.example", "1行目と同じアドレスです"),
        ("あ" * 101 + " <a@x.example>", "100文字まで"),
    ],
)
def test_a_line_that_cannot_be_read_says_why_and_nothing_is_sent(cast, sign_in, line, words):
    invite(cast, "waiting@hokuto.example")
    answer = sign_in(cast.admin).post(cast.url(PAGE), many(f"ok@hokuto.example\n{line}"))
    assert answer.status_code == 422
    assert words in answer.content.decode()
    assert Invitation.objects.count() == 1


def test_a_team_of_a_name_that_several_have_is_named_by_its_way(cast, sign_in):
    Team.objects.create(organization=cast.organization, parent=cast.sales, name="東京")
    west = Team.objects.create(organization=cast.organization, parent=cast.online, name="東京")
    client = sign_in(cast.admin)
    answer = client.post(cast.url(PAGE), many("a@hokuto.example, 東京"))
    assert "複数あります" in answer.content.decode()
    assert client.post(cast.url(PAGE), many("a@hokuto.example, オンライン店 > 東京")).status_code == 302
    assert Invitation.objects.get().team == west


def test_five_hundred_people_are_invited_in_a_moment_and_one_more_is_too_many(
    cast, sign_in, django_assert_max_num_queries
):
    client = sign_in(cast.admin)
    people = "\n".join(f"人 {number} <p{number}@hokuto.example>, 法人営業" for number in range(501))
    assert "500人まで" in client.post(cast.url(PAGE), many(people)).content.decode()
    began = time.monotonic()
    with django_assert_max_num_queries(45):
        answer = client.post(cast.url(PAGE), many(people.rpartition("\n")[0]))
    assert answer.status_code == 302
    assert Invitation.objects.count() == 500
    assert time.monotonic() - began < 5


@pytest.mark.parametrize(
    ("sent", "field"),
    [(one(email="no address"), "one-email"), (one(email=""), "one-email"), (one(role="king"), "one-role")],
)
def test_what_makes_no_invitation_is_said_beside_the_field_and_stays(cast, sign_in, sent, field):
    answer = sign_in(cast.admin).post(cast.url(PAGE), sent)
    assert answer.status_code == 422
    assert f'aria-describedby="id_{field}_error"' in answer.content.decode() or f"id_{field}" in answer.content.decode()
    assert not Invitation.objects.exists()


def test_who_belongs_here_already_is_not_invited(cast, sign_in):
    answer = sign_in(cast.admin).post(cast.url(PAGE), one(email=cast.member.user.email))
    assert answer.status_code == 422
    assert "すでに組織に参加しています" in answer.content.decode()


@pytest.mark.parametrize("act", ["one", "send"])
def test_a_form_sent_twice_invites_once(cast, sign_in, act):
    client = sign_in(cast.admin)
    sent = one() if act == "one" else many("a@hokuto.example\nb@hokuto.example")
    answers = [client.post(cast.url(PAGE), sent).status_code for _time in range(2)]
    assert answers == [302, 302]
    assert Invitation.objects.count() == (1 if act == "one" else 2)


def test_readers_may_not_invite_and_strangers_find_nothing(cast, sign_in):
    invitation = invite(cast)
    paths = [PAGE, f"{PAGE}{invitation.pk}/renew/", f"{PAGE}{invitation.pk}/withdraw/"]
    for path in paths:
        for person in (cast.executive, cast.manager, cast.member, cast.partner):
            assert sign_in(person).post(cast.url(path), one()).status_code == 403
        assert sign_in(cast.stranger).post(cast.url(path), one()).status_code == 404
    assert sign_in(cast.member).get(cast.url(PAGE)).status_code == 403
    assert Invitation.objects.count() == 1
    theirs = f"/o/minami/{PAGE}{invitation.pk}/withdraw/"
    assert sign_in(cast.stranger).post(theirs).status_code == 404


def test_the_list_asks_no_more_for_more_rows(cast, sign_in, django_assert_max_num_queries):
    client = sign_in(cast.admin)
    guests = [Guest(email=f"p{number}@hokuto.example", team=cast.sales) for number in range(60)]
    invite_people(cast.organization, guests[:2], by=cast.admin)
    client.get(cast.url(PAGE))
    with django_assert_max_num_queries(30) as few:
        client.get(cast.url(PAGE))
    invite_people(cast.organization, guests[2:], by=cast.admin)
    with django_assert_max_num_queries(len(few.captured_queries)):
        page = client.get(cast.url(PAGE)).content.decode()
    assert "1–50 / 60" in page
    assert "p3@" in client.get(cast.url(PAGE), {"q": "p3@"}).content.decode()


@pytest.mark.parametrize(
    ("state", "email"),
    [("open", "open"), ("expired", "expired"), ("accepted", "accepted"), ("withdrawn", "withdrawn")],
)
def test_invitations_are_found_by_their_state(cast, sign_in, state, email):
    rows = {name: invite(cast, f"{name}@x.example") for name in ("open", "expired", "accepted", "withdrawn")}
    now = clock.now()
    Invitation.objects.filter(pk=rows["expired"].pk).update(expires_at=now)
    Invitation.objects.filter(pk=rows["accepted"].pk).update(accepted_at=now)
    Invitation.objects.filter(pk=rows["withdrawn"].pk).update(withdrawn_at=now)
    page = sign_in(cast.admin).get(cast.url(PAGE), {"state": state}).content.decode()
    assert [name for name in rows if f"{name}@x.example" in page] == [email]


# What becomes of one


def test_sending_again_makes_a_new_link_and_the_old_one_opens_nothing(cast, sign_in, client):
    invitation = invite(cast)
    old = invitation_link(invitation, "http://testserver")
    client_of_admin = sign_in(cast.admin)
    state = {"state": invitation.token_hash[:12]}
    for _time in range(2):  # a second click is harmless
        client_of_admin.post(cast.url(f"{PAGE}{invitation.pk}/renew/"), state)
    renewed = Invitation.objects.get()
    assert client.get(old).status_code == 404
    assert client.get(invitation_link(renewed, "http://testserver")).status_code == 200
    client_of_admin.post(cast.url(f"{PAGE}{invitation.pk}/renew/"), state)
    assert Invitation.objects.get().token_hash == renewed.token_hash


def test_a_withdrawn_invitation_opens_nothing_until_it_is_taken_back(cast, sign_in, client):
    invitation = invite(cast)
    address = invitation_link(invitation, "http://testserver")
    admin = sign_in(cast.admin)
    for _time in range(2):
        answer = admin.post(cast.url(f"{PAGE}{invitation.pk}/withdraw/"), follow=True)
    assert reverse("renew_invitation", args=["hokuto", invitation.pk]) in answer.content.decode()
    assert client.get(address).status_code == 410
    admin.post(cast.url(f"{PAGE}{invitation.pk}/renew/"))
    assert client.get(invitation_link(Invitation.objects.get(), "http://testserver")).status_code == 200


def test_an_accepted_invitation_is_neither_renewed_nor_withdrawn(cast):
    invitation = invite(cast)
    Invitation.objects.update(accepted_at=clock.now())
    for act in (renew_invitation, withdraw_invitation):
        with pytest.raises(Refusal) as refusal:
            act(invitation)
        assert refusal.value.code == "accepted"


def test_an_expired_invitation_gives_way_to_a_new_one(cast, move_clock):
    first = invite(cast)
    move_clock("2026-06-20T10:00:00+09:00")
    second = invite(cast)
    first.refresh_from_db()
    assert first.withdrawn_at is not None
    with pytest.raises(Refusal) as refusal:
        renew_invitation(first)
    assert refusal.value.code == "already_invited"
    assert list(Invitation.objects.open()) == [second]


def test_after_withdrawing_the_same_form_invites_anew(cast):
    key = uuid.uuid4()
    guest = [Guest(email="a@x.example")]
    (first,) = invite_people(cast.organization, guest, by=cast.admin, submission_key=key)
    withdraw_invitation(first)
    (second,) = invite_people(cast.organization, guest, by=cast.admin, submission_key=key)
    assert second.pk != first.pk


def test_only_a_hash_of_the_secret_is_kept(cast):
    invitation = invite(cast)
    secret = invitation_secret(invitation.nonce)
    assert invitation.token_hash == hash_of(secret)
    held = {str(value) for value in Invitation.objects.values_list().get()}
    assert not any(secret in value for value in held)


# The mail


@pytest.mark.parametrize(
    ("language", "subject", "words"),
    [
        ("ja", "北灯珈琲 への招待（okrplanner）", "小林 彩さんが"),
        ("en", "Invitation to 北灯珈琲 on okrplanner", "Team: 法人営業"),
    ],
)
def test_the_mail_says_who_invites_to_what_in_its_language(cast, settings, language, subject, words):
    settings.SITE_URL = "https://okr.example"
    guest = Guest(email="new@x.example", name="猫田", team=cast.sales)
    invite_people(cast.organization, [guest], by=cast.admin, language=language)
    assert send_waiting() == 1
    (letter,) = mail.outbox
    assert (letter.subject, letter.to, letter.reply_to) == (subject, ["new@x.example"], ["admin@hokuto.example"])
    link = invitation_link(Invitation.objects.get())
    assert link.startswith("https://okr.example/invitations/accept/")
    html = letter.alternatives[0][0]
    for text in (letter.body, html):
        assert words in text
        assert link in text
    assert f'<html lang="{language}"' in html


def test_a_name_can_break_neither_the_head_nor_the_html_of_a_mail(cast):
    cast.organization.name = "A\r\nBcc: all@x.example <script>"
    cast.organization.save()
    cast.admin.user.name = "<b>Eve</b>\nX: y"
    cast.admin.user.save()
    invite(cast, name='"><img src=x>')
    send_waiting()
    (letter,) = mail.outbox
    head = letter.message().as_string().partition("\n\n")[0]
    assert "\nBcc:" not in head
    assert letter.subject.startswith("A Bcc: all@x.example <script>")
    html = letter.alternatives[0][0]
    assert "<script>" not in html
    assert "<img" not in html
    assert "&lt;b&gt;Eve&lt;/b&gt; X: y" in html


def test_each_mail_goes_once_however_often_the_worker_is_woken(cast):
    invite(cast)
    withdrawn = invite(cast, "b@x.example")
    withdraw_invitation(withdrawn)
    for _time in range(3):
        send_invitations()
    assert [letter.to for letter in mail.outbox] == [["new@hokuto.example"]]
    assert Invitation.objects.get(email="new@hokuto.example").sent_at == clock.now()


def test_a_mail_that_fails_is_tried_again_later_and_the_list_says_why(cast, sign_in, move_clock, monkeypatch):
    bad = invite(cast, "bad@x.example")
    invite(cast, "good@x.example")

    class Refusing:
        def open(self):
            return True

        def close(self):
            pass

        def send_messages(self, messages):
            if messages[0].to == ["bad@x.example"]:
                raise smtplib.SMTPRecipientsRefused({"bad@x.example": (550, b"No such\r\nuser")})
            mail.outbox.extend(messages)
            return 1

    with monkeypatch.context() as patched:
        patched.setattr(letters, "get_connection", Refusing)
        send_waiting()
        send_waiting()
    bad.refresh_from_db()
    assert (bad.sent_at, bad.tries, bad.failure) == (None, 1, "550 No such user")
    assert bad.try_at == clock.now() + timedelta(minutes=1)
    assert [letter.to for letter in mail.outbox] == [["good@x.example"]]
    page = sign_in(cast.admin).get(cast.url(PAGE)).content.decode()
    assert "送信失敗" in page
    assert "550 No such user" in page
    assert send_waiting() == 0
    move_clock("2026-05-20T10:02:00+09:00")
    assert send_waiting() == 1
    bad.refresh_from_db()
    assert (bad.failure, bad.sent_at) == ("", clock.now())


def test_without_a_mail_server_the_link_is_shown_once(cast, sign_in, settings, tmp_path):
    settings.EMAIL_BACKEND = letters.FILE_BACKEND
    settings.EMAIL_FILE_PATH = tmp_path
    client = sign_in(cast.admin)
    first = client.post(cast.url(PAGE), one(), follow=True).content.decode()
    assert invitation_link(Invitation.objects.get()) in first
    assert "/invitations/accept/" not in client.get(cast.url(PAGE)).content.decode()
    send_waiting()
    assert re.search(r"/invitations/accept/[0-9a-f]{64}/", client.get(cast.url("settings/")).content.decode())
