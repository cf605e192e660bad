"""Getting in, getting back in, and being told plainly when something is not there."""

import re

import pytest
from django.core import mail
from django.template.loader import get_template
from django.test import Client
from django.utils import translation

from tests.cast import PASSWORD


def reader_of(language):
    return Client(headers={"accept-language": language})


@pytest.mark.parametrize(("language", "words"), [("ja", "60〜70%に着地する"), ("en", "lands at 60–70%")])
def test_the_door_speaks_the_readers_language(db, language, words):
    page = reader_of(language).get("/accounts/login/").content.decode()
    assert f'<html lang="{language}"' in page
    assert words in page


def test_the_right_password_opens_the_door(cast):
    answer = Client().post("/accounts/login/", {"login": cast.member.user.email, "password": PASSWORD})
    assert answer.status_code == 302


def test_a_wrong_password_is_a_sentence_beside_the_field_and_the_address_stays(cast):
    answer = reader_of("ja").post("/accounts/login/", {"login": cast.member.user.email, "password": "wrong"})
    page = answer.content.decode()
    assert "正しくありません" in page
    assert f'value="{cast.member.user.email}"' in page
    assert "/accounts/password/reset/" in page


def test_a_forgotten_password_is_chosen_anew_by_mail(cast):
    client = reader_of("en")
    asked = client.post("/accounts/password/reset/", {"email": cast.member.user.email}, follow=True)
    assert "The mail is on its way" in asked.content.decode()
    assert mail.outbox[0].subject == "Choose a new password"
    link = re.search(r"http://[^/]+(\S+)", mail.outbox[0].body)[1]
    form = client.get(link, follow=True)
    saved = client.post(
        form.request["PATH_INFO"],
        {"password1": "a wholly new beginning", "password2": "a wholly new beginning"},
        follow=True,
    )
    assert "Your new password is saved" in saved.content.decode()
    cast.member.user.refresh_from_db()
    assert cast.member.user.check_password("a wholly new beginning")


def test_a_used_link_says_so_and_names_the_way_out(cast):
    page = reader_of("en").get("/accounts/password/reset/key/1-abc-def/").content.decode()
    assert "This link no longer works" in page
    assert "/accounts/password/reset/" in page


def test_an_unknown_address_learns_nothing_from_the_page(cast):
    known = reader_of("en").post("/accounts/password/reset/", {"email": cast.member.user.email}, follow=True)
    unknown = reader_of("en").post("/accounts/password/reset/", {"email": "nobody@example.com"}, follow=True)
    assert [known.status_code, known.redirect_chain] == [unknown.status_code, unknown.redirect_chain]
    assert mail.outbox[1].subject == "No account with this address"


def test_a_mail_server_that_is_away_is_a_sentence_and_alike_for_every_address(cast, settings):
    settings.EMAIL_BACKEND = "django.core.mail.backends.smtp.EmailBackend"
    settings.EMAIL_HOST, settings.EMAIL_PORT = "127.0.0.1", 1
    for email in (cast.member.user.email, "nobody@example.com"):
        answer = reader_of("en").post("/accounts/password/reset/", {"email": email})
        page = answer.content.decode()
        assert (answer.status_code, "The mail could not be sent." in page) == (503, True)
        assert f'value="{email}"' in page


def test_nobody_signs_up_alone(db):
    assert "Added by an administrator" in reader_of("en").get("/accounts/signup/").content.decode()


@pytest.mark.parametrize(
    "address",
    ["/accounts/logout/", "/accounts/password/change/", "/accounts/reauthenticate/"],
)
@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_rooms_behind_the_door_have_the_same_frame(cast, sign_in, address, language):
    answer = sign_in(cast.member, language=language).get(address, follow=True)
    assert answer.status_code == 200
    assert 'id="main"' in answer.content.decode()


@pytest.mark.parametrize(("language", "words"), [("ja", "ここには何もないか"), ("en", "There is nothing here")])
def test_a_missing_page_says_so_in_the_readers_language(db, language, words):
    answer = reader_of(language).get("/nowhere/")
    assert answer.status_code == 404
    assert words in answer.content.decode()


@pytest.mark.parametrize("page", ["400.html", "500.html"])
@pytest.mark.parametrize("language", ["ja", "en"])
def test_the_pages_for_a_broken_request_and_a_broken_server_need_nothing(page, language):
    with translation.override(language):
        text = get_template(page).render({"LANGUAGE_CODE": language})
    assert f'<html lang="{language}"' in text
    assert "style=" not in text


def test_nobody_takes_an_address_that_is_not_proven_to_be_theirs(cast, sign_in):
    client = sign_in(cast.member)
    for act in ("action_add", "action_primary"):
        assert client.post("/accounts/email/", {act: "", "email": "director@hokuto.example"}).status_code == 404
    cast.member.user.refresh_from_db()
    assert cast.member.user.email == "member@hokuto.example"
    assert client.get("/accounts/").status_code == 404
