"""The settings page where people make and end the tokens of their programs."""

import re
import threading

import pytest
from django.db import connection
from django.test import Client

from people import services
from people.models import APIToken, AuditEvent
from people.services import tokens as rules


@pytest.fixture
def page(cast):
    return cast.url("settings/tokens/")


def form(**fields):
    return {"name": "表計算", "access": "write", "days": "90", **fields}


def secret_on(page):
    found = re.search(r'id="secret"[^>]*value="(okr_[^"]+)"', page.content.decode())
    return found and found[1]


def test_a_member_makes_a_token_and_sees_it_once(cast, sign_in, page):
    client = sign_in(cast.member)
    made = client.post(page, form(), follow=True)
    secret = secret_on(made)
    program = Client(headers={"authorization": f"Bearer {secret}"})
    assert program.get("/api/v1/o/hokuto/nothing/").status_code == 404
    assert "no-store" in made["Cache-Control"]
    again = client.get(page)
    assert (secret_on(again), secret[:10] in again.content.decode()) == (None, True)
    assert secret not in again.content.decode()
    token = APIToken.objects.get()
    assert (token.membership, token.is_read_only, str(token.expires_at.date())) == (cast.member, False, "2026-08-18")


def test_a_read_only_token_that_is_good_until_it_is_ended(cast, sign_in, page):
    sign_in(cast.partner).post(page, form(access="read", days="0"))
    token = APIToken.objects.get()
    assert (token.membership, token.is_read_only, token.expires_at) == (cast.partner, True, None)


def test_between_two_pages_the_secret_is_not_kept_in_the_clear(cast, sign_in, page):
    client = sign_in(cast.member)
    client.post(page, form())
    held = str(dict(client.session))
    secret = secret_on(client.get(page))
    assert secret
    assert secret not in held


def test_looking_without_reading_does_not_use_the_secret_up(cast, sign_in, page):
    client = sign_in(cast.member)
    client.post(page, form())
    client.head(page)
    assert secret_on(client.get(page))


def test_a_form_sent_twice_makes_one_token_and_still_shows_its_secret(cast, sign_in, page):
    client = sign_in(cast.member)
    key = re.search(r'name="submission_key" value="([^"]+)"', client.get(page).content.decode())[1]
    client.post(page, form(submission_key=key))
    shown = client.post(page, form(submission_key=key), follow=True)
    assert APIToken.objects.count() == 1
    assert Client(headers={"authorization": f"Bearer {secret_on(shown)}"}).get("/api/v1/o/hokuto/x/").status_code == 404


def test_a_key_that_somebody_else_used_stands_in_nobodys_way(cast, sign_in, page):
    key = "9b2f6f0a-5df0-4c67-9a0c-2a9ec8b2f3aa"
    theirs, _secret = services.make_token(cast.admin, name="x", submission_key=key)
    client = sign_in(cast.member)
    assert secret_on(client.post(page, form(submission_key=key), follow=True))
    assert APIToken.objects.exclude(pk=theirs.pk).get().membership == cast.member


@pytest.mark.django_db(transaction=True)
def test_two_at_the_same_moment_make_one_token(cast):
    begin = threading.Barrier(2)
    made = []

    def work():
        begin.wait()
        made.append(services.make_token(cast.member, name="x", submission_key="9b2f6f0a-5df0-4c67-9a0c-2a9ec8b2f3aa"))
        connection.close()

    threads = [threading.Thread(target=work) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert APIToken.objects.count() == 1
    assert sorted(bool(secret) for _token, secret in made) == [False, True]


@pytest.mark.parametrize(
    "wrong",
    [{"name": ""}, {"name": "a\x00b"}, {"name": "a" * 101}, {"access": "all"}, {"days": "9999"}, {"days": ""}],
)
def test_bad_input_is_said_beside_its_field_and_what_was_typed_stays(cast, sign_in, page, wrong):
    answer = sign_in(cast.member).post(page, form(**wrong))
    assert answer.status_code == 422
    assert 'class="errors"' in answer.content.decode()
    assert not APIToken.objects.exists()


def test_too_many_tokens_are_refused_above_the_form(cast, sign_in, page, monkeypatch):
    monkeypatch.setattr(rules, "MOST_GOOD_TOKENS", 1)
    client = sign_in(cast.member, language="en")
    client.post(page, form())
    refused = client.post(page, form())
    assert refused.status_code == 422
    assert "1 tokens are in use. End one of them first." in refused.content.decode()


def test_people_see_their_own_tokens_and_administrators_that_others_have_some(cast, sign_in, page):
    services.make_token(cast.member, name="森の表計算")
    services.make_token(cast.manager, name="会議の画面")
    services.make_token(cast.stranger, name="よその")
    seen = []
    for person in (cast.admin, cast.manager, cast.member, cast.partner):
        shown = sign_in(person).get(page).content.decode()
        seen.append({name for name in ("森の表計算", "会議の画面", "よその") if name in shown})
    assert seen == [{"森の表計算", "会議の画面"}, {"会議の画面"}, {"森の表計算"}, set()]
    assert sign_in(cast.stranger).get(page).status_code == 404


def test_an_empty_page_teaches_how_a_program_asks(cast, sign_in, page):
    shown = sign_in(cast.member).get(page).content.decode()
    assert "curl" in shown
    assert "http://testserver/api/v1/o/hokuto/key-results/" in shown


def test_the_page_takes_as_many_queries_however_many_tokens_there_are(cast, sign_in, page, django_assert_num_queries):
    from django.test.utils import CaptureQueriesContext

    client = sign_in(cast.admin)
    for membership in (cast.admin, cast.member):
        services.make_token(membership, name="one")
    client.get(page)
    with CaptureQueriesContext(connection) as few:
        client.get(page)
    for membership in (cast.admin, cast.member, cast.manager, cast.colleague):
        for number in range(5):
            services.make_token(membership, name=str(number))
    with django_assert_num_queries(len(few)):
        client.get(page)


# Ending one


def address_of(cast, token):
    return cast.url(f"settings/tokens/{token.pk}/end/")


def test_a_token_is_ended_after_asking_and_ending_it_twice_is_harmless(cast, sign_in, page):
    token, secret = services.make_token(cast.member, name="表計算")
    client = sign_in(cast.member, language="en")
    assert "End “表計算”?" in client.get(address_of(cast, token)).content.decode()
    for _ in range(2):
        ended = client.post(address_of(cast, token), follow=True)
        assert "It opens nothing any more." in ended.content.decode()
    assert Client(headers={"authorization": f"Bearer {secret}"}).get("/api/v1/o/hokuto/x/").status_code == 401
    assert "表計算" not in client.get(page).content.decode()
    assert AuditEvent.objects.filter(table="people_apitoken", act="update").count() == 1
    assert client.get(address_of(cast, token)).status_code == 302


def test_an_administrator_ends_anybodys_and_nobody_else_does(cast, sign_in):
    token, _secret = services.make_token(cast.member, name="表計算")
    for person in (cast.manager, cast.executive, cast.colleague, cast.partner, cast.stranger):
        assert sign_in(person).post(address_of(cast, token)).status_code == 404
    asked = sign_in(cast.admin).get(address_of(cast, token)).content.decode()
    assert cast.member.user.name in asked
    sign_in(cast.admin).post(address_of(cast, token))
    token.refresh_from_db()
    assert token.ended_at is not None
