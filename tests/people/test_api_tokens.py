"""Programs that come with a token: who they are, what they may, and how it is told."""

from datetime import timedelta

import pytest
from allauth.usersessions.models import UserSession
from django.contrib.sessions.models import Session
from django.test import Client
from django.utils import timezone

from people import clock, services
from people.models import APIToken, AuditEvent, Membership, Role
from people.models.doors import hash_of


def secret_of(membership, **options):
    return services.make_token(membership, name="表計算", **options)[1]


def program(secret, **headers):
    return Client(headers={"authorization": f"Bearer {secret}", **headers}, enforce_csrf_checks=True)


@pytest.fixture
def check_ins(cast):
    key_result = cast.objective().key_results.first()
    return f"/api/v1/o/{cast.organization.slug}/key-results/{key_result.pk}/check-ins/"


def post(client, address, body):
    return client.post(address, body, content_type="application/json")


def test_a_program_reads_and_writes_in_the_name_of_its_member_without_csrf(cast, check_ins):
    client = program(secret_of(cast.member))
    added = post(client, check_ins, {"value": 12})
    assert (added.status_code, added.json()["author"]) == (201, cast.member.user.name)
    assert client.get(check_ins).json()["results"][0]["id"] == added.json()["id"]


def test_a_program_is_given_no_cookie_and_no_session(cast, check_ins):
    client = program(secret_of(cast.member))
    client.get(check_ins)
    post(client, check_ins, {"value": 12})
    assert not client.cookies
    assert not Session.objects.exists()
    assert not UserSession.objects.exists()


def test_what_a_program_wrote_is_known_to_be_its_doing(cast, check_ins):
    token, secret = services.make_token(cast.member, name="表計算")
    added = post(program(secret), check_ins, {"value": 12}).json()
    event = AuditEvent.objects.get(table="objectives_checkin", row=added["id"])
    assert (event.user_id, event.token, event.door) == (cast.member.user_id, token.pk, "api")


def test_only_the_hash_of_a_token_is_kept(cast):
    token, secret = services.make_token(cast.member, name="表計算")
    assert secret.startswith("okr_")
    assert len(secret) > 40
    token.refresh_from_db()
    stored = {field.name: str(getattr(token, field.attname)) for field in APIToken._meta.fields}
    assert stored["token_hash"] == hash_of(secret)
    assert stored["beginning"] == secret[:10]
    assert secret not in " ".join(stored.values())
    assert secret not in " ".join(str(row) for row in AuditEvent.objects.values_list("before", "after"))


def test_a_role_stays_what_it_is_behind_a_token(cast, check_ins):
    assert post(program(secret_of(cast.colleague)), check_ins, {"value": 1}).status_code == 403
    assert program(secret_of(cast.partner)).get(check_ins).status_code == 404
    assert program(secret_of(cast.stranger)).get(check_ins).status_code == 404
    assert program(secret_of(cast.stranger)).get("/api/v1/o/nowhere/key-results/1/check-ins/").status_code == 404


def test_a_token_opens_one_organization_of_a_person_who_belongs_to_two(cast, check_ins):
    elsewhere = Membership.objects.create(
        organization=cast.stranger.organization, user=cast.admin.user, role=Role.ADMIN
    )
    assert program(secret_of(cast.admin)).get(check_ins).status_code == 200
    assert program(secret_of(elsewhere)).get(check_ins).status_code == 404


def test_any_token_may_calculate(cast):
    body = {"objectives": [{"id": "a", "key_results": [{"score": 0.5}]}]}
    for membership in (cast.partner, cast.stranger):
        client = program(secret_of(membership, is_read_only=True))
        assert post(client, "/api/v1/calculate/roll-up/", body).json() == {"scores": {"a": 0.5}}


def test_a_read_only_token_changes_nothing(cast, check_ins):
    client = program(secret_of(cast.member, is_read_only=True), **{"accept-language": "en"})
    assert client.get(check_ins).status_code == 200
    refused = post(client, check_ins, {"value": 1})
    assert (refused.status_code, refused.json()) == (
        403,
        {"code": "read_only_token", "detail": "This token may only read."},
    )
    assert client.get(check_ins).json()["count"] == 0


@pytest.mark.parametrize(
    "head", ["Bearer", "Bearer ", "Bearer x", "bearer okr_x y", "Bearer " + "x" * 5000, "Bearer é"]
)
def test_a_token_nobody_knows_is_refused(cast, check_ins, sign_in, head):
    for client in (Client(), sign_in(cast.member)):
        refused = client.get(check_ins, headers={"authorization": head})
        assert (refused.status_code, refused["WWW-Authenticate"]) == (401, "Bearer")
        assert refused.json().keys() == {"code", "detail"}


def test_another_scheme_leaves_the_session_alone(cast, check_ins, sign_in):
    assert sign_in(cast.member).get(check_ins, headers={"authorization": "Basic eDp5"}).status_code == 200
    assert Client().get(check_ins, headers={"authorization": "Basic eDp5"}).status_code == 401


def test_a_token_that_is_not_good_any_more_is_refused(cast, check_ins, move_clock):
    token, ended = services.make_token(cast.member, name="one")
    services.end_key(token)
    assert program(ended).get(check_ins).status_code == 401
    brief = secret_of(cast.member, expires_at=clock.now() + timedelta(days=1))
    assert program(brief).get(check_ins).status_code == 200
    move_clock("2026-05-21T10:00:00+09:00")
    assert program(brief).get(check_ins).status_code == 401


def test_a_token_ends_with_its_member(cast, check_ins):
    left, locked = secret_of(cast.member), secret_of(cast.colleague)
    Membership.objects.filter(pk=cast.member.pk).update(left_on="2026-05-19")
    type(cast.colleague.user).objects.filter(pk=cast.colleague.user_id).update(is_active=False)
    assert program(left).get(check_ins).status_code == 401
    assert program(locked).get(check_ins).status_code == 401


def test_a_token_counts_before_the_session(cast, check_ins, sign_in):
    client = sign_in(cast.stranger)
    assert client.get(check_ins).status_code == 404
    assert client.get(check_ins, headers={"authorization": f"Bearer {secret_of(cast.member)}"}).status_code == 200


def test_a_session_needs_its_csrf_token(cast, check_ins, settings):
    client = Client(enforce_csrf_checks=True)
    client.force_login(cast.member.user, backend=settings.AUTHENTICATION_BACKENDS[0])
    refused = post(client, check_ins, {"value": 1})
    assert (refused.status_code, refused.json().keys()) == (403, {"code", "detail"})


@pytest.mark.parametrize(
    ("chosen", "asked", "sentence"),
    [
        ("en", None, "There is nothing here."),
        ("ja", None, "ここには何もありません。"),
        ("", None, "ここには何もありません。"),
        ("ja", "en", "There is nothing here."),
    ],
)
def test_answers_speak_the_language_asked_for_else_the_persons(cast, chosen, asked, sentence):
    cast.member.user.language = chosen
    cast.member.user.save()
    headers = {} if asked is None else {"accept-language": asked}
    answer = program(secret_of(cast.member), **headers).get("/api/v1/o/hokuto/nothing/")
    assert answer.json()["detail"] == sentence


def test_the_last_use_is_written_once_a_minute(cast, check_ins, move_clock, django_assert_num_queries):
    token, secret = services.make_token(cast.member, name="表計算")
    client = program(secret)

    def used_at():
        client.get(check_ins)
        token.refresh_from_db()
        return timezone.localtime(token.last_used_at).isoformat()

    assert used_at() == "2026-05-20T10:00:00+09:00"
    move_clock("2026-05-20T10:00:59+09:00")
    assert used_at() == "2026-05-20T10:00:00+09:00"
    move_clock("2026-05-20T10:01:00+09:00")
    assert used_at() == "2026-05-20T10:01:00+09:00"
    assert not AuditEvent.objects.filter(table="people_apitoken", act="update").exists()


def test_a_use_that_cannot_be_written_does_not_fail_the_request(cast, check_ins):
    from django.db import connection

    secret = secret_of(cast.member)
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE FUNCTION pg_temp.refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'no'; END $$;
            CREATE TRIGGER refuse BEFORE UPDATE ON people_apitoken FOR EACH ROW EXECUTE FUNCTION pg_temp.refuse();
            """
        )
    assert program(secret).get(check_ins).status_code == 200


def test_a_form_sent_twice_makes_one_token(cast):
    key = "9b2f6f0a-5df0-4c67-9a0c-2a9ec8b2f3aa"
    first, secret = services.make_token(cast.member, name="one", submission_key=key)
    again, nothing = services.make_token(cast.member, name="one", submission_key=key)
    assert (again.pk, nothing) == (first.pk, "")
    assert secret


def test_too_many_tokens_are_refused(cast):
    from people.refusals import Refusal
    from people.services import tokens

    for number in range(tokens.MOST_GOOD_TOKENS):
        last, _secret = services.make_token(cast.member, name=str(number))
    with pytest.raises(Refusal) as refused:
        services.make_token(cast.member, name="one more")
    assert refused.value.code == "too_many_tokens"
    services.end_key(last)
    assert services.make_token(cast.member, name="one more")[1]
