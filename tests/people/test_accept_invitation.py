"""Coming in by an invitation's link: new, with an account, by somebody else, late, twice, back again."""

import threading

import pytest
from django.contrib.auth import get_user
from django.db import connection, transaction
from django.test import Client

from people import clock
from people.history import without_secrets
from people.letters import FILE_BACKEND
from people.links import invitation_link
from people.models import AuditEvent, Invitation, Membership, Role, Team, User
from people.refusals import Refusal
from people.services import Guest, accept_invitation, add_member, invite_people, withdraw_invitation
from tests.cast import NOW, PASSWORD, make_cast, person

NEW_PASSWORD = "ゆきどけの豆を焙る 2026"


def invited(cast, email="new@hokuto.example", **fields):
    (invitation,) = invite_people(cast.organization, [Guest(email=email, **fields)], by=cast.admin, language="ja")
    return invitation, invitation_link(invitation, "http://testserver").removeprefix("http://testserver")


@pytest.fixture
def visitor():
    return Client(headers={"accept-language": "ja"})


def joined(email):
    return Membership.objects.active().filter(user__email=email).first()


def test_somebody_new_chooses_a_password_and_stands_in_the_team(cast, visitor):
    invitation, address = invited(cast, name="猫田 環", role="manager", team=cast.sales)
    page = visitor.get(address).content.decode()
    for words in ("北灯珈琲 に参加", "小林 彩さんからの招待です", "マネージャー", "法人営業", "猫田 環", "10文字以上"):
        assert words in page
    answer = visitor.post(address, {"name": "猫田 環", "password": NEW_PASSWORD})
    assert answer["Location"] == "/o/hokuto/this-week/"
    membership = joined("new@hokuto.example")
    assert (membership.role, membership.team_ids) == ("manager", [cast.sales.pk])
    assert get_user(visitor) == membership.user
    assert visitor.get("/o/hokuto/this-week/").status_code == 200
    invitation.refresh_from_db()
    assert (invitation.accepted_at, invitation.membership) == (clock.now(), membership)
    other = Client()
    other.post("/accounts/login/", {"login": "new@hokuto.example", "password": NEW_PASSWORD})
    assert get_user(other) == membership.user


@pytest.mark.parametrize("typed", [{"name": "", "password": NEW_PASSWORD}, {"name": "猫", "password": "short"}, {}])
def test_what_makes_no_account_is_said_and_the_name_stays(cast, visitor, typed):
    invitation, address = invited(cast)
    answer = visitor.post(address, typed)
    assert answer.status_code == 422
    assert f'value="{typed.get("name", "")}"' in answer.content.decode() or not typed.get("name")
    assert not User.objects.filter(email=invitation.email).exists()


def test_a_password_like_ones_own_address_is_refused(cast, visitor):
    _invitation, address = invited(cast, "nekodatamaki@hokuto.example")
    assert visitor.post(address, {"name": "猫", "password": "nekodatamaki"}).status_code == 422


def test_who_has_an_account_signs_in_first_and_then_joins(cast, visitor):
    invited_user = cast.stranger.user
    _invitation, address = invited(cast, invited_user.email, team=cast.online)
    answer = visitor.get(address)
    assert answer["Location"] == f"/accounts/login/?next={address.replace('/', '%2F')}"
    answer = visitor.post(answer["Location"], {"login": invited_user.email, "password": PASSWORD, "next": address})
    assert answer["Location"] == address
    assert "参加する" in visitor.get(address).content.decode()
    for _time in range(2):
        assert visitor.post(address)["Location"] == "/o/hokuto/this-week/"
    membership = Membership.objects.get(user=invited_user, organization=cast.organization)
    assert membership.team_ids == [cast.online.pk]
    invited_user.refresh_from_db()
    assert invited_user.check_password(PASSWORD)


def test_somebody_else_who_is_signed_in_is_told_and_can_sign_out_and_come_back(cast, sign_in):
    client = sign_in(cast.member)
    _invitation, address = invited(cast)
    page = client.get(address).content.decode()
    assert "別のアドレス宛て" in page
    assert client.post(address, {"name": "猫", "password": NEW_PASSWORD}).status_code == 422
    assert joined("new@hokuto.example") is None
    assert client.post("/accounts/logout/", {"next": address})["Location"] == address
    assert "パスワード" in client.get(address).content.decode()


@pytest.mark.parametrize(
    ("change", "words"),
    [
        ({"expires_at": "2026-05-20T09:59:00+09:00"}, "期限が切れました"),
        ({"withdrawn_at": "2026-05-20T09:59:00+09:00"}, "取り消されました"),
        ({"accepted_at": "2026-05-20T09:59:00+09:00"}, "すでに参加しています"),
    ],
)
@pytest.mark.parametrize("method", ["get", "post"])
def test_a_link_that_is_no_longer_good_says_so_and_names_the_way_out(cast, visitor, change, words, method):
    _invitation, address = invited(cast)
    Invitation.objects.update(**change)
    answer = getattr(visitor, method)(address, {"name": "猫", "password": NEW_PASSWORD})
    assert answer.status_code == 410
    assert words in answer.content.decode()
    assert "/accounts/login/" in answer.content.decode()
    assert joined("new@hokuto.example") is None


def test_unknown_secrets_all_get_the_same_answer(cast, visitor):
    pages = set()
    for secret in ("x", "0" * 64, "%00", "あ", "../../etc"):
        answer = visitor.get(f"/invitations/accept/{secret}/")
        assert answer.status_code == 404
        if "/" not in secret:
            pages.add(answer.content.decode().split("<main", 1)[1].split("signin-foot")[0])
    assert len(pages) == 1


def test_the_same_form_sent_twice_lets_in_once(cast, visitor):
    _invitation, address = invited(cast)
    typed = {"name": "猫田", "password": NEW_PASSWORD}
    assert visitor.post(address, typed).status_code == 302
    assert visitor.post(address, typed)["Location"] == "/o/hokuto/this-week/"
    # The answer to the first may have been lost with its cookie.
    other = Client()
    assert other.post(address, typed)["Location"] == "/o/hokuto/this-week/"
    assert get_user(other).email == "new@hokuto.example"
    assert Client().post(address, typed | {"password": "a wrong password"}).status_code == 410
    assert Membership.objects.filter(user__email="new@hokuto.example").count() == 1


def test_who_left_and_is_invited_again_has_the_old_place_in_the_new_role(cast, visitor):
    Membership.objects.filter(pk=cast.member.pk).update(left_on="2026-04-30")
    _invitation, address = invited(cast, cast.member.user.email, role="manager", team=cast.online)
    visitor.post("/accounts/login/", {"login": cast.member.user.email, "password": PASSWORD})
    assert visitor.post(address)["Location"] == "/o/hokuto/this-week/"
    membership = Membership.objects.get(pk=cast.member.pk)
    assert (membership.left_on, membership.role, membership.team_ids) == (None, "manager", [cast.online.pk])


def test_who_was_added_meanwhile_keeps_role_and_teams(cast):
    invitation, _address = invited(cast, "late@hokuto.example", role="admin", team=cast.online)
    late = person(cast.organization, "遅", "late@hokuto.example", "member", cast.sales)
    membership = accept_invitation(invitation, user=late.user)
    assert (membership.pk, membership.role, membership.team_ids) == (late.pk, "member", [cast.sales.pk])


def test_an_account_that_never_had_a_password_gets_one_here(cast, visitor):
    user = User(email="made@hokuto.example", name="前から")
    user.set_unusable_password()
    user.save()
    _invitation, address = invited(cast, "made@hokuto.example")
    assert visitor.post(address, {"name": "前から", "password": NEW_PASSWORD}).status_code == 302
    assert get_user(visitor) == user


def test_a_closed_account_is_not_opened_by_an_invitation(cast, visitor):
    user = User.objects.create_user("gone@hokuto.example", None, name="元", is_active=False)
    _invitation, address = invited(cast, user.email)
    answer = visitor.post(address, {"name": "元", "password": NEW_PASSWORD})
    assert answer.status_code == 410
    assert "停止されています" in answer.content.decode()


def test_a_partner_is_told_that_they_see_only_what_is_shared(cast, visitor):
    _invitation, address = invited(cast, "studio@x.example", role="partner")
    assert "共有されたものだけ" in visitor.get(address).content.decode()
    visitor.post(address, {"name": "Studio", "password": NEW_PASSWORD})
    assert joined("studio@x.example").is_partner
    assert visitor.get("/o/hokuto/plan/").status_code in (200, 403)


def test_a_team_that_was_merged_leads_to_its_successor_and_a_closed_one_to_none(cast):
    team = Team.objects.create(organization=cast.organization, parent=cast.company, name="旧")
    merged, _address = invited(cast, "a@x.example", team=team)
    Team.objects.filter(pk=team.pk).update(closed_on="2026-05-01", merged_into=cast.sales)
    assert accept_invitation(merged, name="猫", password=NEW_PASSWORD).team_ids == [cast.sales.pk]
    Team.objects.filter(pk=team.pk).update(merged_into=None)
    closed, _address = invited(cast, "b@x.example", team=team)
    assert accept_invitation(closed, name="犬", password=NEW_PASSWORD).team_ids == []


def test_the_history_knows_who_came_and_no_secret(cast, visitor):
    invitation, address = invited(cast)
    visitor.post(address, {"name": "猫田", "password": NEW_PASSWORD})
    event = AuditEvent.objects.filter(table="people_membership", act="insert").first()
    assert event.user.email == invitation.email
    assert event.address == without_secrets(address)
    assert address.split("/")[-2] not in event.address


def test_withdrawing_while_the_page_is_open_is_told(cast, visitor):
    invitation, address = invited(cast)
    visitor.get(address)
    withdraw_invitation(invitation)
    assert visitor.post(address, {"name": "猫", "password": NEW_PASSWORD}).status_code == 410


def test_two_browsers_with_one_link_let_in_once(transactional_db, move_clock):
    move_clock(NOW)
    cast = make_cast()
    invitation, _address = invited(cast)
    refusals = []

    def come_too():
        try:
            accept_invitation(invitation, name="犬", password=NEW_PASSWORD)
        except Refusal as refusal:
            refusals.append(refusal.code)
        finally:
            connection.close()

    second = threading.Thread(target=come_too, daemon=True)
    with transaction.atomic():
        accept_invitation(invitation, name="猫", password=NEW_PASSWORD)
        second.start()
        second.join(0.5)
        assert second.is_alive()
    second.join(10)
    assert refusals == ["accepted"]
    assert User.objects.get(email=invitation.email).name == "猫"


@pytest.mark.parametrize("is_mail_sent", [True, False])
def test_a_link_an_administrator_has_seen_opens_no_place_elsewhere(cast, visitor, settings, is_mail_sent):
    if not is_mail_sent:
        settings.EMAIL_BACKEND = FILE_BACKEND
    waiting = add_member(cast.stranger.organization, email="both@hokuto.example", role=Role.ADMIN)
    _, address = invited(cast, email="both@hokuto.example")
    answer = visitor.post(address, {"name": "猫田 環", "password": NEW_PASSWORD})
    assert answer.status_code == (302 if is_mail_sent else 410)
    assert visitor.get("/o/minami/settings/members/").status_code == (200 if is_mail_sent else 302)
    waiting.user.refresh_from_db()
    assert waiting.user.has_usable_password() is is_mail_sent
